"""Short answers and retractions, read against what was asked and what is known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import zip_longest

from advisor.conversation.blocks import Observation
from advisor.knowledge_base.schema import Attribute
from advisor.understanding.clauses import split_sentences
from advisor.understanding.extraction import Extraction
from advisor.understanding.mentions import ANY_VALUE

_NUMBER = re.compile(r"(?:(?:number|no\.?|nr\.?|option|answer|choice|#)\s*)?\(?(\d{1,2})[.)]?", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ORDINAL = re.compile(rf"(?:the\s+)?({'|'.join(_ORDINALS)}|last)(?:\s+(?:one|option|answer|choice))?", re.IGNORECASE)
_SMALL_NUMBERS = ("two", "three", "four")
_COUNTING = re.compile(rf"\b({'|'.join(_ORDINALS)}|last)\b(?:\s+({'|'.join(_SMALL_NUMBERS)})\b)?", re.IGNORECASE)
_TURNING_DOWN = re.compile(
    r"\b(?:no|not|never|without|drop|leave|forget|scrap|skip|except|silly|nonsense|out)\b|n['’]t\b", re.IGNORECASE
)
_ALL_OF_IT = re.compile(r"\b(?:that|it|this|those|these|them|both|all|everything)\b", re.IGNORECASE)
_ANSWER_WORDS = 2
_COORDINATED = re.compile(r"\b(?:and|or|plus|as well as|both)\b|[,/&+]", re.IGNORECASE)
_ADDING = re.compile(r"\b(?:also|as well|too|additionally|in addition|besides)\b", re.IGNORECASE)
_DROPPING = re.compile(
    r"\b(?:drop(?:ped)?|scrap(?:ped)?|left out|leave out|without|removed?|got rid of|skipped|did away with)"
    r"\s+(?:the|our|that|its|their)\s+([\w-]+)"
    r"|\b(?:left|leave)\s+(?:the|our|that)\s+([\w-]+)\s+(?:out|away|off)"
    r"|\b(?:the|our|those|these)\s+((?:[\w-]+\s+)?[\w-]+)\s+"
    r"(?:(?:were|was|are|is|got)\s+(?:replaced|dropped|removed|scrapped)|only\s+(?:showed|displayed|sent|recorded|took))",
    re.IGNORECASE,
)
"""Where a supposition drops something; the group that matched is what."""
_ONLY_SERVING = re.compile(
    r"\b(?:the|our|these|those|their)\s+((?:[\w-]+\s+)?[\w-]+)\s+(?:(?:will|would|do|does|itself|themselves)\s+)?"
    r"(?:only|just|merely|simply)\s+(?:show|display|record|film|send|upload|take|stream|forward|collect|log|capture|photograph"
    r"|transmit|store|save|relay|deliver|buzz)(?:s|es)?\b(?![^.!]*\?)",
    re.IGNORECASE,
)
"""Where something is said to do no more than to serve what is computed elsewhere; the group is what."""
_PLURAL = re.compile(r"(?:(?<=x)es|(?<=[cs]h)es|s)$")
_TELLING_STANCES = frozenset({"denied", "retracted", "past", "hedged", "hypothetical"})
"""In which a message speaks of what it takes back."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST_PICK = 80
_TAKING_BACK = frozenset({"denied", "retracted", "past"})
_SHORTEST_TELLING_WORD = 3
_STEM = 5
"""Letters in which the forms of a word agree."""
# Words of a retraction that only point, without the "s" that may end them.
_POINTING = frozenset(
    "it i a the that thi those these him her them hi their he she they about with and our for what said all are have"
    " bit part thing using use".split()
)


def picked(text: str, choices: Mapping[str, str]) -> str | None:
    """The id of the choice that a message picks by its number, place, id or label; None if it says anything else."""
    said = text.strip().strip(".?!,").strip()
    if not said or len(said) > _LONGEST_PICK:
        return None
    ids = list(choices)
    number, ordinal = _NUMBER.fullmatch(said), _ORDINAL.fullmatch(said)
    if number is not None:
        place = int(number[1])
        return ids[place - 1] if 0 < place <= len(ids) else None
    if ordinal is not None:
        word = ordinal[1].casefold()
        place = len(ids) - 1 if word == "last" else _ORDINALS.index(word)
        return ids[place] if 0 <= place < len(ids) else None
    for name, label in choices.items():
        if said.casefold() in (name.casefold(), label.casefold().rstrip("?")):
            return name
    return None


