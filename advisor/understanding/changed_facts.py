"""Whether a message reads as if something known before no longer holds, learnt from labelled dialogues.

What a message takes back it often names by other words than those it was told by, or not at all: "turned out the board
is too weak, it only sends the readings". Phrases cannot tie that to what was said; labelled dialogues show how people
put it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from advisor.knowledge_base.labelled_dialogues import LabelledDialogue
from advisor.knowledge_base.language_schema import Weighing
from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.clauses import Sentence, split_sentences
from advisor.understanding.encoder import SentenceEncoder, clean_text
from advisor.understanding.labelled_messages import States, known_after
from advisor.understanding.mentions import Mention
from advisor.understanding.message_network import MessageNetwork
from advisor.understanding.statement_examples import Group, StatementExamples
from advisor.understanding.topic_classifier import TopicClassifier

_REGULARISATION = 1.0
_MOST_QUOTED = 200


@dataclass(frozen=True, slots=True)
class Change:
    """That the values of the group `was` of a topic, if known, do not hold any more. `instead`: what does, if told."""

    topic: str
    was: str
    instead: Mention | None


class ChangeReader:
    """Reads messages by what changed after those of labelled dialogues."""

    def __init__(
        self,
        examples: StatementExamples,
        dialogues: Callable[[], Sequence[LabelledDialogue]],
        weighing: Weighing,
        encoder: SentenceEncoder,
        cache: ArrayCache | None = None,
        network: MessageNetwork | None = None,
    ) -> None:
        """Learns from the dialogues, or remembers from the last time; `dialogues` reads them.

        With a network, how much a message reads as a change is the mean of what the two say.
        """
        self._network = network
        self._examples = examples
        self._weighing = weighing
        self._encoder = encoder
        self._changes = [
            (was, becomes)
            for was in examples.groups
            for becomes in (None, *(other for other in examples.groups if other.topic == was.topic and other != was))
        ]
        learn = partial(_learnt, self._changes, examples, dialogues, encoder)
        self._classifier = TopicClassifier(cache.arrays("changes", learn) if cache else learn())

    def read(self, sentences: Sequence[Sentence], known: Mapping[str, str]) -> tuple[Change, ...]:
        """What some sentences of a message change of what was `known`, the group of a topic. Those that ask change
        nothing.
        """
        stating = [sentence for sentence in sentences if not sentence.is_question]
        text = clean_text(_stated(stating))
        if not text:
            return ()
        (vector,) = np.asarray(self._encoder.encode([text]), dtype=np.float32)
        scores = self._classifier.scores(text, vector)
        of = {
            (was, becomes): float(score)
            for (was, becomes), score in zip(self._changes, scores, strict=True)
            if known.get(was.topic) == was.name
        }
        if self._network is not None:
            after = self._network.states_after(text, known)
            for was, becomes in of:
                states = after[was.topic]
                chance = states[becomes.name] if becomes else 1 - states[was.name]
                of[was, becomes] = (of[was, becomes] + chance) / 2
        return tuple(
            self._change(stating, was, of)
            for was, becomes in of
            if becomes is None and of[was, None] >= self._weighing.gone_from
        )

    def _change(
        self, stating: Sequence[Sentence], was: Group, scores: dict[tuple[Group, Group | None], float]
    ) -> Change:
        others = [other for one, other in scores if one == was and other is not None]
        best = max(others, key=lambda other: scores[was, other], default=None)
        if best is None or scores[was, best] < self._weighing.replaced_from:
            return Change(was.topic, was.name, None)
        likeness = self._examples.nearest(_stated(stating), self._examples.groups.index(best))
        first = stating[0]
        quote = first.text[:_MOST_QUOTED].rstrip(" .!;,")
        end = first.start + len(quote)
        reason = f"reads as a change, like “{likeness.example}”"
        instead = Mention(likeness.attribute, likeness.value, first.start, end, quote, "stated", "inferred", reason)
        return Change(was.topic, was.name, instead)


def _learnt(
    changes: Sequence[tuple[Group, Group | None]],
    examples: StatementExamples,
    dialogues: Callable[[], Sequence[LabelledDialogue]],
    encoder: SentenceEncoder,
) -> Arrays:
    """Weights from what a message states to the changes."""
    nothing: States = {}
    seen = list(_steps(dialogues(), examples)) or [("", nothing, nothing)]
    wanted = np.full((len(seen), len(changes)), -1, dtype=np.float32)
    counts = np.zeros_like(wanted)
    for row, (_, before, after) in enumerate(seen):
        for column, (was, becomes) in enumerate(changes):
            if before.get(was.topic) == frozenset({was.name}):
                now = after[was.topic]
                counts[row, column] = 1
                if was.name not in now and (becomes is None or becomes.name in now):
                    wanted[row, column] = 1
    # Of what no dialogue shows, no message is to be taken for it.
    counts[:, ~counts.any(axis=0)] = 1
    texts = [text for text, _, _ in seen]
    vectors = np.asarray(encoder.encode(texts), dtype=np.float32)
    return TopicClassifier.learn(texts, vectors, wanted, regularisation=_REGULARISATION, counts=counts)


def _steps(dialogues: Iterable[LabelledDialogue], examples: StatementExamples) -> Iterator[tuple[str, States, States]]:
    """What each message states, and what was known before and after it."""
    for dialogue in dialogues:
        before: States | None = None
        for turn in dialogue.turns:
            after = None if turn.expect is None else known_after(turn.expect, examples.topics)
            if before is not None and after is not None:
                stated = clean_text(_stated(s for s in split_sentences(turn.say) if not s.is_question))
                if stated:
                    yield stated, before, after
            before = after


def _stated(sentences: Iterable[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
