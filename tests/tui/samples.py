"""Hand-made turns with every kind of reply block, and a chat that needs no engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from advisor.conversation.blocks import (
    Answer,
    Block,
    Choice,
    Choices,
    Explanation,
    Matrix,
    MatrixRow,
    NoAnswer,
    Note,
    Observation,
    Premise,
    Question,
    ReadingState,
    Rejected,
    RowExplanation,
    SetAside,
    SetAsideItem,
    SourceRef,
    Step,
    TopicRef,
    Understood,
    UnderstoodItem,
    Verdict,
    WhatIf,
)
from advisor.conversation.transcript import State, Turn
from tests.tui.explanation_samples import EXPLANATIONS
from tui.chat_port import (
    Attribute,
    Decision,
    Format,
    RowDetail,
    Standing,
    StoredSession,
    Vocabulary,
)
from tui.face_errors import FaceError

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DECISION = Decision("PyTorch or TensorFlow", {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}, 3)
DESCRIPTION = "We are five Python developers at an early-stage start-up. It has to run on phones, and we are on AWS."

_ROWS = {
    "engineering": ("Engineering capability and retraining cost", "Team"),
    "maturity": ("Project maturity and risk tolerance", "Maturity"),
    "deployment": ("Deployment target", "Serving"),
    "mobile": ("Mobile or edge requirement", "Devices"),
    "vendor": ("Vendor and cloud alignment", "Vendor"),
}


def observation(quote: str, attribute: str = "team.skill", value: str = "python") -> Observation:
    start = max(DESCRIPTION.find(quote), 0)
    return Observation(
        attribute=attribute,
        value=value,
        quote=quote,
        turn=1,
        start=start,
        end=start + len(quote),
        obtained="said",
        reason="phrase",
    )


def matrix(leans: dict[str, tuple[str, str]], verdict: str, ways: dict[str, int] | None = None) -> Matrix:
    """A matrix from leans and quotes by row; rows that are not given are unknown."""
    tally = {option: sum(lean == option for lean, _ in leans.values()) for option in DECISION.options}
    rows = []
    for name, (title, short) in _ROWS.items():
        lean, quote = leans.get(name, ("unknown", ""))
        rows.append(
            MatrixRow(
                criterion=name,
                title=title,
                short=short,
                leans={"article": lean, "amended": lean},
                evidence=(observation(quote),) if quote else (),
                rules=("R1",) if quote else (),
            )
        )
    readings = tuple(
        ReadingState(reading=reading, title=title, verdict=verdict, tally=tally, ways=ways or {})
        for reading, title in (("article", "Article"), ("amended", "Amended"))
    )
    return Matrix(rows=tuple(rows), readings=readings, same_rules=True)


BLANK = matrix({}, "insufficient", {"pytorch": 300, "tensorflow": 300, "split": 200, "insufficient": 224})
EARLY = matrix(
    {
        "engineering": ("pytorch", "five Python developers"),
        "maturity": ("pytorch", "at an early-stage start-up"),
        "mobile": ("tensorflow", "has to run on phones"),
    },
    "insufficient",
    {"pytorch": 7, "tensorflow": 1, "split": 4},
)
DECIDED = matrix(
    {
        "engineering": ("pytorch", "five Python developers"),
        "maturity": ("pytorch", "at an early-stage start-up"),
        "mobile": ("tensorflow", "has to run on phones"),
        "vendor": ("pytorch", "we are on AWS"),
    },
    "pytorch",
    {"pytorch": 4},
)
SOURCES = (
    SourceRef(id="AWS", title="AWS Deep Learning Containers support policy", url="https://aws.example", date="2026-08"),
    SourceRef(id="ART", title="PyTorch vs TensorFlow", url=None, date=None),
)
TOPICS = (
    TopicRef(id="aws-support", question="How well does AWS support each framework?", score=0.61),
    TopicRef(id="cost-of-compute", question="What does compute cost with either?", score=0.58),
)
UNDERSTOOD = Understood(
    items=(
        UnderstoodItem(
            observation=observation("five Python developers"), title="Programming skills", label="fluent in Python"
        ),
        UnderstoodItem(
            observation=observation("has to run on phones", "device.target", "phone"),
            title="Devices the model runs on",
            label="phones",
            replaces="no devices",
        ),
    )
)
SET_ASIDE = SetAside(
    items=(
        SetAsideItem(
            attribute="cloud.provider",
            title="Cloud",
            label="Google Cloud",
            quote="a friend is on GCP",
            stance="other_party",
            reason="friend",
        ),
    )
)
QUESTION = Question(
    attribute="serving.kind",
    criterion="deployment",
    text="Once it works, how is the model used? Behind an API on a server, in batch jobs, or another way?",
    why="It decides the row “Deployment target”.",
    choices=(
        Choice(value="api", label="behind a server-side API"),
        Choice(value="batch", label="batch jobs"),
        Choice(value="interactive", label="notebooks or analysis"),
    ),
)
ANSWER = Answer(
    asked="Does AWS still support TensorFlow?",
    topic=TOPICS[0],
    text="AWS supports both, but PyTorch more broadly. In August 2026 its containers offered PyTorch 2.11 to 2.13.\n\n"
    "- TensorFlow had one training image, supported until July 2027.\n- Neuron images reached TensorFlow 2.10 only.",
    as_of="2026-11-22",
    caution="The article is out of date here; the answer says what holds now.",
    sources=SOURCES,
    related=(TOPICS[1],),
)
VERDICT = Verdict(
    verdict="pytorch",
    headline="PyTorch, by the article's matrix (PyTorch 3, TensorFlow 1).",
    points=("Team leans PyTorch: “five Python developers”", "Vendor leans PyTorch: “we are on AWS”"),
    dissent=("Devices leans TensorFlow: “has to run on phones”",),
    unknown=("Deployment target: Ask whoever will operate it for the expected requests per second.",),
)
EXPLANATION = Explanation(
    rows=(
        RowExplanation(
            criterion="engineering",
            title="Engineering capability and retraining cost",
            lean="pytorch",
            steps=(
                Step(
                    rule="team-python",
                    conclusion="Engineering capability and retraining cost leans PyTorch",
                    because="The team already writes Python fluently, so little retraining is needed.",
                    premises=(
                        Premise(
                            text="Programming skills: fluent in Python",
                            evidence=(observation("five Python developers"),),
                        ),
                    ),
                    sources=SOURCES,
                    steps=(
                        Step(
                            rule="derived",
                            conclusion="What the team brings: a team already on PyTorch",
                            because="They said so.",
                            premises=(Premise(text="Framework the team knows: PyTorch"),),
                            sources=(),
                        ),
                    ),
                ),
            ),
        ),
        RowExplanation(
            criterion="vendor",
            title="Vendor and cloud alignment",
            lean="unknown",
            steps=(),
            missing="Nothing was said that bears on this row. Look at last month's cloud invoice.",
        ),
    )
)
WHAT_IF = WhatIf(assumptions=UNDERSTOOD.items, now=EARLY, then=DECIDED)


def turn(
    number: int,
    utterance: str,
    *blocks: Block,
    acts: tuple[str, ...] = ("describe",),
    pending: str | None = None,
    offered: tuple[str, ...] = (),
    assumptions: tuple[Observation, ...] = (),
) -> Turn:
    understood = tuple(item.observation for b in blocks if isinstance(b, Understood) for item in b.items)
    state = State(observations=understood, pending=pending, offered=offered, assumptions=assumptions)
    return Turn(number=number, at=AT, utterance=utterance, acts=acts, blocks=blocks, state=state)


DESCRIBED = turn(1, DESCRIPTION, UNDERSTOOD, SET_ASIDE, EARLY, QUESTION, pending="serving.kind")
ANSWERED = turn(2, "Does AWS still support TensorFlow?", ANSWER, QUESTION, acts=("ask",), pending="serving.kind")
UNSURE = turn(
    3,
    "what about the costs of aws",
    Choices(asked="what about the costs of aws", topics=TOPICS),
    NoAnswer(asked="And parking?", text="I have no sourced answer to “And parking?”, so I will not guess."),
    acts=("ask",),
    offered=("aws-support", "cost-of-compute"),
)
RECAP = turn(4, "recap", DECIDED, VERDICT, acts=("recap",))
WHY = turn(5, "why?", EXPLANATION, Rejected(asked="what about the costs of aws"), acts=("why",))
SUPPOSED = turn(
    6,
    "what if it had to run on a phone?",
    WHAT_IF,
    Note(text="Nothing of this is kept unless you say so (/commit). Drop it with /forget."),
    Note(text="There is no command /fro. /help lists them.", level="warning"),
    acts=("what_if",),
    assumptions=(observation("a phone"),),
)
EXPLAINED = turn(7, "how sure are you?", *EXPLANATIONS, acts=("how_sure",))
ALL_TURNS = (DESCRIBED, ANSWERED, UNSURE, RECAP, WHY, SUPPOSED, EXPLAINED)


VOCABULARY = Vocabulary(
    rows={key: title for key, (title, _) in _ROWS.items()},
    attributes={
        "team.skill": Attribute("Programming skills", {"python": "fluent in Python", "mixed": "mixed skills"}),
        "device.target": Attribute("Devices the model runs on", {"phone": "phones", "none": "no devices"}),
        "cloud.provider": Attribute("Cloud", {"aws": "AWS", "gcp": "Google Cloud"}),
    },
    topics=tuple(topic.question for topic in TOPICS),
    formats=(Format("markdown", ".md", "to read and share"), Format("json", ".json", "to check and replay")),
)


class FakeChat:
    """A ChatPort that replies from a list, then with notes. `gate`, where given, holds every reply until it is set."""

    def __init__(
        self,
        replies: Sequence[Turn] = (),
        turns: Sequence[Turn] = (),
        session_id: str | None = None,
        gate: threading.Event | None = None,
    ) -> None:
        self.decision = DECISION
        self.vocabulary = VOCABULARY
        self.turns: list[Turn] = list(turns)
        self.session_id = session_id
        self.trouble: str | None = None
        self.notice: str | None = None
        self.stored: list[StoredSession] = []
        self.deleted: list[StoredSession] = []
        self.heard: list[str] = []
        self.written: list[tuple[str, str]] = []
        self._replies = list(replies)
        self._gate = gate

    @property
    def standing(self) -> Standing:
        now = next((b for t in reversed(self.turns) for b in t.blocks if isinstance(b, Matrix)), BLANK)
        assumptions = self.turns[-1].state.assumptions if self.turns else ()
        if not assumptions:
            return Standing(now)
        return Standing(now, DECIDED, tuple(f"Cloud: {a.quote}" for a in assumptions))

    def say(self, utterance: str) -> Turn:
        if self._gate is not None:
            self._gate.wait()
        if utterance == "fail":
            raise FaceError("The rule engine could not take that in: broken")
        if utterance == "crash":
            raise RuntimeError("[/] unforeseen")
        self.heard.append(utterance)
        self.session_id = "20261122-093000-abcd"
        scripted = self._replies.pop(0) if self._replies else None
        reply = scripted or turn(len(self.turns) + 1, utterance, Note(text=f"Heard {utterance[:40]}"))
        self.turns.append(reply)
        return reply

    def explain(self, criterion: str) -> RowDetail:
        row = next(row for row in self.standing.matrix.rows if row.criterion == criterion)
        explained = EXPLANATION.rows[0 if row.evidence else 1]
        return RowDetail(row, {"article": explained, "amended": explained})

    def preview(self, format_id: str, file_name: str = "") -> str:
        return f"[/] the record as {format_id}\n" + "\n".join(f"line {number}" for number in range(60))

    def export(self, name: str, format_id: str = "") -> str:
        if name.endswith(".doc"):
            raise FaceError("Not written: the file's name must end in .md or .json, as in /export reasons.md.")
        self.written.append((name, format_id))
        return f"/tmp/{name}"

    def suggested_name(self, format_id: str) -> str:
        return f"advisor-{self.session_id}.{'md' if format_id == 'markdown' else 'json'}"

    def sessions(self, search: str = "") -> Sequence[StoredSession]:
        return [session for session in self.stored if search.casefold() in session.title.casefold()]

    def open(self, session_id: str | None) -> None:
        self.session_id = session_id
        self.turns = [DESCRIBED] if session_id else []

    def rewind(self, turn: int) -> None:
        self.session_id = None
        self.turns = [earlier for earlier in self.turns if earlier.number < turn]

    def rename(self, session_id: str, title: str) -> None:
        self.stored = [replace(s, title=title) if s.id == session_id else s for s in self.stored]

    def delete(self, session_id: str) -> None:
        self.deleted += [session for session in self.stored if session.id == session_id]
        self.stored = [session for session in self.stored if session.id != session_id]

    def restore(self, session_id: str) -> None:
        self.stored += [session for session in self.deleted if session.id == session_id]


def loading(chat: FakeChat, gate: threading.Event | None = None) -> Callable[[], FakeChat]:
    """A load function that hands over `chat`, once `gate` is set where one is given."""

    def load() -> FakeChat:
        if gate is not None:
            gate.wait()
        return chat

    return load
