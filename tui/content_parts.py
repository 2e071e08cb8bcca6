"""The parts that replies, the decision and its rows are drawn from. Nothing here reads markup from data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from textual.content import Content

from advisor.conversation.blocks import MatrixRow
from advisor.conversation.explanation_blocks import Caveat, Change
from advisor.conversation.parts import Observation, SourceRef
from advisor.conversation.quotes import widest
from advisor.text import shorten
from tui.paragraphs import EMPTY, Paragraph, joined
from tui.targets import Chip, Fold, Source, Words, link
from tui.text_styles import HEADING, MUTED, QUOTE, STRONG, WARNING

Say = Callable[[str], str]
"""How to say an option, lean or verdict by its id."""

QUOTE_LIMIT = 160
"""Characters of a quote that are shown."""

_TITLE_LIMIT = 70
_VERDICTS = {"split": "split", "insufficient": "not enough known yet"}


def verdict_in_words(verdict: str, say: Say) -> str:
    """A verdict as it is shown."""
    return _VERDICTS.get(verdict) or say(verdict)


def words_of(observation: Observation) -> Words:
    """Where an observation's quote stands."""
    return Words(observation.turn, observation.start, observation.end)


def evidence_of(row: MatrixRow) -> tuple[Observation, ...]:
    """The observations behind a row, each quote once."""
    return tuple({observation.quote: observation for observation in reversed(widest(row.evidence))}.values())[::-1]


def plain_quote(quote: str) -> Content:
    """Words in quotation marks."""
    return Content.styled(f"“{shorten(quote, QUOTE_LIMIT)}”", QUOTE)


def quoted(observation: Observation) -> Content:
    """The user's words, which lead to where they were said."""
    return link(plain_quote(observation.quote), words_of(observation))


def said(observations: Iterable[Observation]) -> Content:
    """The user's words with the messages that hold them, each once."""
    once = {(o.quote, o.turn): o for o in widest(observations)}.values()
    parts = [Content.assemble(quoted(o), (f" in your message {o.turn}", MUTED)) for o in once]
    return joined(parts, ", ") if parts else EMPTY


def cited(sources: Sequence[SourceRef], status: str = "", claim: str = "", truth: str = "") -> Content:
    """Sources that can be opened, each with its date."""
    links = [
        link(
            f"{shorten(source.title, _TITLE_LIMIT)} ({source.date or 'undated'})",
            Source(source.id, source.title, source.url, source.date, status, claim, truth),
            MUTED,
        )
        for source in sources
    ]
    return Content.assemble(("Sources: ", MUTED), joined(links, "; ")) if links else EMPTY


def caveat_content(caveat: Caveat) -> Content:
    """What today's evidence says against a claim, with its sources."""
    today = f"Today this is {caveat.status}: "
    sources = cited(caveat.sources, caveat.status, caveat.claim, caveat.truth)
    return Content.assemble((today, STRONG), caveat.truth, "  ", sources)


def change_content(change: Change) -> Content:
    """An answer given otherwise; opening it offers the attribute's values."""
    labels = " or ".join(part for part in (", ".join(change.labels[:-1]), *change.labels[-1:]) if part)
    first = change.said[0] if change.said else None
    chip = Chip(
        attribute=change.attribute,
        title=change.title,
        value=first.value if first else "",
        label=labels,
        quote=first.quote if first else "",
        words=words_of(first) if first else None,
        counted=first is not None,
    )
    now = Content.assemble(" (not ", said(change.said), ")") if change.said else Content.styled(" (still open)", MUTED)
    return Content.assemble(link(Content.assemble(f"{change.title}: ", (labels, STRONG)), chip), now)


def changes_content(changes: Iterable[Change]) -> Content:
    """Answers that would all have to be given otherwise."""
    return joined([change_content(change) for change in changes], " and ")


def folding(head: Content, key: str, closed: bool, margin: Content) -> Paragraph:
    """The first line of a part that opens and closes."""
    return Paragraph(link(head, Fold(key)), Content.assemble(margin, ("+ " if closed else "- ", MUTED)))


def heading(text: str) -> Paragraph:
    """A heading."""
    return Paragraph(Content.styled(text, HEADING))


def warning(text: str) -> Paragraph:
    """Something to beware of."""
    return Paragraph(Content(text), Content.styled("! ", WARNING))


def item(content: Content, number: int | None = None, indent: int = 0) -> Paragraph:
    """An item of a list."""
    return Paragraph(content, Content(" " * indent + ("• " if number is None else f"{number}. ")))


def listed(title: str, points: Iterable[str | Content]) -> Iterator[Paragraph]:
    """A list under a title; nothing when it is empty."""
    items = [item(point if isinstance(point, Content) else Content(point)) for point in points]
    if items:
        yield Paragraph(Content.styled(title, MUTED))
        yield from items
