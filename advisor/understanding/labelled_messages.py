"""The messages of labelled dialogues as labelled descriptions: what each says, as far as the states around it show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from advisor.knowledge_base.labelled_descriptions import LabelledDescription
from advisor.knowledge_base.labelled_dialogues import Expectation, LabelledDialogue
from advisor.knowledge_base.language_schema import Language
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN
from advisor.understanding.clauses import split_sentences

States = Mapping[str, frozenset[str]]
_OPEN = frozenset({UNKNOWN})


def labelled_texts(language: Language) -> tuple[LabelledDescription, ...]:
    """All that a pack has labelled: its descriptions, and the messages of its dialogues."""
    messages = labelled_messages(language.dialogues.read(), language.statements.topics)
    return (*language.descriptions.read(), *messages)


def labelled_messages(dialogues: Iterable[LabelledDialogue], topics: Collection[str]) -> Iterator[LabelledDescription]:
    """Each message of each dialogue.

    What a message changes of a topic it says; of a topic that stays as it was, it repeats the value or says nothing.
    """
    for dialogue in dialogues:
        before: States | None = dict.fromkeys(topics, _OPEN)
        for number, turn in enumerate(dialogue.turns, 1):
            # After a turn without labels nothing is known of what the next one changes.
            after = None if turn.expect is None else known_after(turn.expect, topics)
            if after is not None and before is not None and turn.say.strip():
                yield _message(f"{dialogue.id}-{number}", turn.say, before, after)
            before = after


def known_after(expected: Expectation, topics: Collection[str]) -> States:
    """What may be held to be known of each topic; neutral is not told from unknown."""
    return _known(expected.leans, expected, topics)


def supposed_after(expected: Expectation, topics: Collection[str]) -> States | None:
    """The same, if all that is tried out were so; None where that is not told."""
    return None if expected.supposed is None else _known(expected.supposed, expected, topics)


def _known(leans: Mapping[str, str], expected: Expectation, topics: Collection[str]) -> States:
    return {
        topic: frozenset(
            UNKNOWN if name == NEUTRAL else name
            for name in (leans.get(topic, UNKNOWN), *expected.alt_leans.get(topic, ()))
        )
        for topic in topics
    }


def _message(identifier: str, text: str, before: States, after: States) -> LabelledDescription:
    labels: dict[str, str] = {}
    others: dict[str, tuple[str, ...]] = {}
    for topic, accepted in after.items():
        said = accepted | _OPEN if accepted & before[topic] else accepted
        labels[topic] = UNKNOWN if UNKNOWN in said else min(said)
        others[topic] = tuple(sorted(said - {labels[topic]}))
    alone = len(split_sentences(text)) == 1
    return LabelledDescription(
        id=identifier,
        text=text,
        labels=labels,
        alt_labels={topic: names for topic, names in others.items() if names},
        spans={topic: (text.strip(),) for topic, name in labels.items() if alone and name != UNKNOWN},
    )
