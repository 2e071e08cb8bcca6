"""Recognises what a sentence does in the conversation: greets, asks why, tries an assumption, takes back, …

A linear classifier learns from the examples in the knowledge (acts.yaml), and from sentences that look like
an act and are none, which words, pairs of words and meanings speak for which act and which for none. It is
learnt in one step at start, so that a new example works at once. Nearest neighbours by letters and meaning
were tried before and found a tenth fewer acts at the same number of false ones.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from advisor.knowledge_base.acts_schema import SLOT, TEXT_SLOTS, Act, expanded
from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.encoder import SentenceEncoder, clean_text
from advisor.understanding.tokens import Token, tokenize

_LONGEST_READ = 600
"""Characters of a sentence that are looked at."""
_MOST_WORDS = 60
"""Of a sentence; whoever says more is describing something."""
_MOST_CLOSED_WORDS = 20
"""Of a sentence that is compared as a whole."""
_MOST_TAKEN_WORDS = {"assumption": 40, "thing": 8, "rest": 40}
"""That a slot for any words takes."""

# Chosen by five-fold cross-validation over the examples and the phrasings of the FAQ.
_LEAST_SCORE = 0.35
_LEAST_LEAD = 0.15
_OPEN_LEAD = -0.2
_TELLING_FRAME = 5
"""Own words of an example with a slot from which it needs no other evidence."""
_WEIGHT_OF_MEANING = 1.3
_WEIGHT_OF_OTHERS = 0.5
_REGULARISATION = 1.0
_RAREST = 2
_AFTER_OPENING = 0.97
_NO_ACT = ""
_ANNOUNCING = frozenset({"retract", "reset", "undo", "forget_assumptions", "commit", "dispute", "no", "yes"})
"""Acts that a message may begin with before it says something new."""

# Stand-ins for names. Short, so that a shared name does not make two sentences look alike.
_MARKS = {"option": "OO", "criterion": "CC", "format": "FF"}
# What an encoder reads in place of a name.
_NOUNS = {"option": "this option", "criterion": "this topic", "format": "this format"}

# Words that open or close a sentence without changing what it does.
_FILLERS = frozenset(
    "ok okay k so well hey hm hmm um uh er oh ah and but please right alright now then just actually really"
    " sorry mate man dude buddy friend btw tbh honestly again though anyway kindly".split()
)
# Words that alone may make up a sentence's opening, before a comma.
_OPENINGS = _FILLERS | frozenset(
    "thank you great cool nice perfect fine good interesting wow yes no yeah yep nope hi hello i see got it"
    " understood all".split()
)
# Words that only point at what was said: "ignore that" names nothing.
_POINTING = frozenset("that this it those these them all everything anything".split())
_PAUSE = re.compile(r"[,;:–—]|\s-+\s|\.{2,}|…")


@dataclass(frozen=True, slots=True)
class RecognizedAct:
    """What a sentence does.

    `score`: 0 to 1. `option`, `criterion`: ids of what it is about, if it names one. `argument`: the
    assumption, the thing taken back, the id of a file format, or what is said instead; empty if there is
    none. `reason`: the example that is nearest.
    """

    act: str
    score: float
    option: str | None
    criterion: str | None
    argument: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as sentences are compared by, and its place. `kind`, `id`: of what it names, if anything."""

    word: str
    start: int
    end: int
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence read for comparison. `core`: its words without fillers at the ends, if it has others."""

    text: str
    words: tuple[_Word, ...]
    core: tuple[str, ...]

    @classmethod
    def of(cls, text: str, words: tuple[_Word, ...]) -> _Sentence:
        """A sentence of these words, which are places in `text`."""
        spoken = tuple(word.word for word in words)
        first, last = 0, len(spoken)
        while first < last and spoken[first] in _FILLERS:
            first += 1
        while last > first and spoken[last - 1] in _FILLERS:
            last -= 1
        return cls(text, words, spoken[first:last] or spoken)

    def named(self, kind: str) -> str | None:
        """The id of the first thing of that kind that is named."""
        return next((word.id for word in self.words if word.kind == kind), None)

    def readable(self) -> str:
        """The text with a common noun for every name, so that all options mean the same to an encoder."""
        pieces, at = [], self.words[0].start if self.words else 0
        for word in self.words:
            if word.kind:
                pieces += [self.text[at : word.start], _NOUNS[word.kind]]
                at = word.end
        return "".join([*pieces, self.text[at:]])


@dataclass(frozen=True, slots=True)
class _OpenExample:
    """An example with a slot for any words.

    `asks`: only a sentence with a question mark fits. `paused`: only one with a comma or the like before the
    slot.
    """

    act: str
    slot: str
    head: tuple[str, ...]
    tail: tuple[str, ...]
    asks: bool
    paused: bool
    example: str

    @property
    def own_words(self) -> int:
        """How many words the example itself has."""
        return len(self.head) + len(self.tail)

    def taken(self, sentence: _Sentence, first: int) -> str:
        """What the slot takes of `sentence`, read from its word `first` on; empty if it does not fit."""
        words = sentence.words
        start, end = first + len(self.head), len(words) - len(self.tail)
        if not 0 < end - start <= _MOST_TAKEN_WORDS[self.slot]:
            return ""
        if self.asks and not sentence.text.endswith("?"):
            return ""
        if self.paused and not _PAUSE.search(sentence.text, words[start - 1].end, words[start].start):
            return ""
        spoken = tuple(word.word for word in words)
        if spoken[first:start] != self.head or spoken[end:] != self.tail:
            return ""
        if _POINTING.issuperset(spoken[start:end]):
            return ""
        return sentence.text[words[start].start : words[end - 1].end]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take a sentence."""

    act: str
    score: float
    argument: str
    example: str


