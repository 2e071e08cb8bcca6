"""How long a cold ``advisor ask`` takes: ``python -m tests.benchmark_ask [--runs N]``.

Prints medians, and the ratio to a bare Python that only imports the same libraries, measured in turn in the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

_LIBRARIES = "numpy, tokenizers, safetensors, pydantic, yaml, platformdirs, argparse, json"


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Times a cold answer.")
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    ask = ("-m", "advisor", "ask", "is torchserve dead")
    _seconds(*ask)  # fills the cache, as the first answer ever does
    timed = [(_seconds("-c", "pass"), _seconds("-c", f"import {_LIBRARIES}"), _seconds(*ask)) for _ in range(runs)]
    bare, libraries, answered = (statistics.median(column) for column in zip(*timed, strict=True))
    print(f"bare Python        {bare:.3f} s")
    print(f"with its libraries {libraries:.3f} s")
    print(f"advisor ask        {answered:.3f} s, {answered / libraries:.2f} times that")


if __name__ == "__main__":
    main()