def taken_back(known: Iterable[Observation], extraction: Extraction) -> tuple[Observation, ...]:
    """What was known of those values that a message now denies, takes back or calls past, or of an attribute that it
    opens again.
    """
    gone = {(m.attribute, m.value) for m in extraction.set_aside if m.stance in _TAKING_BACK}
    stated = {(o.attribute, o.value) for o in extraction.observations}
    return tuple(
        o
        for o in known
        if (o.attribute, o.value) not in stated
        and not gone.isdisjoint({(o.attribute, o.value), (o.attribute, ANY_VALUE)})
    )


def named_in(extraction: Extraction, known: Collection[Observation]) -> frozenset[Observation]:
    """The known observations that some words name: by a value, or else by an attribute."""
    exact = said_exactly(extraction, known)
    if exact:
        return exact
    attributes = {attribute for attribute, _ in _values(extraction)}
    return frozenset(o for o in known if o.attribute in attributes)


def quoting(words: str, known: Iterable[Observation]) -> frozenset[Observation]:
    """The known observations whose quotes share a telling word with some words."""
    return frozenset(o for o in known if _telling(words) & _telling(o.quote))


def told_beside(
    words: str,
    preface: str,
    known: Iterable[Observation],
    attributes: Mapping[str, Attribute],
    utterances: Mapping[int, str],
) -> frozenset[Observation]:
    """The known observations of a sentence, or else of a message, that shares a telling word with some words, if all
    are of one row: "what I said about the recorder" of "a recorder that classifies on board, an STM32".

    `preface`: what is said before those words, which tells where they only point ("My grandson declined. Forget the bit
    about him."). `utterances`: by the number of their turn.
    """
    telling = _telling(words) or _telling(preface)
    in_sentences: set[Observation] = set()
    in_messages: set[Observation] = set()
    for one in known:
        message = utterances.get(one.turn, "")
        told = (s.text for s in split_sentences(message) if s.start <= one.start < s.end)
        in_sentences |= {one for text in told if telling & _telling(text)}
        in_messages |= {one} if telling & _telling(message) else set()
    found = in_sentences or in_messages
    rows = {attributes[one.attribute].criterion for one in found}
    return frozenset(found) if len(rows) == 1 else frozenset()


def chosen_of(
    words: str, assumptions: Sequence[Observation], read: Callable[[str], Extraction]
) -> tuple[Observation, ...]:
    """The assumptions that a message adopts: those that its first sentence names or counts off, all where it only
    points at them ("let's go with that"), but none that it turns down; all too where that would leave none. `read`:
    extracts facts.
    """
    named: set[Observation] = set()
    refused: set[Observation] = set()
    for place, sentence in enumerate(split_sentences(words)):
        for clause, following in zip_longest(sentence.clauses, sentence.clauses[1:]):
            said = said_exactly(read(clause.text), assumptions)
            found = said or quoting(clause.text, assumptions) or _counted_off(clause.text, assumptions)
            # "The second one, no."
            answer = following.text if following is not None and len(following.text.split()) <= _ANSWER_WORDS else ""
            if _TURNING_DOWN.search(f"{clause.text} {answer}"):
                refused |= found
            elif place == 0 and not _ALL_OF_IT.search(sentence.text):
                named |= found
    wanted = named or set(assumptions)
    return tuple(o for o in assumptions if o in wanted and o not in refused) or tuple(assumptions)


def _counted_off(words: str, assumptions: Sequence[Observation]) -> frozenset[Observation]:
    """The assumptions that "the first two" or "the second one" mean, in the order in which they were made."""
    of_turns = list(dict.fromkeys(o.turn for o in assumptions))
    counted = _COUNTING.search(words)
    if counted is None:
        return frozenset()
    if counted[2]:
        turns = of_turns[: _SMALL_NUMBERS.index(counted[2].lower()) + 2]
    else:
        at = -1 if counted[1].lower() == "last" else _ORDINALS.index(counted[1].lower())
        turns = of_turns[at:][:1]
    return frozenset(o for o in assumptions if o.turn in turns)


def spoken_of(argument: str, extraction: Extraction, said: Extraction) -> Extraction:
    """What words that take something back speak of: `said` by the argument, or, where that only points ("ignore what I
    said about that"), what the rest of their message sets aside.
    """
    if _telling(argument):
        return said
    return Extraction((), tuple(m for m in extraction.set_aside if m.stance in _TELLING_STANCES))


def explains(found: Collection[Observation], before: Iterable[Observation], now: Iterable[Observation]) -> bool:
    """Whether a message that undid something only names it again: "undo that, the permit is about the crane"."""
    gone = {(o.attribute, o.value) for o in before} - {(o.attribute, o.value) for o in now}
    return gone.issuperset((o.attribute, o.value) for o in found)


