from __future__ import annotations

import pytest
from textual.content import Content

from tests.tui.driving import HOSTILE
from tui.paragraphs import Paragraph, Paragraphs, answer_prose, prose


def test_further_lines_start_below_the_text() -> None:
    paragraph = Paragraph(Content("one two three four"), Content("1. "))
    assert [line.plain for line in paragraph.lines(13)] == ["1. one two", "   three four"]


def test_empty_text_is_one_line() -> None:
    assert [line.plain for line in Paragraph(Content("")).lines(20)] == [""]


@pytest.mark.parametrize("width", [1, 8, 20, 79])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text: str, width: int) -> None:
    laid_out = Paragraphs(prose(text)).at(width)
    assert max(line.cell_length for line in laid_out.split("\n")) <= max(width, 8 + 2)
    kept = [character for character in Content(text.expandtabs()).plain if not character.isspace()]
    assert [character for character in laid_out.plain if not character.isspace()] == kept


def test_code_in_an_answer_loses_its_backticks_and_nothing_else() -> None:
    text = "Run `pip install torch`, not `a[b]`.\n- or `x`\nA lone ` stays, as does [/]."
    plain = [paragraph.content.plain for paragraph in answer_prose(text)]
    assert plain == ["Run pip install torch, not a[b].", "or x", "A lone ` stays, as does [/]."]


@pytest.mark.parametrize("width", [1, 8, 9, 20, 79])
@pytest.mark.parametrize("text", [*HOSTILE, "", "- a list\n\n- [/] of things that need more than one line\n"])
def test_the_height_is_that_of_what_is_painted(text: str, width: int) -> None:
    laid_out = Paragraphs(prose(text, indent=2))
    assert laid_out.get_height({}, width) == laid_out.at(width).get_height({}, width)
