"""The scrolling conversation."""

from __future__ import annotations

from textual.containers import VerticalScroll


class Transcript(VerticalScroll, can_focus=False):
    """Stays at its end while messages arrive, unless the user scrolled up to read."""

    def on_mount(self) -> None:
        """Follows the size of what it holds."""
        self.watch(self, "virtual_size", self._follow_if_full, init=False)

    def on_resize(self) -> None:
        """Follows its own size."""
        self._follow_if_full()

    @property
    def at_end(self) -> bool:
        """Whether the newest message is in view."""
        return self.scroll_y >= self.max_scroll_y - 1

    def follow(self) -> None:
        """Goes to the end and stays there."""
        if self.is_anchored:
            self.anchor()

    def page(self, direction: int) -> None:
        """Scrolls by one page, up (-1) or down (1)."""
        if direction < 0:
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)

    def _follow_if_full(self) -> None:
        # An anchored container pushes content shorter than itself to its bottom; the first messages belong to the top.
        full = self.virtual_size.height > self.size.height
        if full != self.is_anchored:
            self.anchor(full)
            if not full:
                self.scroll_home(animate=False, immediate=True)
