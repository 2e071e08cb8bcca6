"""How surely a text says a value of a group, given what phrases found in it and what it is like."""

from __future__ import annotations

import math
from dataclasses import dataclass

from advisor.knowledge_base.language_schema import Weighing


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a group of values, or against it, in a text: see `Weighing`, whose names these are."""

    said: bool
    rival_said: bool
    likeness_of_text: float
    likeness_anywhere: float
    likeness_stated: float
    likeness_where_said: float
    rival_likeness: float
    length: float
    network: float


def chance(signals: Signals, weighing: Weighing, constant: float) -> float:
    """The chance, from 0 to 1, that the text says a value of the group: logistic regression.

    `constant`: of the group, from `Weighing.constants`.
    """
    score = (
        constant
        + weighing.said * signals.said
        + weighing.rival_said * signals.rival_said
        + weighing.likeness_of_text * signals.likeness_of_text
        + weighing.likeness_anywhere * signals.likeness_anywhere
        + weighing.likeness_stated * signals.likeness_stated
        + weighing.likeness_where_said * signals.likeness_where_said
        + weighing.rival_likeness * signals.rival_likeness
        + weighing.length * signals.length
        + weighing.network * signals.network
    )
    return 1 / (1 + math.exp(-score))
