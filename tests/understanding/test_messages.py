"""What the states of a labelled dialogue tell of each of its messages."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "knowledge" / "weighing" / "messages.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _turn(say: str, team: str, cloud: str, others: dict[str, list[str]] | None = None) -> dict[str, Any]:
    return {"say": say, "expect": {"leans": {"team": team, "cloud": cloud}, "alt_leans": others or {}}}


def test_a_message_says_what_it_changes(script: ModuleType) -> None:
    turns = [
        _turn("We write Python.", "pytorch", "unknown"),
        _turn("It runs on AWS. Cheap enough.", "pytorch", "pytorch"),
        _turn("No, Google Cloud. Azure later.", "pytorch", "neutral", {"cloud": ["tensorflow"]}),
        {"say": "hm"},
        _turn("Thanks.", "pytorch", "unknown"),
    ]
    first, second, third = script.messages([{"id": "d", "turns": turns}])
    assert (first.id, first.labels, first.alt_labels) == ("d-1", {"team": "pytorch", "cloud": "unknown"}, {})
    assert first.spans == {"team": ("We write Python.",)}
    assert second.labels == {"team": "unknown", "cloud": "pytorch"}
    assert second.alt_labels == {"team": ("pytorch",)}, "it may say so again"
    assert second.spans == {}, "which of the two sentences says it is not known"
    assert third.labels["cloud"] == "unknown"
    assert third.alt_labels["cloud"] == ("tensorflow",)
