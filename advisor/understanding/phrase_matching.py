"""Phrases that a non-programmer writes, compiled once and matched against normalised words.

Syntax, in one line: words, `(a|b c)` alternatives, `[optional]`, `<list>`, `word*` beginnings, `..` up to two
and `...` up to five words between, `,` a comma or nothing, `#` a number, `#>=1000` and `#<1000` by size.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from advisor.understanding.tokens import Token, expand

PayloadT = TypeVar("PayloadT")

_PIECE = re.compile(r"\.\.\.|\.\.|#(?:>=|<)\d+|#|<[a-z][a-z0-9_]*>|[()\[\]|,]|[^\s()\[\]|,<>#]+")
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
    "seventy eighty ninety dozen several few couple hundred thousand million"
).split()
_NUMBER = r"\d+(?:\.\d+)?"
_MAX_LIST_DEPTH = 8


class PhraseError(ValueError):
    """A phrase that does not follow the syntax."""


@dataclass(frozen=True, slots=True)
class PhraseMatch(Generic[PayloadT]):
    """The words tokens[start:end] match a phrase, given here as its author wrote it."""

    payload: PayloadT
    phrase: str
    start: int
    end: int


class _Compiled(Generic[PayloadT]):
    """A phrase whose expression is compiled when a text first needs it: most texts need few of them."""

    __slots__ = ("_pattern", "needs", "payload", "phrase", "regex")

    def __init__(self, payload: PayloadT, phrase: str, regex: str, needs: frozenset[str]) -> None:
        self.payload = payload
        self.phrase = phrase
        self.regex = regex
        self.needs = needs
        self._pattern: re.Pattern[str] | None = None

    def match(self, stream: str, position: int) -> re.Match[str] | None:
        if self._pattern is None:
            self._pattern = re.compile(self.regex)
        return self._pattern.match(stream, position)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a regular expression, the words it can begin with, and whether it can be empty.

    `needs`: words of which one must stand somewhere after the first; empty when any word may.
    """

    regex: str
    first: frozenset[str]
    empty: bool
    needs: frozenset[str] = frozenset()


