"""What a reply is made of: typed blocks that every face (chat, line mode, exports) renders in its own way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Obtained = Literal["said", "inferred", "confirmed", "assumed"]
Stance = Literal["stated", "denied", "hedged", "past", "other_party", "hypothetical", "asked", "retracted"]
ReadingName = Literal["article", "amended"]


class Part(BaseModel):
    """Base of all reply parts: immutable and strict."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Observation(Part):
    """An attribute's value with its evidence: the exact quote and its place in the utterance of `turn` (from 1).

    `start` and `end` count characters of that utterance; `obtained` tells how the value came to be known; `reason`
    names the phrase or rule of the pack that recognised it.
    """

    attribute: str
    value: str
    quote: str
    turn: int
    start: int
    end: int
    obtained: Obtained
    reason: str


class UnderstoodItem(Part):
    """An observation as it is shown, with the label of the value that it replaces, if any."""

    observation: Observation
    title: str
    label: str
    replaces: str | None = None


class Understood(Part):
    """What was taken from the message."""

    kind: Literal["understood"] = "understood"
    items: tuple[UnderstoodItem, ...]


class SetAsideItem(Part):
    """Something mentioned that does not count, and in what way it was said."""

    attribute: str
    title: str
    label: str
    quote: str
    stance: Stance
    reason: str


class SetAside(Part):
    """What was noticed but deliberately not taken as a fact about the project."""

    kind: Literal["set_aside"] = "set_aside"
    items: tuple[SetAsideItem, ...]


class SourceRef(Part):
    """A source as it is cited: `date` says when it was written, or when it was checked."""

    id: str
    title: str
    url: str | None
    date: str | None


class TopicRef(Part):
    """An FAQ topic; `score` is its similarity to the question, from 0 to 1, where one was computed."""

    id: str
    question: str
    score: float | None = None


class Answer(Part):
    """An FAQ answer.

    `asked`: the user's words it answers; `as_of`: the date up to which the pack was checked; `follow_ups`: what people
    ask next.
    """

    kind: Literal["answer"] = "answer"
    asked: str
    topic: TopicRef
    text: str
    as_of: str
    caution: str | None
    sources: tuple[SourceRef, ...]
    related: tuple[TopicRef, ...]
    follow_ups: tuple[str, ...] = ()


class Choices(Part):
    """Several topics that the question could mean."""

    kind: Literal["choices"] = "choices"
    asked: str
    topics: tuple[TopicRef, ...]


class NoAnswer(Part):
    """A question or remark that the advisor has nothing on."""

    kind: Literal["no_answer"] = "no_answer"
    asked: str
    text: str


class Rejected(Part):
    """The user said that the answer or the choices to a question missed the point."""

    kind: Literal["rejected"] = "rejected"
    asked: str


class Amendment(Part):
    """An erratum at work in a row: its number, what it says, how strong its evidence is, and the sources of that."""

    rule: str
    erratum: str
    strength: str
    because: str
    sources: tuple[SourceRef, ...]


class MatrixRow(Part):
    """One criterion as it stands: its lean in each reading, the user's words behind it, and the errata at work."""

    criterion: str
    title: str
    short: str
    leans: dict[ReadingName, str]
    evidence: tuple[Observation, ...]
    rules: tuple[str, ...]
    amendments: tuple[Amendment, ...] = ()


class ReadingState(Part):
    """One reading as it stands. `ways`: how many completions of the open rows end in each verdict."""

    reading: ReadingName
    title: str
    verdict: str
    tally: dict[str, int]
    ways: dict[str, int]


class Matrix(Part):
    """The decision matrix as it stands. `same_rules`: the amended reading has no rules of its own yet."""

    kind: Literal["matrix"] = "matrix"
    rows: tuple[MatrixRow, ...]
    readings: tuple[ReadingState, ...]
    same_rules: bool


class Verdict(Part):
    """What is recommended and on what it rests.

    `headline` is the article reading in one sentence; `amended` says where the other reading ends and why, if it ends
    elsewhere; `moves` names the rows that errata moved; `points` give the reasons, one each.
    """

    kind: Literal["verdict"] = "verdict"
    verdict: str
    headline: str
    amended: str | None = None
    moves: tuple[str, ...] = ()
    points: tuple[str, ...]
    dissent: tuple[str, ...]
    unknown: tuple[str, ...]


class Premise(Part):
    """A premise of a rule in words; `evidence` is empty for what was concluded or is unknown."""

    text: str
    evidence: tuple[Observation, ...] = ()


class Caveat(Part):
    """A claim behind a rule that does not simply hold today: its status, what is true now, and the sources of that."""

    claim: str
    status: str
    truth: str
    sources: tuple[SourceRef, ...]


class Step(Part):
    """A rule that fired: its premises, its conclusion in words, why, and the steps that its premises rest on.

    `sources`: where the rule comes from. `caveats`: what today's evidence says against the claims behind it.
    """

    rule: str
    conclusion: str
    because: str
    premises: tuple[Premise, ...]
    sources: tuple[SourceRef, ...]
    caveats: tuple[Caveat, ...] = ()
    steps: tuple[Step, ...] = ()


class RowExplanation(Part):
    """How one row got its lean in the article reading."""

    criterion: str
    title: str
    lean: str
    steps: tuple[Step, ...]
    missing: str | None = None


class Explanation(Part):
    """The derivation of rows."""

    kind: Literal["explanation"] = "explanation"
    rows: tuple[RowExplanation, ...]


class WhatIf(Part):
    """The matrix now beside the matrix under assumptions that are not part of the profile."""

    kind: Literal["what_if"] = "what_if"
    assumptions: tuple[UnderstoodItem, ...]
    now: Matrix
    then: Matrix


class Choice(Part):
    """An answer that can be picked."""

    value: str
    label: str


class Question(Part):
    """The one question to answer next. `why`: which row waits for it."""

    kind: Literal["question"] = "question"
    attribute: str
    criterion: str
    text: str
    why: str
    choices: tuple[Choice, ...]


class Note(Part):
    """A short remark in plain words."""

    kind: Literal["note"] = "note"
    level: Literal["info", "warning"] = "info"
    text: str


Block = Annotated[
    Understood
    | SetAside
    | Answer
    | Choices
    | NoAnswer
    | Rejected
    | Matrix
    | Verdict
    | Explanation
    | WhatIf
    | Question
    | Note,
    Field(discriminator="kind"),
]
