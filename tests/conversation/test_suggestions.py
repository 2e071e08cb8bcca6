"""What is only inferred, or only seems to be said: confirmed, called wrong, asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from advisor.conversation.blocks import Question
from advisor.understanding.interpretation import Interpretation, Interpreter
from advisor.understanding.mentions import Mention
from tests.conversation.conftest import Talk


class _Wondering:
    """An interpreter to which every message also seems to be about an early stage, surely enough to ask."""

    def __init__(self, interpreter: Interpreter, inferred: bool = False) -> None:
        """`inferred`: the facts of the message are taken for inferred, so that they could be disputed too."""
        self._interpreter = interpreter
        self._inferred = inferred

    def interpret(
        self,
        utterance: str,
        context: str | None,
        *,
        before: Sequence[str],
        known: Mapping[str, str],
        tried: Mapping[str, str] | None,
        trying: bool,
    ) -> Interpretation:
        meaning = self._interpreter.interpret(
            utterance, context, before=before, known=known, tried=tried, trying=trying
        )
        quote = utterance.strip()
        seeming = Mention("stage", "early_stage", 0, len(quote), quote, "stated", "inferred", "like “x”")
        facts = meaning.extraction.observations
        if self._inferred:
            facts = tuple(replace(fact, obtained="inferred") for fact in facts)
        return replace(meaning, extraction=replace(meaning.extraction, observations=facts, unsure=(seeming,)))


def test_what_words_only_seem_to_say_is_asked_and_counts_once_confirmed(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = talk.conversation._interpreter
    monkeypatch.setattr(talk.conversation, "_interpreter", _Wondering(plain))
    turn = talk.say("All of us write Python. There is a lot to say about that.")
    monkeypatch.setattr(talk.conversation, "_interpreter", plain)
    assert talk.profile == {"team.skill": {"python"}}
    assert "Does that mean “Stage of the project: early-stage or prototype”?" in talk.text(turn)
    turn = talk.say("is there an LTS version?")
    assert "Still open: You wrote “All of us write Python." in talk.text(turn)
    turn = talk.say("yes")
    assert talk.profile == {"team.skill": {"python"}, "stage": {"early_stage"}}
    confirmed = next(o for o in turn.state.observations if o.attribute == "stage")
    assert (confirmed.turn, confirmed.obtained) == (1, "confirmed"), "its words are those of the first message"
    assert turn.state.unsure == ()
    talk.say("undo")
    assert talk.profile == {"team.skill": {"python"}}


@pytest.mark.parametrize("denial", ["no", "no, that's wrong"])
def test_what_words_only_seem_to_say_is_forgotten_when_denied(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, denial: str
) -> None:
    plain = talk.conversation._interpreter
    monkeypatch.setattr(talk.conversation, "_interpreter", _Wondering(plain, inferred=True))
    talk.say("All of us write Python. There is a lot to say about that.")
    monkeypatch.setattr(talk.conversation, "_interpreter", plain)
    turn = talk.say(denial)
    assert talk.profile == {"team.skill": {"python"}}
    assert turn.state.unsure == ()
    assert isinstance(turn.blocks[-1], Question)
    assert turn.blocks[-1].suggestion is None


def test_what_was_inferred_is_confirmed_in_words(talk: Talk) -> None:
    talk.say("We use SageMaker for everything.")
    talk.say("yes, that's right")
    (observation,) = talk.conversation.state.observations
    assert observation.obtained == "confirmed"
    assert observation.quote == "We use SageMaker for everything"


def test_what_was_inferred_is_put_back_when_it_is_called_wrong(talk: Talk) -> None:
    talk.say("We use SageMaker for everything.")
    talk.say("no, that's wrong")
    assert talk.profile == {}
