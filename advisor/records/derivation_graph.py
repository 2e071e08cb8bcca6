"""The derivation of a record as a graph: words, facts, rules, rows and verdicts, each resting on those before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from advisor.conversation.blocks import Observation, ReadingName
from advisor.records.record_model import CriterionFacts, DecisionRecord, FiredRule
from advisor.text import shorten

NodeKind = Literal["quote", "fact", "rule", "row", "verdict"]
KINDS: tuple[NodeKind, ...] = ("quote", "fact", "rule", "row", "verdict")

_SHOWN_WORDS = 90


@dataclass(frozen=True, slots=True)
class Node:
    """`lines`: what it says, the most important first. `lean`: where a row, rule or verdict points, if it points.

    `target`: what it stands for: the place of a quote, the id of a rule or row, the name of a reading.
    """

    id: str
    kind: NodeKind
    lines: tuple[str, ...]
    lean: str | None
    target: str


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` supports `target` in these readings."""

    source: str
    target: str
    readings: tuple[ReadingName, ...]


@dataclass(frozen=True, slots=True)
class DerivationGraph:
    """Nodes of one kind stand together, in the order of the rows; ids are unique and safe anywhere."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def of_kind(self, kind: NodeKind) -> tuple[Node, ...]:
        """The nodes of a kind, in order."""
        return tuple(node for node in self.nodes if node.kind == kind)


def quote_place(observation: Observation) -> str:
    """A short name for the words of an observation: message, start and end."""
    return f"{observation.turn}-{observation.start}-{observation.end}"


class _Builder:
    def __init__(self, record: DecisionRecord) -> None:
        self.record = record
        self.names = {option.id: option.name for option in record.options}
        self.nodes: dict[tuple[NodeKind, str], Node] = {}
        self.edges: dict[tuple[str, str], tuple[ReadingName, ...]] = {}

    def node(self, kind: NodeKind, target: str, lines: tuple[str, ...], lean: str | None = None) -> str:
        key = (kind, target)
        if key not in self.nodes:
            number = sum(1 for other, _ in self.nodes if other == kind) + 1
            self.nodes[key] = Node(f"{kind}{number}", kind, lines, lean, target)
        return self.nodes[key].id

    def edge(self, source: str, target: str, readings: tuple[ReadingName, ...]) -> None:
        earlier = self.edges.get((source, target), ())
        self.edges[source, target] = tuple(dict.fromkeys((*earlier, *readings)))

    def say(self, lean: str) -> str:
        return self.names.get(lean, lean)

    def build(self) -> DerivationGraph:
        for criterion, row in self.record.criteria.items():
            self.row(criterion, row)
        for fired in self.record.beyond_rows:
            rule_id = self.rule(fired)
            if any(step.rule == fired.id for override in self.record.outcome.overrides for step in override.steps):
                self.edge(rule_id, self.verdict("amended"), ("amended",))
        nodes = sorted(self.nodes.values(), key=lambda node: KINDS.index(node.kind))
        return DerivationGraph(tuple(nodes), tuple(Edge(*pair, readings) for pair, readings in self.edges.items()))

    def row(self, criterion: str, row: CriterionFacts) -> None:
        moved = f", amended: {self.say(row.amended_lean)}" if row.amended_lean != row.lean else ""
        row_id = self.node("row", criterion, (row.short, f"{self.say(row.lean)}{moved}"), row.lean)
        for fired in row.fired:
            rule_id = self.rule(fired)
            if fired.lean is not None:
                self.edge(rule_id, row_id, fired.readings)
            else:
                self.edge(rule_id, self.node("fact", fired.conclusion, (fired.conclusion,)), fired.readings)
        if row.lean in self.names:
            self.edge(row_id, self.verdict("article"), ("article",))
        if row.amended_lean in self.names:
            self.edge(row_id, self.verdict("amended"), ("amended",))

    def rule(self, fired: FiredRule) -> str:
        kind = "article and amended" if len(fired.readings) > 1 else fired.readings[0]
        rule_id = self.node("rule", fired.id, (fired.id, f"{kind} reading"), fired.lean)
        for premise in fired.premises:
            fact_id = self.node("fact", premise.text, (premise.text,))
            self.edge(fact_id, rule_id, fired.readings)
            for observation in premise.evidence:
                words = f"“{shorten(observation.quote, _SHOWN_WORDS)}”"
                quote_id = self.node("quote", quote_place(observation), (words, f"message {observation.turn}"))
                self.edge(quote_id, fact_id, fired.readings)
        return rule_id

    def verdict(self, reading: ReadingName) -> str:
        facts = self.record.readings[reading]
        tally = ", ".join(f"{self.say(option)} {count}" for option, count in facts.tally.items())
        return self.node("verdict", reading, (f"{facts.title}: {self.say(facts.verdict)}", tally), facts.verdict)


def derivation_graph(record: DecisionRecord) -> DerivationGraph:
    """The graph of all rules that fired, in both readings."""
    return _Builder(record).build()
