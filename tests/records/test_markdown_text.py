"""Text is escaped so that Markdown shows it as it was written, wherever in a document it stands."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from advisor.records.markdown_text import escape_markdown, prose_markdown, quoted_markdown
from advisor.text import clean
from tests.records.markdown_reading import HOSTILE, inlines, words_seen


@pytest.mark.parametrize(
    "place", ["{}", "- {}", "> {}", "# {}", "### {}", "1. {}", "- a\n  - {}", "| a |\n|---|\n| {} |"]
)
@given(text=HOSTILE.map(clean).filter(bool))
@example(text="1. a")
@example(text="2026. was a year")
@example(text="12)")
@example(text="see www.example.com and https://example.com")
@example(text="_www.example.com")
@example(text="ends in a backslash\\")
@settings(max_examples=250, deadline=None)
def test_escaped_text_is_read_as_it_was_written(place: str, text: str) -> None:
    *_, last = inlines(place.format(escape_markdown(text)))
    assert words_seen(last) == text


@given(text=HOSTILE)
@settings(max_examples=250, deadline=None)
def test_a_table_keeps_its_cells(text: str) -> None:
    cell = escape_markdown(text)
    tokens = list(inlines(f"| a | b | c |\n|---|---|---|\n| “{cell}” | {cell} | end |\n"))
    assert [words_seen(token) for token in tokens] == ["a", "b", "c", f"“{clean(text)}”", clean(text), "end"]


@given(text=HOSTILE)
@example(text="a\n\n\nb\n \n  c  \n")
@settings(max_examples=250, deadline=None)
def test_quoted_text_keeps_its_lines(text: str) -> None:
    quoted = quoted_markdown(text)
    assert all(line.startswith(">") for line in quoted.split("\n"))
    lines = [line for token in inlines(quoted) for line in words_seen(token).split("\n")]
    assert lines == [line for line in clean(text).split("\n") if line.strip()]


def test_a_very_long_message_is_cut_with_a_remark() -> None:
    quoted = quoted_markdown("word " * 200_000)
    assert len(quoted) < 30_000
    assert quoted.endswith("… (980,000 more characters; the JSON export has all of it)")


def test_prose_keeps_code_and_lists_and_nothing_else() -> None:
    assert prose_markdown("Use `pip install *`, <b>now</b>.\n\n- `a_b`: _x_\n1. `open") == (
        "Use `pip install *`, &lt;b&gt;now&lt;/b&gt;.\n\n- `a_b`: \\_x\\_\n1. \\`open"
    )


@given(text=HOSTILE)
@settings(max_examples=100, deadline=None)
def test_prose_holds_no_html_and_no_links(text: str) -> None:
    for inline in inlines(prose_markdown(text)):
        assert {child.type for child in inline.children or ()} <= {"text", "code_inline", "softbreak"}


def test_addresses_do_not_become_links_on_github() -> None:
    # markdown-it cannot stand in for GitHub's www rule; cmark-gfm showed that these forms prevent it.
    assert escape_markdown("_www.a.com http://a.b mailto:a") == "\\_www\\.a.com http\\://a.b mailto\\:a"


@pytest.mark.parametrize("text", ["plain words, e.g. 3.5 (fine) - at 15:30", "2026-11-22", "a+b=c", "What? Yes!"])
def test_ordinary_text_stays_readable_in_the_source(text: str) -> None:
    assert escape_markdown(text) == text