def is_added(observation: Observation) -> bool:
    """Whether its words add it to what is known: "we are also on …"."""
    return _ADDING.search(observation.quote) is not None


def added_to(
    found: Iterable[Observation], known: Collection[Observation], attributes: Mapping[str, Attribute]
) -> tuple[Observation, ...]:
    """What was known and stays beside what was found and is added to it, where both can hold."""
    adding = {o.attribute for o in found if attributes[o.attribute].multiple and is_added(o)}
    nothing = {attributes[name].absence for name in adding}
    if any(o.value in nothing for o in found):
        return ()
    values = {(o.attribute, o.value) for o in found}
    return tuple(
        o for o in known if o.attribute in adding and (o.attribute, o.value) not in values and o.value not in nothing
    )


def only_serving(
    text: str, known: Collection[Observation], attributes: Mapping[str, Attribute]
) -> tuple[Observation, ...]:
    """What is known of places where the model runs that a message says to do something else only: "the buoys just
    record" after "it runs on the buoys".
    """
    placed = [o for o in known if attributes[o.attribute].absence not in (None, o.value)]
    named = [quoting(words[1], placed) for words in _ONLY_SERVING.finditer(text)]
    return tuple(o for o in placed if any(o in found for found in named))


def dropped_in(
    text: str, number: int, known: Collection[Observation], attributes: Mapping[str, Attribute]
) -> tuple[Observation, ...]:
    """That there is nothing of what a supposition drops, told by the words that it was known by: "what if we dropped
    the pedal?" after "it runs on the pedal".
    """
    assumed: dict[str, Observation] = {}
    for words in _DROPPING.finditer(text):
        for o in quoting(words[words.lastindex or 0], known):
            absence = attributes[o.attribute].absence
            if absence and o.value != absence:
                assumed[o.attribute] = o.model_copy(
                    update={
                        "value": absence,
                        "quote": words[0],
                        "turn": number,
                        "start": words.start(),
                        "end": words.end(),
                        "obtained": "assumed",
                        "reason": f"drops what “{o.quote}” was about",
                        "meaning": "",
                    }
                )
    return tuple(assumed.values())


def said_exactly(extraction: Extraction, known: Iterable[Observation]) -> frozenset[Observation]:
    """The known observations whose values some words name."""
    values = _values(extraction)
    return frozenset(o for o in known if (o.attribute, o.value) in values)


def _values(extraction: Extraction) -> set[tuple[str, str]]:
    """The attributes and values that words name, in whatever way."""
    said = {(o.attribute, o.value) for o in extraction.observations}
    return said | {(m.attribute, m.value) for m in extraction.set_aside}


def taken_along(
    gone: Collection[Observation],
    known: Collection[Observation],
    attributes: Mapping[str, Attribute],
    utterances: Mapping[int, str],
) -> frozenset[Observation]:
    """What is taken back, with what the same message added to it: its details, the unspecific value beside it, what
    else the same words say of one thing, and what its sentence says of the same row by other attributes.

    `utterances`: by the number of their turn.
    """

    ends = {turn: [sentence.end for sentence in split_sentences(utterances[turn])] for turn in {o.turn for o in gone}}

    def sentence_of(one: Observation) -> int:
        return bisect_right(ends[one.turn], one.start)

    def goes_along(one: Observation, other: Observation) -> bool:
        if one.turn != other.turn:
            return False
        attribute = attributes[other.attribute]
        if one.attribute == other.attribute:
            unspecific = attribute.multiple and other.value == attribute.answers.get("yes")
            return unspecific or _is_one_thing(one, other, utterances[one.turn])
        row = attributes[one.attribute].criterion
        together = row is not None and row == attribute.criterion and sentence_of(one) == sentence_of(other)
        return together or attribute.detail_of == one.attribute

    return frozenset(gone) | frozenset(other for other in known for one in gone if goes_along(one, other))


def _is_one_thing(one: Observation, other: Observation, utterance: str) -> bool:
    """Whether the same words tell two values of one thing, such as "on the Jetson on the robot", and not of two."""
    words = utterance[min(one.start, other.start) : max(one.end, other.end)]
    return one.start < other.end and other.start < one.end and not _COORDINATED.search(words)


def _telling(words: str) -> set[str]:
    """The words long enough to tell one statement from another, in whatever form: "locally" is told by "local"."""
    # Short names and numbers tell as well.
    telling = (w for w in _WORD.findall(words) if len(w) >= _SHORTEST_TELLING_WORD or not w[0].islower())
    plain = {_PLURAL.sub("", word.casefold()) for word in telling} - _POINTING
    return {word[:_STEM] for word in plain}
