"""A PostgreSQL server of the tests' own, in a directory that goes away with it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

USER = "advisor"
_START_SECONDS = 60.0


class UnavailableError(Exception):
    """There is no PostgreSQL on this machine that could be started; the message says why."""


class Server:
    """A server that listens on a Unix socket only. Raises UnavailableError when it cannot be set up."""

    def __init__(self) -> None:
        self._programs = _programs()
        self._as = _unprivileged()
        # Not below pytest's own directories, which the server's user may not enter. Sockets need a short path.
        self.directory = Path(tempfile.mkdtemp(prefix="advisor-pg-", dir="/tmp"))
        self.password = f"it's/{secrets.token_hex(8)}@"
        self._process: subprocess.Popen[bytes] | None = None
        secret = self.directory / "password"
        secret.write_text(self.password)
        for path in (self.directory, secret):
            if self._as:
                os.chown(path, self._as["user"], self._as["group"])
        try:
            self._call("initdb", "--pgdata", str(self.directory / "data"), "--username", USER, "--pwfile", str(secret))
            self.start()
        except BaseException:
            self.remove()
            raise

    @property
    def address(self) -> str:
        """Where the store is reached."""
        return self.address_of()

    def address_of(self, *, user: str = USER, password: str | None = None, database: str = "postgres") -> str:
        """The same for others."""
        given = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{given}@/{database}?host={self.directory}"

    def execute(self, statement: str, *values: Any, database: str = "postgres") -> list[Any]:
        """Runs a statement beside the store and returns its rows."""
        with psycopg.connect(
            host=str(self.directory), user=USER, password=self.password, dbname=database, autocommit=True
        ) as connection:
            done = connection.execute(statement.encode(), values or None)
            return done.fetchall() if done.description else []

    def forget(self) -> None:
        """Removes what the store keeps."""
        self.execute("SET client_min_messages = error; DROP SCHEMA IF EXISTS advisor CASCADE")

    def disconnect(self) -> int:
        """Ends all connections of stores; returns how many there were."""
        ended = self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'advisor'"
        )
        return len(ended)

    def start(self) -> None:
        """Starts the server, unless it runs, and waits until it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        command = [str(self._programs / "postgres"), "-D", str(self.directory / "data"), "-k", str(self.directory)]
        settings = ["listen_addresses=", "max_connections=60", "shared_buffers=16MB", "logging_collector=off"]
        for setting in settings:
            command += ["-c", setting]
        log = (self.directory / "log").open("ab")
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=self.directory, **self._as
        )
        self._process = process
        log.close()
        give_up = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > give_up:
                    raise UnavailableError(f"the server does not start: {error}") from error
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops the server; with SIGQUIT as in a crash, from which it recovers when it is started again."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def remove(self) -> None:
        """Stops the server and removes its directory."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _call(self, program: str, *arguments: str) -> None:
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        done = subprocess.run(
            [self._programs / program, *arguments, *options], capture_output=True, cwd=self.directory, **self._as
        )
        if done.returncode:
            raise UnavailableError(f"{program} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _programs() -> Path:
    """The directory of initdb and postgres: the newest of Debian's, or on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    candidates = [path.parent for path in reversed(found)] + ([Path(on_path).parent] if on_path else [])
    for directory in candidates:
        if (directory / "postgres").exists():
            return directory
    raise UnavailableError("no PostgreSQL server is installed (Debian: apt install postgresql)")


def _unprivileged() -> dict[str, Any]:
    """The server refuses to run as root: who runs it then, as arguments of subprocess."""
    if os.name != "posix":
        raise UnavailableError("the tests start a server on POSIX systems only")
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise UnavailableError("there is no user who could run a PostgreSQL server (postgres or nobody)")
