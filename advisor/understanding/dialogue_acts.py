"""Recognises what a sentence does in the conversation: greets, asks why, tries an assumption, takes back, …

A linear classifier learns from the examples in the knowledge (acts.yaml), and from sentences that look like
an act and are none, which words, pairs of words and meanings speak for which act and which for none. It is
learnt in one step at start, so that a new example works at once. Nearest neighbours by letters and meaning
were tried before and found a tenth fewer acts at the same number of false ones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from advisor.knowledge_base.acts_schema import SLOT, Act, expanded
from advisor.understanding.act_classifier import NO_ACT, ActClassifier, Lesson
from advisor.understanding.act_sentences import (
    FILLERS,
    PAUSE,
    ActSentence,
    ActWord,
    NameFinder,
    after_opening,
    before_pause,
    leading_fillers,
    without_opening,
)
from advisor.understanding.array_cache import ArrayCache
from advisor.understanding.encoder import SentenceEncoder, clean_text
from advisor.understanding.open_examples import OpenExample, frames, names_nothing, text_slot
from advisor.understanding.tokens import tokenize

_LONGEST_READ = 600
"""Characters of a sentence that are looked at."""
_MOST_WORDS = 60
"""Of a sentence; whoever says more is describing something."""
_MOST_CLOSED_WORDS = 20
"""Of a sentence that is compared as a whole."""

# Chosen by five-fold cross-validation over the examples and the phrasings of the FAQ.
_LEAST_SCORE = 0.35
_LEAST_LEAD = 0.15
_OPEN_LEAD = -0.2
_MOST_VARIANTS = 6
"""Sentences that are learnt of one example with choices; more would only weigh it more."""
_CLOSED_LEAD = 0.2
"""Of another act over that of an open example that fits: "drop that assumption" is no "drop {thing}"."""
_TELLING_FRAME = 5
"""Own words of an example with a slot from which it needs no other evidence."""
_AFTER_OPENING = 0.97
_ANNOUNCING = frozenset({"retract", "reset", "undo", "forget_assumptions", "commit", "dispute", "no", "yes"})
"""Acts that a message may begin with before it says something new."""


@dataclass(frozen=True, slots=True)
class RecognizedAct:
    """What a sentence does.

    `score`: 0 to 1. `option`, `criterion`: ids of what it is about, if it names one. `argument`: the
    assumption, the thing taken back, the id of a file format, or what is said instead; empty if there is
    none. `reason`: the example that is nearest. `also`: further criteria that it names. `preface`: what its message
    says before it; `lead`: what its sentence does. `topics`: of a retraction, those that it reads as taking back,
    whatever it names.
    """

    act: str
    score: float
    option: str | None
    criterion: str | None
    argument: str
    reason: str
    also: tuple[str, ...] = ()
    preface: str = ""
    lead: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take a sentence."""

    act: str
    score: float
    argument: str
    example: str


