"""Which matches of the pack's phrases may count as mentions: with their context, without what is to be ignored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from advisor.understanding.phrase_matching import PhraseMatch
from advisor.understanding.sentence_view import Spot

PhraseKind = Literal["said", "implied", "in_context", "if_denied", "context", "ignore", "clue", "reopened"]

NOTE_WORDS = 4
NOTE_WORDS_BESIDE = 2
OPENED_NOTE_WORDS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase of the pack stands for."""

    attribute: str
    value: str
    kind: PhraseKind


@dataclass(frozen=True, slots=True)
class Found:
    """A match that may become a mention."""

    spot: Spot
    kind: PhraseKind
    phrase: str


def find_candidates(
    matches: Sequence[PhraseMatch[Entry]],
    words: Sequence[str],
    clause_of: Sequence[int],
    multiple: frozenset[str],
    *,
    noted: bool = False,
) -> list[Found]:
    """Drop what is ignored or lacks its context; keep the longest of overlapping matches of one attribute.

    `noted`: all of the text is a note, so that nothing needs a context.
    """
    contexts = {match.payload.attribute for match in matches if match.payload.kind == "context"}
    usable = [
        match
        for match in matches
        if match.payload.kind not in ("context", "in_context")
        or (
            match.payload.kind == "in_context"
            and (noted or match.payload.attribute in contexts or _is_note(match, words, clause_of))
        )
    ]
    usable.sort(key=lambda match: (match.start - match.end, match.payload.kind == "if_denied", match.start))
    taken: dict[str, list[PhraseMatch[Entry]]] = {}
    ignored: dict[str, list[PhraseMatch[Entry]]] = {}
    for match in usable:
        if match.payload.kind == "ignore":
            ignored.setdefault(match.payload.attribute, []).append(match)
    found: list[Found] = []
    for match in usable:
        entry = match.payload
        # Clues stand beside the mentions: they neither hide them nor are hidden.
        key = f"{entry.attribute} {entry.value}" if entry.kind == "clue" else entry.attribute
        longer = taken.setdefault(key, [])
        if any(_yields(match, other, entry.attribute in multiple) for other in longer):
            continue
        if entry.kind not in ("ignore", "clue") and any(
            _cut_off(match, other) for other in ignored.get(entry.attribute, ())
        ):
            continue
        longer.append(match)
        if entry.kind != "ignore":
            spot = Spot(entry.attribute, entry.value, match.start, match.end, if_denied=entry.kind == "if_denied")
            found.append(Found(spot, entry.kind, match.phrase))
    return sorted(found, key=lambda candidate: (candidate.spot.start, candidate.spot.end, candidate.spot.attribute))


def _is_note(match: PhraseMatch[Entry], words: Sequence[str], clause_of: Sequence[int]) -> bool:
    """Whether the words all but make up their clause, as in notes: "Ada and C."."""
    clause = clause_of[match.start]
    first = clause_of.index(clause)
    length = clause_of.count(clause)
    beside = length - (match.end - match.start)
    opens_list = match.start == first and words[match.end : match.end + 1] in (["and"], ["plus"], ["with"])
    return (length <= NOTE_WORDS and beside <= NOTE_WORDS_BESIDE) or (opens_list and length <= OPENED_NOTE_WORDS)


def _cut_off(match: PhraseMatch[Entry], ignored: PhraseMatch[Entry]) -> bool:
    """Whether the words that a match ends with go on as something to ignore: "on the [phone shows the score]"."""
    return match.start < ignored.start < match.end < ignored.end


def _yields(match: PhraseMatch[Entry], longer: PhraseMatch[Entry], multiple: bool) -> bool:
    """Whether a match gives way to a longer one: unless both can hold and it only lies in the other's gap."""
    if match.start >= longer.end or longer.start >= match.end:
        return False
    if match.payload.value == longer.payload.value or longer.payload.kind == "ignore":
        return True
    inside = longer.start <= match.start and match.end <= longer.end
    return inside and not (multiple and ".." in longer.phrase)
