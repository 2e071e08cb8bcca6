"""Whether a mention states something about the speaker's project, and if not, what it does instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.understanding.asking import is_asked
from advisor.understanding.cue_scope import acts
from advisor.understanding.mentions import Stance
from advisor.understanding.sentence_view import (
    FINITE,
    LIST_LINKS,
    NEGATING,
    OPENS_FREELY,
    Cue,
    SentenceView,
    Spot,
    all_words,
)

_UNIVERSAL = frozenset({"nothing", "none", "nowhere"})
_TURNING = frozenset({"and", "but", "then"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A stance and the words that give it (empty when the mention is simply stated)."""

    stance: Stance
    because: str = ""


def judge_all(view: SentenceView, spots: Sequence[Spot]) -> list[Judgement]:
    """Judge the mentions of a sentence from left to right: one may continue the list of the one before."""
    judged: list[Judgement] = []
    for index, spot in enumerate(spots):
        own = _judge(view, spot, spots)
        if own.stance in ("stated", "asked") and index:
            own = _inherited(view, spots[index - 1], judged[index - 1], spot) or own
        judged.append(own)
    return _retracted(view, spots, _contradicted(view, spots, _left_open(view, spots, judged)))


def _left_open(view: SentenceView, spots: Sequence[Spot], judged: Sequence[Judgement]) -> list[Judgement]:
    """Read "AWS or Azure" as undecided."""
    result = list(judged)
    for index in range(1, len(spots)):
        before, spot = spots[index - 1], spots[index]
        between = [token.word for token in view.tokens[before.end : spot.start]]
        if (
            before.attribute == spot.attribute in view.exclusive
            and before.value != spot.value
            and between in (["or"], ["vs"], ["versus"], ["or", "on"], ["or", "maybe"])
        ):
            for place in (index - 1, index):
                if result[place].stance == "stated":
                    result[place] = Judgement("hedged", "or")
    return result


def _contradicted(view: SentenceView, spots: Sequence[Spot], judged: Sequence[Judgement]) -> list[Judgement]:
    """Read "it must run on the scanner but nothing may run on a device" as saying neither."""
    result = list(judged)
    for index, spot in enumerate(spots):
        if spot.attribute in view.exclusive or view.tokens[spot.start].word not in _UNIVERSAL:
            continue
        against = [
            place
            for place, other in enumerate(spots[:index])
            if other.attribute == spot.attribute
            and other.value != spot.value
            and not other.if_denied
            and result[place].stance == "stated"
            # A bare noun asks for nothing: "their app is a web view, nothing runs on a device".
            and other.end - other.start > 1
        ]
        if result[index].stance == "stated" and against:
            for place in (*against, index):
                result[place] = Judgement("contradicted", "nothing")
    return result


def _judge(view: SentenceView, spot: Spot, spots: Sequence[Spot]) -> Judgement:
    acting = [cue for cue in view.cues if acts(view, cue, spot, spots)]
    by_kind: dict[str, list[Cue]] = {}
    for cue in acting:
        by_kind.setdefault(cue.group.kind, []).append(cue)
    if "retraction" in by_kind:
        return Judgement("retracted", by_kind["retraction"][0].words)
    if "other_party" in by_kind:
        return Judgement("other_party", by_kind["other_party"][0].words)
    dropped = by_kind.get("dropped", ())
    wishes = "hypothetical" in by_kind and "past" in by_kind
    if "past" in by_kind and not dropped and not wishes:
        return Judgement("past", by_kind["past"][0].words)
    # The same words may be listed for both directions.
    negations = list({cue.start: cue for cue in (*by_kind.get("negation", ()), *dropped)}.values())
    hedges = by_kind.get("hedge", ())
    # After a denial, a second one that only comments is emphasis: "nothing runs locally, god no".
    inside = [cue for cue in negations if view.clause_of[cue.start] == view.clause_of[spot.start]]
    if (spot.attribute, spot.value) in view.absences:
        # Nor does "no model on it any more" deny that there is none.
        inside = [cue for cue in inside if cue.group.kind == "negation"]
        denies_itself = True
    else:
        denies_itself = any(token.word in NEGATING for token in view.tokens[spot.start : spot.end])
    negations = inside if inside or denies_itself else negations
    if "hypothetical" in by_kind:
        return Judgement("hypothetical", by_kind["hypothetical"][0].words)
    if (
        hedges
        and not _decided(view, hedges, negations)
        and (len(negations) % 2 == 0 or hedges[0].start < spot.start or _comes_first(view, hedges, negations))
    ):
        return Judgement("hedged", hedges[0].words)
    if len(negations) % 2 and not (is_asked(view, spot) and _asks_if(view, negations)):
        return Judgement("denied", negations[-1].words)
    if is_asked(view, spot):
        return Judgement("asked", "a question")
    if "minority" in by_kind:
        return Judgement("minority", by_kind["minority"][0].words)
    return Judgement("stated")


