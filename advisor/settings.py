"""What a user can choose on the command line. Light to import, because the chat paints its first screen with it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where knowledge, encoder and conversations come from; None means the shipped or usual one.

    `store`: the address of a database, which may hold a password.
    """

    knowledge: Path | None = None
    encoder: str | None = None
    data_dir: Path | None = None
    store: str | None = field(default=None, repr=False)


def chosen(options: object) -> Settings:
    """The settings among parsed command line options, where options that were not given are missing."""
    return Settings(**{name: getattr(options, name, None) for name in ("knowledge", "encoder", "data_dir", "store")})


def data_directory(data_dir: Path | None) -> Path:
    """Where what is to last is kept: `data_dir`; without it ADVISOR_DATA_DIR, or else the platform's data directory."""
    from platformdirs import user_data_dir

    chosen_one = data_dir or os.environ.get("ADVISOR_DATA_DIR") or user_data_dir("advisor", appauthor=False)
    return Path(chosen_one).expanduser().absolute()
