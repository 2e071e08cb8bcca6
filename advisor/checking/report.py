"""The report of a check, as JSON and as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.checking.check import Report
from advisor.checking.findings import LEVELS, Finding
from advisor.text import clean


def report_json(report: Report) -> dict[str, Any]:
    """The whole report as one object."""
    manifest = report.pack.manifest if report.pack else None
    return {
        "pack": manifest.id if manifest else None,
        "version": manifest.version if manifest else None,
        "counts": {level: report.count(level) for level in LEVELS},
        "findings": [_finding_json(found) for found in report.findings],
        "answered": [{**_finding_json(a.finding), "reason": a.reason} for a in report.answered],
    }


def _finding_json(found: Finding) -> dict[str, Any]:
    return {
        "id": found.kind,
        "level": found.level,
        "file": clean(found.file),
        "line": found.line,
        "subject": clean(found.subject),
        "what": clean(found.what),
        "what_to_do": found.remedy,
    }


def report_text(report: Report) -> Iterator[str]:
    """The report in lines: the findings, gravest first, then what was looked at."""
    for found in report.findings:
        yield clean(f"{found.level:<8}{found.place}: {found.what} [{found.kind}]")
        if found.level != "note":
            yield f"        {found.remedy}"
    if report.answered:
        count = len(report.answered)
        yield f"{count} {'warning is' if count == 1 else 'warnings are'} answered in check.yaml."
    pack = report.pack
    if pack is not None and not report.count("error"):
        examples = sum(len(rule.examples) for rule in pack.rules.values())
        yield (
            f"{pack.manifest.title} {pack.manifest.version}: {len(pack.rules)} rules with {examples} examples, "
            f"{len(pack.attributes)} attributes, {len(pack.entries)} FAQ entries, {len(pack.claims)} claims, "
            f"{len(pack.sources)} sources. {_verdict(report.count('warning'))}"
        )


def _verdict(warnings: int) -> str:
    if not warnings:
        return "No problems."
    return "No errors; one warning." if warnings == 1 else f"No errors; {warnings} warnings."
