"""Colours, glyphs, keys and settings without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tui import preferences
from tui.chat_port import Attribute, Format, Vocabulary
from tui.completion import completions
from tui.glyphs import PlainGlyphs, plain, wants_ascii
from tui.hints import HINTS, done_with, next_hint
from tui.keys import ACTIONS, checked, shown
from tui.themes import fitting_theme, own_colours


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(Color.parse(first)), luminance(Color.parse(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi])
def test_own_colours_can_be_read_in_every_theme(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    known = theme.to_color_system().generate()
    for colour in own_colours(theme.dark, ansi=False).values():
        assert min(contrast(colour, known[ground]) for ground in ("background", "surface")) >= 4.5


@pytest.mark.parametrize(
    ("chosen", "colours", "colorfgbg", "expected"),
    [
        ("nord", "standard", "", "nord"),
        ("nonsense", "truecolor", "", None),
        (None, "standard", "", "ansi-dark"),
        (None, "standard", "0;15", "ansi-light"),
        (None, "256", "", None),
        (None, "truecolor", "0;15", "textual-light"),
        (None, "truecolor", "15;0", None),
    ],
)
def test_few_colours_mean_the_terminals_own(
    chosen: str | None, colours: str, colorfgbg: str, expected: str | None
) -> None:
    assert fitting_theme(chosen, BUILTIN_THEMES, colours, {"COLORFGBG": colorfgbg}) == expected


# Glyphs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["“quote” → █░ ╭──╮ … •", "漢字 emoji 👩‍🚀 é", "plain"])
def test_plain_glyphs_are_ascii_and_as_wide(text: str) -> None:
    from rich.cells import cell_len

    assert plain(text).isascii()
    assert cell_len(plain(text)) == cell_len(text)


def test_every_glyph_of_the_chat_has_a_plain_form() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path("tui").rglob("*.py"))
    for glyph in "•→►›‹“”…●○█░└":
        assert glyph in sources
        assert "?" not in plain(glyph)


@pytest.mark.parametrize(
    ("setting", "terminal", "expected"),
    [("ascii", "xterm", True), ("unicode", "linux", False), ("auto", "linux", True), ("auto", "xterm-256color", False)],
)
def test_when_glyphs_are_plain(setting: str, terminal: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _: "UTF-8")
    assert wants_ascii(setting, {"TERM": terminal}) is expected
    monkeypatch.setattr("locale.getpreferredencoding", lambda _: "ISO-8859-1")
    assert wants_ascii("auto", {"TERM": "xterm"})


def test_the_filter_keeps_styles() -> None:
    (segment,) = PlainGlyphs().apply([Segment("→ x", None, None)], Color(0, 0, 0))
    assert segment == Segment("> x")


# Keys --------------------------------------------------------------------------------------------------------------


def test_keys_have_one_action_each() -> None:
    assert checked({}) == ({}, [])
    assert shown("alt+w") == "Alt+W"
    assert shown("f1,f10") == "F1"


def test_own_keys_are_checked() -> None:
    usable, problems = checked({"help": "f2", "nonsense": "x", "find": " , "})
    assert usable == {"help": "f2"}
    assert [problem for problem in problems if "nonsense" in problem]
    assert [problem for problem in problems if "“help” and “decision”" in problem]


def test_every_action_exists() -> None:
    from tui.app import AdvisorApp

    for action in ACTIONS:
        assert callable(getattr(AdvisorApp, f"action_{action.name}"))


# Settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("theme = 3", "theme must be a name"),
        ('glyphs = "emoji"', "glyphs must be one of"),
        ("keys = 1", "[keys] must hold"),
        ("[keys]\nhelp = 1", "[keys] must hold"),
        ("theme = ", "cannot be read"),
        ("colour = 1", "no setting “colour”"),
    ],
)
def test_mistakes_in_the_settings_are_told(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path))
    (tmp_path / "config.toml").write_text(text)
    (found,) = preferences.read_preferences().problems
    assert problem in found
    assert str(tmp_path) in found


@pytest.mark.parametrize("state", ["", "[1]", '{"theme": 3, "hints": 4}', "\x00", '{"hints": [1, "chips"]}'])
def test_a_broken_state_is_as_none(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path))
    (tmp_path / "state.json").write_text(state)
    assert preferences.read_preferences().theme is None


def test_the_state_is_remembered_and_a_place_that_cannot_be_written_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path / "new"))
    preferences.remember("nord", frozenset({"chips"}))
    found = preferences.read_preferences()
    assert (found.theme, found.hints) == ("nord", frozenset({"chips"}))
    assert json.loads((tmp_path / "new" / "state.json").read_text())["hints"] == ["chips"]
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", "/dev/null/x")
    preferences.remember("nord", frozenset())
    assert preferences.read_preferences().problems == ()


def test_each_hint_is_shown_in_its_time_and_goes_away() -> None:
    first = next_hint(0, frozenset())
    assert first is not None
    assert first.id == "examples"
    seen = frozenset(hint.id for hint in HINTS)
    assert next_hint(9, seen) is None
    assert "decision" in done_with("decision", frozenset())


# Completing --------------------------------------------------------------------------------------------------------

WORDS = Vocabulary(
    rows={"vendor": "Vendor and cloud"},
    attributes={"cloud": Attribute("Cloud", {"aws": "AWS", "gcp": "Google Cloud"})},
    topics=("Does AWS still support it?", "What does it cost?"),
    formats=(Format("markdown", ".md", "to read"),),
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/rew", "/rewind "),
        ("/search", "/find "),
        ("/why v", "/why Vendor and cloud"),
        ("/whynot t", "/whynot Tea"),
        ("/set cl", "/set Cloud: "),
        ("/set Cloud: goo", "/set Cloud: Google Cloud"),
        ("/withdraw c", "/withdraw Cloud"),
        ("/theme no", "/theme nord"),
        ("/export dec", "/export decision.md"),
        ("/ask supp", "/ask Does AWS still support it?"),
        ("still supp", "Does AWS still support it?"),
    ],
)
def test_what_completes(typed: str, expected: str) -> None:
    assert expected in [found.text for found in completions(typed, WORDS, {"tea": "Tea"}, ["nord"])]


@pytest.mark.parametrize(
    "typed", ["", "  ", "/", "abc", "two\nlines", "/recap", "/set [/]: x", "[/] \\", "/zzz", "x" * 9999]
)
def test_what_does_not(typed: str) -> None:
    found = completions(typed, WORDS, {}, [])
    assert not found or typed == "/"
