"""What the record takes from the replies that explain: advice, sureness, what would change it, what nearly counted."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.conversation.draft import Draft
from advisor.conversation.explaining import Explainer
from advisor.conversation.explanation_blocks import (
    Advice,
    NearMiss,
    ReadingChanges,
    Split,
    Sureness,
    WhatWouldChange,
    WhyNot,
)
from advisor.conversation.parts import Observation
from advisor.conversation.transcript import State
from advisor.reasoning.recommendation import Reasoner
from advisor.records.record_model import Outlook


def explained(reasoner: Reasoner, known: tuple[Observation, ...]) -> tuple[Advice, Outlook]:
    """What follows from the choice, and how firm it is, as the conversation would explain it on demand."""
    state = State(observations=known)
    draft = Draft(number=1, before=state, state=state, utterance="")
    explainer = Explainer(reasoner)
    explainer.advice(draft)
    explainer.how_sure(draft)
    explainer.what_would_change(draft)
    explainer.tied(draft)
    for option in reasoner.pack.options:
        explainer.why_not(draft, option)
    advice = next((block for block in draft.blocks if isinstance(block, Advice)), Advice(choice=(), items=()))
    (sureness,) = (block for block in draft.blocks if isinstance(block, Sureness))
    (answers,) = (block for block in draft.blocks if isinstance(block, WhatWouldChange))
    why_not = [block for block in draft.blocks if isinstance(block, WhyNot)]
    return advice, Outlook(
        sureness=sureness,
        answers=answers.model_copy(update={"readings": tuple(_smallest(found) for found in answers.readings)}),
        splits=tuple(block for block in draft.blocks if isinstance(block, Split)),
        nearly_fired=_near(miss for block in why_not for miss in block.near_misses),
    )


def _smallest(reading: ReadingChanges) -> ReadingChanges:
    """Only the sets of the fewest answers: longer ones number in the hundreds."""
    fewest = min((len(found.changes) for found in reading.sets), default=0)
    return reading.model_copy(update={"sets": tuple(found for found in reading.sets if len(found.changes) == fewest)})


def _near(misses: Iterable[NearMiss]) -> tuple[NearMiss, ...]:
    """Those of which something holds and one premise, or a rule against them, is in the way; each once."""
    return tuple(
        {
            miss.rule: miss
            for miss in misses
            if miss.unknown + miss.contradicted <= 1 and any(premise.state == "holds" for premise in miss.premises)
        }.values()
    )
