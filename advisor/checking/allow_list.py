"""check.yaml of a pack: warnings that its authors have seen and answer with a reason."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from advisor.checking.findings import KINDS, Finding, finding
from advisor.knowledge_base.schema import Identifier, Line, Part
from advisor.knowledge_base.yaml_document import PackError, YamlDocument, read_text
from advisor.text import clean

FILE = "check.yaml"


class Answer(Part):
    """Warnings of one kind, by subject, and why they may stand."""

    kind: Identifier
    of: Annotated[tuple[Line, ...], Field(min_length=1)]
    reason: Line


@dataclass(frozen=True, slots=True)
class Answered:
    """A finding and the reason why it may stand."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class AllowList:
    """The answers of a pack, with the file that says on which line each stands."""

    answers: tuple[Answer, ...]
    document: YamlDocument | None

    def sift(
        self, findings: Sequence[Finding], kinds_tried: Set[str]
    ) -> tuple[tuple[Finding, ...], tuple[Answered, ...]]:
        """What stays open, answers to nothing included, and what is answered.

        Only warnings can be answered. `kinds_tried`: kinds that were looked for; an answer to another is not stale.
        """
        reasons = {(answer.kind, subject): answer.reason for answer in self.answers for subject in answer.of}
        warned = {(f.kind, f.subject) for f in findings if f.level == "warning"}
        answered = [
            Answered(f, reasons[f.kind, f.subject]) for f in findings if (f.kind, f.subject) in reasons.keys() & warned
        ]
        left = [f for f in findings if (f.kind, f.subject) not in reasons.keys() & warned]
        for index, answer in enumerate(self.answers):
            for at, subject in enumerate(answer.of):
                if answer.kind in kinds_tried and (answer.kind, subject) not in warned:
                    line = self.document.line((index, "of", at)) if self.document else None
                    what = f"there is no warning {answer.kind} about {subject} to answer"
                    left.append(finding("stale-answer", FILE, line, subject, what))
        return tuple(left), tuple(answered)


def load_allow_list(directory: Path) -> AllowList:
    """The answers in a pack's check.yaml; none when there is no such file. Raises PackError when it is not valid."""
    path = directory / FILE
    if not path.exists():
        return AllowList((), None)
    document = YamlDocument.parse(FILE, clean(read_text(path, FILE)))
    if document.data is None:
        return AllowList((), document)
    try:
        answers = TypeAdapter(tuple[Answer, ...]).validate_python(document.data)
    except ValidationError as error:
        problems = [document.problem(detail["loc"], detail["msg"]) for detail in error.errors(include_url=False)]
        raise PackError(problems) from error
    if problems := [
        document.problem((index, "kind"), f"there are no warnings of kind {answer.kind}")
        for index, answer in enumerate(answers)
        if answer.kind not in KINDS or KINDS[answer.kind].level != "warning"
    ]:
        raise PackError(problems)
    return AllowList(answers, document)