class _Names:
    """Finds names of options, criteria and formats, usual misspellings included."""

    _SHORTEST_FUZZY = 6
    _LONG = 10

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]]], spelling: Mapping[str, str]) -> None:
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}
        for kind, by_id in names.items():
            for identifier, spoken in by_id.items():
                for name in spoken:
                    words = tuple(token.word for token in tokenize(clean_text(name), spelling))
                    self._known.setdefault(words, (kind, identifier))
        self._known.pop((), None)
        self._longest = max((len(words) for words in self._known), default=0)
        single = (words[0] for words in self._known if len(words) == 1)
        self._fuzzy = tuple(word for word in single if len(word) >= self._SHORTEST_FUZZY)

    def mark(self, tokens: Sequence[Token]) -> Iterator[_Word]:
        """`tokens` as words, every name replaced by its mark; the longest name at each place."""
        at = 0
        while at < len(tokens):
            length, named = self._at(tokens, at)
            first, last = tokens[at], tokens[at + length - 1]
            if named is None:
                yield _Word(first.word, first.start, first.end)
            else:
                yield _Word(_MARKS[named[0]], first.start, last.end, *named)
            at += length

    def _at(self, tokens: Sequence[Token], at: int) -> tuple[int, tuple[str, str] | None]:
        """How many tokens from `at` on form a name, and whose; one and None if they form none."""
        words = tuple(token.word for token in tokens[at : at + self._longest])
        for length in range(len(words), 0, -1):
            if words[:length] in self._known:
                return length, self._known[words[:length]]
        meant = self._misspelt(tokens[at].word)
        return 1, None if meant is None else self._known[(meant,)]

    def _misspelt(self, word: str) -> str | None:
        if len(word) < self._SHORTEST_FUZZY - 1:
            return None
        best = process.extractOne(word, self._fuzzy, scorer=OSA.distance, score_cutoff=2)
        if best is None or best[0][0] != word[0] or best[1] > (2 if len(best[0]) >= self._LONG else 1):
            return None
        return str(best[0])


class _Features:
    """Turns sentences into vectors: words and pairs of words, meaning, and how much of a sentence is new."""

    def __init__(
        self,
        examples: Sequence[_Sentence],
        contrast: Sequence[_Sentence],
        others: Sequence[_Sentence],
        encoder: SentenceEncoder | None,
    ) -> None:
        """Knows the words of the examples and of the contrast to them; those of others only count as frequent."""
        self._encoder = encoder
        sentences = [*examples, *contrast, *others]
        counts = Counter(gram for sentence in sentences for gram in set(_grams(sentence)))
        telling = Counter(gram for sentence in (*examples, *contrast) for gram in set(_grams(sentence)))
        known = sorted(gram for gram, count in telling.items() if count >= _RAREST)
        self._columns = {gram: at for at, gram in enumerate(known)}
        self._weights = np.log(len(sentences) / np.array([counts[gram] for gram in known], dtype=np.float32))
        self._familiar = {word for sentence in examples for word in sentence.core}

    def of(self, sentences: Sequence[_Sentence]) -> NDArray[np.float32]:
        """One row for each sentence."""
        parts = [np.stack([self._words(sentence) for sentence in sentences])]
        if self._encoder is not None:
            meaning = self._encoder.encode([sentence.readable() for sentence in sentences])
            parts.append(_WEIGHT_OF_MEANING * meaning)
        return np.hstack(parts)

    def _words(self, sentence: _Sentence) -> NDArray[np.float32]:
        row = np.zeros(len(self._columns) + 2, dtype=np.float32)
        for gram in _grams(sentence):
            column = self._columns.get(gram)
            if column is not None:
                row[column] += self._weights[column]
        row /= np.linalg.norm(row) or 1.0
        row[-2] = sum(word not in self._familiar for word in sentence.core) / max(1, len(sentence.core))
        row[-1] = 0.3  # lets the classifier learn how frequent an act is, without leaning on it
        return row


