"""Messages of the user and of the program itself as paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from tui.paragraphs import BLANK, Block, Flow, Paragraph, prose
from tui.targets import Chip, link
from tui.text_styles import CHIP, ERROR, HEADING, LIT, MUTED, SPOKEN

SHOWN = 3_000
"""Characters of a message of the user that the transcript shows; the record holds all of them."""

_SHOWN_LINES = 40
_CONTEXT = 60
_WHAT_THIS_IS = (
    "Describe your project in plain words and ask whatever you want to know on the way. You get a recommendation with "
    "every reason traced back to your own words and to dated sources. Nothing leaves this computer."
)


def user_paragraphs(
    text: str,
    waiting: bool,
    turn: int | None = None,
    chips: Sequence[Chip] = (),
    lit: tuple[int, int] | None = None,
) -> list[Block]:
    """A message of the user, cut where it is too long to read on a screen, with what was understood below it.

    The words behind the chips are underlined; `lit` are characters that stand out.
    """
    lines = text[:SHOWN].split("\n")
    shown = "\n".join(lines[:_SHOWN_LINES])
    content = Content(shown)
    for chip in chips:
        if chip.words is not None and chip.words.turn == turn and chip.counted:
            content = content.stylize(SPOKEN, min(chip.words.start, len(shown)), min(chip.words.end, len(shown)))
    if lit is not None:
        content = content.stylize(LIT, min(lit[0], len(shown)), min(lit[1], len(shown)))
    lead = Content.styled("You › ", HEADING)
    margin = Content(" " * lead.cell_length)
    first, *rest = content.split("\n", allow_blank=True)
    paragraphs = [Paragraph(first, lead), *(Paragraph(line, margin) for line in rest)]
    if lit is not None and lit[1] > len(shown):
        paragraphs.append(Paragraph(_excerpt(text, *lit), margin))
    remarks = []
    if len(text) > len(shown):
        remarks.append(f"… and {len(text) - len(shown):,} more characters, all of them kept.")
    if waiting:
        remarks.append("Waiting until everything is loaded.")
    paragraphs += [Paragraph(Content.styled(remark, MUTED), margin) for remark in remarks]
    counted = [chip for chip in chips if chip.counted]
    if counted:
        understood = Content.styled("Understood", MUTED)
        return [*paragraphs, Flow((understood, *map(chip_content, counted)), margin)]
    return [*paragraphs]


def chip_content(chip: Chip) -> Content:
    """Something that was understood, which can be opened."""
    return link(Content.assemble(("[", MUTED), (f"{chip.title}: {chip.label}", CHIP), ("]", MUTED)), chip)


def _excerpt(text: str, start: int, end: int) -> Content:
    """Words with what stands around them, for a part of the message that is not shown."""
    before = text[max(start - _CONTEXT, 0) : start].replace("\n", " ")
    after = text[end : end + _CONTEXT].replace("\n", " ")
    words = text[start : min(end, start + SHOWN)].replace("\n", " ")
    return Content.assemble(("… ", MUTED), before, (words, LIT), after, (" …", MUTED))


def notice_paragraphs(title: str, text: str, is_error: bool) -> Iterable[Paragraph]:
    """Something that the program has to say."""
    lead = Content.styled("! " if is_error else "", ERROR)
    return [Paragraph(Content.styled(title, ERROR if is_error else HEADING), lead), *prose(text)]


def opening_paragraphs(question: str, with_examples: bool) -> list[Paragraph]:
    """What this is and what to try."""
    examples = [BLANK, *prose("Two ways to begin:", MUTED)] if with_examples else []
    return [Paragraph(Content.styled(question, HEADING)), *prose(_WHAT_THIS_IS), *examples]
