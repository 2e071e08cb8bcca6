"""What works on this machine: each part tried, with what to do where it fails."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import advisor
from advisor.knowledge_base.pack import load_pack
from advisor.records.store import open_store
from advisor.settings import Settings
from advisor.understanding.encoder import load_encoder

_PACKAGES = ("textual", "durable-rules", "pydantic", "sentence-transformers", "torch", "tokenizers", "numpy")

# In a process of its own: a broken build of the engine may crash instead of raising.
_ENGINE_TRIAL = """
from advisor.reasoning.inference import Fact, InferenceRule
from advisor.reasoning.rule_engine import RuleEngine
rules = [InferenceRule("r", (("a", ("x", "y")), ("b", ("unknown",))), Fact("c", "z"))]
engine = RuleEngine(rules)
results = [len(engine.decide({"a": frozenset(values)})) for values in ((), ("x",), ("x", "y"))]
raise SystemExit(results != [0, 1, 2])
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: whether it is fine, and the detail to show."""

    subject: str
    fine: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Tries each part in turn."""
    yield Finding("advisor", True, f"{advisor.__version__} on Python {platform.python_version()}, {platform.system()}")
    yield Finding("packages", True, ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))
    yield _tried("rule engine", _engine)
    yield _tried("knowledge", lambda: _knowledge(settings))
    yield _tried("encoder", lambda: _encoder(settings))
    yield _tried("conversations", lambda: _store(settings))
    yield Finding("terminal", True, _terminal())


def _tried(subject: str, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, trial())
    except Exception as error:  # whatever is wrong, the other parts are still worth examining
        return Finding(subject, False, str(error) or type(error).__name__)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(missing)"


def _engine() -> str:
    trial = [sys.executable, "-W", "ignore", "-c", _ENGINE_TRIAL]
    done = subprocess.run(trial, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        last_line = done.stderr.strip().rpartition("\n")[2] or f"it ended with status {done.returncode}"
        raise RuntimeError(
            f"{last_line}; reinstall it with a C compiler present: CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject "
            "pip install --no-binary durable-rules --force-reinstall durable-rules"
        )
    return "three decisions as expected"


def _knowledge(settings: Settings) -> str:
    pack = load_pack(settings.knowledge)
    return f"{pack.manifest.title} {pack.manifest.version}, as of {pack.manifest.as_of}, {pack.fingerprint[:12]}"


def _encoder(settings: Settings) -> str:
    encoder = load_encoder(settings.encoder)
    (near, far) = encoder.encode(["ship to phones", "run on a mobile device"]) @ encoder.encode(["on phones"])[0]
    return f"{encoder.name}, {encoder.dimensions} dimensions, {encoder.fingerprint[:12]} ({near:.2f}, {far:.2f})"


def _store(settings: Settings) -> str:
    store = open_store(settings)
    return f"{len(store.sessions())} stored in {store.place}"


def _terminal() -> str:
    size = os.get_terminal_size() if sys.stdout.isatty() else None
    shown = f"{size.columns}x{size.lines}" if size else "not a terminal: line mode"
    colour = "NO_COLOR set" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM", "")
    return " ".join(filter(None, [os.environ.get("TERM", "TERM not set"), shown, colour]))
