"""The matrix as CSV for a spreadsheet, in which nothing that was said can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from advisor.records.record_model import DecisionRecord
from advisor.text import clean

COLUMNS = ("id", "row", "article", "amended", "dissents", "words", "messages", "rules", "errata", "how_to_find_out")
# What spreadsheets take for the beginning of a formula, also in its full-width form.
_FORMULA = tuple("=+-@＝＋－＠|%")


def matrix_csv(record: DecisionRecord) -> str:
    """One line for each row and a last one for the verdicts; comma separated, as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in _lines(record):
        writer.writerow(_harmless(cell) for cell in line)
    return text.getvalue()


def _lines(record: DecisionRecord) -> Iterable[tuple[str, ...]]:
    names = {option.id: option.name for option in record.options}
    for name, row in record.criteria.items():
        yield (
            name,
            row.title,
            names.get(row.lean, row.lean),
            names.get(row.amended_lean, row.amended_lean),
            ", ".join(row.dissents),
            "; ".join(dict.fromkeys(f"“{known.quote}”" for known in row.evidence)),
            ", ".join(dict.fromkeys(str(known.turn) for known in row.evidence)),
            ", ".join(row.rules),
            ", ".join(dict.fromkeys(fired.erratum for fired in row.fired if fired.erratum)),
            row.how_to_find_out or "",
        )
    verdicts = {reading: names.get(facts.verdict, facts.verdict) for reading, facts in record.readings.items()}
    empty = ("",) * (len(COLUMNS) - 4)
    yield ("verdict", "Verdict", verdicts["article"], verdicts["amended"], *empty)


def _harmless(cell: str) -> str:
    """A cell on one line; a leading apostrophe makes a spreadsheet show it as text."""
    line = " ".join(clean(cell).split())
    return f"'{line}" if line.startswith(_FORMULA) else line
