"""What a user can choose on the command line. Light to import, because the chat paints its first screen with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where knowledge, encoder and conversations come from; None means the shipped or usual one."""

    knowledge: Path | None = None
    encoder: str | None = None
    data_dir: Path | None = None
