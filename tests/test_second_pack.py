"""The engine knows no framework by name: another decision is another folder of data."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from advisor.assistant import load_assistant
from advisor.conversation.rendering import plain_text
from advisor.settings import Settings

_TEA = Path(__file__).parent / "data" / "tea_or_coffee"
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_conversation_about_another_decision() -> None:
    assistant = load_assistant(Settings(knowledge=_TEA))
    conversation = assistant.conversation()
    hello = conversation.respond("hello", _AT)
    assert "ask anything about Tea and Coffee" in plain_text(hello.blocks, assistant.pack.say)
    turn = conversation.respond("We have a kettle and drink it in the afternoon.", _AT)
    (verdict,) = [block for block in turn.blocks if block.kind == "verdict"]
    assert verdict.headline == "Tea, by the article's matrix (Tea 2, Coffee 0)."
    asked = conversation.respond("how do I get the limescale out of the kettle?", _AT)
    assert [block.topic.id for block in asked.blocks if block.kind == "answer"] == ["descaling"]


def test_every_explanation_works_for_another_decision() -> None:
    assistant = load_assistant(Settings(knowledge=_TEA))
    conversation = assistant.conversation()
    conversation.respond("We have a kettle and drink it in the afternoon.", _AT)
    said = {
        command: plain_text(conversation.respond(command, _AT).blocks, assistant.pack.say)
        for command in (
            "/why",
            "/why all",
            "/whynot coffee",
            "/sure",
            "/flip",
            "/tie",
            "/changed",
            "/advice",
            "/whyask",
        )
    }
    assert all(said.values())
    assert "Coffee has 0 of the 2 rows it needs" in said["/whynot coffee"]
    assert "not known: Preferred taste: strong" in said["/whynot coffee"]
    assert "Equipment: a grinder (not “We have a kettle" in said["/flip"]


def test_the_engine_names_no_option_of_the_shipped_pack() -> None:
    engine = Path(__file__).parents[1] / "advisor"
    texts = {path: path.read_text(encoding="utf-8") for path in engine.rglob("*.py") if path.name != "cli.py"}
    named = [path.name for path, text in texts.items() if "PyTorch" in text or "TensorFlow" in text]
    assert named == []


def test_the_other_pack_passes_its_check() -> None:
    command = [sys.executable, "-m", "advisor", "check", str(_TEA)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 rules" in done.stdout
