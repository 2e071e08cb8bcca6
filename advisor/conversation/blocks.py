"""What a reply is made of: typed blocks that every face (chat, line mode, exports) renders in its own way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from advisor.conversation.explanation_blocks import (
    Advice,
    ChangeSet,
    Difference,
    Override,
    Reason,
    Split,
    Sureness,
    WhatWouldChange,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.explanation_blocks import Caveat as Caveat
from advisor.conversation.explanation_blocks import Defeated as Defeated
from advisor.conversation.explanation_blocks import Effect as Effect
from advisor.conversation.explanation_blocks import Explanation as Explanation
from advisor.conversation.explanation_blocks import Premise as Premise
from advisor.conversation.explanation_blocks import RowExplanation as RowExplanation
from advisor.conversation.explanation_blocks import Step as Step
from advisor.conversation.parts import Observation as Observation
from advisor.conversation.parts import Obtained as Obtained
from advisor.conversation.parts import Part as Part
from advisor.conversation.parts import ReadingName as ReadingName
from advisor.conversation.parts import SourceRef as SourceRef
from advisor.conversation.parts import Stance as Stance


class UnderstoodItem(Part):
    """An observation as it is shown, with the label of the value that it replaces, if any."""

    observation: Observation
    title: str
    label: str
    replaces: str | None = None

    @property
    def in_words(self) -> str:
        """The value, with what it is a value of: "AWS (Cloud)"."""
        return f"{self.label} ({self.title})"


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
    """One reading as it stands. `ways`: how many completions of the open rows end in each verdict.

    `by_tally`: where the rows alone end, if conclusions beyond them (`overrides`) end elsewhere or could. `smallest`:
    a smallest set of answers that makes another option win, if three or fewer can.
    """

    reading: ReadingName
    title: str
    verdict: str
    tally: dict[str, int]
    ways: dict[str, int]
    by_tally: str | None = None
    overrides: tuple[Override, ...] = ()
    smallest: ChangeSet | None = None


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
    `deciding`: up to three rows that decide, the firmest first; `against`: the strongest row against; `smallest`: a
    smallest set of answers that would flip it; `overrides`: conclusions of the amended reading beyond its rows.
    """

    kind: Literal["verdict"] = "verdict"
    verdict: str
    headline: str
    amended: str | None = None
    moves: tuple[str, ...] = ()
    points: tuple[str, ...]
    dissent: tuple[str, ...]
    unknown: tuple[str, ...]
    deciding: tuple[Reason, ...] = ()
    against: Reason | None = None
    smallest: ChangeSet | None = None
    overrides: tuple[Override, ...] = ()


class WhatIf(Part):
    """The matrix now beside the matrix under assumptions that are not part of the profile.

    `set_aside`: what is known that does not count under them, because it leans a row of theirs the other way.
    """

    kind: Literal["what_if"] = "what_if"
    assumptions: tuple[UnderstoodItem, ...]
    set_aside: tuple[UnderstoodItem, ...] = ()
    now: Matrix
    then: Matrix


class Choice(Part):
    """An answer that can be picked."""

    value: str
    label: str


class Question(Part):
    """The one question to answer next.

    `why`: which row waits for it. `again`: it was asked before, and this is a reminder. `suggestion`: the answer that
    earlier words seem to give, where that is what is asked.
    """

    kind: Literal["question"] = "question"
    again: bool = False
    suggestion: UnderstoodItem | None = None
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
    | WhyAsked
    | WhyNot
    | WhatWouldChange
    | Sureness
    | Split
    | Difference
    | Advice
    | Question
    | Note,
    Field(discriminator="kind"),
]