class _Classifier:
    """Least squares from sentences to acts, `_NO_ACT` being one of them."""

    def __init__(self, features: NDArray[np.float32], acts: Sequence[str], cache: ArrayCache | None) -> None:
        """Learns that each row of `features` is a sentence of that act, or remembers from the last time."""
        self.acts = tuple(sorted({*acts, _NO_ACT}))

        def learn() -> Arrays:
            return {"learnt": self._learn(features, acts)}

        learnt = cache.arrays("acts", learn) if cache else learn()
        self._learnt: NDArray[np.float32] = learnt["learnt"]

    def _learn(self, features: NDArray[np.float32], acts: Sequence[str]) -> NDArray[np.float32]:
        """Regularised least squares, by the normal equations."""
        column = {act: at for at, act in enumerate(self.acts)}
        wanted = np.full((len(acts), len(self.acts)), -1, dtype=np.float32)
        wanted[np.arange(len(acts)), [column[act] for act in acts]] = 1
        weights = np.array([_WEIGHT_OF_OTHERS if act == _NO_ACT else 1 for act in acts], dtype=np.float32)
        weighted = features.T * weights
        normal = weighted @ features
        normal[np.diag_indices(len(normal))] += _REGULARISATION
        return np.linalg.solve(normal, weighted @ wanted)

    def scores(self, features: NDArray[np.float32]) -> dict[str, float]:
        """How much speaks for each act: about 1 for a sentence of it, about 0 for any other."""
        return dict(zip(self.acts, ((features @ self._learnt + 1) / 2).tolist(), strict=True))


