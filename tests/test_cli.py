"""The commands as a shell sees them: JSON fields, exit statuses, bad input."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.assistant import Assistant
from advisor.line_mode import run_line_mode
from advisor.records.store import SessionStore
from tests.running import run


def lines(done: subprocess.CompletedProcess[str]) -> list[Any]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def data(tmp_path: Path) -> tuple[str, str]:
    """The option for a data directory of the test's own."""
    return ("--data-dir", str(tmp_path / "data"))


@pytest.fixture
def hold(assistant: Assistant, data: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Holds a conversation and stores it under `data`, sparing the seconds in which a new process gets ready."""

    def held(said: str) -> None:
        store = SessionStore(Path(data[1]))
        assert run_line_mode(assistant, store, None, io.StringIO(said), as_json=False) == 0
        store.close()
        capsys.readouterr()

    return held


def test_ask_answers_with_its_sources() -> None:
    (result,) = lines(run("ask", "--json", "Is TorchServe still a good choice?"))
    assert result["outcome"] == "answer"
    assert result["topics"][0]["id"] == "torchserve-status"
    assert result["topics"] == sorted(result["topics"], key=lambda topic: -topic["score"])
    assert result["answer"].startswith("No")
    assert {"title", "url", "date"} <= set(result["sources"][0])


def test_ask_reads_one_question_per_line() -> None:
    results = lines(run("ask", "--json", "-", stdin="what is keras 3?\n\n\x1b[31m\nhow do I poach an egg?\n"))
    assert [result["question"] for result in results] == ["what is keras 3?", "", "how do I poach an egg?"]
    assert [result["outcome"] for result in results] == ["answer", "none", "none"]
    assert results[1]["answer"] is None


def test_recommend_gives_rows_with_evidence_and_both_readings() -> None:
    text = "Python team, early prototype, an API on AWS, no mobile app."
    (result,) = lines(run("recommend", "--json", text))
    assert result["text"] == text
    assert list(result["criteria"]) == ["engineering", "maturity", "deployment", "mobile", "vendor"]
    for row in result["criteria"].values():
        assert row["lean"] == "pytorch"
        assert row["rules"]
        for evidence in row["evidence"]:
            assert text[evidence["start"] : evidence["end"]] == evidence["quote"]
    assert result["readings"]["article"] == {"verdict": "pytorch", "tally": {"pytorch": 5, "tensorflow": 0}}
    # Erratum E4c: that mobile is not needed is no evidence.
    assert result["readings"]["amended"] == {"verdict": "pytorch", "tally": {"pytorch": 4, "tensorflow": 0}}


def test_recommend_from_leans() -> None:
    rows = [
        {"engineering": "pytorch", "maturity": "pytorch", "deployment": "tensorflow", "mobile": "tensorflow"},
        {"vendor": "tensorflow", "mobile": "tensorflow", "deployment": "tensorflow", "engineering": "unknown"},
        {},
    ]
    results = lines(run("recommend", "--json", "--leans", "-", stdin="\n".join(json.dumps(row) for row in rows)))
    assert [r["readings"]["article"]["verdict"] for r in results] == ["split", "tensorflow", "insufficient"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "line 1: not JSON"),
        ("[1]", "line 1: must be an object"),
        ('{"engineering": "yes"}', "yes is not a lean"),
        ('{"colour": "pytorch"}', "colour: no such criterion"),
    ],
)
def test_bad_leans(line: str, message: str) -> None:
    done = run("recommend", "--leans", "-", stdin=line)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_chat_json_has_a_line_for_each_turn_and_is_stored(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    first, second = lines(run("chat", "--json", *data, stdin="We use AWS.\nis torchserve dead?\n"))
    assert {"turn", "utterance", "acts", "criteria", "readings", "topics", "reply"} <= set(first)
    assert (first["turn"], second["turn"]) == (1, 2)
    assert first["criteria"]["vendor"]["lean"] == "pytorch"
    assert second["topics"][0]["id"] == "torchserve-status"
    (session,) = lines(run("sessions", "--json", *data))
    assert session["turns"] == 2
    resumed = lines(run("chat", "--json", "--resume", session["id"], *data, stdin="/recap\n"))
    assert resumed[0]["turn"] == 3
    assert resumed[0]["criteria"]["vendor"]["lean"] == "pytorch"


def test_the_latest_session_is_exported(hold: Callable[[str], None], data: tuple[str, str], tmp_path: Path) -> None:
    hold("We use AWS and the team writes Python.\n")
    markdown = run("export", *data)
    assert "We use AWS" in markdown.stdout
    assert json.loads(run("export", "--format", "json", *data).stdout)["schema_version"]
    target = tmp_path / "record.md"
    assert run("export", "-o", str(target), *data).returncode == 0
    assert target.read_text(encoding="utf-8") == markdown.stdout
    again = run("export", "-o", str(target), *data)
    assert again.returncode == 1
    assert "record.md" in again.stderr
    assert run("export", "-o", str(target), "--force", *data).returncode == 0


def test_a_record_replays_the_same_and_an_altered_one_does_not(
    hold: Callable[[str], None], data: tuple[str, str], tmp_path: Path
) -> None:
    hold("We use AWS.\nis torchserve dead?\nwhat if it had to run on phones?\nwhy\n")
    record = tmp_path / "record.json"
    assert run("export", "--format", "json", "-o", str(record), *data).returncode == 0
    same = run("replay", str(record))
    assert same.returncode == 0, same.stdout
    assert same.stdout.startswith("The same: 4 messages, every act and reply.\nHeld again with the recorded knowledge")
    record.write_text(record.read_text(encoding="utf-8").replace("We use AWS.", "We use Azure."), encoding="utf-8")
    altered = run("replay", str(record))
    assert altered.returncode == 1
    assert altered.stdout.startswith("This record was altered after it was written: session, transcript.")
    assert "Message 1, reply:" in altered.stdout
    assert not json.loads(run("replay", "--json", str(record)).stdout)["same"]
    record.write_text("{}", encoding="utf-8")
    assert "is not a record of a conversation" in run("replay", str(record)).stderr


def test_formats_follow_the_file_and_words_can_be_left_out(
    hold: Callable[[str], None], data: tuple[str, str], tmp_path: Path
) -> None:
    hold("We at Zyxco write Python, says Ana.\n")
    page = tmp_path / "record.html"
    done = run("export", "-o", str(page), "--redact", "Zyxco", *data)
    assert done.returncode == 0
    assert done.stderr == "advisor: left in, and perhaps names (--redact leaves them out): Ana\n"
    assert "[REDACTED-1]" in page.read_text(encoding="utf-8")
    assert "Zyxco" not in page.read_text(encoding="utf-8")
    assert run("export", "-o", "-", "--format", "csv", *data).stdout.startswith("id,row,article,amended")
    unknown = run("export", "-o", str(tmp_path / "record.docx"), *data)
    assert unknown.returncode == 1
    assert "the ending .docx names no format; add --format" in unknown.stderr
    assert not (tmp_path / "record.docx").exists()


def test_records_and_packs_are_compared(hold: Callable[[str], None], data: tuple[str, str], tmp_path: Path) -> None:
    records = tmp_path / "records"
    records.mkdir()
    for name, said in (("a", "We write Python, a prototype, behind an API."), ("b", "We use Azure.")):
        hold(said + "\n")
        assert run("export", "-o", str(records / f"{name}.json"), *data).returncode == 0
    same = run("diff", str(records / "a.json"), str(records / "a.json"))
    assert (same.returncode, same.stdout) == (0, "The same facts, rows and verdicts.\n")
    other = run("diff", "--json", str(records / "a.json"), str(records / "b.json"))
    assert other.returncode == 1
    found = {difference["where"]: difference for difference in json.loads(other.stdout)["differences"]}
    assert found["Verdict (article reading)"]["then"] == "PyTorch"
    shipped = Path("knowledge/pytorch_or_tensorflow").resolve()
    later = tmp_path / "later"
    shutil.copytree(shipped, later)
    rules = later / "rules" / "article.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(re.sub(r"- id: maturity-early-stage\n(?:  .*\n)+", "", text), encoding="utf-8")
    done = run("diff", str(shipped), str(later), "--over", str(records))
    assert done.stdout.startswith("1 of 2 decisions would change.\n")
    assert "rule maturity-early-stage fired and does not now (removed in the knowledge)" in done.stdout
    assert done.returncode == 1
    assert run("diff", str(shipped), str(later)).returncode == 2


def test_the_schema_is_printed() -> None:
    schema = json.loads(run("schema").stdout)
    assert schema["$id"] == "urn:advisor:decision-record:2"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["frobnicate"], 2, "invalid choice"),
        (["ask"], 2, "required"),
        (["export"], 1, "no conversation to export yet"),
        (["export", "nonsense"], 1, "nonsense"),
        (["chat", "--resume", "nonsense", "--plain"], 1, "nonsense"),
        (["ask", "hello", "--knowledge", "/nowhere"], 1, "no such knowledge pack"),
        (["ask", "hello", "--encoder", "./nowhere"], 1, "nowhere"),
        (["check", "/nowhere"], 1, "no such knowledge pack"),
        (["replay", "/nowhere.json"], 1, "cannot be read"),
        (["serve", "--host", "192.0.2.1"], 1, "cannot listen on 192.0.2.1:8000"),
    ],
)
def test_mistakes_get_a_message_and_a_status(arguments: list[str], status: int, message: str) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_pack_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("id: [", encoding="utf-8")
    done = run("check", str(tmp_path))
    assert done.returncode == 1
    assert "pack.yaml:1: not valid YAML" in done.stdout


def test_options_may_stand_anywhere(tmp_path: Path) -> None:
    for arguments in (["--data-dir", str(tmp_path), "sessions"], ["sessions", "--data-dir", str(tmp_path)]):
        assert run(*arguments).returncode == 0


def test_without_a_terminal_the_chat_is_line_mode() -> None:
    done = run(stdin="We use AWS.\n/quit\n")
    assert done.returncode == 0
    assert "AWS" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_data_directory_that_cannot_be_written_does_not_stop_the_chat(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way", encoding="utf-8")
    done = run("chat", "--json", "--data-dir", str(blocker), stdin="We use AWS.\n")
    assert done.returncode == 0
    assert json.loads(done.stdout)["criteria"]["vendor"]["lean"] == "pytorch"
    assert "not stored" in done.stderr
    assert blocker.read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize("command", ["ask", "recommend", "chat"])
def test_hostile_input(command: str) -> None:
    hostile = ["[/]", "\x1b]52;c;aGk=\x07clip", "x" * 1_000_000, "\udcffbytes\udcfe", "' \" ` $(id) ; --"]
    arguments = ["chat", "--json"] if command == "chat" else [command, "--json", "-"]
    done = run(*arguments, stdin="\n".join([*hostile, "We use AWS."]) + "\n")
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout
    assert len(lines(done)) == len(hostile) + 1


def test_closed_standard_input() -> None:
    done = subprocess.run(
        f"{sys.executable} -m advisor chat --plain <&-", shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "standard input is closed" in done.stderr


def test_a_reader_that_goes_away() -> None:
    done = subprocess.run(
        f"{sys.executable} -m advisor ask --json - | head -n 1",
        shell=True,
        input="what is keras?\n" * 200,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_what_was_not_answered_is_listed(hold: Callable[[str], None], data: tuple[str, str]) -> None:
    assert run("gaps", *data).returncode == 0
    hold("how do I poach an egg?\nhow do I poach an egg\n")
    (group,) = lines(run("gaps", "--json", *data))
    assert group["count"] == 2
    assert group["asked"][0]["question"] == "how do I poach an egg?"


def test_doctor_finds_this_machine_fit() -> None:
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


def test_version() -> None:
    assert run("--version").stdout.startswith("advisor ")
