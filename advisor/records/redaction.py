"""Leaves words out of a record: names, companies and whatever is given, each under one placeholder everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from advisor.errors import AdvisorError
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.recommendation import INSUFFICIENT, READINGS, SPLIT
from advisor.records.record_model import DecisionRecord
from advisor.text import clean, shorten

# What people write of ways to reach someone. Dates and version numbers are no telephone numbers.
_CONTACTS = {
    "EMAIL": re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    "URL": re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)[^\s<>“”\"'`]*[^\s<>“”\"'`.,;:!?)\]}]", re.IGNORECASE),
    "PHONE": re.compile(
        r"(?<![\w.-])(?:(?:\+|00)\d[\d\s()/.-]{5,20}\d|\(?0\d[\d\s()/-]{6,18}\d|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4})(?![\w-])"
    ),
}
# Fields that hold the program's own words and numbers, without which a record cannot be read or checked.
_KEPT = frozenset(
    "tool status version session_version fingerprint session_fingerprint encoder method contents kind obtained stance "
    "readings reading dissents lean amended_lean leans verdict verdicts chosen acts strength effect state".split()
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_WITHIN_A_SENTENCE = re.compile(r"(?<=[^\s.!?:] )(?=[^\W\d_a-z])([^\W\d_](?:[\w-]*\w)?)(?![\w\]-])")
_PLACE = {"turn", "start", "end", "quote"}
_SHORTEST_CUT = 3
_MOST_WORDS, _LONGEST_WORD = 200, 200


class RedactionError(AdvisorError):
    """A word that cannot be left out; the message says which and why."""


@dataclass(frozen=True, slots=True)
class _Utterance:
    """An utterance before and after; `found`: the places that were replaced, with their new places."""

    before: str
    after: str
    found: tuple[tuple[int, int, int, int], ...]

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Where a span is now; one that cuts a replaced word takes in the whole placeholder."""
        return self._moved(start, 0), self._moved(end, 1)

    def _moved(self, offset: int, side: int) -> int:
        shift = 0
        for start, end, new_start, new_end in self.found:
            if start < offset < end:
                return (new_start, new_end)[side]
            if offset >= end:
                shift = new_end - end
        return offset + shift

    def cuts(self, start: int, end: int) -> bool:
        """Whether a span begins or ends within a replaced word."""
        return any(a < start < b or a < end < b for a, b, _, _ in self.found)


class Redaction:
    """Replaces given words, in any case, and every e-mail address, web address and telephone number in the messages.

    A word is replaced wherever it stands by itself, also in quotes, replies and the pack's texts; parts of longer words
    are left alone. Raises RedactionError for words that the record cannot do without.
    """

    def __init__(self, words: Iterable[str], record: DecisionRecord) -> None:
        given = list(dict.fromkeys(_normal(word) for word in words))
        _check(given, record)
        self._placeholders = {
            word: f"[REDACTED-{number}]" for number, word in enumerate((word for word in given if word), 1)
        }
        utterances = [exchange.utterance for exchange in record.transcript]
        for kind, contact in _CONTACTS.items():
            found = dict.fromkeys(
                _normal(match[0]) for utterance in utterances for match in contact.finditer(utterance)
            )
            new = [word for word in found if word not in self._placeholders]
            self._placeholders |= {word: f"[{kind}-{number}]" for number, word in enumerate(new, 1)}
        self._used: set[str] = set()
        self._compile()
        self._utterances = {exchange.turn: self._utterance(exchange.utterance) for exchange in record.transcript}

    def redacted(self, record: DecisionRecord) -> DecisionRecord:
        """The record without the words; its spans point at the placeholders."""
        data = record.model_dump()
        names = list(dict.fromkeys(self._placeholders.values()))
        self._placeholders |= dict(self._cut_quotes(data))
        self._compile()
        changed = _rewritten(data, lambda text: self._pattern.sub(self._placeholder, text), self._utterances, _KEPT)
        return DecisionRecord.model_validate({**changed, "redacted": [name for name in names if name in self._used]})

    def _compile(self) -> None:
        self._ordered = tuple(self._placeholders.values())
        self._pattern = _pattern(self._placeholders)

    def _placeholder(self, match: re.Match[str]) -> str:
        placeholder = self._ordered[int((match.lastgroup or "")[1:])]
        self._used.add(placeholder)
        return placeholder

    def _utterance(self, text: str) -> _Utterance:
        pieces: list[str] = []
        found = []
        last = length = 0
        for match in self._pattern.finditer(text):
            placeholder = self._placeholder(match)
            pieces += [text[last : match.start()], placeholder]
            length += match.start() - last + len(placeholder)
            found.append((match.start(), match.end(), length - len(placeholder), length))
            last = match.end()
        return _Utterance(text, "".join([*pieces, text[last:]]), tuple(found))

    def _cut_quotes(self, value: Any) -> Iterator[tuple[str, str]]:
        """Quotes that end within a replaced word, and what they are now: they are repeated in texts without a place."""
        if isinstance(value, Mapping):
            said = _quoted_from(value, self._utterances)
            if said is not None and said.cuts(value["start"], value["end"]):
                start, end = said.moved(value["start"], value["end"])
                yield _normal(value["quote"]), said.after[start:end]
            for item in value.values():
                yield from self._cut_quotes(item)
        elif isinstance(value, tuple | list):
            for item in value:
                yield from self._cut_quotes(item)


