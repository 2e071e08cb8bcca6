"""How long a cold ``advisor ask`` takes: ``python -m tests.benchmark_ask [--runs N]``.

Prints medians, and the ratio to a bare Python that imports the same libraries and does nothing, measured in turn in the
same run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

_ASK = ("-m", "advisor", "ask", "is torchserve dead")
_NAME_LIBRARIES = """
import json, sys
from advisor.cli import main
sys.stdout, kept = sys.stderr, sys.stdout
main(["ask", "is torchserve dead"])
json.dump([name for name in sys.modules if "." not in name and name not in ("advisor", "__main__")], kept)
"""
_IMPORT = """
import contextlib, importlib, sys
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
"""


def _run(*arguments: str) -> str:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=environment, text=True).stdout


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    _run(*arguments)
    return time.perf_counter() - started


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Times a cold answer.")
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    _run(*_ASK)  # fills the cache, as the first answer ever does
    libraries = json.loads(_run("-c", _NAME_LIBRARIES))
    timed = [(_seconds("-c", "pass"), _seconds("-c", _IMPORT, *libraries), _seconds(*_ASK)) for _ in range(runs)]
    bare, imported, answered = (statistics.median(column) for column in zip(*timed, strict=True))
    print(f"bare Python        {bare:.3f} s")
    print(f"with its libraries {imported:.3f} s ({len(libraries)} modules)")
    print(f"advisor ask        {answered:.3f} s, {answered / imported:.2f} times that")


if __name__ == "__main__":
    main()
