"""A sentence as dialogue acts compare it: its words, with a common mark for all names of a kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from advisor.understanding.encoder import clean_text
from advisor.understanding.tokens import Token, tokenize

# Stand-ins for names. Short, so that a shared name does not make two sentences look alike.
_MARKS = {"option": "OO", "criterion": "CC", "format": "FF", "topic": "CC"}
# What an encoder reads in place of a name.
_NOUNS = {"option": "this option", "criterion": "this topic", "format": "this format", "topic": "this topic"}

# Words that open or close a sentence without changing what it does.
FILLERS = frozenset(
    "ok okay k so well wait hey hm hmm um uh er oh ah and but please alright now then just actually really"
    " sorry mate man dude buddy friend btw tbh honestly though anyway kindly"
    " ya yea yup haha hahaha lol sick sweet".split()
)
# Words that alone may make up a sentence's opening, before a comma.
_OPENINGS = FILLERS | frozenset(
    "thank you great cool nice perfect fine good interesting wow yes no yeah yep nope hi hello i see got it"
    " understood all right".split()
)
PAUSE = re.compile(r"[,;:–—]|\s-+\s|\.{2,}|…")


@dataclass(frozen=True, slots=True)
class ActWord:
    """A word as sentences are compared by, and its place. `kind`, `id`: of what it names, if anything."""

    word: str
    start: int
    end: int
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ActSentence:
    """A sentence read for comparison. `core`: its words without fillers at the ends, if it has others."""

    text: str
    words: tuple[ActWord, ...]
    core: tuple[str, ...]

    @classmethod
    def of(cls, text: str, words: tuple[ActWord, ...]) -> ActSentence:
        """A sentence of these words, which are places in `text`."""
        spoken = tuple(word.word for word in words)
        first, last = 0, len(spoken)
        while first < last and spoken[first] in FILLERS:
            first += 1
        while last > first and spoken[last - 1] in FILLERS:
            last -= 1
        return cls(text, words, spoken[first:last] or spoken)

    def named(self, kind: str, within: str = "") -> str | None:
        """The id of the first thing of that kind that is named, in some of its words if they are given."""
        return next(iter(self.every_named(kind, within)), None)

    def every_named(self, kind: str, within: str = "") -> tuple[str, ...]:
        """The ids of all things of that kind that are named, each once."""
        start = max(self.text.find(within), 0) if within else 0
        end = start + len(within) if within else len(self.text)
        return tuple(dict.fromkeys(w.id for w in self.words if w.kind == kind and start <= w.start < end))

    def readable(self) -> str:
        """The text with a common noun for every name, so that all options mean the same to an encoder."""
        pieces, at = [], self.words[0].start if self.words else 0
        for word in self.words:
            if word.kind:
                pieces += [self.text[at : word.start], _NOUNS[word.kind]]
                at = word.end
        return "".join([*pieces, self.text[at:]])


class NameFinder:
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
        # Topics are many and everyday words; a slip that makes one of another word would be worse than one not seen.
        single = (words[0] for words, (kind, _) in self._known.items() if len(words) == 1 and kind != "topic")
        self._fuzzy = tuple(word for word in single if len(word) >= self._SHORTEST_FUZZY)

    def mark(self, tokens: Sequence[Token]) -> Iterator[ActWord]:
        """`tokens` as words, every name replaced by its mark; the longest name at each place."""
        at = 0
        while at < len(tokens):
            length, named = self._at(tokens, at)
            first, last = tokens[at], tokens[at + length - 1]
            if named is None:
                yield ActWord(first.word, first.start, first.end)
            else:
                yield ActWord(_MARKS[named[0]], first.start, last.end, *named)
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


def leading_fillers(sentence: ActSentence) -> int:
    """How many words may be left out at the beginning; never all of them."""
    fillers = 0
    while fillers < len(sentence.words) - 1 and sentence.words[fillers].word in FILLERS:
        fillers += 1
    return fillers


def after_opening(sentence: ActSentence) -> ActSentence | None:
    """What follows an opening such as "great, thanks": None if the sentence has no such opening."""
    first_words = 0
    while first_words < len(sentence.words) and sentence.words[first_words].word in _OPENINGS:
        first_words += 1
    for at in range(min(first_words, len(sentence.words) - 1), 0, -1):
        if PAUSE.search(sentence.text, sentence.words[at - 1].end, sentence.words[at].start):
            return ActSentence.of(sentence.text, sentence.words[at:])
    return None


def without_opening(sentence: ActSentence) -> ActSentence:
    """A sentence without such an opening, whether it pauses after that or not: "yeah let's do that"."""
    first = 0
    while first < len(sentence.words) - 1 and sentence.words[first].word in _OPENINGS:
        first += 1
    return ActSentence.of(sentence.text, sentence.words[first:])


def before_pause(sentence: ActSentence) -> ActSentence | None:
    """What stands before the first pause; None if there is no pause."""
    for at in range(1, len(sentence.words)):
        first, second = sentence.words[at - 1], sentence.words[at]
        if PAUSE.search(sentence.text, first.end, second.start):
            return ActSentence.of(sentence.text[: first.end], sentence.words[:at])
    return None
