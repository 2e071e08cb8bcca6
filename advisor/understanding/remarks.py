"""How a sentence acts on the one before it: it answers, comments, corrects or sets itself apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.understanding.asking import is_only_a_question
from advisor.understanding.mentions import Mention, Stance
from advisor.understanding.sentence_view import FINITE, Cue, SentenceView

REMARK_WORDS = 3
ANAPHORIC_REMARK_WORDS = 10
CONTRAST_WORDS = 8
_EMPHATIC = frozenset({"mine", "us"})
_CONCERNING = frozenset({"for", "with", "by", "at"})
_REFERRING = frozenset({"that", "this"})
_REFERRING_WORDS = 3
_OBJECTS = frozenset({"us", "me", "ours", "mine", "myself", "ourselves"})
_VERBS = FINITE | {"am"}
_AFTER_OURS = _VERBS | {"run", "sit", "live", "use", "stay", "work"}
_LINKING = frozenset({"but", "and", "though"})
_SHORTEST_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence that has been read; `first` is the place of its first mention among all mentions.

    `faint`: mentions by words that count only where they are denied, which they are not here. `ignored`: attributes of
    which it has words that only look like theirs; `misnamed`: of these, where those words hold a value's own ("a course
    by X"). `touched`: attributes that any of its words may be about. `speaks_for_others`: the speaker has said
    so, here or before. `of_others`: the sentence speaks of people outside the project.
    """

    view: SentenceView
    mentions: tuple[Mention, ...]
    clues: tuple[Mention, ...]
    faint: tuple[Mention, ...]
    ignored: frozenset[str]
    misnamed: frozenset[str]
    touched: frozenset[str]
    first: int
    speaks_for_others: bool
    of_others: bool


def set_apart(read: Read, before: Sequence[Mention], previous: Read) -> list[Mention]:
    """Read "My employer is under regulation. My group isn't." as saying of others what the first sentence said, and
    so "I read about X for a friend. My own project is Y.".
    """
    view = read.view
    words = view.words_of(0)
    if _disowns(view, 0) or _turns_to_speaker(view, 0):
        return _as_of_others(before, previous.view, f"but '{' '.join(words)}'")
    apart = words[:1] and words[0] in view.possessives and "not" in words[2:4] and len(words) <= CONTRAST_WORDS // 2
    turns = previous.of_others and words[:1] and words[0] in view.possessives and "own" in words[1:2]
    if not (apart or turns):
        return list(before)
    reason = f"but not '{words[0]} {words[1]}'"
    return [
        replace(m, stance="other_party", reason=f"{m.reason}; {reason}") if m.stance == "stated" else m for m in before
    ]


def disowned(view: SentenceView, mentions: Sequence[Mention]) -> list[Mention]:
    """Read "The customer is on X, we're not" as saying of others what stands before."""
    result = list(mentions)
    for index, clause in enumerate(view.sentence.clauses):
        if index and (_disowns(view, index) or _turns_to_speaker(view, index)):
            before = [m for m in result if m.end <= clause.start]
            reason = f"but '{' '.join(view.words_of(index))}'"
            result = [*_as_of_others(before, view, reason), *(m for m in result if m.end > clause.start)]
    return result


def _disowns(view: SentenceView, clause: int) -> bool:
    """Whether a clause only says that it is otherwise with the speaker: "we don't", "our group isn't"."""
    words = [word for word in view.words_of(clause) if word not in _LINKING]
    if not _SHORTEST_SENTENCE <= len(words) <= _SHORTEST_SENTENCE + 1 or words[-1] != "not":
        return False
    subject = words[:-2]
    speaker = subject[0] in (_speaker(view) if len(subject) == 1 else view.possessives)
    return speaker and words[-2] in _VERBS


def _turns_to_speaker(view: SentenceView, clause: int) -> bool:
    """Whether a clause speaks of the speaker in contrast to what stands before: "ours is on X", "for us it's Y"."""
    first, *others = [word for word in view.words_of(clause) if word not in _LINKING] or [""]
    if not _REFERRING.isdisjoint(others):
        return False  # "For us that is the point."
    if first in view.possessives:
        return others[:1] != [] and others[0] in _AFTER_OURS  # the "s" of "ours" is no longer there
    return first in _EMPHATIC or (first in _CONCERNING and others[:1] != [] and others[0] in _EMPHATIC)


def _as_of_others(mentions: Sequence[Mention], view: SentenceView, reason: str) -> list[Mention]:
    """Plain statements as said of others, unless their clause speaks of the speaker."""
    mine = [
        clause
        for index, clause in enumerate(view.sentence.clauses)
        if not _speaker(view).isdisjoint(view.words_of(index))
    ]
    return [
        replace(m, stance="other_party", reason=f"{m.reason}; {reason}")
        if m.stance == "stated" and not any(clause.start <= m.start < clause.end for clause in mine)
        else m
        for m in mentions
    ]


