"""Whether a mention states something about the speaker's project, and if not, what it does instead."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.knowledge_base.language_schema import CueGroup
from advisor.understanding.clauses import Clause, Sentence
from advisor.understanding.mentions import Stance
from advisor.understanding.phrase_matching import PhraseMatch
from advisor.understanding.tokens import Token

_LIST_LINKS = frozenset({",", "and", "or", "nor", "/", "(", "plus", "&", "as", "since"})
_FRESH_LINKS = frozenset({"but", "although", "though", "whereas", "while", "however", "yet", "because"})
_OPENS_FREELY = frozenset(
    "we i it they he she you there here this that these those nobody nothing everything everyone today "
    "now currently our my the".split()
)
_OPENING_QUESTION = frozenset(
    "do does did can could should would will is are am was has have how what which why where when who any "
    "anyone anybody".split()
)
_COMPARING = frozenset("or vs versus between better best compare compared comparison instead".split())
_FINITE = frozenset("is are was were has have had do does did will would can could may might must should".split())
NEGATING = frozenset("no not never nothing none nobody neither nor without cannot".split())
_SUPPOSING = frozenset("would could might may".split())
_POSSESSIVE_REACH = 5
_COMMENT_WORDS = 12
_BARE_COMMENT_WORDS = 5
_OTHERS_REACH = 25
_INTERRUPTED_WORDS = 5


@dataclass(frozen=True, slots=True)
class Cue:
    """A place where a cue acts: tokens[start:end] of the sentence."""

    group: CueGroup
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Tokens[start:end] of a sentence that say a value of an attribute."""

    attribute: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A stance and the words that give it (empty when the mention is simply stated)."""

    stance: Stance
    because: str = ""


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with its words, the clause each word belongs to, and the cues that act in it.

    `exclusive`: attributes of which "one or the other" leaves it open.
    """

    sentence: Sentence
    tokens: Sequence[Token]
    clause_of: Sequence[int]
    clause_words: Sequence[Sequence[str]]
    cues: Sequence[Cue]
    first_person: frozenset[str]
    possessives: frozenset[str]
    anaphora: frozenset[str]
    exclusive: frozenset[str]

    def clause(self, token: int) -> Clause:
        return self.sentence.clauses[self.clause_of[token]]

    def words_of(self, clause: int) -> Sequence[str]:
        """The words of a clause without the conjunction that links it."""
        return self.clause_words[clause]


def words_by_clause(sentence: Sentence, tokens: Sequence[Token], clause_of: Sequence[int]) -> tuple[list[str], ...]:
    """The words of every clause; the conjunction that opens one is left out, except "if"."""
    words: tuple[list[str], ...] = tuple([] for _ in sentence.clauses)
    for token, owner in zip(tokens, clause_of, strict=True):
        link = sentence.clauses[owner].link
        if words[owner] or token.word != link or link == "if":
            words[owner].append(token.word)
    return words


def find_cues(matches: Iterable[PhraseMatch[CueGroup]], tokens: Sequence[Token], clause_of: Sequence[int]) -> list[Cue]:
    """Keep the longest cue where several overlap; `neutral` ones only keep others from acting.

    Other people are named within one clause: "A: contractors" is not "a contractor".
    """
    usable = [
        match
        for match in matches
        if (match.payload.kind != "other_party" or clause_of[match.start] == clause_of[match.end - 1])
        # A cue that acts only at the end of its clause hides no other one elsewhere.
        and not (match.payload.at_end and clause_of[match.end : match.end + 1] == clause_of[match.end - 1 : match.end])
    ]
    ordered = sorted(usable, key=lambda match: (match.start - match.end, match.start))
    taken: dict[int, tuple[int, int]] = {}
    seen: set[tuple[int, str, str]] = set()
    cues: list[Cue] = []
    for match in ordered:
        span = (match.start, match.end)
        if any(taken.get(index, span) != span for index in range(*span)):
            continue
        taken.update(dict.fromkeys(range(*span), span))
        acts = (match.start, match.payload.kind, match.payload.direction)
        if acts in seen:
            continue
        seen.add(acts)
        if match.payload.kind not in ("neutral", "spokesperson"):
            words = " ".join(token.word for token in tokens[match.start : match.end])
            cues.append(Cue(match.payload, match.start, match.end, words))
    return sorted(cues, key=lambda cue: cue.start)


