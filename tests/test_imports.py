"""What the default path must not load: it would cost seconds."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy")
_SCREEN = ("textual", "rich")
_DATABASE = ("sqlalchemy", "psycopg", "sqlite3")


def _loaded(script: str, names: tuple[str, ...]) -> list[str]:
    check = f"{script}\nimport sys\nprint([name for name in {names!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, input="")
    loaded: list[str] = eval(done.stderr.strip().splitlines()[-1])
    return loaded


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "is torchserve dead"],
        ["recommend", "Python team on AWS"],
        ["chat", "--plain"],
        ["sessions"],
        ["check"],
    ],
)
def test_the_default_path_loads_no_heavy_library_and_no_screen(arguments: list[str]) -> None:
    script = f"from advisor.cli import main\nassert main({arguments!r}) == 0"
    assert _loaded(script, (*_HEAVY, *_SCREEN)) == []


def test_what_keeps_nothing_loads_no_database() -> None:
    for module in ("advisor.assistant", "advisor.line_mode", "advisor.records.export", "tui.engine_chat"):
        assert _loaded(f"import {module}", _DATABASE) == []
    assert _loaded("from advisor.cli import main\nassert main(['recommend', 'on AWS']) == 0", _DATABASE) == []


def test_the_chat_loads_no_knowledge_before_its_first_paint() -> None:
    assert _loaded("import tui.app", (*_HEAVY, "numpy", "yaml", "tokenizers", "durable")) == []


def test_help_loads_next_to_nothing() -> None:
    script = "from advisor.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert _loaded(script, (*_HEAVY, *_SCREEN, "numpy", "pydantic", "yaml")) == []