def _speaker(view: SentenceView) -> frozenset[str]:
    """How the speaker is called as the one who does something."""
    return view.first_person - view.possessives - _OBJECTS


def contrasted(text: str, read: Read, clause: int, others: Sequence[Mention]) -> list[Mention]:
    """Read "The competitor ships on phones. We don't." as a denial of what the others have."""
    view = read.view
    words = view.words_of(clause)
    owners = [index for index, owner in enumerate(view.clause_of) if owner == clause]
    spoken = any(view.sentence.start <= m.start < view.sentence.clauses[clause].end for m in read.mentions)
    if spoken or not 2 <= len(words) <= CONTRAST_WORDS or not owners:
        return []
    denies = (words[0] in view.first_person and "not" in words[:4]) or words[:2] == ["not", "us"]
    if not denies or (len(words) > 4 and not {"that", "it", "this", "one", "them"} & set(words)):
        return []
    start, end = view.tokens[owners[0]].start, view.tokens[owners[-1]].end
    return [
        replace(
            m,
            start=start,
            end=end,
            quote=text[start:end],
            stance="denied",
            reason=f"{m.reason}; but '{words[0]} not'",
        )
        for m in others
        if m.stance == "other_party"
    ]


def answered(previous: Read, mentions: Sequence[Mention], answer: bool | None) -> list[Mention]:
    """Read "Phones? No." as one statement."""
    result = list(mentions)
    if answer is None or not is_only_a_question(previous.view.sentence):
        return result
    for index in range(previous.first, len(result)):
        if result[index].stance == "asked":
            stance: Stance = "stated" if answer else "denied"
            result[index] = replace(result[index], stance=stance, reason=result[index].reason + ", answered")
    return result


def commented(previous: Read, read: Read, mentions: Sequence[Mention]) -> list[Mention]:
    """Let a sentence that opens with a comment ("Maybe later.") or a correction act on the one before."""
    result = list(mentions)
    for cue in read.view.cues:
        if cue.group.kind == "correction" and cue.start <= 1:
            _correct(result, read.mentions, cue.words)
        elif cue.group.direction != "forward" and _comments(read, cue):
            _remark(result, previous, cue)
    return result


_COMMENT_STANCES: dict[str, Stance] = {
    "hedge": "hedged",
    "dropped": "denied",
    "past": "past",
    "retraction": "retracted",
    "other_party": "other_party",
}
_REMARKED_ON: dict[str, frozenset[Stance]] = {
    "dropped": frozenset({"stated", "asked", "hedged"}),
}
_BARE = frozenset[Stance]({"stated", "asked"})


def _remark(result: list[Mention], previous: Read, cue: Cue) -> None:
    """Give what the sentence before said last the stance of a remark; what is untrue by now is so of all it said."""
    stance = _COMMENT_STANCES.get(cue.group.kind)
    if stance is None:
        return
    if cue.group.kind == "dropped" and previous.faint and not previous.mentions:
        result.append(replace(previous.faint[-1], stance=stance, reason=f"{previous.faint[-1].reason}, '{cue.words}'"))
        return
    said = range(previous.first, len(result))
    for index in said if stance == "retracted" else said[-1:]:
        old = result[index]
        if old.stance in _REMARKED_ON.get(cue.group.kind, _BARE):
            result[index] = replace(old, stance=stance, reason=f"{old.reason}, then '{cue.words}'")


def _comments(read: Read, cue: Cue) -> bool:
    """Whether a sentence opens with a clause that says nothing itself and is a remark on the sentence before."""
    view = read.view
    words = [token.word for token, owner in zip(view.tokens, view.clause_of, strict=True) if owner == 0]
    if cue.end > len(words) or (cue.group.at_end and cue.end < len(words)):
        return False
    if cue.group.kind != "retraction":
        words = [token.word for token in view.tokens]
        if read.mentions:
            return False
    elif any(mention.start < view.sentence.clauses[0].end for mention in read.mentions):
        return False
    short = len(words) <= REMARK_WORDS and cue.start == 0
    refers = words[0] in view.anaphora or not _REFERRING.isdisjoint(words[: min(cue.start, _REFERRING_WORDS)])
    return short or (len(words) <= ANAPHORIC_REMARK_WORDS and refers)


def _correct(result: list[Mention], anew: Sequence[Mention], words: str) -> None:
    renewed = {mention.attribute: mention.value for mention in anew if mention.stance == "stated"}
    for index, mention in enumerate(result):
        undone = renewed.get(mention.attribute, mention.value) != mention.value
        if mention.stance in ("stated", "denied") and undone:
            result[index] = replace(mention, stance="retracted", reason=f"{mention.reason}, corrected by '{words}'")
