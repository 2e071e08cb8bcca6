"""What is to be left out is nowhere in any format, and what is left still fits together."""

from __future__ import annotations

import json
import unicodedata
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.conversation.blocks import Note
from advisor.knowledge_base.pack import KnowledgePack
from advisor.records.export import FORMATS, ExportError, export, record_of
from advisor.records.redaction import perhaps_names
from advisor.records.store import Session
from advisor.text import shorten
from tests.records.example_session import described, session

SAID = (
    "Hi, Ana Sousa of Acme Corp here (ana.sousa@acme-corp.example, +351 912 345 678, or 555-123-4567). "
    "At ACME corp we write Python; see https://intra.acme.example/plan?x=1. Acme Corp's pilots use it in 2026-11-22."
)
SECRETS = ("Ana S", "Sousa", "acme", "351 9", "555-123", "//intra", "plan?x=1")


def told(pack: KnowledgePack, said: str = SAID, quote: str = "At ACME corp we write Python") -> Session:
    """A session whose one message names people, a company and ways to reach them; the reply repeats all of it."""
    reply = Note(text=f"You said “{said}”, in short “{shorten(said, 20)}” and “{quote}”")
    made = session(pack, [described(pack, 1, said, {("team.skill", "python"): quote}, [reply])])
    return made.model_copy(update={"info": made.info.model_copy(update={"title": shorten(said, 60)})})


@pytest.mark.parametrize("format", list(FORMATS))
def test_nothing_of_it_is_left_in_any_format(pack: KnowledgePack, format: str) -> None:
    text = export(told(pack), pack, format, redact=["Acme Corp", "Ana Sousa"])
    assert [secret for secret in SECRETS if secret.casefold() in text.casefold()] == []
    assert "REDACTED-1" in text
    if format not in ("csv", "prov"):
        assert "2026-11-22" in text


def test_placeholders_are_stable_and_spans_follow(pack: KnowledgePack) -> None:
    record = record_of(told(pack), pack, redact=["Acme Corp", "Ana Sousa"])
    (exchange,) = record.transcript
    assert exchange.utterance == (
        "Hi, [REDACTED-2] of [REDACTED-1] here ([EMAIL-1], [PHONE-1], or [PHONE-2]). "
        "At [REDACTED-1] we write Python; see [URL-1]. [REDACTED-1]'s pilots use it in 2026-11-22."
    )
    assert record.redacted == ("[REDACTED-1]", "[REDACTED-2]", "[EMAIL-1]", "[URL-1]", "[PHONE-1]", "[PHONE-2]")
    (known,) = record.known
    assert known.quote == exchange.utterance[known.start : known.end] == "At [REDACTED-1] we write Python"
    (mark,) = exchange.marks
    assert (mark.start, mark.end) == (known.start, known.end)
    assert record_of(told(pack), pack, redact=["Acme Corp", "Ana Sousa"]) == record


def test_a_quote_that_cuts_a_word_takes_in_the_placeholder(pack: KnowledgePack) -> None:
    record = record_of(told(pack, quote="corp we write Python"), pack, redact=["Acme Corp", "Ana Sousa"])
    (known,) = record.known
    assert known.quote == "[REDACTED-1] we write Python"
    assert known.quote in record.summary or known.quote in record.transcript[0].reply
    assert "corp" not in json.dumps(record.model_dump(mode="json")["transcript"]).casefold()


def test_names_that_are_left_are_pointed_out(pack: KnowledgePack) -> None:
    record = record_of(told(pack), pack, redact=["Acme Corp"])
    assert perhaps_names(record, pack) == ("Ana", "Sousa")
    assert perhaps_names(record_of(told(pack), pack, redact=["Acme Corp", "Ana Sousa"]), pack) == ()


def test_without_redaction_everything_stays(pack: KnowledgePack) -> None:
    assert SAID in record_of(told(pack), pack).transcript[0].utterance
    assert record_of(told(pack), pack).redacted == ()
    contacts_only = record_of(told(pack), pack, redact=[""]).transcript[0].utterance
    assert "Acme Corp here ([EMAIL-1], [PHONE-1], or [PHONE-2])" in contacts_only


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_are_the_same_word(pack: KnowledgePack, form: Literal["NFC", "NFD"]) -> None:
    said = unicodedata.normalize(form, "Müller AG: we write Python")
    record = record_of(told(pack, said, "we write Python"), pack, redact=["MÜLLER"])
    assert record.transcript[0].utterance == "[REDACTED-1] AG: we write Python"


def test_parts_of_longer_words_stay(pack: KnowledgePack) -> None:
    record = record_of(told(pack, "Anaconda and Ana_x: we write Python", "we write Python"), pack, redact=["Ana"])
    assert record.transcript[0].utterance == "Anaconda and [REDACTED-1]_x: we write Python"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("PyTorch", "“PyTorch” cannot be left out: it is an option"),
        ("vendor", "cannot be left out"),
        ("split", "cannot be left out"),
        ("x", "give a name or word of 2 to 200 characters"),
        ("[/]", "give a name or word"),
        ("y" * 1000, "give a name or word"),
    ],
)
def test_words_that_a_record_needs_are_refused(pack: KnowledgePack, word: str, message: str) -> None:
    with pytest.raises(ExportError, match=message) as caught:
        record_of(told(pack), pack, redact=[word])
    assert len(str(caught.value)) < 300


def test_too_many_words_are_refused(pack: KnowledgePack) -> None:
    with pytest.raises(ExportError, match="201 words cannot be left out at once; 200 can"):
        record_of(told(pack), pack, redact=[f"word{number}" for number in range(201)])


@given(
    before=st.text("ab .’\n", max_size=8),
    name=st.sampled_from(["Zyx", "Zyx Qwv", "z.y+x", "Ünal", "C3*PO"]),
    after=st.text("ab .’\n", max_size=8),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_name_by_itself_is_never_left(pack: KnowledgePack, before: str, name: str, after: str) -> None:
    said = f"{before} {name} {after} {name.upper()}, we write Python"
    record = record_of(told(pack, said, f"{name.upper()}, we write Python"), pack, redact=[name])
    (exchange,) = record.transcript
    assert exchange.utterance == f"{before} [REDACTED-1] {after} [REDACTED-1], we write Python"
    assert name.casefold() not in FORMATS["text"].write(record, "").casefold()
    (known,) = record.known
    assert exchange.utterance[known.start : known.end] == known.quote == "[REDACTED-1], we write Python"
