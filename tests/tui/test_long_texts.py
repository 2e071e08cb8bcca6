from __future__ import annotations

from tui.long_texts import EDITABLE, LongTexts


def test_short_text_stays_as_it_is() -> None:
    assert LongTexts().fold("x" * EDITABLE) == "x" * EDITABLE


def test_long_text_is_named_and_comes_back_whole() -> None:
    held = LongTexts()
    first, second = "a" * 1_000_000, "b" * 5_000
    labels = held.fold(first), held.fold(second)
    assert all(len(label) < 60 for label in labels)
    assert held.unfold(f"before {labels[0]} between {labels[1]}") == f"before {first} between {second}"


def test_label_inside_a_held_text_is_left_alone() -> None:
    held = LongTexts()
    label = held.fold("a" * 5_000)
    nested = held.fold(label + "b" * 5_000)
    assert held.unfold(nested) == label + "b" * 5_000


def test_removed_label_removes_its_text() -> None:
    held = LongTexts()
    held.fold("a" * 5_000)
    assert held.unfold("just this") == "just this"
