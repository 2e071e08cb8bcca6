"""From the signals of a match to a decision: answer, offer a choice, or stay silent."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Outcome = Literal["answer", "choices", "none"]

MOST_CHOICES = 4


@dataclass(frozen=True, slots=True)
class ScoredTopic:
    """A topic and its fused similarity to the question, between 0 and 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What a decision rests on, each between 0 and 1."""

    best: float
    """Fused score of the best topic."""
    margin: float
    """By how much it leads the second topic."""
    outside: float
    """Fused similarity to the nearest out-of-scope examples."""
    known: float
    """Share of the question's words that the FAQ knows, rare words counting more."""
    elsewhere: float
    """How much the classifier sees in the question of what belongs to no topic."""
    company: float
    """Share, among the texts spelt most like the question, of those that ask for a topic."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the FAQ makes of a question."""

    outcome: Outcome
    topics: tuple[ScoredTopic, ...]
    """The `REPORTED_TOPICS` best, best first; the first `choices` of them are worth offering."""
    choices: int
    """How many topics to offer: 1 with `answer`, 2 to 4 with `choices`, 0 with `none`."""
    nearest: str
    """The best topic's phrasing that is most like the question: the reason to show."""
    in_scope: float
    """Estimated probability that the FAQ covers the question."""
    right: float
    """Estimated probability that the best topic is the right one."""
    signals: Signals


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns signals into probabilities (two logistic models) and probabilities into an outcome."""

    in_scope: tuple[float, ...]
    """Intercept, then one weight per field of `Signals`; the margin says nothing about scope and has weight 0."""
    right_if_in_scope: tuple[float, ...]
    """Likewise; what tells in-scope from out-of-scope questions has weight 0. The root of the margin is used."""
    answer_from: float
    """Answer at once if `right` is at least this."""
    choices_from: float
    """Otherwise offer a choice if `in_scope` is at least this."""
    choice_gap: float
    """Topics whose score is at most this far below the best are offered too."""
    encoder: str = ""
    """Fingerprint of the encoder it was fitted for."""

    def decide(self, topics: tuple[ScoredTopic, ...], nearest: str, signals: Signals) -> Match:
        """What to do about a question with these best topics, phrasing and signals."""
        inputs = logistic_inputs([signals])
        in_scope = float(logistic(inputs, np.array(self.in_scope))[0])
        right = in_scope * float(logistic(inputs, np.array(self.right_if_in_scope))[0])
        outcome: Outcome = "none"
        choices = 0
        if signals.best > 0 and right >= self.answer_from:
            outcome, choices = "answer", 1
        elif signals.best > 0 and in_scope >= self.choices_from and len(topics) > 1:
            outcome, choices = "choices", self.count_choices(topics)
        return Match(outcome, topics, choices, nearest, in_scope, right, signals)

    def count_choices(self, topics: tuple[ScoredTopic, ...]) -> int:
        """How many of `topics`, best first, to offer: those close to the best, at least two, at most `MOST_CHOICES`."""
        close = sum(topic.score >= topics[0].score - self.choice_gap for topic in topics)
        return min(max(close, 2), MOST_CHOICES, len(topics))

    def save(self, file: Path) -> None:
        """Writes the calibration as JSON."""
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Calibration:
        """Reads what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it does not hold a calibration.
        """
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
            fields |= {name: tuple(map(float, fields[name])) for name in ("in_scope", "right_if_in_scope")}
            return cls(**fields)
        except (TypeError, KeyError) as error:
            raise ValueError(f"{file} does not hold a calibration: {error}") from error


def logistic_inputs(signals: Sequence[Signals]) -> NDArray[np.float64]:
    """Inputs of the logistic models, shape (signals, 6).

    The root of the margin, because the first few hundredths of a lead say more than the next.
    """
    return np.array(
        [(one.best, math.sqrt(one.margin), one.outside, one.known, one.elsewhere, one.company) for one in signals]
    )


def logistic(table: NDArray[np.float64], model: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(model[0] + table @ model[1:], -50, 50)))
    return chances
