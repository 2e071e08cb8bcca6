"""How far a cue acts: whether a "not", a "maybe" or somebody else's name speaks of a given mention."""

from collections.abc import Sequence
from itertools import pairwise

from advisor.understanding.sentence_view import (
    FINITE,
    LIST_LINKS,
    NEGATING,
    OPENS_FREELY,
    PLACING,
    Cue,
    SentenceView,
    Spot,
)
from advisor.understanding.tokens import Token

_FRESH_LINKS = frozenset({"but", "although", "though", "whereas", "while", "however", "yet", "because", ";"})
_REPORTING = frozenset("say said that me tell told think claim know mean".split())
_STATES = frozenset("have are am know only already all mostly".split())
_OBLIQUE = frozenset({"from", "by", "via", "through", "with"})
_SUPPOSING = frozenset("would could might may".split())
_COMMENT_WORDS = 12
_BARE_COMMENT_WORDS = 5
_OTHERS_REACH = 25
_INTERRUPTED_WORDS = 5
_HEADING_KINDS = frozenset({"negation", "dropped", "past", "hedge", "hypothetical"})
_IN_SOME_CASE = frozenset({"if", "when", "once", "should", "may", "might", "could", "can"})
_SETTING = frozenset("in for at of during within".split())
_DETERMINERS = frozenset("the our my this".split())
_NOW = frozenset({"here", "now", "today", "currently", "this", "these"})


