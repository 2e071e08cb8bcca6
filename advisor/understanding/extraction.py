"""Free text about a project in, observations with their evidence out.

What is hedged, past, somebody else's, supposed, asked or taken back is never an observation; it is handed
back beside them, with its reason, so that the reply can say what was left open.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from advisor.knowledge_base.language_schema import CueGroup, Language
from advisor.understanding.clauses import Sentence, split_sentences
from advisor.understanding.phrase_matching import PhraseError, PhraseIndex, PhraseMatch, SpellingCorrector
from advisor.understanding.stance import (
    Cue,
    Judgement,
    SentenceView,
    Spot,
    Stance,
    find_cues,
    is_only_a_question,
    judge_all,
    words_by_clause,
)
from advisor.understanding.tokens import Token, tokenize

Obtained = Literal["said", "inferred"]
PhraseKind = Literal["said", "implied", "in_context", "if_denied", "context", "ignore", "clue"]

MAX_QUOTE_WORDS = 14
NOTE_WORDS = 4
NOTE_WORDS_BESIDE = 2
OPENED_NOTE_WORDS = 6
REMARK_WORDS = 3
ANAPHORIC_REMARK_WORDS = 10
CONTRAST_WORDS = 8


class AttributeLike(Protocol):
    """What extraction needs to know of an attribute of the pack."""

    @property
    def id(self) -> str: ...
    @property
    def multiple(self) -> bool: ...
    @property
    def absence(self) -> str | None: ...
    @property
    def opposites(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the text that speaks of an attribute value, whatever it says about it."""

    attribute: str
    value: str
    start: int
    end: int
    quote: str
    stance: Stance
    obtained: Obtained
    reason: str


@dataclass(frozen=True, slots=True)
class Observation:
    """A value that the text gives an attribute of the speaker's project; `quote` is text[start:end]."""

    attribute: str
    value: str
    quote: str
    start: int
    end: int
    obtained: Obtained
    reason: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What counts, and what was noticed but set aside."""

    observations: tuple[Observation, ...]
    set_aside: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a phrase of the pack stands for."""

    attribute: str
    value: str
    kind: PhraseKind


@dataclass(frozen=True, slots=True)
class _Found:
    """A match that may become a mention."""

    spot: Spot
    kind: PhraseKind
    phrase: str


