"""One of each block that explains, with text in it that must stay text."""

from __future__ import annotations

from advisor.conversation.blocks import Block
from advisor.conversation.explanation_blocks import (
    Advice,
    AdviceItem,
    AnswerEffect,
    Breaker,
    Change,
    ChangedFact,
    ChangeSet,
    Difference,
    NearMiss,
    Override,
    Premise,
    PremiseState,
    ReadingChanges,
    ReadingSureness,
    Reason,
    RowChange,
    Split,
    Step,
    Sureness,
    VerdictChange,
    WaitingRule,
    WhatWouldChange,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.parts import Observation, SourceRef

_SAID = Observation(
    attribute="cloud.provider",
    value="aws",
    quote="[/] on AWS",
    turn=1,
    start=0,
    end=10,
    obtained="said",
    reason="phrase",
)
_SOURCE = SourceRef(id="ART", title="An article [bold]", url=None, date="2026-06-23")
_CHANGE = Change(
    attribute="cloud.provider",
    title="Cloud",
    values=("google_cloud",),
    labels=("Google Cloud",),
    said=(_SAID,),
    how_to_find_out="Look at last month's invoice.",
)
_SET = ChangeSet(changes=(_CHANGE,), verdict="tensorflow")
_CHANGES = ReadingChanges(reading="article", title="Article", verdict="pytorch", tried_up_to=3, sets=(_SET,))
_STEP = Step(
    rule="a-rule",
    conclusion="TensorFlow is ruled out",
    because="Because [red].",
    premises=(Premise(text="Cloud: AWS", evidence=(_SAID,)),),
    sources=(_SOURCE,),
    erratum="E6b",
    strength="strong",
)
_OVERRIDE = Override(effect="rules_out", value="tensorflow", text="TensorFlow is ruled out", steps=(_STEP,))
_REASON = Reason(criterion="vendor", text="Vendor leans PyTorch: “[/] on AWS”", quotes=("[/] on AWS",))
_MISS = NearMiss(
    rule="vendor-google-cloud",
    readings=("article",),
    criterion="vendor",
    conclusion="Vendor leans TensorFlow",
    because="The article says so.",
    premises=(PremiseState(text="Cloud", state="contradicted", wanted=("Google Cloud",), evidence=(_SAID,)),),
    unknown=0,
    contradicted=1,
    sources=(_SOURCE,),
)

EXPLANATIONS: tuple[Block, ...] = (
    WhyAsked(
        attribute="cloud.provider",
        question="Where will it run?",
        rows=("vendor",),
        rules=(
            WaitingRule(
                rule="vendor-aws",
                readings=("article", "amended"),
                conclusion="Vendor leans PyTorch",
                because="The article says so.",
                values=("AWS",),
                holds=(),
                also_open=("Accelerator",),
            ),
        ),
        answers=(AnswerEffect(value="aws", label="AWS", verdicts={"article": "pytorch", "amended": "split"}),),
        how_to_find_out="Look at last month's invoice.",
    ),
    WhyNot(
        option="tensorflow",
        verdicts={"article": "pytorch", "amended": "pytorch"},
        tallies={"article": 1, "amended": 0},
        needed=3,
        rows_for=(),
        rows_against=(_REASON,),
        open_rows=("mobile",),
        ruled_out=(_OVERRIDE,),
        near_misses=(_MISS,),
        smallest=(_CHANGES,),
    ),
    WhatWouldChange(towards=None, readings=(_CHANGES,)),
    Sureness(
        readings=(
            ReadingSureness(
                reading="article",
                title="Article",
                verdict="pytorch",
                tally={"pytorch": 3, "tensorflow": 1},
                margin=2,
                row_ways={"pytorch": 3},
                answers_hold=12,
                answers_ways=16,
                answers_bound=50_000,
                open_attributes=("Accelerator",),
                single=(_SET,),
            ),
        )
    ),
    Split(
        reading="article",
        title="Article",
        tied={"pytorch": (_REASON,), "tensorflow": ()},
        undecided=("mobile",),
        breakers=(Breaker(criteria=("vendor",), rows=("Vendor",), change=_CHANGE, verdict="tensorflow"),),
    ),
    Difference(
        from_turn=1,
        to_turn=2,
        facts=(
            ChangedFact(
                attribute="cloud.provider",
                title="Cloud",
                before=(),
                after=("AWS",),
                said_before=(),
                said_after=(_SAID,),
            ),
        ),
        rows=(
            RowChange(
                criterion="vendor",
                row="Vendor",
                reading="article",
                before="unknown",
                after="pytorch",
                gained=("vendor-aws",),
                lost=(),
                causes=("cloud.provider",),
            ),
        ),
        verdicts=(
            VerdictChange(
                reading="article",
                title="Article",
                before="insufficient",
                after="pytorch",
                tally_before={"pytorch": 2, "tensorflow": 0},
                tally_after={"pytorch": 3, "tensorflow": 0},
            ),
        ),
    ),
    Advice(
        choice=("pytorch",),
        items=(
            AdviceItem(
                area="Serving",
                text="Never start on TorchServe.",
                because=("It was archived.",),
                rules=("never-torchserve",),
                strength="strong",
                never=True,
                option="pytorch",
                evidence=(_SAID,),
                sources=(_SOURCE,),
            ),
        ),
        more=3,
    ),
)
