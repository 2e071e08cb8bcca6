"""What is tried out, adopted and dropped, by what the network reads in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.clauses import split_sentences
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.example_reading import ExampleReader
from advisor.understanding.extraction import Extraction
from advisor.understanding.interpretation import Interpreter
from advisor.understanding.mentions import Observation
from advisor.understanding.message_network import ADOPTED, TRIED, MessageNetwork
from advisor.understanding.supposing import Supposer
from tests.evaluate_descriptions import ENGLISH, PACK

WORDS = "Picture it aboard the tram."
WHAT_IF = RecognizedAct("what_if", 0.5, None, None, "", "")


class Scripted(MessageNetwork):
    """A network that reads of every text what it is told: `really` and `if_so`, of each topic its likeliest state."""

    def __init__(
        self, really: Mapping[str, str], if_so: Mapping[str, str], assumptions: str = UNKNOWN, chance: float = 0.95
    ) -> None:
        self._really, self._if_so, self._assumptions, self._chance = really, if_so, assumptions, chance

    def states_after(
        self, text: str, known: Mapping[str, str], *, supposing: bool = False
    ) -> dict[str, dict[str, float]]:
        states = {**known, **(self._if_so if supposing else self._really)}
        return {topic: self._chances(state, "pytorch", "tensorflow") for topic, state in states.items()}

    def assumptions_after(self, text: str, *, trying: bool) -> dict[str, float]:
        return self._chances(self._assumptions, TRIED, ADOPTED)

    def _chances(self, likeliest: str, *others: str) -> dict[str, float]:
        return {**dict.fromkeys((UNKNOWN, *others), (1 - self._chance) / 2), likeliest: self._chance}


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    """The interpreter of the shipped knowledge."""
    from advisor.assistant import load_assistant
    from advisor.settings import Settings

    return load_assistant(Settings()).interpreter


def _supposer(interpreter: Interpreter, network: MessageNetwork) -> Supposer:
    reader, weighing = interpreter._reader, load_language(PACK, ENGLISH).weighing
    assert reader is not None
    assert weighing is not None
    return Supposer(interpreter._extractor, ExampleReader(reader.examples, weighing, network))


def _act(supposer: Supposer, known: Mapping[str, str], tried: Mapping[str, str] | None) -> str | None:
    (sentence,) = split_sentences(WORDS)
    read = supposer.read(sentence, known, tried)
    return None if read is None else read.act


KNOWN, DEVICE = {"mobile": UNKNOWN}, {"mobile": "tensorflow"}


def test_what_changes_only_if_it_were_so_is_tried_out(interpreter: Interpreter) -> None:
    assert _act(_supposer(interpreter, Scripted(KNOWN, DEVICE, TRIED)), KNOWN, None) == "what_if"
    assert _act(_supposer(interpreter, Scripted(DEVICE, DEVICE, TRIED)), KNOWN, None) is None, "a fact"
    assert _act(_supposer(interpreter, Scripted(KNOWN, DEVICE, UNKNOWN)), KNOWN, None) is None, "nothing tried"
    assert _act(_supposer(interpreter, Scripted(KNOWN, DEVICE, TRIED, 0.55)), KNOWN, None) is None, "hardly sure"
    assert _act(_supposer(interpreter, Scripted(KNOWN, KNOWN, TRIED)), KNOWN, None) is None, "nothing to assume"
    falling = Scripted(DEVICE, KNOWN, TRIED)
    assert _act(_supposer(interpreter, falling), DEVICE, None) == "what_if", "nothing in its place"
    (sentence,) = split_sentences(WORDS)
    nothing = Extraction((), ())
    assert _supposer(interpreter, falling).assumptions(nothing, [(sentence, WHAT_IF)], WORDS, DEVICE).falling_away == {
        "mobile": sentence
    }
    assert not _supposer(interpreter, falling).assumptions(nothing, [(sentence, WHAT_IF)], WORDS, KNOWN).falling_away


def test_what_is_tried_out_is_adopted_or_dropped_only_while_it_is(interpreter: Interpreter) -> None:
    for state, act in ((ADOPTED, "commit"), (UNKNOWN, "forget_assumptions")):
        supposer = _supposer(interpreter, Scripted(KNOWN, KNOWN, state))
        assert _act(supposer, KNOWN, DEVICE) == act
        assert _act(supposer, KNOWN, None) is None
    assert _act(_supposer(interpreter, Scripted(KNOWN, DEVICE, TRIED)), KNOWN, DEVICE) is None, "it goes on"


def test_without_a_network_nothing_is_read_so(interpreter: Interpreter) -> None:
    assert _act(Supposer(interpreter._extractor), KNOWN, DEVICE) is None


def _assumed(supposer: Supposer, found: Observation, known: Mapping[str, str]) -> set[tuple[str, str, str]]:
    sentences = split_sentences(WORDS)
    tried = [(sentence, WHAT_IF) for sentence in sentences]
    read = supposer.assumptions(Extraction((found,), ()), tried, WORDS, known)
    return {(o.attribute, o.obtained, o.quote) for o in read.stated.observations}


def test_the_network_corrects_what_a_supposition_assumes(interpreter: Interpreter) -> None:
    place = Observation("device.target", "none", "aboard the tram", 11, 26, "said", "")
    misread = _assumed(_supposer(interpreter, Scripted(KNOWN, DEVICE)), place, KNOWN)
    assert {(attribute, obtained, quote) for attribute, obtained, quote in misread} == {
        ("device.target", "inferred", "Picture it aboard the tram")
    }
    rightly = Observation("device.target", "vehicle", "aboard the tram", 11, 26, "said", "")
    kept = {("device.target", "said", "aboard the tram")}
    assert _assumed(_supposer(interpreter, Scripted(KNOWN, DEVICE)), rightly, KNOWN) == kept
    unsure = Scripted(KNOWN, {"mobile": "pytorch"}, chance=0.7)
    assert _assumed(_supposer(interpreter, unsure), rightly, KNOWN) == kept
