"""Nothing that could move a cursor, set a clipboard or turn text around gets past the door."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.text import clean, shorten, without_passwords


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:secret@host/base", "postgresql://me:***@host/base"),
        ("see postgresql://me:s@e/c:ret@host now", "see postgresql://me:***@host now"),
        ("postgresql://:secret@/base?x=y", "postgresql://:***@/base?x=y"),
        ("?PASSWORD=secret&sslpassword=secret&a=b", "?PASSWORD=***&sslpassword=***&a=b"),
        ("postgresql://me@host:5432/base and https://example.org:80/a", None),
        ("at 12:30@home, me:you@host", None),
        ("://" * 100_000, None),
    ],
)
def test_passwords_in_addresses_are_not_shown(text: str, shown: str | None) -> None:
    assert without_passwords(text) == (text if shown is None else shown)
