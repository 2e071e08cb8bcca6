"""Collects garbage in moments in which nobody waits: among some 80,000 objects of the screen that takes 60 ms."""

from __future__ import annotations

import gc
from time import monotonic

from textual import events
from textual.app import App

_EVERY = 1.0
_QUIET = 0.5
# How many more objects were made than freed: worth collecting in a quiet moment, or without waiting for one.
_SOME = 5_000
_MANY = 500_000
# So many are a long conversation that was opened, which stays.
_TOO_MANY_TO_LOOK_THROUGH = 400_000


class Tidying(App[None]):
    """Collects by itself where the automatic collection was switched off (`gc.disable`) before the app started."""

    _touched = 0.0

    def freeze(self) -> None:
        """What is there by now stays until the end and need not be looked through ever again."""
        if not gc.isenabled():
            gc.freeze()

    def start_tidying(self) -> None:
        """From now on, collects what is left over."""
        if not gc.isenabled():
            self.set_interval(_EVERY, self.tidy)

    async def on_event(self, event: events.Event) -> None:
        """Remembers when the user did something."""
        if isinstance(event, events.InputEvent):
            self._touched = monotonic()
        await super().on_event(event)

    def tidy(self) -> None:
        """Collects if there is something to collect and nobody is typing, or else if there is very much."""
        quiet = monotonic() - self._touched > _QUIET
        if gc.get_count()[0] > (_SOME if quiet else _MANY):
            gc.collect()
            if len(gc.get_objects()) > _TOO_MANY_TO_LOOK_THROUGH:
                gc.freeze()
