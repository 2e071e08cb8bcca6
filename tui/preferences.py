"""What the user chose: `config.toml`, which they write, and `state.json`, which the chat keeps beside it.

config.toml may hold:

    theme = "textual-light"
    glyphs = "ascii"           # or "unicode"; without it the terminal decides

    [keys]
    help = "f1,f10"            # actions by the names that the help shows
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_dir

GLYPHS = ("auto", "unicode", "ascii")


@dataclass(frozen=True, slots=True)
class Preferences:
    """The user's choices, and what in the file could not be used."""

    theme: str | None = None
    glyphs: str = "auto"
    keys: Mapping[str, str] = field(default_factory=dict)
    hints: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def directory() -> Path:
    """Where both files are: ADVISOR_CONFIG_DIR, or else the platform's configuration directory."""
    return Path(os.environ.get("ADVISOR_CONFIG_DIR") or user_config_dir("advisor", appauthor=False)).expanduser()


def read_preferences() -> Preferences:
    """Reads both files. What is wrong in them is left out and told, never fatal."""
    problems: list[str] = []
    path = directory() / "config.toml"
    chosen = _table(path, problems)
    remembered = _state()
    theme = chosen.get("theme", remembered.get("theme"))
    glyphs = chosen.get("glyphs", "auto")
    keys = chosen.get("keys", {})
    hints = remembered.get("hints", [])
    if theme is not None and not isinstance(theme, str):
        problems.append(f"{path}: theme must be a name in quotes")
        theme = None
    if glyphs not in GLYPHS:
        problems.append(f"{path}: glyphs must be one of {', '.join(GLYPHS)}")
        glyphs = "auto"
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        problems.append(f'{path}: [keys] must hold actions and keys, such as help = "f1"')
        keys = {}
    problems += [f"{path}: there is no setting “{name}”" for name in chosen if name not in ("theme", "glyphs", "keys")]
    seen = frozenset(hint for hint in hints if isinstance(hint, str)) if isinstance(hints, list) else frozenset()
    return Preferences(theme, str(glyphs), keys, seen, tuple(problems))


def remember(theme: str | None, hints: frozenset[str]) -> None:
    """Keeps the theme and the hints that were seen; where that is not possible they are asked for again."""
    with suppress(OSError):
        place = directory()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place / f"state.{os.getpid()}.new"
        fresh.write_text(json.dumps({"theme": theme, "hints": sorted(hints)}), encoding="utf-8")
        fresh.replace(place / "state.json")


def _table(path: Path, problems: list[str]) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} cannot be read: {error}")
        return {}
    import tomllib  # only where there is something to read

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path} cannot be read: {error}")
        return {}


def _state() -> dict[str, object]:
    try:
        found = json.loads((directory() / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
