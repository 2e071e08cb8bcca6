"""The JSON Schema of the JSON export: published as a file beside this module, one for each version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from advisor.records.record_model import SCHEMA_VERSION, SealedRecord

SCHEMA_FILE = Path(__file__).parent / "schemas" / f"decision_record.{SCHEMA_VERSION}.schema.json"


def record_schema() -> dict[str, Any]:
    """The schema of a record as its models define it (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:advisor:decision-record:{SCHEMA_VERSION}",
        **SealedRecord.model_json_schema(mode="serialization"),
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(record_schema(), ensure_ascii=False, indent=2) + "\n"
