"""Names for the files of exports, in the current directory."""

from __future__ import annotations

from pathlib import Path

from advisor.records.export import FORMATS, number_of


def suggested_name(format_id: str, session_id: str, pack_id: str) -> str:
    """A file name in the way of a format that is not taken yet. `format_id` is one of FORMATS."""
    chosen = FORMATS[format_id]
    if chosen.numbered:
        return f"{_next_number():04d}-{pack_id.replace('_', '-')}{chosen.suffix}"
    return str(_unused(f"advisor-{session_id}", chosen.suffix))


def _next_number() -> int:
    """The number after those of the records that are there."""
    taken = (number_of(path.name) for path in Path().glob("*.md"))
    return max((number for number in taken if number is not None), default=0) + 1


def _unused(stem: str, suffix: str) -> Path:
    """The first file name of this form that is not taken."""
    path, number = Path(stem + suffix), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{suffix}")
    return path