class Extractor:
    """Finds attribute values in text. Compiled once from the pack's phrases; `extract` has no state."""

    def __init__(self, language: Language, attributes: Iterable[AttributeLike]) -> None:
        self._attributes = {attribute.id: attribute for attribute in attributes}
        self._together = tuple(
            (attribute, value, clues)
            for attribute, phrases in language.phrases.items()
            for value, ways in phrases.values.items()
            for clues in ways.together
        )
        self._written = dict(language.spelling.written)
        self._phrases = PhraseIndex(self._entries(language), self._lists(language), self._written)
        cues = language.cues
        self._cues: PhraseIndex[CueGroup] = PhraseIndex(
            ((phrase, group) for group in cues.cues for phrase in group.phrases), cues.lists, self._written
        )
        self._answers = PhraseIndex(
            [
                *((phrase, True) for phrase in cues.answers_yes),
                *((phrase, False) for phrase in cues.answers_no),
            ],
            cues.lists,
            self._written,
        )
        known = self._phrases.vocabulary | self._cues.vocabulary
        self._spelling = SpellingCorrector(known, language.spelling.never_corrected)
        self._first_person = frozenset(cues.first_person)
        self._possessives = frozenset(cues.possessives)
        self._anaphora = frozenset(cues.anaphora)
        self._exclusive = frozenset(name for name, attribute in self._attributes.items() if not attribute.absence)
        self._multiple = frozenset(name for name, attribute in self._attributes.items() if attribute.multiple)

    def extract(self, text: str) -> Extraction:
        """Return the observations in `text`, in its order, and the mentions that were set aside."""
        mentions: list[Mention] = []
        clues: list[tuple[Mention, ...]] = []
        previous: _Read | None = None
        for sentence in split_sentences(text):
            read = self._read(text, sentence)
            if previous is not None:
                mentions = _answered(previous, mentions, self._answer(read))
                mentions = _commented(previous, read, mentions)
                mentions.extend(self._contrasted(text, read, 0, previous.mentions[-1:]))
            mentions.extend(read.mentions)
            clues.append(read.clues)
            previous = replace(read, first=len(mentions) - len(read.mentions))
        return self._settle([*mentions, *self._put_together(mentions, clues)])

    def _contrasted(self, text: str, read: "_Read", clause: int, others: Sequence[Mention]) -> list[Mention]:
        """Read "The competitor ships on phones. We don't." as a denial of what the others have."""
        view = read.view
        words = view.words_of(clause)
        owners = [index for index, owner in enumerate(view.clause_of) if owner == clause]
        spoken = any(view.sentence.start <= m.start < view.sentence.clauses[clause].end for m in read.mentions)
        if spoken or not 2 <= len(words) <= CONTRAST_WORDS or not owners:
            return []
        denies = (words[0] in self._first_person and "not" in words[:4]) or words[:2] == ["not", "us"]
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

    def _put_together(self, mentions: Sequence[Mention], clues: Sequence[Sequence[Mention]]) -> Iterable[Mention]:
        """The values that clues of neighbouring sentences imply, where no plain words say one already."""
        for attribute, value, names in self._together:
            if any(m.attribute == attribute and m.stance == "stated" for m in mentions):
                continue
            for index in range(len(clues)):
                near = [clue for part in clues[index : index + 2] for clue in part if clue.attribute == attribute]
                found = [next((clue for clue in near if clue.value == name), None) for name in names]
                complete = [clue for clue in found if clue is not None]
                if len(complete) == len(names):
                    reason = " with ".join(clue.reason for clue in complete)
                    yield replace(complete[0], value=value, obtained="inferred", reason=reason)
                    break

    def _lists(self, language: Language) -> dict[str, tuple[str, ...]]:
        lists = dict(language.lists)
        for attribute, phrases in language.phrases.items():
            for name, entries in phrases.lists.items():
                if lists.setdefault(name, entries) != entries:
                    raise PhraseError(f"{attribute}: there is another list <{name}> already")
        return lists

    def _entries(self, language: Language) -> Iterable[tuple[str, _Entry]]:
        for attribute, phrases in language.phrases.items():
            for phrase in phrases.context:
                yield phrase, _Entry(attribute, "", "context")
            for phrase in phrases.ignore:
                yield phrase, _Entry(attribute, "", "ignore")
            for name, clue in phrases.clues.items():
                for phrase in clue:
                    yield phrase, _Entry(attribute, name, "clue")
            for value, ways in phrases.values.items():
                groups: tuple[tuple[PhraseKind, Sequence[str]], ...] = (
                    ("said", ways.said),
                    ("implied", ways.implied),
                    ("in_context", ways.in_context),
                    ("if_denied", ways.if_denied),
                )
                for kind, group in groups:
                    for phrase in group:
                        yield phrase, _Entry(attribute, value, kind)

    def _read(self, text: str, sentence: Sentence) -> "_Read":
        tokens = tuple(
            Token(self._corrected(text, token, sentence), token.start, token.end, token.hard)
            for token in tokenize(text, self._written, sentence.start, sentence.end)
        )
        clause_of = _clause_of(sentence, tokens)
        view = SentenceView(
            sentence,
            tokens,
            clause_of,
            words_by_clause(sentence, tokens, clause_of),
            find_cues(self._cues.matches(tokens), tokens, clause_of),
            self._first_person,
            self._possessives,
            self._anaphora,
            self._exclusive,
        )
        found = _candidates(
            self._phrases.matches(tokens), [token.word for token in tokens], view.clause_of, self._multiple
        )
        clues = [candidate for candidate in found if candidate.kind == "clue"]
        found = [candidate for candidate in found if candidate.kind != "clue"]
        mentions = [
            mention
            for candidate, mention in _mentions(text, view, found)
            if candidate.kind != "if_denied" or mention.stance in ("denied", "asked")
        ]
        stated = tuple(mention for _, mention in _mentions(text, view, clues) if mention.stance == "stated")
        return _Read(view, tuple(mentions), stated, 0)

    def _corrected(self, text: str, token: Token, sentence: Sentence) -> str:
        """The word as the lexicon spells it; a short capitalised word inside a sentence is a name ("Porto")."""
        named = (
            token.start > sentence.start
            and text[token.start].isupper()
            and not text[token.start + 1 : token.start + 2].isupper()
        )
        if named and len(token.word) < SpellingCorrector.MIN_NAME_LENGTH:
            return token.word
        return self._spelling.correct(token.word)

    def _answer(self, read: "_Read") -> bool | None:
        """What a sentence that begins with yes or no answers, if it does."""
        for match in self._answers.matches(read.view.tokens):
            if match.start == 0:
                return match.payload
        return None

    def _settle(self, mentions: Sequence[Mention]) -> Extraction:
        kept: list[Mention] = []
        aside: list[Mention] = []
        for mention in mentions:
            counted = self._counted(mention)
            if counted is None or counted.value != mention.value:
                self._take_back(kept, aside, mention)
            if counted is None:
                aside.append(mention)
            else:
                self._add(kept, aside, counted)
        observations = tuple(
            Observation(m.attribute, m.value, m.quote, m.start, m.end, m.obtained, m.reason)
            for m in sorted(kept, key=lambda m: (m.start, m.end, m.attribute))
        )
        return Extraction(observations, tuple(sorted(aside, key=lambda m: (m.start, m.end, m.attribute))))

    def _take_back(self, kept: list[Mention], aside: list[Mention], denial: Mention) -> None:
        """Let a denial undo what said the very same thing before it."""
        attribute = self._attributes.get(denial.attribute)
        if attribute is None or not attribute.multiple or denial.value == attribute.absence:
            return
        if denial.stance in ("denied", "retracted"):
            said = (denial.attribute, denial.value)
            same = [m for m in kept if (m.attribute, m.value) == said and m.end <= denial.start]
            _put_aside(kept, aside, same)

    def _counted(self, mention: Mention) -> Mention | None:
        """Map a denial to the value that it states; None for what states nothing."""
        if mention.stance == "stated":
            return mention
        attribute = self._attributes.get(mention.attribute)
        if mention.stance != "denied" or attribute is None:
            return None
        value = attribute.opposites.get(mention.value)
        if value is None and attribute.absence and mention.value != attribute.absence:
            value = attribute.absence
        return replace(mention, value=value) if value else None

    def _add(self, kept: list[Mention], aside: list[Mention], new: Mention) -> None:
        attribute = self._attributes.get(new.attribute)
        same = [old for old in kept if old.attribute == new.attribute]
        equal = [old for old in same if old.value == new.value]
        if equal:
            return
        absence = attribute.absence if attribute else None
        if attribute is None or not attribute.multiple:
            _put_aside(kept, aside, same)
        elif absence and new.value == absence:
            # A denial yields to what was said before, unless it takes back that very thing.
            if same:
                aside.append(replace(new, stance="denied"))
                return
        elif absence:
            _put_aside(kept, aside, [old for old in same if old.value == absence])
        kept.append(new)


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that has been read; `first` is the place of its first mention among all mentions."""

    view: SentenceView
    mentions: tuple[Mention, ...]
    clues: tuple[Mention, ...]
    first: int


def _put_aside(kept: list[Mention], aside: list[Mention], old: Iterable[Mention]) -> None:
    for mention in old:
        kept.remove(mention)
        aside.append(replace(mention, stance="retracted", reason=f"{mention.reason}; said anew later"))


def _clause_of(sentence: Sentence, tokens: Sequence[Token]) -> tuple[int, ...]:
    """The clause of every word; what follows a parenthesis goes on with the clause it interrupts."""
    clauses = sentence.clauses
    ends = [clause.end for clause in clauses]
    hosts: list[int] = []
    for index, clause in enumerate(clauses):
        interrupted = index >= 2 and clause.link in (")", "]") and clauses[index - 1].kind == "parenthesis"
        hosts.append(hosts[index - 2] if interrupted else index)
    return tuple(hosts[min(bisect_right(ends, token.start), len(hosts) - 1)] for token in tokens)


def _candidates(
    matches: Sequence[PhraseMatch[_Entry]],
    words: Sequence[str],
    clause_of: Sequence[int],
    multiple: frozenset[str],
) -> list[_Found]:
    """Drop what is ignored or lacks its context; keep the longest of overlapping matches of one attribute."""
    contexts = {match.payload.attribute for match in matches if match.payload.kind == "context"}
    usable = [
        match
        for match in matches
        if match.payload.kind not in ("context", "in_context")
        or (
            match.payload.kind == "in_context"
            and (match.payload.attribute in contexts or _is_note(match, words, clause_of))
        )
    ]
    usable.sort(key=lambda match: (match.start - match.end, match.payload.kind == "if_denied", match.start))
    taken: dict[str, list[PhraseMatch[_Entry]]] = {}
    ignored: dict[str, list[PhraseMatch[_Entry]]] = {}
    for match in usable:
        if match.payload.kind == "ignore":
            ignored.setdefault(match.payload.attribute, []).append(match)
    found: list[_Found] = []
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
            spot = Spot(entry.attribute, entry.value, match.start, match.end)
            found.append(_Found(spot, entry.kind, match.phrase))
    return sorted(found, key=lambda candidate: (candidate.spot.start, candidate.spot.end, candidate.spot.attribute))


def _is_note(match: PhraseMatch[_Entry], words: Sequence[str], clause_of: Sequence[int]) -> bool:
    """Whether the words all but make up their clause, as in notes: "Ada and C."."""
    clause = clause_of[match.start]
    first = clause_of.index(clause)
    length = clause_of.count(clause)
    beside = length - (match.end - match.start)
    opens_list = match.start == first and words[match.end : match.end + 1] in (["and"], ["plus"], ["with"])
    return (length <= NOTE_WORDS and beside <= NOTE_WORDS_BESIDE) or (opens_list and length <= OPENED_NOTE_WORDS)


def _cut_off(match: PhraseMatch[_Entry], ignored: PhraseMatch[_Entry]) -> bool:
    """Whether the words that a match ends with go on as something to ignore: "on the [phone shows the score]"."""
    return match.start < ignored.start < match.end < ignored.end


def _yields(match: PhraseMatch[_Entry], longer: PhraseMatch[_Entry], multiple: bool) -> bool:
    """Whether a match gives way to a longer one: unless both can hold and it only lies in the other's gap."""
    if match.start >= longer.end or longer.start >= match.end:
        return False
    if match.payload.value == longer.payload.value or longer.payload.kind == "ignore":
        return True
    inside = longer.start <= match.start and match.end <= longer.end
    return inside and not (multiple and ".." in longer.phrase)


