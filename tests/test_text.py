"""Nothing that could move a cursor, set a clipboard or turn text around gets past the door."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.text import clean, shorten


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("a\x1b]52;c;aGVsbG8=\x07b", "ab"),
        ("a\x1b]0;title\x1b\\b", "ab"),
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("bell\x07 back\x08space", "bell backspace"),
        ("left\u202eright\u202c", "leftright"),
        ("isolate\u2066d\u2069", "isolated"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\ufeffmark", "mark"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("[/] [red]markup[/red] <b>", "[/] [red]markup[/red] <b>"),
        ("👩\u200d🚀 日本語 é", "👩\u200d🚀 日本語 é"),
    ],
)
def test_clean(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@given(st.text(alphabet=st.characters(), max_size=200))
def test_clean_leaves_no_controls_and_is_idempotent(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n"]
    assert not [c for c in cleaned if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI")]


def test_clean_is_linear_in_unfinished_escape_sequences() -> None:
    text = "\x1b]" * 200_000
    assert "\x1b" not in clean(text)


@given(st.text(max_size=300), st.integers(min_value=2, max_value=80))
def test_shorten_fits_on_one_line(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short
