from __future__ import annotations

from tui.prompt_history import PromptHistory


def test_walks_back_and_forth_and_keeps_the_draft() -> None:
    history = PromptHistory(["one", "two"])
    assert history.back("draft") == "two"
    assert history.back("two") == "one"
    assert history.back("one") is None
    assert history.forward() == "two"
    assert history.forward() == "draft"
    assert history.forward() is None


def test_repetitions_and_blanks_are_not_remembered() -> None:
    history = PromptHistory(["one", "one", "  "])
    assert history.back("") == "one"
    assert history.back("one") is None


def test_restored_texts_are_older_than_those_sent_meanwhile() -> None:
    history = PromptHistory(["now"])
    history.put_before(["then"])
    assert [history.back(""), history.back("now")] == ["now", "then"]
