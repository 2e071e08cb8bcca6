"""Turns and sessions made by hand, so that records can be tested without the rooms before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from advisor.conversation import replies
from advisor.conversation.blocks import (
    Block,
    Matrix,
    Note,
    Observation,
    SetAside,
    SetAsideItem,
    TopicRef,
    Understood,
)
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.recommendation import Reasoner
from advisor.records.store import Session, SessionInfo, SessionStore

LISBON = timezone(timedelta(hours=1))
BEGUN = datetime(2026, 11, 22, 15, 30, 12, tzinfo=LISBON)


def create(store: SessionStore, pack_id: str = "pytorch_or_tensorflow") -> str:
    """A new session in a store."""
    return store.create(pack_id=pack_id, pack_version="1.0.0", pack_fingerprint="f" * 64, encoder="e" * 64)


def plain_turn(number: int, utterance: str = "Hello", at: datetime = BEGUN) -> Turn:
    """A turn with a note as its reply."""
    return Turn(
        number=number,
        at=at,
        utterance=utterance,
        acts=("greeting",),
        blocks=(Note(text=f"Reply {number}"),),
        state=State(),
    )


def observed(attribute: str, value: str, quote: str, utterance: str, turn: int) -> Observation:
    """An observation of a quote in an utterance."""
    start = utterance.index(quote)
    return Observation(
        attribute=attribute,
        value=value,
        quote=quote,
        turn=turn,
        start=start,
        end=start + len(quote),
        obtained="said",
        reason="test",
    )


def matrix(pack: KnowledgePack, observations: tuple[Observation, ...]) -> Matrix:
    """The matrix over some observations."""
    reasoner = Reasoner(pack)
    return replies.matrix(
        pack, reasoner.recommend(profile_of(observations)), observations, same_rules=not reasoner.amendments
    )


def described(
    pack: KnowledgePack,
    number: int,
    utterance: str,
    quotes: Mapping[tuple[str, str], str],
    blocks: Iterable[Block] = (),
) -> Turn:
    """A turn that describes a project; `quotes` maps attribute and value to the words that told them."""
    found = tuple(observed(*fact, quote, utterance, number) for fact, quote in quotes.items())
    understood = Understood(items=tuple(replies.understood_item(pack, observation) for observation in found))
    return Turn(
        number=number,
        at=BEGUN + timedelta(minutes=number),
        utterance=utterance,
        acts=("describe",),
        blocks=(understood, matrix(pack, found), *blocks),
        state=State(observations=found, declined=("serving.scale",)),
    )


def session(pack: KnowledgePack, turns: Iterable[Turn]) -> Session:
    """A session over the shipped pack, as if loaded."""
    turns = tuple(turns)
    info = SessionInfo(
        id="20261122-143012-7f3a",
        created=BEGUN,
        updated=turns[-1].at if turns else BEGUN,
        title="A test",
        turns=len(turns),
        pack_id=pack.manifest.id,
        pack_version=pack.manifest.version,
        pack_fingerprint=pack.fingerprint,
        encoder="e" * 64,
    )
    return Session(info=info, turns=turns)


QUESTION = "does conda still work?"
DESCRIPTION = "We all write fluent Python, it is a prototype, and everything we own is in Google Cloud."


def example(pack: KnowledgePack) -> Session:
    """Two turns: a question with its answer, then a description with something set aside."""
    entry = pack.entries["conda-install"]
    asked = Turn(
        number=1,
        at=BEGUN.astimezone(UTC),
        utterance=QUESTION,
        acts=("ask",),
        topics=(TopicRef(id=entry.id, question=entry.question, score=0.91),),
        blocks=(replies.answer(pack, entry, QUESTION, 0.91),),
        state=State(last_topic=entry.id),
    )
    aside = SetAside(
        items=(
            SetAsideItem(
                attribute="device.target",
                title="Devices",
                label="phone",
                quote="maybe phones later",
                stance="hedged",
                reason="maybe",
            ),
        )
    )
    quotes = {
        ("team.skill", "python"): "fluent Python",
        ("stage", "early_stage"): "prototype",
        ("cloud.provider", "google_cloud"): "everything we own is in Google Cloud",
    }
    return session(pack, (asked, described(pack, 2, DESCRIPTION, quotes, [aside])))