def acts(view: SentenceView, cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    """Whether a cue speaks of a mention, one of the `spots` of its sentence."""
    distance = spot.start - cue.end if cue.start < spot.start else cue.start - spot.end
    everywhere = cue.group.direction == "sentence"
    if cue.group.kind in ("correction", "given") or (distance > cue.group.reach and not everywhere):
        return False
    if cue.group.direction == "within":
        return cue.start <= spot.start and spot.end <= cue.end
    if _is_part_of(view, cue, spot):
        return False
    if everywhere:
        return not (cue.group.kind == "past" and _is_back_now(view, cue, spot))
    if cue.group.at_end and not _closes(view, cue):
        return False
    before = cue.start < spot.start
    if before and _is_heading(view, cue, spot):
        return True
    nearest = cue.end - 1 if before else cue.start
    same_clause = view.clause_of[spot.start] <= view.clause_of[nearest] <= view.clause_of[spot.end - 1] or (
        before and _is_quoted(view, nearest, spot)
    )
    if same_clause and _stopped(view, cue, spot, before):
        return False
    if _is_presupposed(view, cue, spot) or (before and _is_setting(view, cue, spot, spots)):
        return False
    if cue.group.kind == "other_party":
        if cue.group.direction == "forward":
            return before and _speaks_of_others(view, cue, spot)
        opening = view.words_of(view.clause_of[cue.start])[:1]
        goes_on = cue.start == _first_word(view, cue) or bool(set(opening) & (FINITE | {"that", "which", "it", "this"}))
        return not before and (same_clause or (goes_on and _trails(view, cue, spot, spots)))
    if cue.group.kind == "hypothetical" and view.sentence.is_question and _takes_for_granted(view, cue):
        return False
    if cue.group.kind == "hypothetical" and before and view.tokens[cue.start].word == "if" and not same_clause:
        between = range(view.clause_of[cue.start] + 1, view.clause_of[spot.start] + 1)
        return any(_SUPPOSING & set(view.words_of(index)) for index in between)
    if cue.group.direction == "clause":
        return same_clause or (not before and _trails(view, cue, spot, spots))
    if cue.group.direction == "forward":
        if not same_clause:
            return before and cue.group.kind == "negation" and _is_interrupted(view, cue, spot)
        return before or _is_subject(view, cue, spot, spots)
    if before or _is_conditional(view, cue, spot):
        return False
    return (same_clause and _is_nearest(cue, spot, spots)) or _trails(view, cue, spot, spots)


def _is_back_now(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether a later clause has returned from the past: "at my last job, here it's AWS"."""
    first, last = view.clause_of[cue.start], view.clause_of[spot.start]
    return any(
        set(view.words_of(index)[:2]) & _NOW or view.sentence.clauses[index].link == "but"
        for index in range(first + 1, last + 1)
    )


def _closes(view: SentenceView, cue: Cue) -> bool:
    """Whether the cue's words end their clause: "mobile: no", but no sigh ("it runs offline, so no") and no mere
    opening of what comes next ("it runs offline, and no, we use no cloud").
    """
    clause = view.clause_of[cue.start]
    if cue.end < len(view.tokens) and view.clause_of[cue.end] == clause:
        return False
    opens_next = cue.end < len(view.tokens) and view.sentence.clauses[clause].link in ("and", "but", "so")
    if opens_next and cue.words == "no":
        return False
    return not (cue.start and view.tokens[cue.start - 1].word == "so" and view.clause_of[cue.start - 1] == clause)


def _takes_for_granted(view: SentenceView, cue: Cue) -> bool:
    """Whether a question's "if" only says how things are: "which one, if our team knows X?"."""
    opening, *following = (token.word for token in view.tokens[cue.start : cue.start + 3])
    own = not view.possessives.isdisjoint(following[:1])
    state = not view.first_person.isdisjoint(following[:1]) and not _STATES.isdisjoint(following[1:])
    return opening == "if" and (own or state)


def _is_quoted(view: SentenceView, cue: int, spot: Spot) -> bool:
    """Whether the mention stands in a quotation that the clause of the cue leads up to: 'until then it was "X"'."""
    between = range(view.clause_of[cue] + 1, view.clause_of[spot.start] + 1)
    return len(between) > 0 and all(view.sentence.clauses[index].kind == "quote" for index in between)


def _is_presupposed(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether a doubt or a question about what becomes of it takes a thing of the speaker's for granted:
    "whether our X people should learn Y", "should we rewrite our X code?".
    """
    doubts = cue.group.kind in ("hedge", "hypothetical") and bool(
        {"whether", "should", "shall"} & {token.word for token in view.tokens[cue.start : cue.end]}
    )
    owner = spot.start if view.tokens[spot.start].word in view.possessives else spot.start - 1
    return (
        doubts
        and owner >= cue.end
        and view.tokens[owner].word in view.possessives
        and view.tokens[owner - 1].word not in PLACING
    )


def _is_setting(view: SentenceView, cue: Cue, spot: Spot, spots: Sequence[Spot]) -> bool:
    """Whether the mention only says where something else is denied: "no phones in the thesis"."""
    opening = [token.word for token in view.tokens[spot.start - 2 : spot.start + 1]]
    placed = any(one in _SETTING and other in _DETERMINERS for one, other in pairwise(opening))
    return (
        cue.group.kind == "negation"
        and placed
        and any(other.attribute != spot.attribute and cue.start < other.end < spot.start for other in spots)
    )


def _is_conditional(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether it is only said what would be dropped in some case: "it's a trial, if they hate it we bin it"."""
    between = {token.word for token in view.tokens[spot.end : cue.start]}
    return cue.group.kind == "dropped" and not _IN_SOME_CASE.isdisjoint(between)


def _first_word(view: SentenceView, cue: Cue) -> int:
    """Where the clause of a cue begins."""
    return view.clause_of.index(view.clause_of[cue.start])


def _is_interrupted(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the cue's clause breaks off before its verb, to go on in the next: "we do not, and will not, use it"."""
    clause = view.clause_of[cue.start]
    ends_clause = cue.end == len(view.tokens) or view.clause_of[cue.end] != clause
    following = view.words_of(view.clause_of[spot.start])
    return (
        view.clause_of[spot.start] == clause + 1
        and view.clause(spot.start).link in LIST_LINKS
        and view.tokens[cue.end - 1].word == "not"
        and view.tokens[cue.start].word in FINITE
        and ends_clause
        and bool(following)
        and following[0] not in view.first_person | OPENS_FREELY | {"but", "just", "only"}
        and len(view.words_of(clause)) <= _INTERRUPTED_WORDS
        and spot.start - cue.end <= _INTERRUPTED_WORDS
    )


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
        # "The X people left" is of the past; the people are part of the mention.
        return cue.start == spot.start or cue.end <= spot.end or cue.group.kind != "past"
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
    goes_on = opens_anaphorically or (bool(words) and words[0] in FINITE)
    if set(words) & view.first_person and not goes_on:
        return False
    if cue.group.kind == "past" and words and words[0] == "the" and cue.start > _first_word(view, cue):
        return False
    # What follows the key of a note is said of it: "Mobile: explicitly out of scope in the tender".
    of_key = view.sentence.clauses[cue_clause].link in (":", "=")
    return len(words) <= (_COMMENT_WORDS if goes_on or of_key else _BARE_COMMENT_WORDS)


def _speaks_of_others(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the other party is still the subject: until a clause or a verb that returns to the speaker.

    What they are quoted with is theirs.
    """
    cue_clause, spot_clause = view.clause_of[cue.start], view.clause_of[spot.start]
    between = view.tokens[cue.end : spot.start]
    if view.sentence.clauses[spot_clause].kind == "quote":
        return True
    if cue_clause == spot_clause:
        return not (_owns_an_object(view, cue) or _gives(view, cue, spot) or _reports_on_speaker(view, between))
    if cue.start and view.tokens[cue.start - 1].word in _OBLIQUE:
        return False
    later = [
        token.word
        for token, owner in zip(view.tokens, view.clause_of, strict=True)
        if cue_clause < owner <= spot_clause
        and token.start <= view.tokens[spot.end - 1].start
        and view.sentence.clauses[owner].kind != "quote"
    ]
    return (
        not set(later) & view.first_person
        and not _returns(view, cue_clause, spot_clause)
        and len(between) < _OTHERS_REACH
    )


def _owns_an_object(view: SentenceView, cue: Cue) -> bool:
    """Whether the others only own what the speaker acts on: "we read our vendor's cameras and score on X"."""
    last = view.tokens[cue.end - 1]
    owner = view.sentence.text[last.start - view.sentence.start : last.end - view.sentence.start]
    before = (token.word for token in view.tokens[view.clause_of.index(view.clause_of[cue.start]) : cue.start])
    return owner.endswith(("'s", "’s", "s'", "s’")) and not view.first_person.isdisjoint(before)


def _reports_on_speaker(view: SentenceView, between: Sequence[Token]) -> bool:
    """Whether the others only report what is the speaker's: "my son says we have it in X", but no "we should"."""
    words = [token.word for token in between]
    return any(
        words[at - 1] in _REPORTING
        and words[at] in view.first_person
        and words[at + 1] not in _SUPPOSING | {"should", "can", "must", "will", "ought", "need"}
        for at in range(1, len(words) - 1)
    )


def _gives(view: SentenceView, cue: Cue, spot: Spot) -> bool:
    """Whether the others give the speaker what is mentioned: "our landlord lent us a server"."""
    return any(other.group.kind == "given" and cue.end <= other.start < spot.start for other in view.cues)


def _returns(view: SentenceView, cue_clause: int, spot_clause: int) -> bool:
    """Whether a clause in between opens with a subject of its own, other than "they" or "it"."""
    for index in range(cue_clause + 1, spot_clause + 1):
        words = view.words_of(index)
        if view.sentence.clauses[index].link in _FRESH_LINKS and not (
            words and words[0] in {"they", "it", "he", "she", "their", "his", "her", "its"}
        ):
            return True
        if words and words[0] in {"the", "this", "there", "no", "here"}:
            return True
    return False
