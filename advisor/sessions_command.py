"""`advisor sessions`: the stored conversations listed, searched, renamed, deleted and restored."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from advisor.settings import chosen

if TYPE_CHECKING:
    from advisor.records.store import SessionInfo, SessionStore

Run = Callable[[argparse.Namespace], int]


def add_sessions_command(
    command: Callable[[str, Run, str], argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Adds the command to the command line. `common`: the options that every command takes."""
    listing = command("sessions", _list, "List the stored conversations, or rename, delete and restore them")
    listing.add_argument("--json", action="store_true", help="print one JSON object for each conversation")
    listing.add_argument(
        "--search", metavar="TEXT", help="only those whose title, messages or answers contain the text"
    )
    listing.add_argument("--deleted", action="store_true", help="those that were deleted and can be restored")
    actions = listing.add_subparsers(metavar="ACTION")

    def action(name: str, run: Run, summary: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=summary, description=summary + ".", parents=[common])
        made.set_defaults(run=run)
        return made

    rename = action("rename", _rename, "Give a conversation another title")
    rename.add_argument("id", metavar="ID", help="the conversation")
    rename.add_argument("title", nargs="+", metavar="TITLE", help="its new title")
    delete = action("delete", _delete, "Take conversations off the list; they can be restored until they are purged")
    delete.add_argument("id", nargs="+", metavar="ID", help="the conversations")
    restore = action("restore", _restore, "Bring deleted conversations back")
    restore.add_argument("id", nargs="+", metavar="ID", help="the conversations")
    action("purge", _purge, "Remove all deleted conversations for good")


def _store(options: argparse.Namespace) -> SessionStore:
    from advisor.records.store import open_store

    return open_store(chosen(options))


def _list(options: argparse.Namespace) -> int:
    store = _store(options)
    found = _found(store, options.search, options.deleted)
    for info in found:
        if options.json:
            listed = {"id": info.id, "title": info.title, "updated": info.updated.isoformat(), "turns": info.turns}
            print(json.dumps(listed, ensure_ascii=False), flush=True)
        else:
            print(f"{info.id}  {info.updated:%Y-%m-%d %H:%M}  {info.turns:>3} turns  {info.title}")
    if not found and not options.json:
        if options.search is not None:
            print("No conversation contains that.", file=sys.stderr)
        else:
            print("Nothing is deleted." if options.deleted else "No conversations yet.", file=sys.stderr)
    return 0


def _found(store: SessionStore, search: str | None, deleted: bool) -> Sequence[SessionInfo]:
    if search is None:
        return store.deleted() if deleted else store.sessions()
    return store.search(search, deleted=deleted)


def _rename(options: argparse.Namespace) -> int:
    info = _store(options).rename(options.id, " ".join(options.title))
    print(f"{info.id} is now called: {info.title}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    store = _store(options)
    for given in options.id:
        info = store.delete(given)
        print(f"{info.id} deleted: {info.title}", flush=True)
    print("To bring back what was deleted: advisor sessions restore ID", file=sys.stderr)
    return 0


def _restore(options: argparse.Namespace) -> int:
    store = _store(options)
    for given in options.id:
        info = store.restore(given)
        print(f"{info.id} restored: {info.title}", flush=True)
    return 0


def _purge(options: argparse.Namespace) -> int:
    count = _store(options).purge()
    print(f"Conversations removed for good: {count}")
    return 0