class PhraseIndex(Generic[PayloadT]):
    """Many phrases, found in one walk over the words; each word tries only those that can begin with it."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, PayloadT]],
        lists: Mapping[str, Sequence[str]],
        written: Mapping[str, str],
    ) -> None:
        self.vocabulary: set[str] = set()
        self._by_word: dict[str, list[_Compiled[PayloadT]]] = {}
        self._by_prefix: dict[str, list[_Compiled[PayloadT]]] = {}
        cache: dict[str, _Part] = {}
        for phrase, payload in phrases:
            part = _Parser(phrase, lists, written, self.vocabulary, cache).parse()
            if part.empty or not part.first:
                raise PhraseError(f"'{phrase}' can match nothing at all, or begins with a gap")
            compiled = _Compiled(payload, phrase, part.regex, part.needs)
            for word in part.first:
                table, key = (self._by_prefix, word[:-1]) if word.endswith("*") else (self._by_word, word)
                table.setdefault(key, []).append(compiled)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._candidates = lru_cache(maxsize=8192)(self._find_candidates)

    def matches(self, tokens: Sequence[Token]) -> list[PhraseMatch[PayloadT]]:
        """Return every match of every phrase, in order of its first word."""
        stream, offsets = _stream(tokens)
        last = {token.word: index for index, token in enumerate(tokens)}
        found: list[PhraseMatch[PayloadT]] = []
        for index, token in enumerate(tokens):
            candidates, waiting = self._candidates(token.word)
            # Most phrases fail for lack of a second word: those are not even tried.
            woken = waiting.keys() & last.keys()
            if woken:
                ranks = {rank: one for word in woken if last[word] >= index for rank, one in waiting[word]}
                candidates = [*candidates, *(ranks[rank] for rank in sorted(ranks))]
            for compiled in candidates:
                match = compiled.match(stream, offsets[index])
                if match:
                    end = bisect_left(offsets, match.end())
                    found.append(PhraseMatch(compiled.payload, compiled.phrase, index, end))
        return found

    def _find_candidates(
        self, word: str
    ) -> tuple[Sequence[_Compiled[PayloadT]], Mapping[str, Sequence[tuple[int, _Compiled[PayloadT]]]]]:
        """The phrases that can begin with a word: those that need nothing more, and the others by what they need."""
        found = list(self._by_word.get(word, ()))
        if word[:1].isdecimal() or word in _NUMBER_WORDS:
            found += self._by_word.get("#", ())
        for length in self._prefix_lengths:
            if length > len(word):
                break
            found += self._by_prefix.get(word[:length], ())
        unique = {id(compiled): compiled for compiled in found}
        waiting: dict[str, list[tuple[int, _Compiled[PayloadT]]]] = {}
        for rank, compiled in enumerate(unique.values()):
            for needed in compiled.needs:
                waiting.setdefault(needed, []).append((rank, compiled))
        return [compiled for compiled in unique.values() if not compiled.needs], waiting


def _stream(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """Write the words as one string, punctuation as a lone comma, and say where each word begins."""
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for token in tokens:
        if token.hard and pieces:
            pieces.append(", ")
            position += 2
        offsets.append(position)
        pieces.append(token.word + " ")
        position += len(token.word) + 1
    return "".join(pieces), offsets


class _Parser:
    """Recursive descent over the pieces of one phrase."""

    def __init__(
        self,
        phrase: str,
        lists: Mapping[str, Sequence[str]],
        written: Mapping[str, str],
        vocabulary: set[str],
        cache: dict[str, _Part],
        depth: int = 0,
    ) -> None:
        self._phrase = phrase
        self._pieces = _PIECE.findall(phrase)
        self._at = 0
        self._lists = lists
        self._written = written
        self._vocabulary = vocabulary
        self._cache = cache
        self._depth = depth

    def parse(self) -> _Part:
        part = self._alternatives()
        if self._at < len(self._pieces):
            raise PhraseError(f"'{self._phrase}': unexpected {self._pieces[self._at]}")
        return part

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        return _either(parts)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in ("", "|", ")", "]"):
            parts.append(self._item())
        return _row(parts)

    def _item(self) -> _Part:
        piece = self._peek()
        self._at += 1
        if piece in "([":
            inner = self._alternatives()
            closing = ")" if piece == "(" else "]"
            if self._peek() != closing:
                raise PhraseError(f"'{self._phrase}': missing {closing}")
            self._at += 1
            return inner if piece == "(" else _Part(f"(?:{inner.regex})?", inner.first, True)
        if piece in ("..", "..."):
            return _Part(rf"(?:[^, ]+ ){{0,{2 if piece == '..' else 5}}}?", frozenset(), True)
        if piece == ",":
            return _Part("(?:, )?", frozenset(), True)
        if piece.startswith("#"):
            return _number(piece, self._phrase)
        if piece.startswith("<"):
            return self._list(piece[1:-1])
        return self._words(piece)

    def _words(self, piece: str) -> _Part:
        if piece.endswith("*"):
            beginning = piece[:-1].casefold()
            return _Part(rf"{re.escape(beginning)}[^, ]* ", frozenset({piece.casefold()}), False)
        if piece not in self._cache:
            words = [word for part in re.split(r"[-/]", piece) if part for word in expand(part, self._written)]
            self._vocabulary.update(words)
            self._cache[piece] = _row([_Part(re.escape(word) + " ", frozenset({word}), False) for word in words])
        return self._cache[piece]

    def _list(self, name: str) -> _Part:
        if name not in self._lists:
            raise PhraseError(f"'{self._phrase}': there is no list <{name}>")
        if self._depth >= _MAX_LIST_DEPTH:
            raise PhraseError(f"'{self._phrase}': list <{name}> refers to itself")
        key = f"<{name}>"
        if key not in self._cache:
            parts = [
                _Parser(entry, self._lists, self._written, self._vocabulary, self._cache, self._depth + 1).parse()
                for entry in self._lists[name]
            ]
            self._cache[key] = _either(parts)
        return self._cache[key]

    def _peek(self) -> str:
        return self._pieces[self._at] if self._at < len(self._pieces) else ""


def _either(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    ordered = sorted(parts, key=lambda part: -len(part.regex))
    regex = "(?:" + "|".join(part.regex for part in ordered) + ")"
    return _Part(regex, frozenset().union(*(part.first for part in parts)), any(part.empty for part in parts))


def _row(parts: Sequence[_Part]) -> _Part:
    first: set[str] = set()
    for part in parts:
        first |= part.first
        if not part.empty:
            break
    needs = min((found for found in _needs(parts) if found), key=len, default=frozenset[str]())
    return _Part("".join(part.regex for part in parts), frozenset(first), all(part.empty for part in parts), needs)


def _needs(parts: Sequence[_Part]) -> Iterable[frozenset[str]]:
    """Of each part that must be there, the words it begins with; the first part is found by its own words."""
    for index, part in enumerate(parts):
        if part.empty:
            continue
        if part.needs:
            yield part.needs
        if index and part.first and not any(word == "#" or word.endswith("*") for word in part.first):
            yield part.first


def _number(piece: str, phrase: str) -> _Part:
    if piece == "#":
        words = "|".join(_NUMBER_WORDS)
        return _Part(rf"(?:{_NUMBER}|{words}) ", frozenset({"#"}), False)
    bound = piece.lstrip("#<>=")
    if not re.fullmatch(r"10*", bound):
        raise PhraseError(f"'{phrase}': write a power of ten after {piece[: -len(bound)]}")
    zeros = len(bound) - 1
    digits = rf"[1-9]\d{{{zeros},}}" if ">=" in piece else rf"(?:0|[1-9]\d{{0,{zeros - 1}}})"
    return _Part(rf"{digits}(?:\.\d+)? ", frozenset({"#"}), False)


class SpellingCorrector:
    """Reads a misspelt long word as the word of the lexicon that it resembles, if only one does."""

    MIN_LENGTH = 5
    MIN_NAME_LENGTH = 6
    LONG = 8

    def __init__(self, vocabulary: Iterable[str], never: Iterable[str]) -> None:
        words = {word for word in vocabulary if word.isalpha() and len(word) >= self.MIN_LENGTH}
        self._by_initial: dict[str, list[str]] = {}
        for word in sorted(words):
            self._by_initial.setdefault(word[0], []).append(word)
        self._known = frozenset(vocabulary) | frozenset(never)
        self.correct = lru_cache(maxsize=16384)(self._correct)

    def _correct(self, word: str) -> str:
        if len(word) < self.MIN_LENGTH or len(word) > 30 or word in self._known or not word.isalpha():
            return word
        distance = 2 if len(word) >= self.LONG else 1
        found = extract(word, self._by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=distance, limit=2)
        if not found or (len(found) == 2 and found[0][1] == found[1][1] and found[0][1] > 1):
            return word
        best, edits, _ = found[0]
        other_form = best.startswith(word) or word.startswith(best)
        return word if other_form or (edits == 2 and len(best) < self.LONG) else best