def _mentions(text: str, view: SentenceView, found: Sequence[_Found]) -> Iterable[tuple[_Found, Mention]]:
    judged = judge_all(view, [candidate.spot for candidate in found])
    return [(one, _mention(text, view, one, judgement)) for one, judgement in zip(found, judged, strict=True)]


def _mention(text: str, view: SentenceView, found: _Found, judgement: Judgement) -> Mention:
    start, end = _quote_span(view, found.spot)
    reason = f"'{found.phrase}'" + (f", {judgement.stance} by '{judgement.because}'" if judgement.because else "")
    obtained: Obtained = "inferred" if found.kind == "implied" else "said"
    spot = found.spot
    return Mention(spot.attribute, spot.value, start, end, text[start:end], judgement.stance, obtained, reason)


def _quote_span(view: SentenceView, spot: Spot) -> tuple[int, int]:
    """The clause around the telling words, narrowed where it is long."""
    first, last = view.tokens[spot.start], view.tokens[spot.end - 1]
    head, tail = view.clause(spot.start), view.clause(spot.end - 1)
    inside = [
        index
        for index, token in enumerate(view.tokens)
        if min(head.start, first.start) <= token.start and token.end <= max(tail.end, last.end)
    ]
    low, high = inside[0], inside[-1] + 1
    spare = max(0, MAX_QUOTE_WORDS - (spot.end - spot.start))
    if high - low > MAX_QUOTE_WORDS:
        low = max(low, spot.start - spare // 2)
        high = min(high, spot.end + spare // 2)
    return view.tokens[low].start, view.tokens[high - 1].end


def _answered(previous: _Read, mentions: Sequence[Mention], answer: bool | None) -> list[Mention]:
    """Read "Phones? No." as one statement."""
    result = list(mentions)
    if answer is None or not is_only_a_question(previous.view.sentence):
        return result
    for index in range(previous.first, len(result)):
        if result[index].stance == "asked":
            stance: Stance = "stated" if answer else "denied"
            result[index] = replace(result[index], stance=stance, reason=result[index].reason + ", answered")
    return result


def _commented(previous: _Read, read: _Read, mentions: Sequence[Mention]) -> list[Mention]:
    """Let a sentence that only comments ("Maybe later.") or corrects act on the one before."""
    result = list(mentions)
    words = [token.word for token in read.view.tokens]
    if not words or not result:
        return result
    for cue in read.view.cues:
        if cue.group.kind == "correction" and cue.start <= 1:
            _correct(result, read.mentions, cue.words)
        elif len(result) > previous.first and not read.mentions and _comments(read, words, cue):
            stance = _COMMENT_STANCES.get(cue.group.kind)
            if stance and cue.group.direction != "forward" and result[-1].stance in ("stated", "asked"):
                result[-1] = replace(result[-1], stance=stance, reason=f"{result[-1].reason}, then '{cue.words}'")
    return result


_COMMENT_STANCES: dict[str, Stance] = {
    "hedge": "hedged",
    "dropped": "denied",
    "past": "past",
}


def _comments(read: _Read, words: Sequence[str], cue: Cue) -> bool:
    """Whether a sentence without mentions of its own is a remark on the one before."""
    if cue.group.at_end and cue.end < len(words):
        return False
    short = len(words) <= REMARK_WORDS and cue.start == 0
    return short or (len(words) <= ANAPHORIC_REMARK_WORDS and words[0] in read.view.anaphora)


def _correct(result: list[Mention], anew: Sequence[Mention], words: str) -> None:
    renewed = {mention.attribute: mention.value for mention in anew if mention.stance == "stated"}
    for index, mention in enumerate(result):
        if mention.stance == "stated" and renewed.get(mention.attribute, mention.value) != mention.value:
            result[index] = replace(mention, stance="retracted", reason=f"{mention.reason}, corrected by '{words}'")
