"""The derivation of a record as W3C PROV-JSON: what was said, what was taken from it, and what rules concluded."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from advisor.conversation.blocks import Observation, SourceRef
from advisor.records.derivation_graph import quote_place
from advisor.records.record_model import DecisionRecord, FiredRule

_NAMESPACE = "urn:advisor:decision-record:"
_USER, _TOOL = "rec:user", "rec:tool"


class _Document:
    """Collects PROV statements; each relation gets a blank identifier that counts up."""

    def __init__(self, record: DecisionRecord) -> None:
        self.record = record
        self.statements: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def add(self, kind: str, name: str, **attributes: Any) -> str:
        """An entity, activity or agent; `_` in an attribute's name stands for the colon of its prefix."""
        values = {key.replace("_", ":", 1): value for key, value in attributes.items() if value is not None}
        self.statements[kind].setdefault(name, values)
        return name

    def relate(self, kind: str, **attributes: Any) -> None:
        values = {key.replace("_", ":", 1): value for key, value in attributes.items()}
        if values not in self.statements[kind].values():
            self.statements[kind][f"_:{kind}{len(self.statements[kind]) + 1}"] = values

    def build(self) -> dict[str, Any]:
        record = self.record
        self.add("agent", _USER, prov_type=_qualified("prov:Person"), prov_label="The user")
        self.add(
            "agent",
            _TOOL,
            prov_type=_qualified("prov:SoftwareAgent"),
            prov_label=f"{record.tool.name} {record.tool.version}",
            adv_knowledge=f"{record.pack.id} {record.pack.version} {record.pack.fingerprint}",
            adv_encoder=record.encoder,
        )
        for exchange in record.transcript:
            message = self.add(
                "entity",
                f"rec:message-{exchange.turn}",
                prov_type=_qualified("adv:Message"),
                prov_value=exchange.utterance,
                adv_at=exchange.at.isoformat(),
            )
            self.relate("wasAttributedTo", prov_entity=message, prov_agent=_USER)
        for known in record.known:
            self.fact(known, f"{known.title}: {known.label}")
        for criterion, row in record.criteria.items():
            for fired in row.fired:
                self.firing(fired, criterion)
        self.verdicts()
        prefixes = {"rec": f"{_NAMESPACE}{record.session.id}:", "adv": "urn:advisor:vocabulary:"}
        return {"prefix": prefixes, **self.statements}

    def fact(self, observation: Observation, text: str) -> str:
        """A fact, quoted from the message that told it."""
        quote = self.add(
            "entity",
            f"rec:quote-{quote_place(observation)}",
            prov_type=_qualified("adv:Quote"),
            prov_value=observation.quote,
            adv_start=observation.start,
            adv_end=observation.end,
        )
        self.relate(
            "wasDerivedFrom",
            prov_generatedEntity=quote,
            prov_usedEntity=f"rec:message-{observation.turn}",
            prov_type=_qualified("prov:Quotation"),
        )
        fact = self.add("entity", _fact_name(text), prov_type=_qualified("adv:Fact"), prov_value=text)
        reading = self.add(
            "activity",
            f"rec:reading-{observation.turn}",
            prov_type=_qualified("adv:Reading"),
            prov_label=f"Reading message {observation.turn}",
        )
        self.relate("used", prov_activity=reading, prov_entity=f"rec:message-{observation.turn}")
        self.relate("wasAssociatedWith", prov_activity=reading, prov_agent=_TOOL)
        self.relate("wasGeneratedBy", prov_entity=fact, prov_activity=reading)
        self.relate(
            "wasDerivedFrom",
            prov_generatedEntity=fact,
            prov_usedEntity=quote,
            adv_obtained=observation.obtained,
            adv_recognisedBy=observation.reason,
        )
        return fact

    def firing(self, fired: FiredRule, criterion: str) -> None:
        """A rule that fired: an activity with the rule as its plan, which has primary sources."""
        plan = self.add(
            "entity",
            f"rec:rule-{_safe(fired.id)}",
            prov_type=_qualified("prov:Plan"),
            prov_label=fired.id,
            prov_value=fired.because,
        )
        for source in fired.sources:
            self.relate(
                "wasDerivedFrom",
                prov_generatedEntity=plan,
                prov_usedEntity=self.source(source),
                prov_type=_qualified("prov:PrimarySource"),
            )
        activity = self.add(
            "activity",
            f"rec:firing-{_safe(fired.id)}",
            prov_type=_qualified("adv:RuleFiring"),
            adv_readings=", ".join(fired.readings),
        )
        self.relate("wasAssociatedWith", prov_activity=activity, prov_agent=_TOOL, prov_plan=plan)
        for premise in fired.premises:
            fact = self.add(
                "entity", _fact_name(premise.text), prov_type=_qualified("adv:Fact"), prov_value=premise.text
            )
            self.relate("used", prov_activity=activity, prov_entity=fact)
            for observation in premise.evidence:
                self.fact(observation, premise.text)
        for target in self.concluded(fired, criterion):
            self.relate("wasGeneratedBy", prov_entity=target, prov_activity=activity)

    def concluded(self, fired: FiredRule, criterion: str) -> list[str]:
        if fired.lean is None:
            text = fired.conclusion
            return [self.add("entity", _fact_name(text), prov_type=_qualified("adv:Fact"), prov_value=text)]
        return [
            self.add(
                "entity",
                f"rec:row-{_safe(criterion)}-{reading}-{_safe(fired.lean)}",
                prov_type=_qualified("adv:Lean"),
                prov_value=fired.conclusion,
                adv_reading=reading,
            )
            for reading in fired.readings
        ]

    def verdicts(self) -> None:
        for reading, facts in self.record.readings.items():
            verdict = self.add(
                "entity",
                f"rec:verdict-{reading}",
                prov_type=_qualified("adv:Verdict"),
                prov_value=facts.verdict,
                adv_tally=json.dumps(facts.tally, sort_keys=True),
                adv_status=self.record.status,
            )
            count = self.add(
                "activity", f"rec:counting-{reading}", prov_type=_qualified("adv:Counting"), prov_label=facts.note
            )
            self.relate("wasGeneratedBy", prov_entity=verdict, prov_activity=count)
            self.relate("wasAssociatedWith", prov_activity=count, prov_agent=_TOOL)
            for name, entity in list(self.statements["entity"].items()):
                if entity.get("adv:reading") == reading:
                    self.relate("used", prov_activity=count, prov_entity=name)

    def source(self, source: SourceRef) -> str:
        url = source.url if source.url and urlsplit(source.url).scheme in ("http", "https") else None
        return self.add(
            "entity",
            f"rec:source-{_safe(source.id)}",
            prov_type=_qualified("adv:Source"),
            prov_label=source.title,
            prov_location=url,
            adv_date=source.date,
        )


def provenance(record: DecisionRecord) -> dict[str, Any]:
    """The PROV-JSON document of a record's derivation (W3C member submission of 24 April 2013)."""
    return _Document(record).build()


def _qualified(name: str) -> dict[str, str]:
    """A qualified name as an attribute value."""
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _fact_name(text: str) -> str:
    """Facts are named by their words, in which a name may not be written."""
    return f"rec:fact-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _safe(name: str) -> str:
    """An id as a local name: what is no letter, digit or hyphen becomes its number."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}_" for c in name)
