"""Shared fixtures: the shipped assistant, loaded once, and an environment that never touches the user's own."""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path

import pytest

from advisor.assistant import Assistant, load_assistant
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.settings import Settings

# One for all test processes, and set before any fixture: computing the arrays anew in each would take most of the time.
os.environ["ADVISOR_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"advisor-tests-{getpass.getuser()}")


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
