"""The commands about records: export, schema, replay and diff."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import AdvisorError
from advisor.settings import Settings, chosen, data_directory

if TYPE_CHECKING:
    from advisor.knowledge_base.pack import KnowledgePack

DONE, FAILED = 0, 1

_SHOWN_NAMES = 20

Run = Callable[[argparse.Namespace], int]

# As in advisor.records.export, which takes too long to import for a line of help.
FORMAT_IDS = ("markdown", "madr", "nygard", "log4brains", "html", "text", "json", "prov", "csv")


def add_record_commands(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Adds the commands to the command line. `command` makes one of a name, what it runs, and a summary."""
    export = command("export", _export, "Write the rationale of a conversation")
    export.add_argument("id", nargs="?", help="the conversation; the latest without")
    export.add_argument("--format", choices=FORMAT_IDS, help="how to write it; without, by the ending of FILE")
    export.add_argument("-o", "--output", metavar="FILE", help="write to a file; '-' is standard output")
    export.add_argument("--force", action="store_true", help="replace the file if it exists")
    export.add_argument(
        "--redact",
        metavar="WORD",
        action="append",
        help="leave a name or word out, and all e-mail addresses, web addresses and telephone numbers; repeatable",
    )
    command("schema", _schema, "Print the JSON Schema of the JSON export")

    replay = command("replay", _replay, "Run an exported JSON record again and tell what differs")
    replay.add_argument("record", type=Path, metavar="FILE", help="what export --format json wrote")
    replay.add_argument("--today", action="store_true", help="with today's knowledge even if the recorded one was kept")
    replay.add_argument("--json", action="store_true", help="print one JSON object")

    diff = command("diff", _diff, "Compare two JSON records, or two knowledge packs over a folder of records")
    diff.add_argument("first", type=Path, metavar="A", help="a record, or a pack's directory")
    diff.add_argument("second", type=Path, metavar="B", help="another")
    diff.add_argument("--over", type=Path, metavar="DIR", help="the folder of records, when A and B are packs")
    diff.add_argument("--json", action="store_true", help="print JSON, for packs one object for each record")
    diff.set_defaults(wrong_usage=diff.error)


def print_json(value: Any) -> None:
    """Prints one JSON object on a line of its own."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _export(options: argparse.Namespace) -> int:
    from advisor.knowledge_base.pack import load_pack
    from advisor.records.export import FORMATS, format_for, record_of
    from advisor.records.files import write_text
    from advisor.records.redaction import perhaps_names
    from advisor.records.store import open_store
    from advisor.text import shorten

    settings = chosen(options)
    store = open_store(settings)
    session_id = options.id or store.latest()
    if session_id is None:
        raise AdvisorError("there is no conversation to export yet; run advisor to start one")
    target = None if options.output in (None, "-") else Path(options.output)
    name = target.name if target else ""
    format_id = options.format or format_for(name) or ("" if Path(name).suffix else "markdown")
    if not format_id:
        raise AdvisorError(f"the ending {Path(name).suffix} names no format; add --format")
    session, pack = store.load(session_id), load_pack(settings.knowledge)
    record = record_of(session, pack, redact=options.redact)
    text = FORMATS[format_id].write(record, name)
    if target:
        write_text(target, text, force=options.force)
    else:
        sys.stdout.write(text)
    if format_id == "json":
        _keep_knowledge(pack, _archive(settings))
    if options.redact is not None and (names := perhaps_names(record, pack)):
        said = ", ".join(shorten(word, 40) for word in names[:_SHOWN_NAMES])
        print(f"advisor: left in, and perhaps names (--redact leaves them out): {said}", file=sys.stderr)
    return DONE


def _archive(settings: Settings) -> Path:
    """Where versions of the knowledge are kept for replay: beside the conversations."""
    return data_directory(settings.data_dir) / "knowledge"


def _keep_knowledge(pack: KnowledgePack, archive: Path) -> None:
    from advisor.records.knowledge_versions import keep_copy

    try:
        keep_copy(pack, archive)
    except OSError as error:
        reason = error.strerror or str(error)
        print(f"advisor: no copy of the knowledge was kept for replay in {archive} ({reason})", file=sys.stderr)


def _schema(options: argparse.Namespace) -> int:
    from advisor.records.json_schema import SCHEMA_FILE

    sys.stdout.write(SCHEMA_FILE.read_text(encoding="utf-8"))
    return DONE


def _replay(options: argparse.Namespace) -> int:
    from advisor.rechecking import recheck, rechecked_json, rechecked_lines
    from advisor.records.record_file import read_record

    file = read_record(options.record)
    found = recheck(file, chosen(options), _archive(chosen(options)), options.today)
    if options.json:
        print_json(rechecked_json(found))
    else:
        for line in rechecked_lines(found):
            print(line)
    if found.replay.differences:
        raise AdvisorError(f"the conversation comes out differently in {len(found.replay.differences)} places")
    if file.altered:
        raise AdvisorError("the record was altered after it was written")
    return DONE


def _diff(options: argparse.Namespace) -> int:
    if options.first.is_dir() and options.second.is_dir():
        return _diff_packs(options)
    if options.over is not None:
        options.wrong_usage("--over goes with two directories of knowledge packs")
    from advisor.rechecking import changed_lines, difference_lines
    from advisor.records.differences import Comparison
    from advisor.records.record_file import read_record

    first, second = read_record(options.first), read_record(options.second)
    for file in (first, second):
        if file.altered:
            print(f"advisor: {file.name} was altered after it was written: {', '.join(file.altered)}", file=sys.stderr)
    comparison = Comparison(first.record, second.record)
    differences = comparison.differences()
    if options.json:
        changed = [asdict(part) for part in comparison.changed]
        print_json({"differences": [asdict(difference) for difference in differences], "changed": changed})
        return FAILED if differences else DONE
    for difference in differences:
        for line in difference_lines(difference, "A", "B"):
            print(line)
    if not differences:
        print("The same facts, rows and verdicts.")
    for line in changed_lines(comparison):
        print(line)
    return FAILED if differences else DONE


def _diff_packs(options: argparse.Namespace) -> int:
    from advisor.rechecking import difference_lines, differing_packs, records_in

    if options.over is None:
        options.wrong_usage("two packs are compared over a folder of records; name it with --over")
    records, problems = records_in(options.over)
    for problem in problems:
        print(f"advisor: left out: {problem}", file=sys.stderr)
    changed = []
    for found in differing_packs(options.first, options.second, records, chosen(options)):
        if options.json:
            differences = [asdict(difference) for difference in found.differences]
            print_json({"record": found.name, "changed": found.changed, "differences": differences})
        if found.changed:
            changed.append(found)
    if not options.json:
        print(f"{len(changed)} of {len(records)} decisions would change.")
        for found in changed:
            print(f"\n{found.name}")
            for difference in found.differences:
                for line in difference_lines(difference, "A", "B"):
                    print(f"  {line}")
    return FAILED if changed else DONE