def _asks_if(view: SentenceView, negations: Sequence[Cue]) -> bool:
    """Whether a sentence asks whether something is over: "is X dead?"."""
    asks = not FINITE.isdisjoint(view.words_of(0)[:1])
    return asks and all(cue.group.kind == "dropped" for cue in negations)


def _comes_first(view: SentenceView, hedges: Sequence[Cue], negations: Sequence[Cue]) -> bool:
    """Whether a clause hedges before another denies: "would be a bonus, not a requirement"."""
    return view.clause_of[hedges[0].start] < view.clause_of[negations[0].start]


def _decided(view: SentenceView, hedges: Sequence[Cue], negations: Sequence[Cue]) -> bool:
    """Whether the decision comes after the wish: "would have been nice; we dropped it"."""
    last = negations[-1] if negations else None
    if last is None:
        return False
    opening = [token.word for token in view.tokens[max(0, last.start - 1) : last.start + 1]]
    follows = view.clause_of[last.start] > view.clause_of[hedges[-1].start] or not _TURNING.isdisjoint(opening)
    return (
        last.group.kind == "dropped"
        and last.start > hedges[-1].start
        and view.tokens[last.start].word not in NEGATING
        and follows
    )


def _inherited(view: SentenceView, before: Spot, judged: Judgement, spot: Spot) -> Judgement | None:
    """A list's next member shares the stance of the one before: "no Android, iOS or tablets"."""
    if judged.stance in ("stated", "asked"):
        return None
    clause, earlier = view.clause_of[spot.start], view.clause_of[before.end - 1]
    if clause not in (earlier, earlier + 1):
        return None
    words = [token.word for token in view.tokens[before.end : spot.start]]
    if before.attribute != spot.attribute:
        return None
    if judged.stance == "denied" and spot.attribute in view.exclusive and not {"or", "nor"} & all_words(view):
        return None
    if clause != earlier:
        opening = view.words_of(clause)
        if view.sentence.clauses[clause].link not in LIST_LINKS or not opening or opening[0] in OPENS_FREELY:
            return None
    elif judged.stance == "denied":
        return None if len(words) > 2 or set(words) & {"but", "just", "only", "now"} else judged
    else:
        return None
    if len(words) > 3 or set(words) & (view.first_person | FINITE | {"but", "just", "only", "now", "since", "it"}):
        return None
    return judged


def _retracted(view: SentenceView, spots: Sequence[Spot], judged: Sequence[Judgement]) -> list[Judgement]:
    """Take back what stands before a correction when the same thing is said anew after it."""
    result = list(judged)
    for cue in view.cues:
        if cue.group.kind != "correction":
            continue
        later = {
            spot.attribute
            for spot, verdict in zip(spots, judged, strict=True)
            if spot.start >= cue.end and verdict.stance == "stated"
        }
        for index, spot in enumerate(spots):
            if spot.end <= cue.start and spot.attribute in later and result[index].stance == "stated":
                result[index] = Judgement("retracted", cue.words)
    return result
