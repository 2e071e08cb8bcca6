"""A decision record says everything it must, says it the same way each time, and quotes hostile words harmlessly."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import advisor
from advisor.conversation.blocks import Note
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.rule_engine import EngineError, RuleEngine
from advisor.records.export import FORMATS, ExportError, export
from advisor.records.store import Session
from advisor.text import clean
from tests.records import example_session
from tests.records.example_session import DESCRIPTION, QUESTION, described, session
from tests.records.markdown_reading import HOSTILE, MARKDOWN, inlines, words_seen

ROOT = Path(__file__).resolve().parents[2]

# The record --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(pack: KnowledgePack) -> Session:
    return example_session.example(pack)


@pytest.fixture(scope="module")
def record(stored: Session, pack: KnowledgePack) -> Any:
    return json.loads(export(stored, pack, "json"))


@pytest.fixture(scope="module")
def markdown(stored: Session, pack: KnowledgePack) -> str:
    return export(stored, pack, "markdown")


def test_formats_say_what_they_are() -> None:
    assert {"markdown": ".md", "json": ".json", "html": ".html"}.items() <= {
        name: chosen.suffix for name, chosen in FORMATS.items()
    }.items()
    assert len({chosen.suffix for chosen in FORMATS.values()}) == len(FORMATS)
    assert all(chosen.id == name and chosen.description for name, chosen in FORMATS.items())


def test_json_has_stable_names(record: Any) -> None:
    assert record["schema_version"] == 2
    assert record["status"] == "proposed"
    assert record["tool"] == {"name": "advisor", "version": advisor.__version__}
    assert list(record["criteria"]) == ["engineering", "maturity", "deployment", "mobile", "vendor"]
    vendor = record["criteria"]["vendor"]
    assert vendor["lean"] == "tensorflow"
    (evidence,) = vendor["evidence"]
    assert evidence["turn"] == 2
    assert (
        DESCRIPTION[evidence["start"] : evidence["end"]] == evidence["quote"] == "everything we own is in Google Cloud"
    )
    assert "vendor-google-cloud" in vendor["rules"] or vendor["rules"]
    assert [rule["id"] for rule in vendor["fired"]] == vendor["rules"]
    assert all(rule["because"] and rule["sources"] and rule["premises"] for rule in vendor["fired"])
    assert all({"id", "title", "url", "date"} == set(source) for source in vendor["fired"][0]["sources"])
    for reading, tensorflow in (("article", 1), ("amended", 0)):
        assert record["readings"][reading]["verdict"] == "insufficient"
        assert record["readings"][reading]["tally"] == {"pytorch": 2, "tensorflow": tensorflow}
    assert record["transcript"][1]["utterance"] == DESCRIPTION
    assert record["transcript"][0]["at"] == "2026-11-22T14:30:12Z"
    assert record["encoder"] == "e" * 64


def test_json_says_what_is_known_unknown_and_set_aside(record: Any) -> None:
    known = {item["attribute"]: item for item in record["known"]}
    assert known["stage"]["quote"] == "prototype"
    assert known["stage"]["obtained"] == "said"
    assert known["stage"]["label"]
    unknown = {item["attribute"]: item for item in record["unknown"]}
    assert not set(known) & set(unknown)
    assert unknown["serving.scale"]["declined"]
    assert unknown["serving.scale"]["criterion_open"]
    assert unknown["serving.scale"]["how_to_find_out"]
    (aside,) = record["set_aside"]
    assert (aside["quote"], aside["stance"], aside["turn"]) == ("maybe phones later", "hedged", 2)
    (answer,) = record["answers"]
    assert (answer["topic"], answer["asked"], answer["turn"]) == ("conda-install", QUESTION, 1)
    assert answer["sources"]
    assert answer["current"]
    assert {"rows": {"deployment": "pytorch"}, "verdict": "pytorch"} in record["would_change"]


def test_json_is_written_for_people_too(stored: Session, pack: KnowledgePack) -> None:
    text = export(
        session(pack, [described(pack, 1, "Nós só escrevemos Python 漢", {("team.skill", "python"): "só"})]),
        pack,
        "json",
    )
    assert "Nós só escrevemos Python 漢" in text
    assert text.endswith("}\n")


def test_markdown_says_all_that_it_must(markdown: str, record: Any, pack: KnowledgePack) -> None:
    seen = "\n".join(words_seen(token) for token in inlines(markdown))
    required = [
        "PyTorch or TensorFlow: decision record",
        "proposed",
        "20261122-143012-7f3a",
        "2026-11-22 15:32:12+01:00",
        pack.manifest.question,
        "“everything we own is in Google Cloud” (message 2, said)",
        "“maybe phones later”, message 2",
        "said as a maybe",
        "Deployment target: unknown",
        pack.criteria["deployment"].how_to_find_out,
        pack.attributes["device.target"].how_to_find_out,
        pack.entries["conda-install"].question,
        QUESTION,
        DESCRIPTION,
        f"advisor {advisor.__version__}",
        pack.fingerprint,
        "e" * 64,
        "facing the question",
        "Serving: PyTorch. Then PyTorch.",
    ]
    assert [text for text in required if text is not None and text not in seen] == []
    for row in record["criteria"].values():
        for rule in row["fired"]:
            assert f"Rule {rule['id']} ({' and '.join(rule['readings'])} reading)" in seen
            assert rule["because"] in seen
            for source in rule["sources"]:
                assert source["title"].split()[0] in seen
                assert source["date"] is None or f"({source['date']})" in seen


def test_links_lead_to_sources_only(markdown: str, pack: KnowledgePack) -> None:
    links = {
        child.attrs["href"]
        for token in inlines(markdown)
        for child in token.children or ()
        if child.type == "link_open"
    }
    known = {re.sub(r"[()]", "", source.url) for source in pack.sources.values() if source.url}
    assert links
    assert {re.sub(r"%28|%29", "", str(link)) for link in links} <= known


@pytest.mark.parametrize("format", list(FORMATS))
def test_the_same_record_is_written_anywhere_and_at_any_time(stored: Session, pack: KnowledgePack, format: str) -> None:
    script = (
        "import sys; from advisor.knowledge_base.pack import load_pack; from advisor.records.export import export;"
        "from tests.records.example_session import example; pack = load_pack();"
        f"sys.stdout.buffer.write(export(example(pack), pack, {format!r}).encode())"
    )
    digests = {hashlib.sha256(export(stored, pack, format).encode()).hexdigest()}
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1


def test_decided_split_and_empty_records_read_well(pack: KnowledgePack) -> None:
    words = "fluent Python, a prototype behind an API, on iPhones, in Google Cloud"
    rows = {
        ("team.skill", "python"): "fluent Python",
        ("stage", "early_stage"): "prototype",
        ("device.target", "phone"): "iPhones",
        ("cloud.provider", "google_cloud"): "Google Cloud",
    }
    split = json.loads(export(session(pack, [described(pack, 1, words, rows)]), pack, "json"))
    assert split["readings"]["article"]["verdict"] == "split"
    assert "no option is proposed, because the rows are split" in split["summary"]
    assert "; pressure-test before committing" in split["summary"]
    assert split["summary"].endswith("the amended reading differs: insufficient (PyTorch 2, TensorFlow 0).")

    rows[("serving.kind", "api")] = "API"
    decided = json.loads(export(session(pack, [described(pack, 1, words, rows)]), pack, "json"))
    assert decided["readings"]["article"]["verdict"] == "pytorch"
    assert "PyTorch is proposed and not TensorFlow (PyTorch 3, TensorFlow 2)" in decided["summary"]
    assert "accepting the choice with Devices and Vendor leaning towards TensorFlow" in decided["summary"]
    assert decided["criteria"]["vendor"]["dissents"] == ["article"]
    assert decided["criteria"]["engineering"]["dissents"] == []
    assert "(dissents)" in export(session(pack, [described(pack, 1, words, rows)]), pack, "markdown")

    empty = export(session(pack, []), pack, "markdown")
    assert "nothing is known about yet" in empty
    assert "Nothing was said." in empty
    assert json.loads(export(session(pack, []), pack, "json"))["transcript"] == []


def test_the_errata_at_work_are_told_with_their_evidence(record: Any, markdown: str) -> None:
    vendor = record["criteria"]["vendor"]
    assert (vendor["lean"], vendor["amended_lean"]) == ("tensorflow", "neutral")
    fired = {rule["id"]: rule for rule in vendor["fired"]}
    assert fired["vendor-google-cloud"]["readings"] == ["article"]
    assert fired["erratum-google-cloud-without-tpus"]["readings"] == ["amended"]
    assert {caveat["status"] for caveat in fired["vendor-google-cloud"]["caveats"]} == {"outdated"}
    seen = "\n".join(words_seen(token) for token in inlines(markdown))
    assert "(amended: neutral)" in seen
    assert "Rule erratum-google-cloud-without-tpus (amended reading)" in seen
    assert "Today this is outdated" in seen


def test_a_pack_without_errata_says_so(stored: Session, pack: KnowledgePack) -> None:
    article_only = replace(pack, rules={k: rule for k, rule in pack.rules.items() if rule.reading == "article"})
    record = json.loads(export(stored, article_only, "json"))
    assert record["readings"]["amended"]["same_rules_as_article"]
    assert "No errata are applied yet: equal to the article's." in export(stored, article_only, "markdown")


# Hostile sessions --------------------------------------------------------------------------------------------------


def _session_with(pack: KnowledgePack, words: str, before: str) -> Session:
    turn = described(pack, 1, before + words, {("team.skill", "python"): words})
    return session(pack, [turn.model_copy(update={"blocks": (*turn.blocks, Note(text=words))})])


def _skeleton(markdown: str) -> list[tuple[str, int]]:
    """The structure of the record above the transcript."""
    body, _, _ = markdown.partition("\n## Appendix: transcript\n")
    return [(token.type, token.nesting) for token in MARKDOWN.parse(body)]


@pytest.fixture(scope="module")
def harmless(pack: KnowledgePack) -> list[tuple[str, int]]:
    """The structure of a record where nobody means harm."""
    return _skeleton(export(_session_with(pack, "harmless", "words "), pack, "markdown"))


@given(words=HOSTILE.map(clean).filter(bool), before=HOSTILE.map(clean))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hostile_words_are_quoted_literally_and_change_nothing_else(
    pack: KnowledgePack, harmless: list[tuple[str, int]], words: str, before: str
) -> None:
    hostile = _session_with(pack, words, before)
    text = export(hostile, pack, "markdown")
    seen = [words_seen(token) for token in inlines(text)]
    assert any(f"“{words}” (message 1, said)" in inline for inline in seen)
    assert f"“{words}”" in seen
    assert _skeleton(text) == harmless
    said = [line for line in (before + words).split("\n") if line.strip()]
    shown = [line for inline in seen for line in inline.split("\n")]
    assert any(shown[start : start + len(said)] == said for start in range(len(shown)))
    assert json.loads(export(hostile, pack, "json"))["transcript"][0]["utterance"] == before + words


# What can go wrong -------------------------------------------------------------------------------------------------


def test_an_unknown_format_names_the_formats(stored: Session, pack: KnowledgePack) -> None:
    with pytest.raises(ExportError, match="there is no format “pdf”; the formats are markdown, madr, "):
        export(stored, pack, "pdf")
    with pytest.raises(ExportError) as caught:
        export(stored, pack, "\x1b[2J" + "x" * 10**6)
    assert len(str(caught.value)) < 200
    assert "\x1b" not in str(caught.value)


def test_another_pack_is_refused(stored: Session, pack: KnowledgePack) -> None:
    other = replace(pack, manifest=pack.manifest.model_copy(update={"id": "tea_or_coffee"}))
    with pytest.raises(
        ExportError, match="was held with the knowledge pack pytorch_or_tensorflow, not with tea_or_coffee"
    ):
        export(stored, other, "json")


def test_a_pack_that_has_changed_is_said_and_survived(stored: Session, pack: KnowledgePack) -> None:
    attributes = {name: attribute for name, attribute in pack.attributes.items() if name != "stage"}
    rules = {
        name: rule
        for name, rule in pack.rules.items()
        if all(condition.attribute != "stage" for condition in rule.when)
    }
    criteria = {
        name: criterion.model_copy(update={"attribute": "risk_tolerance"}) if name == "maturity" else criterion
        for name, criterion in pack.criteria.items()
    }
    entries = {name: entry for name, entry in pack.entries.items() if name != "conda-install"}
    changed = replace(
        pack, attributes=attributes, rules=rules, criteria=criteria, entries=entries, fingerprint="0" * 64
    )
    record = json.loads(export(stored, changed, "json"))
    assert record["pack"]["changed"]
    assert {item["attribute"]: item["in_pack"] for item in record["known"]} == {
        "team.skill": True,
        "stage": False,
        "cloud.provider": True,
    }
    assert record["criteria"]["maturity"]["lean"] == "unknown"
    assert not record["answers"][0]["current"]
    text = export(stored, changed, "markdown")
    assert "The knowledge has changed since this conversation." in text
    assert "(no longer in the knowledge pack; not counted)" in text
    assert "The answer has been reworded since." in text


def test_a_failing_engine_is_an_export_error(
    stored: Session, pack: KnowledgePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: RuleEngine, profile: object) -> None:
        raise EngineError("out of order")

    monkeypatch.setattr(RuleEngine, "decide", fail)
    with pytest.raises(ExportError, match="the rules could not be run: out of order"):
        export(stored, pack, "markdown")
