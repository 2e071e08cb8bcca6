"""Words are quoted once, however many observations rest on them."""

from __future__ import annotations

from advisor.conversation.parts import Observation
from advisor.conversation.quotes import widest


def _said(words: str, start: int, turn: int = 1) -> Observation:
    return Observation(
        attribute=f"a{start}{words[:1]}",
        value="yes",
        quote=words,
        turn=turn,
        start=start,
        end=start + len(words),
        obtained="said",
        reason="test",
    )


def test_words_inside_other_words_of_the_same_message_are_left_out() -> None:
    whole, part, apart = _said("REST API with modest traffic", 10), _said("with modest traffic", 19), _said("AWS", 50)
    assert widest([part, whole, apart]) == (whole, apart)


def test_the_same_place_in_another_message_stays() -> None:
    whole, other = _said("REST API with modest traffic", 10), _said("with modest traffic", 19, turn=2)
    assert widest([whole, other]) == (whole, other)


def test_of_the_same_words_the_first_stays() -> None:
    first = _said("on phones", 5)
    again = first.model_copy(update={"attribute": "other"})
    assert widest([first, again]) == (first,)


def test_words_that_overlap_both_stay() -> None:
    left, right = _said("an API with traffic", 0), _said("traffic on AWS", 12)
    assert widest([left, right]) == (left, right)
