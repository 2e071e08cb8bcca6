"""Programs that use a store from outside, to be run several at once, and to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Appends turns as fast as it can, saying each one's number once it is stored, and skipping those that others have.
WRITER = """
import sys
from advisor.records.store import SessionStore, StoreError
from tests.records.example_session import plain_turn
store = SessionStore(address=sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, int(sys.argv[3]) + 1):
    try:
        store.append(sys.argv[2], plain_turn(number, f"{sys.argv[4]} {number} " + "x" * (number * 7919 % 20000)))
    except StoreError as error:
        if "already has a turn" not in str(error):
            raise
        continue
    print(number, flush=True)
"""


OPENER = """
import sys
from tests.records.example_session import create
from advisor.records.store import SessionStore
store = SessionStore(address=sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(create(store), flush=True)
"""


# For each session that it is told, starts a writer, says its process id, and says END once that was killed. What it has
# imported is there already in each writer, which is what makes dozens of them bearable.
NURSERY = """
import os
import sys
from itertools import count
from advisor.records.store import SessionStore
from tests.records.example_session import plain_turn
from advisor.records import postgresql_database, sqlite_database
print("ready", flush=True)
sys.stdin.readline()
for line in sys.stdin:
    writer = os.fork()
    if writer == 0:
        store = SessionStore(address=sys.argv[1])
        for number in count(1):
            store.append(line.strip(), plain_turn(number, f"killed {number} " + "x" * (number * 7919 % 20000)))
            print(number, flush=True)
    print("writer", writer, flush=True)
    os.waitpid(writer, 0)
    print("END", flush=True)
"""


# Keeps a session of its own, with everything that can be done to one, beside one session that all programs fight over.
# Says the numbers that it could store in that one.
HAMMER = """
import sys
from advisor.records.store import SessionStore, StoreError, TurnTakenError
from tests.records.example_session import create, plain_turn
address, shared, name, count = sys.argv[1:]
store = SessionStore(address=address)
print("ready", flush=True)
sys.stdin.readline()
own = create(store)
doomed = create(store)
for number in range(1, int(count) + 1):
    store.append(own, plain_turn(number, f"{name} {number}"))
    try:
        store.append(shared, plain_turn(number, f"{name} {number}"))
        print(number, flush=True)
    except TurnTakenError:
        pass
    if number % 5 == 0:
        store.rename(own, f"{name} {number}")
        store.delete(own)
        store.restore(own)
        store.sessions()
        store.search(name)
store.delete(doomed)
"""


def program(script: str, address: str, *arguments: str) -> subprocess.Popen[str]:
    """A program over the store at `address`. It says that it is ready and waits for a line."""
    return subprocess.Popen(
        [sys.executable, "-c", script, address, *arguments],
        cwd=ROOT,
        # Unbuffered, a line is written in two parts, and a kill may come between them.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def start(*programs: subprocess.Popen[str]) -> None:
    """Lets programs go at the same moment, once all are ready."""
    for each in programs:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in programs:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
