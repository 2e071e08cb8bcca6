"""Runs the program as a user does."""

from __future__ import annotations

import os
import subprocess
import sys


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`advisor` with these arguments, standard input and additional environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "advisor", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        encoding="utf-8",
        errors="surrogateescape",
        timeout=300,
    )
