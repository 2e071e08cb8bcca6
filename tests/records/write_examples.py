"""Writes example records in every format to a directory, for readers that are no Python programs.

python -m tests.records.write_examples DIR
"""

from __future__ import annotations

import sys
from pathlib import Path

from advisor.knowledge_base.pack import load_pack
from advisor.records.export import FORMATS, record_of
from tests.records.example_session import example, session
from tests.records.test_formats import HOSTILE_WORDS, hostile_session


def write_examples(directory: Path) -> None:
    """An ordinary record, an empty one, and one for each hostile text; the directory must be there."""
    pack = load_pack()
    sessions = {"example": example(pack), "empty": session(pack, [])}
    sessions |= {f"hostile{number}": hostile_session(pack, words) for number, words in enumerate(HOSTILE_WORDS)}
    for name, stored in sessions.items():
        record = record_of(stored, pack)
        for form in FORMATS.values():
            path = directory / f"{name}{form.suffix}"
            path.write_bytes(form.write(record, "0001-framework.md").encode())


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]))
