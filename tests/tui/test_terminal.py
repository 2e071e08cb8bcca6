"""The program in a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pexpect = pytest.importorskip("pexpect")
pytestmark = pytest.mark.skipif(not hasattr(pexpect, "spawn"), reason="there are no pseudo-terminals here")

ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def spawn(data: Path, *arguments: str, place: Path | None = None, environment: Mapping[str, str] = ENVIRONMENT) -> Any:
    """The program with its data under a path; its settings in `place`, or else there too."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM")}
    environment = {**kept, **environment, "ADVISOR_CONFIG_DIR": str((place or data) / "config")}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "advisor", *arguments, "--data-dir", str(data)],
        env=environment,
        dimensions=(36, 120),
        encoding="utf-8",
        codec_errors="replace",
        timeout=60,
    )
    child.delaybeforesend = None
    return child


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Any]:
    spawned = spawn(tmp_path)
    yield spawned
    spawned.close(force=True)


def wording(text: str) -> str:
    """A pattern for words as a terminal receives them: control sequences may stand between any two."""
    between = r"(?:\x1b\[[0-9;?]*[A-Za-z]|\s)+"
    return between.join(re.escape(word) for word in text.split())


def test_describe_resize_paste_and_quit(child: Any, tmp_path: Path) -> None:
    child.expect(wording("Which framework should you build on"))
    child.send("We are five Python developers, on AWS.\r")
    child.expect(wording("Understood"))
    child.setwinsize(20, 60)
    child.expect(wording("open → undecided in both"))
    child.setwinsize(36, 120)
    # A bracketed paste of a megabyte; terminals themselves take escape sequences out of what is pasted.
    child.send("\x1b[200~" + "[/] pasted words " * 60_000 + "\x1b[201~")
    child.expect(wording("pasted text 1:"))
    child.send("\x03")
    child.expect(wording("Cleared"))
    child.send("\x03")
    child.expect(wording("Press Ctrl+C again to quit"))
    child.send("\x03")
    child.expect(r"Go on later with: advisor chat --resume (\S+)")
    session = child.match.group(1)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0

    resumed = spawn(tmp_path, "chat", "--resume", session)
    resumed.expect(wording("Understood"))
    resumed.send("\x11")
    resumed.expect("Go on later with")
    resumed.expect(pexpect.EOF)
    resumed.close()


def test_escape_sequences_in_a_message_do_not_reach_the_terminal(child: Any) -> None:
    child.expect(wording("Ready"))
    child.logfile_read = seen = io.StringIO()
    child.send("\x1b[200~on AWS \x1b]52;c;aGFjaw==\x07 [/] \x1b[201~\r")
    child.expect(wording("Understood"))
    assert "\x1b]52" not in seen.getvalue()
    child.send("\x11")
    child.expect(pexpect.EOF)


def test_one_can_leave_while_everything_is_loading(child: Any) -> None:
    child.expect(wording("Which framework"))
    child.send("\x11")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


def test_quitting_before_a_conversation_is_loaded_still_tells_how_to_go_on(child: Any, tmp_path: Path) -> None:
    child.expect(wording("Ready"))
    child.send("We are on AWS.\r")
    child.expect(wording("Understood"))
    child.send("\x11")
    child.expect(r"chat --resume (\S+)")
    session = child.match.group(1)
    child.expect(pexpect.EOF)
    resumed = spawn(tmp_path, "chat", "--resume", session)
    resumed.expect(wording("Which framework"))
    resumed.send("\x11")
    resumed.expect(f"chat --resume {session}")
    resumed.expect(pexpect.EOF)


def test_an_unknown_conversation_is_told_on_leaving(tmp_path: Path) -> None:
    child = spawn(tmp_path, "chat", "--resume", "nonsense")
    child.expect("advisor: .*nonsense")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 1


def test_alt_enter_starts_a_new_line_and_enter_sends(child: Any) -> None:
    child.expect(wording("Ready"))
    child.send("We are on AWS.\x1b\rNo phones at all.\r")
    child.expect(wording("Understood"))
    child.expect(wording("Devices the model runs on"))
    child.send("\x11")
    child.expect(pexpect.EOF)


# Colours -----------------------------------------------------------------------------------------------------------


def painted(tmp_path: Path, **environment: str) -> str:
    """Everything that the terminal received, from the start through a description and a list to the end."""
    child = spawn(tmp_path, environment={"LANG": "C.UTF-8", **environment})
    child.logfile_read = seen = io.StringIO()
    child.expect(wording("Ready"))
    child.send("We are five Python developers, on AWS.\r")
    child.expect(wording("Understood"))
    child.send("/w")
    child.expect("/whynot")
    child.send("\x11")
    child.expect(pexpect.EOF)
    child.wait()
    return seen.getvalue()


def looks(text: str) -> set[tuple[int, ...]]:
    """The parameters of every SGR sequence (ECMA-48, 8.3.117)."""
    return {tuple(int(part or 0) for part in found.split(";")) for found in re.findall(r"\x1b\[([0-9;]*)m", text)}


def colours(look: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The colours that a sequence sets: (30,), (48, 5, 17) or (38, 2, 1, 2, 3)."""
    rest = list(look)
    while rest:
        first = rest.pop(0)
        if first in (38, 48):
            length = 2 if rest[0] == 5 else 4
            yield (first, *rest[:length])
            del rest[:length]
        elif 30 <= first <= 37 or 40 <= first <= 47 or 90 <= first <= 107:
            yield (first,)


def test_few_colours_are_the_terminals_own(tmp_path: Path) -> None:
    found = looks(painted(tmp_path, TERM="xterm-16color"))
    assert {colour for look in found for colour in colours(look)}
    assert all(len(colour) == 1 for look in found for colour in colours(look))
    assert any(7 in look and 1 in look for look in found)  # the first of what could complete "/w"
    for look in found:
        base = [colour[0] % 10 for colour in colours(look)]
        assert len(base) == len(set(base)), look


def test_256_colours_are_not_asked_for_more(tmp_path: Path) -> None:
    found = {colour for look in looks(painted(tmp_path, TERM="xterm-256color")) for colour in colours(look)}
    assert any(colour[1:2] == (5,) for colour in found)
    assert not any(colour[1:2] == (2,) for colour in found)


@pytest.mark.parametrize("more", [{"TERM": "xterm-16color"}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}])
def test_no_color_means_none(more: dict[str, str], tmp_path: Path) -> None:
    found = looks(painted(tmp_path, NO_COLOR="1", **more))
    assert not [look for look in found if list(colours(look))]
    assert any(7 in look and 1 in look for look in found)  # the first of what could complete "/w"


def test_an_empty_no_color_is_none(tmp_path: Path) -> None:
    found = looks(painted(tmp_path, NO_COLOR="", TERM="xterm-16color"))
    assert [look for look in found if list(colours(look))]


def test_a_dumb_terminal_gets_lines_without_a_single_control_sequence(tmp_path: Path) -> None:
    child = spawn(tmp_path, environment={"LANG": "C.UTF-8", "TERM": "dumb"})
    child.logfile_read = seen = io.StringIO()
    child.expect("(?i)project")
    child.send("We are five Python developers, on AWS.\n")
    child.expect("(?i)understood")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    assert "\x1b" not in seen.getvalue()


def test_leaving_tries_once_more_to_store(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.touch()
    child = spawn(blocked / "data", place=tmp_path)
    child.expect(wording("Ready"))
    child.send("We are on AWS.\r")
    child.expect(wording("This conversation is not being stored"))
    blocked.unlink()
    child.send("\x11")
    child.expect(r"Go on later with: advisor chat --resume (\S+)")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
