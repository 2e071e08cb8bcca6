"""A file is written whole, or not at all, and never over another one by accident."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.records.files import FileWriteError, write_text


def test_writes_utf8_with_usual_permissions_and_leaves_nothing_else(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        write_text(tmp_path / "a.md", "naïve\n“ok”\r\n")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.md").read_bytes() == "naïve\n“ok”\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o644


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_what_was_written_is_read(tmp_path: Path, text: str) -> None:
    write_text(tmp_path / "a.md", text, force=True)
    assert (tmp_path / "a.md").read_bytes().decode() == text


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    path.chmod(0o640)
    with pytest.raises(FileWriteError, match="exists already and was left as it is"):
        write_text(path, "new")
    assert path.read_text() == "mine"
    write_text(path, "new", force=True)
    assert path.read_text() == "new"
    assert [found.name for found in tmp_path.iterdir()] == ["a.md"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_only_one_of_many_racing_writers_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def write(text: str) -> None:
        start.wait()
        try:
            write_text(path, text * 10_000)
            outcomes.append(text)
        except FileWriteError:
            pass

    writers = [threading.Thread(target=write, args=(str(number),)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(outcomes) == 1
    assert path.read_text() == outcomes[0] * 10_000
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_is_followed_when_forced_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "link.md").symlink_to("real.md")
    (tmp_path / "dangling.md").symlink_to("nowhere.md")
    for name in ("link.md", "dangling.md"):
        with pytest.raises(FileWriteError, match="exists already"):
            write_text(tmp_path / name, "new")
    write_text(tmp_path / "link.md", "new", force=True)
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes")
def test_devices_and_pipes_are_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(FileWriteError, match="device or a pipe"):
            write_text(path, "text", force=True)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/a.md", "there is no directory .*missing; create it"),
        ("file/a.md", "file is not a directory"),
        ("n" * 300, "was not written"),
        ("a\0b", "cannot be the name of a file"),
    ],
)
def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path, name: str, message: str, force: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileWriteError, match=message) as caught:
        write_text(tmp_path / name, "text", force)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="exists already"):
        write_text(tmp_path, "text")
    with pytest.raises(FileWriteError, match="is a directory; add a file name"):
        write_text(tmp_path, "text", force=True)


def test_text_that_is_not_text_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="UTF-8"):
        write_text(tmp_path / "a.md", "\ud800")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(("number", "message"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_failing_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool, number: int, message: str
) -> None:
    if force:
        (tmp_path / "a.md").write_text("old")
    before = sorted(tmp_path.iterdir())

    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileWriteError, match=message):
        write_text(tmp_path / "a.md", "new", force)
    assert sorted(tmp_path.iterdir()) == before
    assert not force or (tmp_path / "a.md").read_text() == "old"


def test_without_hard_links_nothing_is_overwritten_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    write_text(tmp_path / "a.md", "first")
    with pytest.raises(FileWriteError, match="exists already"):
        write_text(tmp_path / "a.md", "second")
    assert (tmp_path / "a.md").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError) as caught:
        write_text(tmp_path / "\x1b[31mmissing" / "a.md", "text")
    assert "\x1b" not in str(caught.value)