class ActRecognizer:
    """Recognises dialogue acts by examples of them."""

    def __init__(
        self,
        acts: Sequence[Act],
        options: Mapping[str, Sequence[str]],
        criteria: Mapping[str, Sequence[str]],
        encoder: SentenceEncoder | None,
        *,
        topics: Mapping[str, Sequence[str]] | None = None,
        others: Sequence[str] = (),
        spelling: Mapping[str, str] | None = None,
        cache: ArrayCache | None = None,
    ) -> None:
        """Prepares the examples.

        `options`, `criteria`, `topics`: spoken names by id. Criteria and topics, which are what people tell of,
        all read alike, so that what is learnt of one holds for each. `others`: sentences that perform no act, such
        as the phrasings of FAQ questions. `spelling`: chat spellings and what they stand for. `cache`: keeps what is
        learnt.
        """
        self._spelling = spelling or {}
        formats = {identifier: spoken for act in acts for identifier, spoken in act.formats.items()}
        names = {"option": options, "criterion": criteria, "format": formats, "topic": topics or {}}
        self._names = NameFinder(names, self._spelling)
        # A slot for a name reads like any name of its kind.
        self._fillings = {kind: next(iter(by_id.values()), [kind])[0] for kind, by_id in names.items()}
        self._slots: dict[str, frozenset[str]] = {act.id: _slots(act) for act in acts}

        examples = [(act.id, example) for act in acts for written in act.examples for example in _varied(written)]
        closed = [(act, example) for act, example in examples if text_slot(example) is None]
        self._act_of = [act for act, _ in closed]
        self._examples = [example for _, example in closed]
        self._open: dict[str, list[OpenExample]] = {}
        for act, example in examples:
            if (slot := text_slot(example)) is not None:
                open_example = self._open_example(act, slot, example)
                self._open.setdefault(open_example.head[0], []).append(open_example)

        read = [self._read_example(example) for example in self._examples]
        self._exact = {sentence.core: index for index, sentence in reversed(list(enumerate(read)))}
        self._members: dict[str, list[int]] = {}
        self._spoken: dict[str, set[int]] = {}
        for at, (act, sentence) in enumerate(zip(self._act_of, read, strict=True)):
            self._members.setdefault(act, []).append(at)
            self._spoken.setdefault(act, set()).add(_naming(sentence))

        def lesson() -> Lesson:
            contrast = [self._read_example(one) for act in acts for written in act.contrast for one in _varied(written)]
            unrelated = [self._marked(clean_text(text)) for text in others]
            # Of an open example, what it says itself: "what if" speaks for a what-if, whatever follows.
            framed = [(act.id, self._read_example(frame)) for act in acts for frame in frames(act)]
            return Lesson(
                examples=[*zip(self._act_of, read, strict=True), *framed],
                # What is no example of one act may be an example of another.
                contrast=[sentence for sentence in contrast if sentence.core not in self._exact],
                others=[sentence for sentence in unrelated if sentence.core not in self._exact],
            )

        self._classifier = ActClassifier([act.id for act in acts], lesson, encoder, cache)
        self._features = self._classifier.features
        self._read_examples = read
        self._rows: dict[str, NDArray[np.float32]] = {}

        about_things = {act for act, slots in self._slots.items() if "thing" in slots}
        self._common = {
            word.word
            for act, sentence in zip(self._act_of, read, strict=True)
            if act in about_things
            for word in sentence.words
            if not word.kind
        } | FILLERS
        self._dictionary = set(self._classifier.words)
        for one in itertools.chain.from_iterable(self._open.values()):
            self._dictionary.update((*one.head, *one.tail))
        self._correctable = sorted({word for sentence in read for word in sentence.core})

    def recognize(self, sentence: str) -> RecognizedAct | None:
        """The act that `sentence` performs, or None if it performs none that is known."""
        read = self._read(clean_text(sentence[:_LONGEST_READ]))
        if not 0 < len(read.words) <= _MOST_WORDS:
            return None
        reading, tail = self._reading(read), after_opening(read)
        if tail is not None and (reading is None or reading.score < 1):
            later = self._reading(tail)
            if later is not None and (reading is None or later.score * _AFTER_OPENING > reading.score):
                reading, read = later, tail
        for part in (tail, read):
            head = None if part is None else before_pause(part)
            announced = None if head is None else self._announced(head)
            if head is not None and announced is not None and self._is_plainer(announced, reading):
                return self._answer(announced, head)
        return None if reading is None else self._answer(reading, read)

    def _is_plainer(self, announced: _Reading, reading: _Reading | None) -> bool:
        """Whether what stands before a pause tells better than the sentence as a whole what that does: in "never mind
        my last message, I confused …" the rest explains.
        """
        if reading is None or reading.score == 1 or not _are_alike(announced.act, reading.act):
            return reading is None
        return announced.score == 1 or self._names_nothing(announced.argument)

    def _announced(self, head: ActSentence) -> _Reading | None:
        """What the words before a pause do, if they are an act that something may follow: "scratch that, we …"."""
        for words in (head, without_opening(head)):
            exact = self._exact.get(words.core)
            if exact is not None and self._act_of[exact] in _ANNOUNCING:
                return _Reading(self._act_of[exact], 1.0, "", self._examples[exact])
        example, taken = self._taken(head)
        if example is None or example.act not in _ANNOUNCING:
            return None
        scores = self._classifier.scores(self._features.of([head])[0])
        telling = self._tells(example, head) or scores[example.act] - scores[NO_ACT] >= _OPEN_LEAD
        return (
            _Reading(example.act, max(scores[example.act], _LEAST_SCORE), taken, example.example) if telling else None
        )

    def _answer(self, reading: _Reading, read: ActSentence) -> RecognizedAct:
        slots = self._slots[reading.act]
        points = "thing" in slots and self._names_nothing(reading.argument)
        argument = "" if points else self._argument(reading, read, slots)
        # Where something is taken back, only that counts: not whose it was, as it is explained after it.
        within = argument if "thing" in slots else ""
        named = read.every_named("criterion", within) if slots & {"criterion", "thing"} and not points else ()
        return RecognizedAct(
            act=reading.act,
            score=round(min(max(reading.score, 0.0), 1.0), 4),
            option=read.named("option") if "option" in slots else None,
            criterion=next(iter(named), None),
            argument=argument,
            reason=reading.example,
            also=named[1:],
        )

    def _argument(self, reading: _Reading, read: ActSentence, slots: frozenset[str]) -> str:
        """What an act is about, as it was typed."""
        return (
            reading.argument
            or ("format" in slots and read.named("format"))
            or ("thing" in slots and self._thing(read))
            or ""
        )

    def _reading(self, read: ActSentence) -> _Reading | None:
        """The best way to take a sentence, if there is one."""
        exact = self._exact.get(read.core)
        if exact is not None:
            act = self._act_of[exact]
            return _Reading(act, 1.0, self._taken(read, act)[1], self._examples[exact])
        row = self._features.of([read])[0]
        scores = self._classifier.scores(row)
        example, taken = self._taken(read)
        closed = self._closed(read, row, scores)
        if example is None or (closed is not None and closed.score - scores[example.act] >= _CLOSED_LEAD):
            return closed
        if self._tells(example, read) or scores[example.act] - scores[NO_ACT] >= _OPEN_LEAD:
            return _Reading(example.act, max(scores[example.act], _LEAST_SCORE), taken, example.example)
        return closed

    def _tells(self, example: OpenExample, read: ActSentence) -> bool:
        """Whether the words of an open example need no other evidence: "what if" in a question needs none."""
        at = len(example.head)
        supposes = example.slot == "assumption" and at > 1 and read.text.rstrip().endswith("?")
        # "What if any is the …" supposes nothing.
        return (supposes and read.words[at].word != "any") or example.own_words >= _TELLING_FRAME

    def _closed(self, read: ActSentence, row: NDArray[np.float32], scores: Mapping[str, float]) -> _Reading | None:
        """The act that most speaks for, if that is enough, and more than speaks for no act."""
        act = max((act for act in scores if act != NO_ACT), key=lambda act: scores[act])
        too_little = scores[act] < _LEAST_SCORE or scores[act] - scores[NO_ACT] < _LEAST_LEAD
        if too_little or len(read.core) > _MOST_CLOSED_WORDS or _naming(read) not in self._spoken.get(act, ()):
            return None
        return _Reading(act, scores[act], "", self._nearest(act, row))

    def _nearest(self, act: str, row: NDArray[np.float32]) -> str:
        """The example of an act that is most like a sentence."""
        members = self._members[act]
        if act not in self._rows:
            self._rows[act] = self._features.of([self._read_examples[at] for at in members])
        return self._examples[members[int(np.argmax(self._rows[act] @ row))]]

    def _names_nothing(self, argument: str) -> bool:
        spoken = [token.word for token in tokenize(argument, self._spelling)]
        return bool(spoken) and names_nothing(spoken)

    def _thing(self, read: ActSentence) -> str:
        """What a sentence like a closed example is about: its names and the words that no such example has."""
        telling = [word for word in read.words if word.kind or word.word not in self._common]
        if not telling:
            return ""
        words = read.text[telling[0].start : telling[-1].end]
        return PAUSE.split(words, maxsplit=1)[0]

    def _taken(self, read: ActSentence, act: str | None = None) -> tuple[OpenExample | None, str]:
        """The open example, of `act` if that is given, that fits with most words, and what its slot takes."""
        fitting = [
            (example, taken)
            for first in range(leading_fillers(read) + 1)
            for example in self._open.get(read.words[first].word, ())
            if act in (None, example.act) and (taken := example.taken(read, first))
        ]
        return max(fitting, key=lambda fit: fit[0].own_words, default=(None, ""))

    def _open_example(self, act: str, slot: str, example: str) -> OpenExample:
        head, tail = example.split("{" + slot + "}")
        before, after = self._read_example(head).words, self._read_example(tail).words
        return OpenExample(
            act=act,
            slot=slot,
            head=tuple(word.word for word in before),
            tail=tuple(word.word for word in after),
            asks=example.endswith("?"),
            paused=head.rstrip().endswith(","),
            example=example,
        )

    def _read_example(self, example: str) -> ActSentence:
        return self._marked(clean_text(SLOT.sub(lambda slot: self._fillings[slot[1]], example)))

    def _marked(self, text: str) -> ActSentence:
        return ActSentence.of(text, tuple(self._names.mark(tokenize(text, self._spelling))))

    def _read(self, text: str) -> ActSentence:
        """A sentence that somebody typed, slips of spelling corrected."""
        return ActSentence.of(text, tuple(map(self._corrected, self._marked(text).words)))

    def _corrected(self, word: ActWord) -> ActWord:
        """A misspelt word as the examples spell it."""
        spoken = word.word
        if word.kind or spoken in self._dictionary or not 5 <= len(spoken) <= 20:
            return word
        slips = 1 if len(spoken) < 8 else 2
        best = process.extractOne(spoken, self._correctable, scorer=OSA.distance, score_cutoff=slips)
        if best is None or best[0][0] != spoken[0]:
            return word
        return ActWord(best[0], word.start, word.end)


def _are_alike(act: str, other: str) -> bool:
    return act == other or {act, other} == {"undo", "retract"}


def _varied(written: str) -> Sequence[str]:
    """The sentences that an example stands for; of very many closed ones some, spread over all choices."""
    every = expanded(written)
    if text_slot(written) is not None or len(every) <= _MOST_VARIANTS:
        return every
    step = next(step for step in range(int(len(every) * 0.618), len(every)) if math.gcd(step, len(every)) == 1)
    return [every[at * step % len(every)] for at in range(_MOST_VARIANTS)]


def _slots(act: Act) -> frozenset[str]:
    """The slots of an act's examples. An option beside another one is a choice, and a criterion within an assumption
    part of that: not what the act is about.
    """
    slots = {slot for example in act.examples for slot in SLOT.findall(example)}
    if "assumption" in slots:
        slots.discard("criterion")
    if any("{option} or {option}" in example for example in act.examples):
        slots.discard("option")
    return frozenset(slots)


def _naming(sentence: ActSentence) -> int:
    """Whether an option, and whether a format, is named: a number for each case."""
    return (sentence.named("option") is not None) + 2 * (sentence.named("format") is not None)
