"""The app over the real engine, and the engine behind the port."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.settings import Settings
from tests.tui.driving import screen_text, shown, type_and_send, wait_until
from tui.app import AdvisorApp
from tui.chat_port import ChatPort
from tui.engine_chat import open_chat
from tui.face_errors import FaceError, ResumeError


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=tmp_path / "data")


async def test_a_conversation_from_description_to_export(settings: Settings, tmp_path: Path) -> None:
    def load() -> ChatPort:
        return open_chat(settings, None)

    app = AdvisorApp(load)
    async with app.run_test(size=(120, 40)) as pilot:
        await type_and_send(pilot, app, "We are five Python developers and our cloud is AWS.")
        await wait_until(pilot, lambda: "Understood" in shown(app), seconds=60)
        await wait_until(pilot, lambda: "PyTorch     ██████░░░░░░░░░ 2" in screen_text(app))
        await type_and_send(pilot, app, "/export reasons.md")
        await wait_until(pilot, lambda: "Written to" in shown(app), seconds=30)
        await pilot.press("f3")
        await wait_until(pilot, lambda: "1 message," in screen_text(app))
    assert "five Python developers" in (tmp_path / "reasons.md").read_text(encoding="utf-8")
    resumed = open_chat(settings, app.session_id)
    assert [turn.utterance for turn in resumed.turns] == ["We are five Python developers and our cloud is AWS."]


def test_export_by_suffix(settings: Settings, tmp_path: Path) -> None:
    chat = open_chat(settings, None)
    with pytest.raises(FaceError, match="nothing was said yet"):
        chat.export("")
    chat.say("We are on AWS.")
    assert Path(chat.export("record.json")).samefile(tmp_path / "record.json")
    json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    first, second = chat.export(""), chat.export("")
    assert first != second
    with pytest.raises(FaceError, match="exists already"):
        chat.export("record.json")
    with pytest.raises(FaceError, match="must end in"):
        chat.export("record.doc")
    with pytest.raises(FaceError, match="Not written"):
        chat.export("nowhere/record.md")


def test_what_cannot_be_opened_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ResumeError, match="there is no session"):
        open_chat(settings, "no such session")
    with pytest.raises(FaceError, match="no such knowledge pack"):
        open_chat(Settings(knowledge=tmp_path / "none", data_dir=settings.data_dir), None)
    with pytest.raises(FaceError, match="encoder"):
        open_chat(Settings(encoder=str(tmp_path / "none"), data_dir=settings.data_dir), None)


def test_a_chat_that_cannot_be_stored_says_so_and_can_still_be_exported(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    chat = open_chat(Settings(data_dir=blocked / "data"), None)
    chat.say("We are on AWS.")
    assert chat.trouble
    assert "We are on AWS." in Path(chat.export(str(tmp_path / "record.md"))).read_text(encoding="utf-8")


def test_how_things_stand_and_why(settings: Settings) -> None:
    chat = open_chat(settings, None)
    assert not chat.standing.supposed
    chat.say("We are five Python developers, an early prototype, on AWS.")
    standing = chat.standing
    assert [row.leans["article"] for row in standing.matrix.rows].count("pytorch") == 3
    assert standing.matrix.readings[0].smallest is not None
    detail = chat.explain("vendor")
    quote = detail.readings["article"].steps[0].premises[0].evidence[0].quote
    assert "AWS" in quote
    with pytest.raises(FaceError):
        chat.explain("weather")
    chat.say("/whatif it had to run on a phone")
    assumed = chat.standing
    assert assumed.supposed is not None
    assert assumed.supposed != assumed.matrix
    assert assumed.assumptions
    chat.say("/forget")
    assert chat.standing.supposed is None


def test_going_back_begins_a_new_conversation_and_keeps_the_old(settings: Settings) -> None:
    chat = open_chat(settings, None)
    for text in ("We are on AWS.", "No phones.", "Thanks."):
        chat.say(text)
    former = chat.session_id
    chat.rewind(2)
    assert [turn.utterance for turn in chat.turns] == ["We are on AWS."]
    assert chat.session_id is None
    chat.say("It runs on phones.")
    assert chat.session_id not in (None, former)
    assert len(open_chat(settings, former).turns) == 3
    assert [turn.number for turn in open_chat(settings, chat.session_id).turns] == [1, 2]
    chat.open(former)
    assert len(chat.turns) == 3
    chat.open(None)
    assert chat.turns == ()


def test_every_format_can_be_previewed(settings: Settings) -> None:
    chat = open_chat(settings, None)
    with pytest.raises(FaceError, match="nothing was said yet"):
        chat.preview("markdown")
    chat.say("We are on AWS.")
    assert chat.vocabulary.formats
    for form in chat.vocabulary.formats:
        assert "AWS" in chat.preview(form.id)
        assert chat.suggested_name(form.id).endswith(form.suffix)


def test_the_name_of_a_format_alone_exports_in_it(settings: Settings, tmp_path: Path) -> None:
    chat = open_chat(settings, None)
    chat.say("We are on AWS.")
    assert Path(chat.export("Nygard")).samefile(next(tmp_path.glob("0001-*.adr.md")))
    for form in chat.vocabulary.formats:
        assert chat.export(form.id).endswith(form.suffix)


def test_under_assumptions_rows_open_as_they_would_then_be(settings: Settings) -> None:
    chat = open_chat(settings, None)
    chat.say("It is an early prototype, and we are on AWS.")
    chat.say("what if it were a regulated medical device?")
    standing = chat.standing
    assert standing.supposed is not None
    assert len(standing.set_aside) == 1
    for row in standing.supposed.rows:
        assert chat.explain(row.criterion).row.leans == row.leans
    assert chat.explain("maturity").row.leans["article"] == "tensorflow"


def test_records_for_adr_tools_are_numbered(settings: Settings, tmp_path: Path) -> None:
    chat = open_chat(settings, None)
    chat.say("We are on AWS.")
    first = chat.suggested_name("nygard")
    assert first.startswith("0001-")
    assert Path(chat.export(first, "nygard")).read_text(encoding="utf-8").startswith("# 1. ")
    (tmp_path / "0041-another.md").touch()
    (tmp_path / "20261122-notes.md").touch()
    assert chat.suggested_name("nygard").startswith("0042-")
    assert chat.preview("nygard", "0042-choice.adr.md").startswith("# 42. ")