def judge_all(view: SentenceView, spots: Sequence[Spot]) -> list[Judgement]:
    """Judge the mentions of a sentence from left to right: one may continue the list of the one before."""
    judged: list[Judgement] = []
    for index, spot in enumerate(spots):
        own = _judge(view, spot, spots)
        if own.stance in ("stated", "asked") and index:
            own = _inherited(view, spots[index - 1], judged[index - 1], spot) or own
        judged.append(own)
    return _retracted(view, spots, _left_open(view, spots, judged))


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


def _judge(view: SentenceView, spot: Spot, spots: Sequence[Spot]) -> Judgement:
    acting = [cue for cue in view.cues if _acts(view, cue, spot, spots)]
    by_kind: dict[str, list[Cue]] = {}
    for cue in acting:
        by_kind.setdefault(cue.group.kind, []).append(cue)
    if "retraction" in by_kind:
        return Judgement("retracted", by_kind["retraction"][0].words)
    if "other_party" in by_kind:
        return Judgement("other_party", by_kind["other_party"][0].words)
    dropped = by_kind.get("dropped", ())
    if "past" in by_kind and not dropped:
        return Judgement("past", by_kind["past"][0].words)
    # The same words may be listed for both directions.
    negations = list({cue.start: cue for cue in (*by_kind.get("negation", ()), *dropped)}.values())
    hedges = by_kind.get("hedge", ())
    # After a denial, a second one that only comments is emphasis: "nothing runs locally, god no".
    inside = [cue for cue in negations if view.clause_of[cue.start] == view.clause_of[spot.start]]
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
    if len(negations) % 2:
        return Judgement("denied", negations[-1].words)
    if _is_asked(view, spot):
        return Judgement("asked", "a question")
    if "minority" in by_kind:
        return Judgement("minority", by_kind["minority"][0].words)
    return Judgement("stated")


def _comes_first(view: SentenceView, hedges: Sequence[Cue], negations: Sequence[Cue]) -> bool:
    """Whether a clause hedges before another denies: "would be a bonus, not a requirement"."""
    return view.clause_of[hedges[0].start] < view.clause_of[negations[0].start]


_NOW = frozenset({"here", "now", "today", "currently", "this", "these"})


