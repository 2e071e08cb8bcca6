"""What could complete the text in the composer: commands, names of rows and values, and questions of the FAQ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.conversation.commands import COMMANDS
from tui.chat_port import Vocabulary

_MOST = 8
_MOST_TOPICS = 4
_SHORTEST = 4
_WORD = re.compile(r"[\w.+#-]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """What the composer would hold, and how that is listed. `sends`: nothing more need be written."""

    text: str
    label: str
    detail: str = ""
    sends: bool = False


def completions(text: str, words: Vocabulary, options: Mapping[str, str], themes: Iterable[str]) -> list[Completion]:
    """Completions of a text, best first; none for several lines or for what is complete already."""
    if not text.strip() or "\n" in text:
        return []
    if not text.startswith("/"):
        return _topics(text, "", words.topics, _MOST_TOPICS) if len(text.strip()) >= _SHORTEST else []
    name, space, argument = text[1:].partition(" ")
    if not space:
        return _commands(name.lower())
    head = f"/{name} "
    match name.lower():
        case "ask":
            return _topics(argument, head, words.topics, _MOST)
        case "why" | "decision":
            return _named(argument, head, words.rows)
        case "whynot":
            return _named(argument, head, options)
        case "set":
            return _values(argument, head, words)
        case "withdraw":
            return _named(argument, head, {key: attribute.title for key, attribute in words.attributes.items()})
        case "theme":
            return _named(argument, head, {theme: theme for theme in themes})
        case "export":
            wanted = argument.casefold()
            named = {form.id: form.description for form in words.formats if wanted}
            names = {f"decision{form.suffix}": form.description for form in words.formats} | named
            return [
                Completion(head + file, file, description, sends=True)
                for file, description in names.items()
                if file.startswith(wanted) and file != wanted
            ]
    return []


def _commands(typed: str) -> list[Completion]:
    """Commands that begin with what was typed, then those that contain it."""
    ranked = []
    for spec in COMMANDS:
        names = (spec.name, *spec.aliases)
        if any(name.startswith(typed) for name in names):
            ranked.append((0 if spec.name.startswith(typed) else 1, spec))
        elif len(typed) > 1 and (typed in spec.name or typed in spec.description.lower()):
            ranked.append((2, spec))
    if [spec.name for rank, spec in ranked if rank == 0] == [typed]:
        return []
    return [
        Completion(
            f"/{spec.name}" + (" " if spec.argument else ""), spec.usage, spec.description, not spec.needs_argument
        )
        for _, spec in sorted(ranked, key=lambda pair: pair[0])
    ]


def _named(typed: str, head: str, names: Mapping[str, str]) -> list[Completion]:
    wanted = typed.strip().casefold()
    return [
        Completion(head + title, title, "" if key == title else key, sends=True)
        for key, title in names.items()
        if (wanted in title.casefold() or key.casefold().startswith(wanted)) and wanted != title.casefold()
    ][:_MOST]


def _values(typed: str, head: str, words: Vocabulary) -> list[Completion]:
    """What can be set, then to which value."""
    name, colon, value = typed.partition(":")
    if not colon:
        titles = {attribute.title: ", ".join(attribute.values.values()) for attribute in words.attributes.values()}
        wanted = typed.strip().casefold()
        return [
            Completion(f"{head}{title}: ", title, values)
            for title, values in titles.items()
            if wanted in title.casefold()
        ][:_MOST]
    found = next((a for a in words.attributes.values() if a.title.casefold() == name.strip().casefold()), None)
    if found is None:
        return []
    return _named(value, f"{head}{name.strip()}: ", {label: label for label in found.values.values()})


def _topics(typed: str, head: str, topics: Iterable[str], most: int) -> list[Completion]:
    """Questions in which every typed word begins some word."""
    wanted = [word.casefold() for word in _WORD.findall(typed)]
    if not wanted:
        return []
    found = []
    for topic in topics:
        known = [word.casefold() for word in _WORD.findall(topic)]
        if topic.casefold() != typed.strip().casefold() and all(
            any(word.startswith(part) for word in known) for part in wanted
        ):
            found.append(Completion(head + topic, topic, sends=True))
    return found[:most]
