"""Shared fixtures: the shipped assistant, loaded once, and an environment that never touches the user's own."""

from __future__ import annotations

import os

# Every core has a test process of its own: more threads for a product of matrices only wait for each other, and take
# twice the time. Read when NumPy is first imported, and by the programs that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import getpass
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from advisor.assistant import Assistant, load_assistant
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.records.store import SessionStore
from advisor.settings import Settings
from tests.records.postgresql import Server, UnavailableError

# One for all test processes, and set before any fixture: computing the arrays anew in each would take most of the time.
os.environ["ADVISOR_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"advisor-tests-{getpass.getuser()}")


# Machines are noisy: how long one example takes says nothing.
settings.register_profile("advisor", deadline=None)
settings.load_profile("advisor")


@pytest.fixture(scope="session")
def pack() -> KnowledgePack:
    return load_pack()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return load_assistant(Settings())


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "advisor-data"))
    monkeypatch.delenv("ADVISOR_STORE", raising=False)
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path / "advisor-config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("COLORFGBG", raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; tests that need it are skipped, saying why, where there is none."""
    try:
        started = Server()
    except UnavailableError as error:
        pytest.skip(f"without PostgreSQL: {error}")
    yield started
    started.remove()


@pytest.fixture
def postgresql(server: Server) -> Server:
    """The server, started and with nothing kept in it."""
    server.start()
    server.forget()
    return server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where conversations are kept: the same tests run against each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/sessions.sqlite3"
    started: Server = request.getfixturevalue("postgresql")
    return started.address


@pytest.fixture
def store(address: str) -> Iterator[SessionStore]:
    """An empty store of each kind."""
    opened = SessionStore(address=address)
    yield opened
    opened.close()
