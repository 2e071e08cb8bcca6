"""What a user can choose on the command line. Light to import, because the chat paints its first screen with it."""

from __future__ import annotations

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
