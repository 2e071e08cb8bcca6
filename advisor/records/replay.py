"""Runs a recorded conversation again and tells what comes out differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.conversation.conversation import Conversation
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import Turn
from advisor.reasoning.recommendation import Reasoner
from advisor.records.decision_record import decision_record
from advisor.records.differences import Comparison, Difference
from advisor.records.record_model import DecisionRecord, Exchange
from advisor.records.session import Session, SessionInfo


@dataclass(frozen=True, slots=True)
class Replay:
    """A recorded conversation, held again. `now` is the record as it comes out, `differences` in the order said."""

    then: DecisionRecord
    now: DecisionRecord
    comparison: Comparison
    differences: tuple[Difference, ...]

    @property
    def decision_changed(self) -> bool:
        """Whether a row or a verdict differs, in either reading."""
        return any(difference.kind in ("row", "verdict") for difference in self.differences)


def replay(record: DecisionRecord, conversation: Conversation, reasoner: Reasoner, encoder: str) -> Replay:
    """Says every recorded utterance again to an empty conversation, which runs on `reasoner`.

    `encoder`: the fingerprint of the one in use. Raises EngineError if the rule engine fails.
    """
    turns = tuple(conversation.respond(exchange.utterance, exchange.at) for exchange in record.transcript)
    now = decision_record(_session(record, turns, reasoner, encoder), reasoner)
    comparison = Comparison(record, now)
    messages = [
        difference
        for exchange, turn in zip(record.transcript, turns, strict=True)
        for difference in _message(exchange, turn, comparison, reasoner)
    ]
    return Replay(record, now, comparison, (*comparison.differences(), *messages))


def _session(record: DecisionRecord, turns: tuple[Turn, ...], reasoner: Reasoner, encoder: str) -> Session:
    manifest = reasoner.pack.manifest
    info = SessionInfo(
        id=record.session.id,
        created=record.session.created,
        updated=record.session.updated,
        title=record.session.title,
        turns=len(turns),
        pack_id=manifest.id,
        pack_version=manifest.version,
        pack_fingerprint=reasoner.pack.fingerprint,
        encoder=encoder,
    )
    return Session(info=info, turns=turns)


def _message(then: Exchange, now: Turn, comparison: Comparison, reasoner: Reasoner) -> Iterator[Difference]:
    causes = tuple(_causes(then, comparison, reasoner))
    if now.acts != then.acts:
        yield Difference(
            "message", f"Message {then.turn}, what it does", ", ".join(then.acts), ", ".join(now.acts), causes
        )
    reply = plain_text(now.blocks, reasoner.pack.say)
    if reply != then.reply:
        yield Difference("message", f"Message {then.turn}, reply", *_first_difference(then.reply, reply), causes)


def _causes(then: Exchange, comparison: Comparison, reasoner: Reasoner) -> Iterator[str]:
    """The changed parts of the knowledge that the replies to a message rest on, then and now."""
    topics = {
        answer.topic
        for record in (comparison.then, comparison.now)
        for answer in record.answers
        if answer.turn == then.turn
    }
    entries = [reasoner.pack.entries[topic] for topic in topics if topic in reasoner.pack.entries]
    claims = {claim for entry in entries for claim in entry.claims}
    rules = {
        rule for record in (comparison.then, comparison.now) for row in record.criteria.values() for rule in row.fired
    }
    claims |= {claim for rule in rules for claim in rule.claims}
    named = {
        "faq": topics,
        "phrasings": topics,
        "claim": claims,
        "source": {source for entry in entries for source in entry.sources},
        "rule": {rule.id for rule in rules},
        "phrases": {mark.attribute for mark in then.marks},
    }
    yield from (str(part) for part in comparison.changed if part.id in named.get(part.kind, ()))


def _first_difference(then: str, now: str) -> tuple[str, str]:
    """The first lines that differ; an empty line stands for one that is missing."""
    old, new = then.splitlines(), now.splitlines()
    length = max(len(old), len(new))
    pairs = zip([*old, *[""] * (length - len(old))], [*new, *[""] * (length - len(new))], strict=True)
    return next(((a, b) for a, b in pairs if a != b), (then, now))