def _normal(word: str) -> str:
    return unicodedata.normalize("NFC", " ".join(clean(word).split()))


def _check(words: list[str], record: DecisionRecord) -> None:
    if len(words) > _MOST_WORDS:
        raise RedactionError(f"{len(words)} words cannot be left out at once; {_MOST_WORDS} can")
    needed = {name.casefold() for option in record.options for name in (option.id, option.name)}
    needed |= {name.casefold() for id, row in record.criteria.items() for name in (id, row.short)}
    needed |= {*READINGS, SPLIT, INSUFFICIENT, "neutral", "unknown"}
    for word in words:
        shown = shorten(word, 40)
        if word.casefold() in needed:
            raise RedactionError(f"“{shown}” cannot be left out: it is an option, a row or a verdict of the record")
        if len(word) == 1 or len(word) > _LONGEST_WORD or (word and not any(c.isalnum() for c in word)):
            raise RedactionError(
                f"“{shown}” cannot be left out: give a name or word of 2 to {_LONGEST_WORD} characters"
            )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all words, longer ones first, each a group named by its number; white space may vary."""
    numbered = sorted(enumerate(words), key=lambda item: -len(item[1]))
    forms = [f"(?P<w{number}>{_forms(word)})" for number, word in numbered]
    return re.compile("|".join(forms) or r"(?!)", re.IGNORECASE)


def _forms(word: str) -> str:
    """A word by itself, composed or decomposed, whole or cut off with an ellipsis."""
    cuts = [re.escape(word[:length]) + "…" for length in range(len(word) - 1, _SHORTEST_CUT - 1, -1)]
    whole = dict.fromkeys((word, unicodedata.normalize("NFD", word)))
    forms = [r"\s+".join(re.escape(piece) for piece in form.split(" ")) + _end(form) for form in whole]
    return _begin(word) + "(?:" + "|".join([*forms, *cuts]) + ")"


def _begin(word: str) -> str:
    return r"(?<![^\W_])" if word[0].isalnum() else ""


def _end(word: str) -> str:
    return r"(?![^\W_])" if word[-1].isalnum() else ""


def perhaps_names(record: DecisionRecord, pack: KnowledgePack) -> tuple[str, ...]:
    """Words of the messages that look like names: capitalised within a sentence, and not spoken of in the pack."""
    spoken_of = {word.casefold() for text in _texts(pack) for word in _WORD.findall(text)}
    found = (match[1] for exchange in record.transcript for match in _WITHIN_A_SENTENCE.finditer(exchange.utterance))
    return tuple(dict.fromkeys(word for word in found if word.casefold() not in spoken_of and word.upper() != "I"))


def _texts(pack: KnowledgePack) -> Iterator[str]:
    for entry in pack.entries.values():
        yield from (entry.question, entry.answer, *entry.phrasings)
    for attribute in pack.attributes.values():
        yield from (attribute.title, *attribute.values.values())
    yield from (option.name for option in pack.manifest.options)


class _Said(Protocol):
    """An utterance before and after a change, and where its places are now."""

    @property
    def before(self) -> str: ...

    @property
    def after(self) -> str: ...

    def moved(self, start: int, end: int) -> tuple[int, int]: ...


SaidT = TypeVar("SaidT", bound=_Said)


def _rewritten(value: Any, change: Callable[[str], str], utterances: Mapping[int, _Said], kept: frozenset[str]) -> Any:
    """A record's data with every text changed but those in fields of `kept`; quotes and spans follow their words."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple | list):
        return [_rewritten(item, change, utterances, kept) for item in value]
    if not isinstance(value, Mapping):
        return value
    changed = {
        name: item if name in kept else _rewritten(item, change, utterances, kept) for name, item in value.items()
    }
    if "utterance" in value and "marks" in value:
        whole = utterances[value["turn"]]
        changed["utterance"] = whole.after
        changed["marks"] = [{**mark, **_span(whole, mark)} for mark in changed["marks"]]
    elif (said := _quoted_from(value, utterances)) is not None:
        changed |= _span(said, value)
        changed["quote"] = said.after[changed["start"] : changed["end"]]
    return changed


def _quoted_from(value: Mapping[str, Any], utterances: Mapping[int, SaidT]) -> SaidT | None:
    """The utterance that something quotes, if it names the place of its words and they are there."""
    said = utterances.get(value["turn"]) if value.keys() >= _PLACE else None
    return said if said is not None and said.before[value["start"] : value["end"]] == value["quote"] else None


def _span(said: _Said, place: Mapping[str, int]) -> dict[str, int]:
    start, end = said.moved(place["start"], place["end"])
    return {"start": start, "end": end}


@dataclass(frozen=True, slots=True)
class _Cleaned:
    before: str

    @property
    def after(self) -> str:
        return clean(self.before)

    def moved(self, start: int, end: int) -> tuple[int, int]:
        return len(clean(self.before[:start])), len(clean(self.before[:end]))


def cleaned(record: DecisionRecord) -> DecisionRecord:
    """The record with every text free of control and bidirectional characters."""
    utterances = {exchange.turn: _Cleaned(exchange.utterance) for exchange in record.transcript}
    return DecisionRecord.model_validate(_rewritten(record.model_dump(), clean, utterances, frozenset()))
