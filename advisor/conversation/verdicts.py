"""The verdict in words: both readings in a sentence each, what decides, what speaks against it, what would flip it."""

from __future__ import annotations

from advisor.conversation.blocks import Matrix, MatrixRow, ReadingState, Verdict
from advisor.conversation.explanation_blocks import Override, Reason
from advisor.conversation.parts import ReadingName
from advisor.conversation.quotes import widest
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.recommendation import INSUFFICIENT, SPLIT

_DECIDING = 3
_OUTCOMES = {SPLIT: "leaves it split", INSUFFICIENT: "leaves it open"}


def verdict(pack: KnowledgePack, matrix: Matrix) -> Verdict:
    """The article reading's verdict in words: reasons, dissent and what is open, each in the user's words.

    Where the amended reading ends elsewhere, the second sentence says so and what to check.
    """
    article, amended = (_state(matrix, reading) for reading in ("article", "amended"))
    leading = article.verdict
    open_rows = [row for row in matrix.rows if row.leans["article"] == UNKNOWN]
    decided = leading in pack.options
    with_lean = [row for row in matrix.rows if row.leans["article"] in pack.options]
    points = [row for row in with_lean if not decided or row.leans["article"] == leading]
    dissent = [row for row in with_lean if row not in points]
    return Verdict(
        verdict=leading,
        headline=_headline(pack, article),
        amended=_amended(pack, matrix),
        moves=_moves(pack, matrix),
        points=tuple(reason(pack, row).text for row in points),
        dissent=tuple(reason(pack, row).text for row in dissent),
        unknown=tuple(f"{row.title}: {pack.criteria[row.criterion].how_to_find_out}" for row in open_rows),
        deciding=tuple(reason(pack, row) for row in firmest_first(points)[:_DECIDING]) if decided else (),
        against=reason(pack, firmest_first(dissent)[0]) if dissent else None,
        smallest=article.smallest,
        overrides=amended.overrides,
    )


def tally_in_words(pack: KnowledgePack, tally: dict[str, int]) -> str:
    """How many rows lean to each option."""
    return ", ".join(f"{pack.say(option)} {count}" for option, count in tally.items())


def reason(pack: KnowledgePack, row: MatrixRow, reading: ReadingName = "article") -> Reason:
    """A row's lean with the words that it rests on, or else with the side that it stands for."""
    quotes = tuple(dict.fromkeys(o.quote for o in widest(row.evidence)))
    lean = row.leans[reading]
    words = "; ".join(f"“{quote}”" for quote in quotes) or pack.criteria[row.criterion].sides.get(lean, "")
    return Reason(criterion=row.criterion, text=f"{row.short} leans {pack.say(lean)}: {words}", quotes=quotes)


def firmest_first(rows: list[MatrixRow]) -> list[MatrixRow]:
    """Rows that no erratum moves first, then those with more of the user's words behind them."""
    return sorted(rows, key=lambda row: (row.leans["article"] != row.leans["amended"], -len(row.evidence)))


def _state(matrix: Matrix, reading: str) -> ReadingState:
    return next(state for state in matrix.readings if state.reading == reading)


def _headline(pack: KnowledgePack, article: ReadingState) -> str:
    tally = tally_in_words(pack, article.tally)
    if article.verdict == SPLIT:
        return f"The rows are split ({tally}). Pressure-test before you commit."
    if article.verdict == INSUFFICIENT:
        return f"Not enough is known yet ({tally})."
    return f"{pack.say(article.verdict)}, by the article's matrix ({tally})."


def _amended(pack: KnowledgePack, matrix: Matrix) -> str | None:
    """Where the amended reading ends, if elsewhere: by what, and what to check before committing."""
    article, amended = (_state(matrix, reading) for reading in ("article", "amended"))
    if article.verdict == amended.verdict:
        return None
    says = _OUTCOMES.get(amended.verdict) or f"says {pack.say(amended.verdict)}"
    outcome = f"{says} ({tally_in_words(pack, amended.tally)})"
    if amended.verdict != amended.by_tally:
        acting = _decisive(amended)
        return (
            f"Today's evidence {outcome}, because {'; '.join(text for text, _ in acting)}; "
            f"before you commit, check that this is so: {acting[0][1]}"
        )
    moved = [row.short for row in matrix.rows if row.leans["article"] != row.leans["amended"]]
    check = _to_check(pack, matrix)
    return (
        f"Today's evidence {outcome}, because errata move {_listed(moved)}; "
        f"before you commit, check {check or 'the evidence behind them (/why all)'}."
    )


def _decisive(amended: ReadingState) -> list[tuple[str, str]]:
    """The conclusions that settle the verdict, each with its reason."""
    acting = [override for override in amended.overrides if override.effect == "rules_out"]
    acting = acting or [override for override in amended.overrides if override.effect == "keeps"]
    return [(_as_clause(override), override.steps[0].because) for override in acting]


def _as_clause(override: Override) -> str:
    return override.text if override.effect == "rules_out" else f"the advice is to {override.text}"


def _to_check(pack: KnowledgePack, matrix: Matrix) -> str | None:
    """The open attributes that the errata in moved rows wait for, with how to find out."""
    rules = {
        amendment.rule
        for row in matrix.rows
        if row.leans["article"] != row.leans["amended"]
        for amendment in row.amendments
    }
    said = {observation.attribute for row in matrix.rows for observation in row.evidence}
    waiting = dict.fromkeys(
        condition.attribute
        for rule in pack.rules
        if rule in rules
        for condition in pack.rules[rule].when
        if condition.values == (UNKNOWN,) and condition.attribute not in said
    )
    checks = [
        f"{pack.attributes[name].title} ({_lower(pack.attributes[name].how_to_find_out or '')})"
        for name in waiting
        if not pack.attributes[name].derived
    ]
    return _listed(checks) or None


def _moves(pack: KnowledgePack, matrix: Matrix) -> tuple[str, ...]:
    """The rows that errata moved, and why."""
    return tuple(
        f"{row.short}, {pack.say(row.leans['article'])} to {pack.say(row.leans['amended'])} "
        f"({amendment.erratum}): {amendment.because}"
        for row in matrix.rows
        if row.leans["article"] != row.leans["amended"]
        for amendment in row.amendments
    )


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