def _is_back_now(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether a later clause has returned from the past: "at my last job, here it's AWS"."""
    first, last = view.clause_of[cue.start], view.clause_of[spot.start]
    return any(
        set(view.words_of(index)[:2]) & _NOW or view.sentence.clauses[index].link == "but"
        for index in range(first + 1, last + 1)
    )


def _closes(view: SentenceView, cue: Cue) -> bool:
    """Whether the cue's words end their clause and are no sigh: "mobile: no", but not "it runs offline, so no"."""
    clause = view.clause_of[cue.start]
    if cue.end < len(view.tokens) and view.clause_of[cue.end] == clause:
        return False
    return not (cue.start and view.tokens[cue.start - 1].word == "so" and view.clause_of[cue.start - 1] == clause)


def _decided(view: SentenceView, hedges: Sequence[Cue], negations: Sequence[Cue]) -> bool:
    """Whether a "but" brings the decision after the wish: "would have been nice, but we dropped it"."""
    last = negations[-1] if negations else None
    return (
        last is not None
        and last.group.kind == "dropped"
        and last.start > hedges[-1].start
        and view.tokens[last.start].word not in NEGATING
        and view.clause(last.start).link == "but"
    )


def _acts(view: SentenceView, cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    distance = spot.start - cue.end if cue.start < spot.start else cue.start - spot.end
    everywhere = cue.group.direction == "sentence"
    if cue.group.kind == "correction" or (distance > cue.group.reach and not everywhere):
        return False
    if _is_part_of(view, cue, spot):
        return False
    if everywhere:
        return not (cue.group.kind == "past" and _is_back_now(view, cue, spot))
    if cue.group.at_end and not _closes(view, cue):
        return False
    before = cue.start < spot.start
    if before and _is_heading(view, cue, spot):
        return True
    same_clause = view.clause_of[spot.start] <= view.clause_of[cue.start] <= view.clause_of[spot.end - 1]
    if same_clause and _stopped(view, cue, spot, before):
        return False
    if cue.group.kind == "other_party":
        if cue.group.direction == "forward":
            return before and _speaks_of_others(view, cue, spot)
        opening = view.words_of(view.clause_of[cue.start])[:1]
        goes_on = bool(set(opening) & (_FINITE | {"that", "which", "it", "this"}))
        return not before and (same_clause or (goes_on and _trails(view, cue, spot, spots)))
    if cue.group.kind == "hypothetical" and before and view.tokens[cue.start].word == "if" and not same_clause:
        return bool(_SUPPOSING & set(view.words_of(view.clause_of[spot.start])))
    if cue.group.direction == "clause":
        return same_clause or (not before and _trails(view, cue, spot, spots))
    if cue.group.direction == "forward":
        if not same_clause:
            return before and cue.group.kind == "negation" and _is_interrupted(view, cue, spot)
        return before or _is_subject(view, cue, spot, spots)
    if before:
        return False
    return (same_clause and _is_nearest(cue, spot, spots)) or _trails(view, cue, spot, spots)


def _is_interrupted(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the cue's clause breaks off before its verb, to go on in the next: "we do not, and will not, use it"."""
    clause = view.clause_of[cue.start]
    ends_clause = cue.end == len(view.tokens) or view.clause_of[cue.end] != clause
    following = view.words_of(view.clause_of[spot.start])
    return (
        view.clause_of[spot.start] == clause + 1
        and view.clause(spot.start).link in _LIST_LINKS
        and view.tokens[cue.end - 1].word == "not"
        and view.tokens[cue.start].word in _FINITE
        and ends_clause
        and bool(following)
        and following[0] not in view.first_person | _OPENS_FREELY | {"but", "just", "only"}
        and len(view.words_of(clause)) <= _INTERRUPTED_WORDS
        and spot.start - cue.end <= _INTERRUPTED_WORDS
    )


_HEADING_KINDS = frozenset({"negation", "dropped", "past", "hedge", "hypothetical"})


def _is_heading(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the cue is the heading of a note, which speaks of all that follows it: "Dropped: iOS, watch"."""
    clause = view.clause_of[cue.start]
    following = clause + 1
    return (
        cue.group.kind in _HEADING_KINDS
        and following < len(view.sentence.clauses)
        and view.sentence.clauses[following].link in (":", "=")
        and view.clause_of[spot.start] >= following
        and len(view.words_of(clause)) <= cue.end - cue.start
        and not any(
            view.sentence.clauses[index].link in (":", "=")
            for index in range(following + 1, view.clause_of[spot.start] + 1)
        )
    )


def _is_part_of(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the mention's own words hold the cue: the "no" of "no apps" is not to be counted again."""
    if spot.start <= cue.start < spot.end:
        return True
    if cue.end <= spot.start or spot.end <= cue.start:
        return False
    if spot.end <= cue.end and cue.group.kind in ("other_party", "past"):
        # "Moved to one from another" says nothing past of the one; "not this any more" does.
        return NEGATING.isdisjoint(token.word for token in view.tokens[cue.start : cue.end])
    shared = view.tokens[max(cue.start, spot.start) : min(cue.end, spot.end)]
    return any(token.word in NEGATING for token in shared)


def _stopped(view: SentenceView, cue: Cue, spot: Spot, before: bool) -> bool:
    between = view.tokens[cue.end : spot.start] if before else view.tokens[spot.end : cue.start]
    return any(token.word in cue.group.stops for token in between)


def _is_nearest(cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    """Whether no mention of another attribute stands between the mention and a cue that looks back."""
    return not any(
        other.attribute != spot.attribute and spot.end <= other.start < cue.start for other in spots if other != spot
    )


def _is_subject(view: SentenceView, cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    """Whether a hedge or condition after the mention is about it: "phones might come later"."""
    if cue.group.kind != "hedge" or cue.start - spot.end > 1 or view.tokens[cue.start].word not in _SUPPOSING:
        return False
    return not any(
        other.start >= cue.end and view.clause_of[other.start] == view.clause_of[cue.start] for other in spots
    )


def _trails(view: SentenceView, cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    """Whether the cue's clause comes next and only comments on the mention: "Android, maybe later"."""
    cue_clause, spot_clause = view.clause_of[cue.start], view.clause_of[spot.end - 1]
    if cue_clause != spot_clause + 1:
        return False
    if any(view.clause_of[other.start] == cue_clause for other in spots):
        return False
    if any(
        other.start > spot.start and other.attribute != spot.attribute and other.end <= cue.start for other in spots
    ):
        return False
    words = view.words_of(cue_clause)
    opens_anaphorically = bool(words) and (words[0] in view.anaphora or bool({"it", "them"} & set(words)))
    goes_on = opens_anaphorically or (bool(words) and words[0] in _FINITE)
    if set(words) & view.first_person and not goes_on:
        return False
    # What follows the key of a note is said of it: "Mobile: explicitly out of scope in the tender".
    of_key = view.sentence.clauses[cue_clause].link in (":", "=")
    return len(words) <= (_COMMENT_WORDS if goes_on or of_key else _BARE_COMMENT_WORDS)


def _speaks_of_others(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the other party is still the subject: until a clause or a verb that returns to the speaker."""
    cue_clause, spot_clause = view.clause_of[cue.start], view.clause_of[spot.start]
    between = view.tokens[cue.end : spot.start]
    if cue_clause == spot_clause:
        return True
    later = [
        token.word
        for token, owner in zip(view.tokens, view.clause_of, strict=True)
        if cue_clause < owner <= spot_clause and token.start <= view.tokens[spot.end - 1].start
    ]
    return (
        not set(later) & view.first_person
        and not _returns(view, cue_clause, spot_clause)
        and len(between) < _OTHERS_REACH
    )


def _returns(view: SentenceView, cue_clause: int, spot_clause: int) -> bool:
    """Whether a clause in between opens with a subject of its own, other than "they" or "it"."""
    for index in range(cue_clause + 1, spot_clause + 1):
        words = view.words_of(index)
        if view.sentence.clauses[index].link in _FRESH_LINKS and not (
            words and words[0] in {"they", "it", "he", "she"}
        ):
            return True
        if words and words[0] in {"the", "this", "there", "no", "here"}:
            return True
    return False


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
    if judged.stance == "denied" and spot.attribute in view.exclusive and not {"or", "nor"} & _all_words(view):
        return None
    if clause != earlier:
        opening = view.words_of(clause)
        if view.sentence.clauses[clause].link not in _LIST_LINKS or not opening or opening[0] in _OPENS_FREELY:
            return None
    elif judged.stance == "denied":
        return None if len(words) > 2 or set(words) & {"but", "just", "only", "now"} else judged
    else:
        return None
    if len(words) > 3 or set(words) & (view.first_person | _FINITE | {"but", "just", "only", "now"}):
        return None
    return judged


def _all_words(view: SentenceView) -> set[str]:
    return {token.word for token in view.tokens}


def _is_asked(view: SentenceView, spot: Spot) -> bool:
    """Whether the mention is part of what is asked; "my" and "our" presuppose what they go with, and a rate
    that is given in figures is a fact of the one who asks.
    """
    if not view.sentence.is_question or view.tokens[spot.start].word.isdecimal():
        return False
    opening = _question_opening(view)
    clause = view.clause_of[spot.start]
    if clause < opening:
        return False
    words = [
        token.word for token, owner in zip(view.tokens[: spot.start], view.clause_of, strict=False) if owner == clause
    ]
    if _all_words(view) & _COMPARING and not set(words[-_POSSESSIVE_REACH:]) & view.possessives:
        return not (clause > opening and _is_declarative(words, view))
    if clause > opening and _is_declarative(words, view):
        return False
    asks_how = view.words_of(opening)[:1] in (["how"], ["why"], ["where"])
    if asks_how and words[-1:] == ["from"]:
        return False
    possessive = words if asks_how else words[-_POSSESSIVE_REACH:]
    inside = [token.word for token in view.tokens[spot.start : spot.end]]
    return not set(possessive + inside[:-1]) & view.possessives


def _is_declarative(words: Sequence[str], view: SentenceView) -> bool:
    return bool(words) and words[0] in view.first_person


def _question_opening(view: SentenceView) -> int:
    """The clause in which the question begins; what stands before it is stated."""
    last = len(view.sentence.clauses) - 1
    for index in range(last + 1):
        words = view.words_of(index)
        if words and words[0] in _OPENING_QUESTION:
            return index
    return last


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


def is_only_a_question(sentence: Sentence) -> bool:
    """Whether a sentence is so short that a yes or no after it answers it: "Phones? No."."""
    return sentence.is_question and len(re.findall(r"\w+", sentence.text)) <= 4
