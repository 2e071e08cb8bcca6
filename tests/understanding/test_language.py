"""Other languages are told apart; English full of product names and typing mistakes is not."""

from __future__ import annotations

import pytest

from advisor.assistant import Assistant
from advisor.understanding.language import is_foreign


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuál es mejor para principiantes?",
        "quel framework choisir pour un chatbot",
        "Wie installiere ich PyTorch mit CUDA?",
        "Usamos AWS y todo el equipo programa en Python",
        "wij gebruiken AWS en Python voor alles",
        "qual a diferença entre pytorch e tensorflow",
        "どちらが良いですか",
        "какой фреймворк лучше",
        "我们团队用Python",
    ],
)
def test_other_languages(text: str, assistant: Assistant) -> None:
    assert is_foreign(text)
    assert assistant.interpreter.questions.match(text).outcome == "none"
    assert assistant.interpreter.interpret(text).foreign


@pytest.mark.parametrize(
    "text",
    ["", "java pytorch", "TF?", "andriod app keras pls", "we are a team of 3, C++ & Python", "a naïve question"],
)
def test_english_as_it_is_typed(text: str) -> None:
    assert not is_foreign(text)


def test_no_phrasing_of_the_faq_is_taken_for_another_language(assistant: Assistant) -> None:
    phrasings = [phrasing for entry in assistant.pack.entries.values() for phrasing in entry.phrasings]
    assert [phrasing for phrasing in phrasings if is_foreign(phrasing)] == []
