"""What a network learns from: the labelled texts of a pack, varied and set together."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]  # imported by a script

from variations import Variations  # noqa: E402

from advisor.knowledge_base.labelled_dialogues import LabelledDialogue  # noqa: E402
from advisor.knowledge_base.language_schema import Language, Statements  # noqa: E402
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN  # noqa: E402
from advisor.understanding.encoder import clean_text  # noqa: E402
from advisor.understanding.labelled_messages import States, known_after, supposed_after  # noqa: E402
from advisor.understanding.message_network import ADOPTED, ASSUMPTIONS, LONGEST, TRIED, rows_of  # noqa: E402

_NOTHING_TRIED = frozenset({UNKNOWN})
_TRYING = frozenset({TRIED})


@dataclass(frozen=True, slots=True)
class Example:
    """A message. `before` and `after`: 1 for each state that a row may be in, shape (rows, 1 + groups)."""

    tokens: list[int]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    assumes: bool = False
    """Whether what is only tried out counts as known."""
    text: str = ""
    """What the tokens are of; empty where it is not to be varied."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Turns labelled texts into examples. `topics`: the groups of each."""

    topics: Mapping[str, Sequence[str]]
    tokenizer: Tokenizer

    @property
    def rows(self) -> dict[str, list[str]]:
        """All that a network tells states of, with the groups of each."""
        return rows_of(self.topics)

    @property
    def states(self) -> int:
        """Unknown, and as many as the row with the most groups has."""
        return 1 + max(len(groups) for groups in self.rows.values())

    @property
    def nothing(self) -> States:
        """That nothing is known, and nothing tried out."""
        return {row: frozenset({UNKNOWN}) for row in self.rows}

    def tokens(self, text: str) -> list[int]:
        """The ids of a text's tokens."""
        ids: list[int] = self.tokenizer.encode(clean_text(text), add_special_tokens=False).ids[:LONGEST]
        return ids

    def marked(self, states: States) -> NDArray[np.float32]:
        """1 for each accepted state of each row; all of a row of which nothing is said."""
        marks = np.zeros((len(self.rows), self.states), dtype=np.float32)
        for mark, (row, groups) in zip(marks, self.rows.items(), strict=True):
            names = states.get(row)
            accepted = range(self.states) if names is None else [self._state(name, groups) for name in names]
            mark[list(accepted)] = 1
        return marks

    def _state(self, name: str, groups: Sequence[str]) -> int:
        return 0 if name in (UNKNOWN, NEUTRAL) else groups.index(name) + 1

    def example(self, text: str, before: States, after: States, *, assumes: bool = False) -> Example:
        """A message, and the states around it. Nothing is tried out before unless that is told."""
        known = {ASSUMPTIONS: _NOTHING_TRIED, **before}
        return Example(self.tokens(text), self.marked(known), self.marked(after), assumes, text)

    def of_pack(self, language: Language, without: Sequence[str]) -> Iterator[Example]:
        """Examples of all that a pack has labelled, but for texts whose ids begin with one of these words."""
        skipped = tuple(without)
        for one in language.descriptions.read():
            if not one.id.startswith(skipped):
                said = {
                    topic: frozenset({label, *one.alt_labels.get(topic, ())}) for topic, label in one.labels.items()
                }
                yield self.example(one.text, self.nothing, {**said, ASSUMPTIONS: _NOTHING_TRIED})
        for file in (language.dialogues, language.network_dialogues):
            yield from self.of_dialogues(one for one in file.read() if not one.id.startswith(skipped))
        for text, said in stated(language.statements).items():
            yield self.example(text, self.nothing, {**self.nothing, **said})

    def of_dialogues(self, dialogues: Iterable[LabelledDialogue]) -> Iterator[Example]:
        """Each message whose states before and after are labelled; twice, where it is told what is only tried out."""
        for dialogue in dialogues:
            real: States | None = {topic: frozenset({UNKNOWN}) for topic in self.topics}
            supposed = real
            for turn in dialogue.turns:
                now = None if turn.expect is None else known_after(turn.expect, self.topics)
                then = None if turn.expect is None else supposed_after(turn.expect, self.topics)
                if real is not None and now is not None and turn.say.strip():
                    if supposed is None or then is None:
                        yield self.example(turn.say, real, now, assumes=dialogue.assumptions)
                    else:
                        yield from self._supposing(turn.say, (real, supposed), (now, then))
                real, supposed = now, then

    def _supposing(self, text: str, before: tuple[States, States], after: tuple[States, States]) -> Iterator[Example]:
        """A message by what is so, and by what would be so with all that is tried out; of either, the states around it.

        What becomes of a topic when all is adopted or dropped shows only in both together, so nothing is told of it.
        """
        (real, supposed), (now, then) = before, after
        tried = {topic for topic in self.topics if supposed[topic] != real[topic]}
        adopted = {topic for topic in tried if now[topic] != real[topic] and now[topic] == supposed[topic]}
        dropped = {topic for topic in tried if then[topic] == now[topic] == real[topic]}
        trying = TRIED if now != then else UNKNOWN
        yield self.example(
            text,
            {**real, ASSUMPTIONS: _TRYING if tried else _NOTHING_TRIED},
            {
                **{topic: states for topic, states in now.items() if not adopted or topic not in tried},
                ASSUMPTIONS: frozenset({ADOPTED if adopted else trying}),
            },
        )
        told = {topic: states for topic, states in then.items() if topic not in dropped}
        yield self.example(text, supposed, told, assumes=True)


def stated(statements: Statements) -> dict[str, dict[str, frozenset[str]]]:
    """What each example sentence says of the topics."""
    said: dict[str, dict[str, frozenset[str]]] = {text: {} for text in statements.every_example()}
    for topic, groups in statements.topics.items():
        for name, attributes in groups.items():
            for values in attributes.values():
                for texts in values.values():
                    for text in texts:
                        said[text][topic] = frozenset({name})
    return said


def together(pool: Sequence[Example], lessons: Lessons, rng: random.Random) -> Example:
    """Several messages of people of whom nothing was known, as one text; of what they contradict nothing is known."""
    tokens: list[int] = []
    state = lessons.marked(lessons.nothing)
    before = state.copy()
    for part in rng.sample(pool, rng.choice((2, 2, 3, 3, 4, 5))):
        tokens += part.tokens
        for at, says in enumerate(part.after):
            was = state[at].copy()
            if says.sum() > 1 or was.sum() > 1:
                state[at] = 1
            elif not says[0]:
                state[at] = says if was[0] or (was == says).all() else 1
    return Example(tokens[:LONGEST], before, state)


def varied(example: Example, lessons: Lessons, variations: Variations, share: float, rng: random.Random) -> Example:
    """A message in other words; of a `share` of what it says of topics nothing was known of, something else was."""
    text = variations.of(example.text, rng)
    before = example.before.copy()
    for was, becomes, groups in zip(before, example.after, lessons.rows.values(), strict=True):
        if was[0] and was.sum() == becomes.sum() == 1 and not becomes[0] and rng.random() < share:
            was[:] = 0
            was[rng.randrange(1 + len(groups))] = 1
    tokens = lessons.tokens(text) if text != example.text else []
    return replace(example, tokens=tokens or example.tokens, before=before, text=text)
