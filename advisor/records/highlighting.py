"""Marks the words of the conversation that were taken for something, and says where links to them lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from advisor.conversation.blocks import Observation
from advisor.records.derivation_graph import quote_place
from advisor.records.record_model import DecisionRecord, Exchange, Known, Mark

_KINDS = ("counted", "replaced", "assumed", "set_aside")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of an utterance between two places where marks begin or end.

    `kind`: that of the strongest mark over it, if any; `told`: what the marks took it for. `anchors`: names of the
    marked places that begin here, each once in a record. `facts`: the numbers of the facts whose words end here.
    """

    text: str
    kind: str | None
    told: str
    anchors: tuple[str, ...]
    facts: tuple[int, ...]


def segments(exchange: Exchange, record: DecisionRecord) -> tuple[Segment, ...]:
    """The utterance in pieces; joined, their texts are the utterance."""
    marks = _fitting(exchange)
    length = len(exchange.utterance)
    cuts = sorted({0, length, *(mark.start for mark in marks), *(mark.end for mark in marks)})
    return tuple(
        _segment(exchange, record, [m for m in marks if m.start < end and start < m.end], start, end)
        for start, end in pairwise(cuts)
    )


def _segment(exchange: Exchange, record: DecisionRecord, marks: list[Mark], start: int, end: int) -> Segment:
    beginning = (f"quote-{exchange.turn}-{mark.start}-{mark.end}" for mark in marks if mark.start == start)
    ending = [(exchange.turn, mark.attribute, mark.start, mark.end) for mark in marks if mark.end == end]
    return Segment(
        text=exchange.utterance[start:end],
        kind=marks[0].kind if marks else None,
        told="; ".join(dict.fromkeys(f"{mark.title}: {mark.label}" for mark in marks)),
        anchors=tuple(dict.fromkeys(beginning)),
        facts=tuple(number for number, known in enumerate(record.known, 1) if _span(known) in ending),
    )


def _span(known: Known) -> tuple[int, str, int, int]:
    return known.turn, known.attribute, known.start, known.end


def _fitting(exchange: Exchange) -> list[Mark]:
    """The marks that lie within the utterance, the strongest kind first."""
    found = [mark for mark in exchange.marks if 0 <= mark.start < mark.end <= len(exchange.utterance)]
    return sorted(found, key=lambda mark: (_KINDS.index(mark.kind), mark.start, mark.end))


def anchors(record: DecisionRecord) -> frozenset[str]:
    """The places in the conversation that a link can lead to."""
    return frozenset(_anchors(record))


def _anchors(record: DecisionRecord) -> Iterator[str]:
    for exchange in record.transcript:
        yield f"message-{exchange.turn}"
        for mark in _fitting(exchange):
            yield f"quote-{exchange.turn}-{mark.start}-{mark.end}"


def anchor(observation: Observation, places: frozenset[str]) -> str:
    """Where a link to an observation's words leads: to the words, or else to their message, or to the conversation."""
    wanted = (f"quote-{quote_place(observation)}", f"message-{observation.turn}")
    return next((name for name in wanted if name in places), "conversation")