class ActRecognizer:
    """Recognises dialogue acts by examples of them."""

    def __init__(
        self,
        acts: Sequence[Act],
        options: Mapping[str, Sequence[str]],
        criteria: Mapping[str, Sequence[str]],
        encoder: SentenceEncoder | None,
        *,
        others: Sequence[str] = (),
        spelling: Mapping[str, str] | None = None,
        cache: ArrayCache | None = None,
    ) -> None:
        """Prepares the examples.

        `options`, `criteria`: spoken names by id. `others`: sentences that perform no act, such as the
        phrasings of FAQ questions. `spelling`: chat spellings and what they stand for. `cache`: keeps what is learnt.
        """
        self._encoder = encoder
        self._spelling = spelling or {}
        formats = {identifier: spoken for act in acts for identifier, spoken in act.formats.items()}
        names = {"option": options, "criterion": criteria, "format": formats}
        self._names = _Names(names, self._spelling)
        # A slot for a name reads like any name of its kind.
        self._fillings = {kind: next(iter(by_id.values()), [kind])[0] for kind, by_id in names.items()}
        self._slots: dict[str, frozenset[str]] = {act.id: _slots(act) for act in acts}

        examples: list[tuple[str, str]] = [
            (act.id, example) for act in acts for written in act.examples for example in expanded(written)
        ]
        closed = [(act, example) for act, example in examples if _text_slot(example) is None]
        self._act_of = [act for act, _ in closed]
        self._examples = [example for _, example in closed]
        self._open: dict[str, list[_OpenExample]] = {}
        for act, example in examples:
            if (slot := _text_slot(example)) is not None:
                open_example = self._open_example(act, slot, example)
                self._open.setdefault(open_example.head[0], []).append(open_example)

        read = [self._read_example(example) for example in self._examples]
        self._exact = {sentence.core: index for index, sentence in reversed(list(enumerate(read)))}
        self._members: dict[str, list[int]] = {}
        self._spoken: dict[str, set[int]] = {}
        for at, (act, sentence) in enumerate(zip(self._act_of, read, strict=True)):
            self._members.setdefault(act, []).append(at)
            self._spoken.setdefault(act, set()).add(_naming(sentence))
        contrast = [example for act in acts for written in act.contrast for example in expanded(written)]
        contrasting = [self._read_example(example) for example in contrast]
        unrelated = [self._marked(clean_text(text)) for text in others]
        # What is no example of one act may be an example of another.
        contrasting = [sentence for sentence in contrasting if sentence.core not in self._exact]
        unrelated = [sentence for sentence in unrelated if sentence.core not in self._exact]
        # Of an open example, what it says itself: "what if" speaks for a what-if, whatever follows.
        frames: list[tuple[str, _Sentence]] = [
            (act.id, self._read_example(frame)) for act in acts for frame in _frames(act)
        ]
        positive = [*read, *(sentence for _, sentence in frames)]
        against = [*contrasting, *unrelated]
        self._features = _Features(positive, contrasting, unrelated, encoder)
        rows = self._features.of([*positive, *against])
        self._example_rows = rows[: len(read)]
        labels = [*self._act_of, *(act for act, _ in frames), *[_NO_ACT] * len(against)]
        self._classifier = _Classifier(rows, labels, cache)

        self._dictionary = {word for sentence in (*read, *against) for word in sentence.core}
        for one in itertools.chain.from_iterable(self._open.values()):
            self._dictionary.update((*one.head, *one.tail))
        self._correctable = sorted({word for sentence in read for word in sentence.core})

    def recognize(self, sentence: str) -> RecognizedAct | None:
        """The act that `sentence` performs, or None if it performs none that is known."""
        read = self._read(clean_text(sentence[:_LONGEST_READ]))
        if not 0 < len(read.words) <= _MOST_WORDS:
            return None
        reading, tail = self._reading(read), _after_opening(read)
        if tail is not None and (reading is None or reading.score < 1):
            later = self._reading(tail)
            if later is not None and (reading is None or later.score * _AFTER_OPENING > reading.score):
                reading, read = later, tail
        head = None if reading is not None else _before_pause(read)
        if head is not None:
            reading, read = self._announced(head), head
        return None if reading is None else self._answer(reading, read)

    def _announced(self, head: _Sentence) -> _Reading | None:
        """What the words before a pause do, if they are an act that something may follow: "scratch that, we …"."""
        exact = self._exact.get(head.core)
        if exact is not None and self._act_of[exact] in _ANNOUNCING:
            return _Reading(self._act_of[exact], 1.0, "", self._examples[exact])
        example, taken = self._taken(head)
        if example is None or example.act not in _ANNOUNCING:
            return None
        scores = self._classifier.scores(self._features.of([head])[0])
        telling = example.own_words >= _TELLING_FRAME or scores[example.act] - scores[_NO_ACT] >= _OPEN_LEAD
        return (
            _Reading(example.act, max(scores[example.act], _LEAST_SCORE), taken, example.example) if telling else None
        )

    def _answer(self, reading: _Reading, read: _Sentence) -> RecognizedAct:
        slots = self._slots[reading.act]
        return RecognizedAct(
            act=reading.act,
            score=round(min(max(reading.score, 0.0), 1.0), 4),
            option=read.named("option") if "option" in slots else None,
            criterion=read.named("criterion") if slots & {"criterion", "thing"} else None,
            argument=reading.argument or ("format" in slots and read.named("format")) or "",
            reason=reading.example,
        )

    def _reading(self, read: _Sentence) -> _Reading | None:
        """The best way to take a sentence, if there is one."""
        exact = self._exact.get(read.core)
        if exact is not None:
            act = self._act_of[exact]
            return _Reading(act, 1.0, self._taken(read, act)[1], self._examples[exact])
        row = self._features.of([read])[0]
        scores = self._classifier.scores(row)
        example, taken = self._taken(read)
        if example is not None and (
            example.own_words >= _TELLING_FRAME or scores[example.act] - scores[_NO_ACT] >= _OPEN_LEAD
        ):
            return _Reading(example.act, max(scores[example.act], _LEAST_SCORE), taken, example.example)
        return self._closed(read, row, scores)

    def _closed(self, read: _Sentence, row: NDArray[np.float32], scores: Mapping[str, float]) -> _Reading | None:
        """The act that most speaks for, if that is enough, and more than speaks for no act."""
        act = max((act for act in scores if act != _NO_ACT), key=lambda act: scores[act])
        too_little = scores[act] < _LEAST_SCORE or scores[act] - scores[_NO_ACT] < _LEAST_LEAD
        if too_little or len(read.core) > _MOST_CLOSED_WORDS or _naming(read) not in self._spoken.get(act, ()):
            return None
        members = self._members[act]
        nearest = members[int(np.argmax(self._example_rows[members] @ row))]
        return _Reading(act, scores[act], "", self._examples[nearest])

    def _taken(self, read: _Sentence, act: str | None = None) -> tuple[_OpenExample | None, str]:
        """The open example, of `act` if that is given, that fits with most words, and what its slot takes."""
        fitting = [
            (example, taken)
            for first in range(_leading_fillers(read) + 1)
            for example in self._open.get(read.words[first].word, ())
            if act in (None, example.act) and (taken := example.taken(read, first))
        ]
        return max(fitting, key=lambda fit: fit[0].own_words, default=(None, ""))

    def _open_example(self, act: str, slot: str, example: str) -> _OpenExample:
        head, tail = example.split("{" + slot + "}")
        before, after = self._read_example(head).words, self._read_example(tail).words
        return _OpenExample(
            act=act,
            slot=slot,
            head=tuple(word.word for word in before),
            tail=tuple(word.word for word in after),
            asks=example.endswith("?"),
            paused=head.rstrip().endswith(","),
            example=example,
        )

    def _read_example(self, example: str) -> _Sentence:
        return self._marked(clean_text(SLOT.sub(lambda slot: self._fillings[slot[1]], example)))

    def _marked(self, text: str) -> _Sentence:
        return _Sentence.of(text, tuple(self._names.mark(tokenize(text, self._spelling))))

    def _read(self, text: str) -> _Sentence:
        """A sentence that somebody typed, slips of spelling corrected."""
        return _Sentence.of(text, tuple(map(self._corrected, self._marked(text).words)))

    def _corrected(self, word: _Word) -> _Word:
        """A misspelt word as the examples spell it."""
        spoken = word.word
        if word.kind or spoken in self._dictionary or not 5 <= len(spoken) <= 20:
            return word
        slips = 1 if len(spoken) < 8 else 2
        best = process.extractOne(spoken, self._correctable, scorer=OSA.distance, score_cutoff=slips)
        if best is None or best[0][0] != spoken[0]:
            return word
        return _Word(best[0], word.start, word.end)


