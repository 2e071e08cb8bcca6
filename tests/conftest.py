"""Shared fixtures: the shipped assistant, loaded once, and an environment that never touches the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.assistant import Assistant, load_assistant
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.settings import Settings


@pytest.fixture(scope="session")
def pack() -> KnowledgePack:
    return load_pack()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return load_assistant(Settings())


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "advisor-data"))
    monkeypatch.delenv("NO_COLOR", raising=False)
