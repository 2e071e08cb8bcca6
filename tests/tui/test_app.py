"""The app driven by a pilot, with a chat that needs no engine."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Offset
from textual.widgets import Static

from advisor.conversation.blocks import Choice, Note
from advisor.conversation.commands import COMMANDS
from advisor.conversation.transcript import Turn
from tests.tui.driving import HOSTILE, composer, screen_text, shown, texts, type_and_send, wait_until
from tests.tui.samples import (
    ALL_TURNS,
    ANSWER,
    ANSWERED,
    DECIDED,
    DESCRIBED,
    QUESTION,
    SUPPOSED,
    TOPICS,
    VERDICT,
    WHAT_IF,
    FakeChat,
    loading,
    turn,
)
from tui.app import EXAMPLES, AdvisorApp
from tui.chat_port import StoredSession
from tui.face_errors import FaceError, ResumeError
from tui.help_content import help_paragraphs
from tui.keys import ACTIONS
from tui.paragraphs import Paragraphs
from tui.screens.help_dialog import HelpDialog
from tui.widgets.choice_list import ChoiceList
from tui.widgets.decision_browser import DecisionBrowser
from tui.widgets.decision_summary import DecisionSummary
from tui.widgets.message import Reply, UserMessage
from tui.widgets.status_line import Trouble
from tui.widgets.transcript import Transcript

WIDE = (120, 40)


def status(app: AdvisorApp) -> str:
    return str(app.screen_stack[0].query_one("#activity", Static).content)


# Loading ---------------------------------------------------------------------------------------------------------


async def test_one_can_type_and_send_while_loading_and_is_answered_in_order() -> None:
    gate, chat = threading.Event(), FakeChat()
    app = AdvisorApp(loading(chat, gate))
    async with app.run_test(size=WIDE) as pilot:
        assert "Loading" in status(app)
        for text in ("first", "second"):
            await pilot.press(*text, "enter")
        await wait_until(pilot, lambda: len(app.query(UserMessage)) == 2)
        assert shown(app).count("Waiting until everything is loaded") == 2
        gate.set()
        await wait_until(pilot, lambda: len(app.query(Reply)) == 2)
        await wait_until(pilot, lambda: status(app) == "Ready")
        assert chat.heard == ["first", "second"]
        assert [text.split()[-1] for text in texts(app)[1:]] == ["first", "first", "second", "second"]
        assert "Waiting" not in shown(app)


async def test_quitting_does_not_wait_for_loading() -> None:
    app = AdvisorApp(loading(FakeChat(), threading.Event()))  # an event that never comes: waiting for it would not end
    async with app.run_test(size=WIDE) as pilot:
        await type_and_send(pilot, app, "unanswered")
        await pilot.press("ctrl+q")
    assert app.unanswered == ("unanswered",)


@pytest.mark.parametrize("error", [FaceError("rules.yaml line 3: [/] wrong"), RuntimeError("[/] wrong")])
async def test_a_load_failure_is_told_in_the_transcript_and_can_be_tried_again(error: Exception) -> None:
    failures = [error]

    def load() -> FakeChat:
        if failures:
            raise failures.pop()
        return FakeChat()

    app = AdvisorApp(load)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "could not be loaded" in shown(app))
        assert "[/] wrong" in shown(app)
        assert "Traceback" not in shown(app)
        assert status(app) == "Not loaded"
        await type_and_send(pilot, app, "meanwhile")
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: "Heard meanwhile" in shown(app))


async def test_a_conversation_that_cannot_be_resumed_ends_the_app() -> None:
    def load() -> FakeChat:
        raise ResumeError("there is no session “x”")

    app = AdvisorApp(load)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.return_code == 1)
    assert app.resume_error == "there is no session “x”"


async def test_resumed_turns_are_shown_above_what_was_typed_meanwhile() -> None:
    gate = threading.Event()
    app = AdvisorApp(loading(FakeChat(turns=[DESCRIBED, ANSWERED], session_id="abc"), gate))
    async with app.run_test(size=WIDE) as pilot:
        await type_and_send(pilot, app, "and then")
        gate.set()
        await wait_until(pilot, lambda: "Heard and then" in shown(app))
        own = [text for text in texts(app) if text.startswith("You ›")]
        assert [DESCRIBED.utterance[:6] in own[0], "Does AWS" in own[1], "and then" in own[2]] == [True] * 3
        await pilot.press("up", "up")
        assert composer(app).text == ANSWERED.utterance


async def test_an_error_in_a_reply_costs_only_that_reply() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        for text in ("fail", "crash", "fine"):
            await type_and_send(pilot, app, text)
        await wait_until(pilot, lambda: "Heard fine" in shown(app))
        assert "could not take that in: broken" in shown(app)
        assert "RuntimeError: [/] unforeseen" in shown(app)


async def test_trouble_with_storing_stays_in_view() -> None:
    chat = FakeChat()
    chat.trouble = "the disk [/] is full"
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=(60, 20)) as pilot:
        await type_and_send(pilot, app, "hello")
        await wait_until(pilot, lambda: "Heard hello" in shown(app))
        await wait_until(pilot, lambda: "disk [/] is full" in " ".join(screen_text(app).split()))
        chat.trouble = None
        await type_and_send(pilot, app, "again")
        await wait_until(pilot, lambda: "Heard again" in shown(app))
        assert not app.query_one(Trouble).display


# Writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ctrl+j", "alt+enter", "shift+enter"])
async def test_new_lines_and_growth(key: str) -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("a", *[key] * 9, "b")
        await pilot.pause()
        assert composer(app).text == "a" + "\n" * 9 + "b"
        assert composer(app).size.height == 6


async def test_blank_messages_are_not_sent() -> None:
    chat = FakeChat()
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "enter")
        assert not app.query(UserMessage)


async def test_history_with_the_draft_kept() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        for text in ("one", "two"):
            await type_and_send(pilot, app, text)
        await pilot.press(*"draft")
        found = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            found.append(composer(app).text)
        assert found == ["two", "one", "one", "two", "draft", "draft"]


async def test_up_moves_within_a_wrapped_line_first() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await type_and_send(pilot, app, "sent")
        composer(app).insert_text("word " * 40)
        await pilot.pause()
        await pilot.press("up")
        assert composer(app).text.startswith("word")
        await pilot.press("up", "up")
        assert composer(app).text == "sent"


async def test_a_paste_of_a_megabyte_is_kept_whole_and_does_not_block() -> None:
    chat, pasted = FakeChat(), "[/] word\x1b[2J " * 100_000
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        composer(app).post_message(events.Paste(pasted))
        await wait_until(pilot, lambda: "pasted text 1" in composer(app).text)
        await pilot.press("enter")
        await wait_until(pilot, lambda: bool(chat.heard))
        assert chat.heard == [pasted.replace("\x1b[2J", "")]
        assert "more characters, all of them kept" in shown(app)
        await pilot.press("up")
        assert composer(app).text.startswith("[pasted text")


async def test_page_keys_scroll_the_transcript_while_typing() -> None:
    app = AdvisorApp(loading(FakeChat(turns=ALL_TURNS)))
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.query_one(Transcript)
        await wait_until(pilot, lambda: transcript.max_scroll_y > 0 and transcript.at_end)
        await pilot.press("x", "pageup")
        await wait_until(pilot, lambda: not transcript.at_end)
        assert composer(app).text == "x"
        composer(app).load_text("")
        reading = transcript.scroll_y
        app.send("mine")
        await wait_until(pilot, lambda: "Heard mine" in shown(app))
        await wait_until(pilot, lambda: transcript.at_end and transcript.scroll_y > reading)


async def test_page_up_never_skips_what_was_not_shown() -> None:
    held = [turn(number, f"message {number}") for number in range(1, 80)]
    app = AdvisorApp(loading(FakeChat(turns=held)))
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.query_one(Transcript)
        await wait_until(pilot, lambda: transcript.max_scroll_y > 0 and transcript.at_end)
        seen: set[str] = set()
        for _ in range(100):
            seen.update(re.findall(r"message \d+", screen_text(app)))
            if "message 1 " in screen_text(app):
                break
            await pilot.press("pageup")
            await pilot.pause()
        assert len(seen) == len(held)


async def test_a_reply_does_not_move_what_is_being_read() -> None:
    gate = threading.Event()
    app = AdvisorApp(loading(FakeChat(turns=ALL_TURNS, gate=gate)))
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.query_one(Transcript)
        await wait_until(pilot, lambda: transcript.max_scroll_y > 0)
        await type_and_send(pilot, app, "mine")
        await wait_until(pilot, lambda: transcript.at_end)
        await pilot.press("pageup", "pageup")
        await wait_until(pilot, lambda: not transcript.at_end)
        reading = transcript.scroll_y
        gate.set()
        await wait_until(pilot, lambda: "Heard mine" in shown(app))
        await pilot.pause()
        assert transcript.scroll_y == reading
        assert "New message below" in status(app)


async def test_first_messages_stand_at_the_top() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await type_and_send(pilot, app, "hello")
        await wait_until(pilot, lambda: "Heard hello" in shown(app))
        assert app.query_one(Transcript).scroll_y == 0


# Choices ---------------------------------------------------------------------------------------------------------


async def offered(app: AdvisorApp, pilot: object) -> ChoiceList:
    await wait_until(pilot, lambda: app.query_one(ChoiceList).option_count == 3)  # type: ignore[arg-type]
    return app.query_one(ChoiceList)


async def test_clicking_a_choice_sends_it() -> None:
    chat = FakeChat(turns=[DESCRIBED], session_id="abc")
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        choices = await offered(app, pilot)
        await pilot.click(choices, offset=Offset(6, 1))
        await wait_until(pilot, lambda: chat.heard == ["batch jobs"])
        await wait_until(pilot, lambda: not app.query(ChoiceList))
        assert "2. batch jobs" in shown(app)
        assert composer(app).has_focus


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        (("tab", "down", "enter"), "batch jobs"),
        (("tab", "3"), "notebooks or analysis"),
        (("tab", "h", "i", "enter"), "hi"),
        (("tab", "escape", "1", "enter"), "behind a server-side API"),
        (("d", "r", "a", "f", "t", "alt+2"), "batch jobs"),
    ],
)
async def test_choosing_by_keys(keys: tuple[str, ...], heard: str) -> None:
    chat = FakeChat(turns=[DESCRIBED], session_id="abc")
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await offered(app, pilot)
        await pilot.press(*keys)
        await wait_until(pilot, lambda: chat.heard == [heard])


async def test_topics_have_the_numbers_when_answers_are_offered_too() -> None:
    from advisor.conversation.blocks import Choices

    both = turn(
        1,
        "aws?",
        Choices(asked="aws?", topics=TOPICS),
        QUESTION,
        pending="serving.kind",
        offered=("aws-support", "cost-of-compute"),
    )
    chat = FakeChat(turns=[both])
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.query_one(ChoiceList).option_count == 6)
        await pilot.press("tab", "2")
        await wait_until(pilot, lambda: chat.heard == ["What does compute cost with either"])


async def test_an_example_starts_the_conversation() -> None:
    chat = FakeChat()
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: chat.heard == [EXAMPLES[0]])
        assert "Two ways to begin" not in shown(app)


# Keys and commands -----------------------------------------------------------------------------------------------


async def test_ctrl_c_clears_then_asks_then_quits() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"draft", "ctrl+c")
        assert composer(app).text == ""
        await pilot.press("up")
        assert composer(app).text == "draft"
        await pilot.press("ctrl+c", "ctrl+c")
        assert app.is_running
        assert "again to quit" in status(app)
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: app._exit)


async def test_ctrl_c_copies_a_selection() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"copy me", "shift+home", "ctrl+c")
        assert app.clipboard == "copy me"
        assert composer(app).text == "copy me"


async def test_help_opens_while_loading_and_lists_every_command() -> None:
    app = AdvisorApp(loading(FakeChat(), threading.Event()))
    async with app.run_test(size=(100, 90)) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpDialog))
        await pilot.pause()
        text = " ".join(Paragraphs(help_paragraphs(app.key_of)).at(90).plain.split())
        assert all(spec.usage in text and spec.description in text for spec in COMMANDS)
        assert all(action.description in text for action in ACTIONS)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, HelpDialog))
        assert composer(app).has_focus


async def test_the_palette_runs_a_command() -> None:
    chat = FakeChat()
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"recap")
        await wait_until(pilot, lambda: "/recap" in screen_text(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: chat.heard == ["/recap"])


async def test_a_command_that_needs_words_waits_for_them() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        app.start_command(next(spec for spec in COMMANDS if spec.name == "whatif"))
        await pilot.pause()
        assert composer(app).text == "/whatif "


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/export [/].json", "Written to /tmp/[/].json"),
        ("/export a.doc", "must end in .md or .json"),
        ("/rewind 7", "There is no message 7"),
        ("/theme [/]", "There is no theme “[/]”"),
    ],
)
async def test_commands_of_the_face_answer_in_the_transcript(typed: str, told: str) -> None:
    chat = FakeChat(turns=[DESCRIBED], session_id="abc")
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "Ready" in status(app))
        await type_and_send(pilot, app, typed)
        await wait_until(pilot, lambda: told in shown(app))
        assert chat.heard == []
        await offered(app, pilot)


async def test_quit_command() -> None:
    app = AdvisorApp(loading(FakeChat(), threading.Event()))
    async with app.run_test(size=WIDE) as pilot:
        await type_and_send(pilot, app, "/quit")
        await wait_until(pilot, lambda: app._exit)


# Layout and hostile text -----------------------------------------------------------------------------------------


async def test_the_panel_folds_to_a_line_when_narrow_and_comes_back() -> None:
    app = AdvisorApp(loading(FakeChat(turns=[DESCRIBED])))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: "“five Python developers”" in screen_text(app))
        assert app.query_one(DecisionBrowser).display
        assert not app.query_one(DecisionSummary).display
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: "PyTorch 2, TensorFlow 1, 2 open → undecided" in screen_text(app))
        assert not app.query_one(DecisionBrowser).display
        await pilot.resize_terminal(120, 30)
        await wait_until(pilot, lambda: app.query_one(DecisionBrowser).display)


async def test_assumptions_show_in_the_panel() -> None:
    app = AdvisorApp(loading(FakeChat(turns=[DESCRIBED, SUPPOSED])))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "What if, not part of your project" in screen_text(app))
        assert "Cloud: a phone" in screen_text(app)
        assert app.main.has_class("-supposing")
        await pilot.press("alt+x")
        await wait_until(pilot, lambda: not app.main.has_class("-supposing"))
        assert "What if" not in str(app.main.browser.border_title)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_on_every_surface(text: str) -> None:
    from advisor.conversation.blocks import MatrixRow
    from advisor.text import clean

    safe = clean(text)
    asked = QUESTION.model_copy(update={"text": safe, "choices": (Choice(value="v", label=safe),)})
    early = DESCRIBED.blocks[2]
    assert early.kind == "matrix"
    row = early.rows[0]
    evidence = (row.evidence[0].model_copy(update={"quote": safe}),)
    rows = (MatrixRow(**{**dict(row), "short": safe[:300], "evidence": evidence}), *early.rows[1:])
    reply = turn(1, safe, early.model_copy(update={"rows": rows}), asked, pending="serving.kind", acts=("recap",))
    chat = FakeChat(replies=[reply])
    chat.trouble = text
    chat.stored = [StoredSession("abc", text, datetime(2026, 11, 22, tzinfo=UTC), 1)]
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=(120, 40)) as pilot:
        await type_and_send(pilot, app, text)
        await wait_until(pilot, lambda: bool(app.query(Reply)))
        await type_and_send(pilot, app, "/export " + " ".join(text.split()) + ".doc")
        await pilot.pause()
        await pilot.press("f3")
        await wait_until(pilot, lambda: len(app.screen_stack) == 2)
        for size in ((60, 20), (160, 45)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            painted = screen_text(app)
            assert not set(painted) & set("\x1b\x07\x9b\u202e\u2066\u200f\x00")
        assert "\x1b" not in shown(app)


async def test_a_thousand_messages_stay_usable() -> None:
    turns = [turn(number, f"message {number}", *DESCRIBED.blocks) for number in range(1, 501)]
    app = AdvisorApp(loading(FakeChat(turns=turns)))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: len(app.main.transcript.entries) == 1000, seconds=60)
        assert len(app.query(Reply)) < 100
        await wait_until(pilot, lambda: app.query_one(Transcript).at_end, seconds=60)
        await type_and_send(pilot, app, "one more")
        await wait_until(pilot, lambda: "Heard one more" in texts(app)[-1])


def test_the_style_sheet_stands_beside_the_app() -> None:
    import tui.app

    assert Path(tui.app.__file__).with_name("app.tcss").is_file()


# Where one reads on ------------------------------------------------------------------------------------------------

LONG = "\n".join(f"- line {number} of the answer" for number in range(40))


@pytest.mark.parametrize(
    ("reply", "first_line"),
    [
        (turn(1, "q", ANSWER.model_copy(update={"text": LONG}), acts=("ask",)), "How well does AWS support each"),
        (turn(1, "q", DECIDED, VERDICT, Note(text=LONG), acts=("recap",)), "► PyTorch, by the article's matrix"),
        (
            turn(1, "q", ANSWER.model_copy(update={"text": LONG}), QUESTION, acts=("ask",), pending="serving.kind"),
            "How well does AWS support each",
        ),
        (turn(1, "q", WHAT_IF, Note(text=LONG), QUESTION, acts=("what_if",), pending="serving.kind"), "What if"),
        (turn(1, "q", Note(text="short")), ""),
        (turn(1, "q", Note(text=LONG), QUESTION, pending="serving.kind"), ""),
    ],
    ids=["answer", "verdict", "answer and question", "what-if", "short", "question"],
)
async def test_what_does_not_fit_is_read_from_its_beginning(reply: Turn, first_line: str) -> None:
    app = AdvisorApp(loading(FakeChat([reply])))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: app.decision is not None)
        await type_and_send(pilot, app, "q")
        await wait_until(pilot, lambda: len(app.query(Reply)) == 1)
        if not first_line:
            await pilot.pause()
            await wait_until(pilot, lambda: app.main.transcript.at_end)
        else:
            await wait_until(pilot, lambda: screen_text(app).lstrip().startswith(first_line))
            await wait_until(pilot, lambda: status(app) == "More below (PageDown)")
        await type_and_send(pilot, app, "next")
        await wait_until(pilot, lambda: "Heard next" in screen_text(app))


async def test_a_copy_made_because_another_window_went_on_is_told() -> None:
    chat = FakeChat()
    app = AdvisorApp(loading(chat))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.decision is not None)
        chat.notice = "Session 1 was continued in another window [/], so this conversation goes on as a copy: 2"
        await type_and_send(pilot, app, "hello")
        await wait_until(pilot, lambda: "This conversation goes on elsewhere" in shown(app))
        assert chat.notice in shown(app)


async def test_a_notice_has_room_on_a_narrow_screen() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: status(app) == "Ready")
        assert "Ctrl+Q quit" in screen_text(app)
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: "Press Ctrl+C again to quit" in screen_text(app))
        await pilot.press("a")
        await wait_until(pilot, lambda: "Ctrl+Q quit" in screen_text(app))
