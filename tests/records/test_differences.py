"""Two records are compared, and each difference is put down to the rule, claim or phrase that made it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.assistant import Assistant
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.records.differences import Comparison, Difference
from advisor.records.export import export, record_of
from advisor.records.knowledge_versions import (
    ChangedPart,
    changed_parts,
    keep_copy,
    kept_copy,
    pack_contents,
)
from advisor.records.record_file import RecordError, read_record
from advisor.records.record_model import SealedRecord
from advisor.records.replay import replay
from advisor.records.session import Session
from advisor.understanding.encoder import load_encoder
from tests.records import example_session
from tests.records.example_session import described, session


@pytest.fixture(scope="module")
def stored(pack: KnowledgePack) -> Session:
    return example_session.example(pack)


@pytest.fixture(scope="module")
def record(stored: Session, pack: KnowledgePack) -> SealedRecord:
    return record_of(stored, pack)


def without_rule(pack: KnowledgePack, name: str) -> KnowledgePack:
    """The pack less one rule, as another version."""
    return replace(pack, rules={k: r for k, r in pack.rules.items() if k != name}, fingerprint="0" * 64)


def by_place(differences: tuple[Difference, ...]) -> dict[str, Difference]:
    return {difference.where: difference for difference in differences}


def test_a_record_equals_itself(record: SealedRecord) -> None:
    assert Comparison(record, record).differences() == ()
    assert Comparison(record, record).changed == ()


def test_a_rule_that_is_gone_is_named(stored: Session, pack: KnowledgePack, record: SealedRecord) -> None:
    later = record_of(stored, without_rule(pack, "maturity-early-stage"))
    comparison = Comparison(record, later)
    assert ChangedPart("rule", "maturity-early-stage", "removed") in comparison.changed
    found = by_place(comparison.differences())
    row = found["Project maturity and risk tolerance (article reading)"]
    assert (row.then, row.now) == ("PyTorch", "unknown")
    assert row.because == ("rule maturity-early-stage fired and does not now (removed in the knowledge)",)
    back = by_place(Comparison(later, record).differences())
    assert back["Project maturity and risk tolerance (article reading)"].because == (
        "rule maturity-early-stage fires now and did not (added in the knowledge)",
    )


def test_an_erratum_that_is_gone_is_named_where_it_defeated(
    stored: Session, pack: KnowledgePack, record: SealedRecord
) -> None:
    later = record_of(stored, without_rule(pack, "erratum-google-cloud-without-tpus"))
    (row,) = (d for d in Comparison(record, later).differences() if d.kind == "row")
    assert row.where == "Vendor and cloud alignment (amended reading)"
    assert (row.then, row.now) == ("neutral", "TensorFlow")
    assert "rule erratum-google-cloud-without-tpus fired and does not now (removed in the knowledge)" in row.because


def test_facts_that_differ_name_the_phrases_that_read_them(pack: KnowledgePack, record: SealedRecord) -> None:
    said = "We all write fluent Python, it is a prototype."
    quotes = {("team.skill", "python"): "fluent Python", ("stage", "early_stage"): "prototype"}
    other = record_of(session(pack, [described(pack, 1, said, quotes)]), pack)
    found = by_place(Comparison(record, other).differences())
    assert found["Cloud"].then == "Google Cloud"
    assert found["Cloud"].now == "nothing"
    assert found["Cloud"].because == ("“everything we own is in Google Cloud” was read by the phrase test",)
    vendor = found["Vendor and cloud alignment (article reading)"]
    assert vendor.because == (
        "rule vendor-google-cloud fired and does not now (Cloud: Google Cloud is not known any more)",
    )


def test_a_verdict_names_the_rows_that_moved_it(pack: KnowledgePack) -> None:
    words = "fluent Python, a prototype behind an API"
    quotes = {("team.skill", "python"): "fluent Python", ("stage", "early_stage"): "prototype"}
    quotes[("serving.kind", "api")] = "behind an API"
    decided = session(pack, [described(pack, 1, words, quotes)])
    then, now = record_of(decided, pack), record_of(decided, without_rule(pack, "maturity-early-stage"))
    verdict = by_place(Comparison(then, now).differences())["Verdict (article reading)"]
    assert (verdict.then, verdict.now) == ("PyTorch", "insufficient")
    assert verdict.because[0] == "Project maturity and risk tolerance: PyTorch, now unknown"
    assert "rule maturity-early-stage fired and does not now (removed in the knowledge)" in verdict.because


# Versions of the knowledge -------------------------------------------------------------------------------------------


def test_every_kind_of_change_is_seen(pack: KnowledgePack) -> None:
    entry = pack.entries["conda-install"]
    claim = next(iter(pack.claims.values()))
    changed = replace(
        pack,
        entries={
            **pack.entries,
            entry.id: entry.model_copy(update={"phrasings": (*entry.phrasings, "conda?")}),
            "new": entry.model_copy(update={"id": "new"}),
        },
        claims={**pack.claims, claim.id: claim.model_copy(update={"truth": "otherwise"})},
    )
    assert changed_parts(pack_contents(pack), pack_contents(changed)) == (
        ChangedPart("claim", claim.id, "changed"),
        ChangedPart("faq", "new", "added"),
        ChangedPart("phrasings", "conda-install", "changed"),
        ChangedPart("phrasings", "new", "added"),
    )


def test_a_version_is_kept_once_and_loads_as_it_was(pack: KnowledgePack, tmp_path: Path) -> None:
    assert kept_copy(pack.fingerprint, tmp_path) is None
    keep_copy(pack, tmp_path)
    keep_copy(pack, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [pack.fingerprint]
    kept = kept_copy(pack.fingerprint, tmp_path)
    assert kept is not None
    assert load_pack(*kept).fingerprint == pack.fingerprint
    assert kept_copy("../..", tmp_path) is None


# Replay --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def held(assistant: Assistant, pack: KnowledgePack) -> SealedRecord:
    conversation = assistant.conversation()
    for said in ("We write Python and use AWS.", "is torchserve dead?", "why"):
        conversation.respond(said, example_session.BEGUN)
    made = session(pack, conversation.turns)
    return record_of(
        made.model_copy(update={"info": made.info.model_copy(update={"encoder": load_encoder().fingerprint})}), pack
    )


def test_a_conversation_comes_out_the_same(held: SealedRecord, assistant: Assistant) -> None:
    found = replay(held, assistant.conversation(), assistant.reasoner, assistant.encoder.fingerprint)
    assert found.differences == ()
    assert found.now.model_dump(exclude={"session"}) == held.model_dump(exclude={"session", "integrity"})


def test_another_reply_is_shown_with_what_changed_in_its_answer(held: SealedRecord, assistant: Assistant) -> None:
    contents = {kind: dict(parts) for kind, parts in held.pack.contents.items()}
    contents["faq"]["torchserve-status"] = "0" * 16
    exchange = held.transcript[1].model_copy(update={"reply": "Something else.\nMore."})
    changed = held.model_copy(
        update={
            "pack": held.pack.model_copy(update={"contents": contents}),
            "transcript": (held.transcript[0], exchange, held.transcript[2]),
        }
    )
    found = replay(changed, assistant.conversation(), assistant.reasoner, assistant.encoder.fingerprint)
    (difference,) = found.differences
    assert difference.where == "Message 2, reply"
    assert difference.then == "Something else."
    assert "faq torchserve-status (changed)" in difference.because
    assert not found.decision_changed


# Reading a record ----------------------------------------------------------------------------------------------------


def _data(stored: Session, pack: KnowledgePack) -> Any:
    return json.loads(export(stored, pack, "json"))


def test_a_record_is_read_and_an_alteration_named(stored: Session, pack: KnowledgePack, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    data = _data(stored, pack)
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_record(path).altered == ()
    path.write_text(json.dumps({**data, "title": "Otherwise"}), encoding="utf-8")
    assert read_record(path).altered == ("title",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a record of a conversation"),
        ("{}", "is not a record of a conversation"),
        ('{"schema_version": 1}', "schema version 1, and this program reads version 2"),
        ('{"schema_version": 2, "\\u001b[31m": 1}', "is not a record"),
    ],
)
def test_what_is_no_record_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=message) as caught:
        read_record(path)
    assert len(str(caught.value)) < 500
    assert "\x1b" not in str(caught.value)


def test_a_record_with_an_impossible_part_is_explained(stored: Session, pack: KnowledgePack, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    changes: list[dict[str, Any]] = [
        {"status": "accepted"},
        {"transcript": [{}]},
        {"integrity": {}},
        {"title": "\ud800"},
    ]
    for change in changes:
        path.write_text(json.dumps({**_data(stored, pack), **change}), encoding="utf-8")
        with pytest.raises(RecordError, match="is not a record of a conversation"):
            read_record(path)