def _slots(act: Act) -> frozenset[str]:
    """The slots of an act's examples. An option beside another one is a choice, not what the act is about."""
    slots = {slot for example in act.examples for slot in SLOT.findall(example)}
    about_one = any(example.count("{option}") == 1 for example in act.examples)
    return frozenset(slots if about_one else slots - {"option"})


def _frames(act: Act) -> list[str]:
    """The act's open examples without their slots; of each that has choices, the first."""
    written = (expanded(example)[0] for example in act.examples if _text_slot(example) is not None)
    return [example.replace("{" + str(_text_slot(example)) + "}", "") for example in written]


def _text_slot(example: str) -> str | None:
    """The slot for any words in `example`, if it has one."""
    return next((slot for slot in SLOT.findall(example) if slot in TEXT_SLOTS), None)


def _grams(sentence: _Sentence) -> Iterator[str]:
    """The words of a sentence, its pairs of words, and its first word as such."""
    yield from sentence.core
    edged = ("<", *sentence.core, ">")
    yield from (f"{one} {other}" for one, other in itertools.pairwise(edged))


def _naming(sentence: _Sentence) -> int:
    """Whether an option, and whether a format, is named: a number for each case."""
    return (sentence.named("option") is not None) + 2 * (sentence.named("format") is not None)


def _leading_fillers(sentence: _Sentence) -> int:
    """How many words may be left out at the beginning; never all of them."""
    fillers = 0
    while fillers < len(sentence.words) - 1 and sentence.words[fillers].word in _FILLERS:
        fillers += 1
    return fillers


def _after_opening(sentence: _Sentence) -> _Sentence | None:
    """What follows an opening such as "great, thanks": None if the sentence has no such opening."""
    first_words = 0
    while first_words < len(sentence.words) and sentence.words[first_words].word in _OPENINGS:
        first_words += 1
    for at in range(min(first_words, len(sentence.words) - 1), 0, -1):
        if _PAUSE.search(sentence.text, sentence.words[at - 1].end, sentence.words[at].start):
            return _Sentence.of(sentence.text, sentence.words[at:])
    return None


def _before_pause(sentence: _Sentence) -> _Sentence | None:
    """What stands before the first pause; None if there is no pause."""
    for at in range(1, len(sentence.words)):
        first, second = sentence.words[at - 1], sentence.words[at]
        if _PAUSE.search(sentence.text, first.end, second.start):
            return _Sentence.of(sentence.text[: first.end], sentence.words[:at])
    return None
