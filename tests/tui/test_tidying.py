"""Garbage is collected in quiet moments only, and only where the program asked for that."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui import tidying
from tui.tidying import Tidying


class Collector:
    """Stands in for the module gc."""

    def __init__(self, pending: int, held: int = 0) -> None:
        self.pending, self.held, self.done = pending, held, list[str]()

    def get_count(self) -> tuple[int, int, int]:
        return self.pending, 0, 0

    def get_objects(self) -> range:
        return range(self.held)

    def collect(self) -> None:
        self.done.append("collect")

    def freeze(self) -> None:
        self.done.append("freeze")


@pytest.fixture
def app() -> Iterator[Tidying]:
    was = gc.isenabled()
    yield Tidying()
    assert gc.isenabled() is was


@pytest.mark.parametrize(
    ("since_a_key", "collector", "expected"),
    [
        (10.0, Collector(100), []),
        (10.0, Collector(10_000), ["collect"]),
        (0.1, Collector(10_000), []),
        (0.1, Collector(1_000_000), ["collect"]),
        (10.0, Collector(10_000, held=2_000_000), ["collect", "freeze"]),
    ],
)
def test_when_it_collects(
    app: Tidying, since_a_key: float, collector: Collector, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "gc", collector)
    monkeypatch.setattr(tidying, "monotonic", lambda: 1000.0)
    app._touched = 1000.0 - since_a_key
    app.tidy()
    assert collector.done == expected


async def test_a_key_is_noticed_and_the_automatic_collection_is_left_alone() -> None:
    app = Tidying()
    async with app.run_test() as pilot:
        assert not app._touched
        app.start_tidying()
        app.freeze()
        assert not gc.get_freeze_count()
        await pilot.press("a")
        assert app._touched
