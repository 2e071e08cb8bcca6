"""Whether words are part of what a sentence asks: a question states nothing but what it takes for granted."""

import itertools
import re
from collections.abc import Sequence

from advisor.understanding.clauses import Sentence
from advisor.understanding.sentence_view import FINITE, PLACING, SentenceView, Spot, all_words

_OPENING_QUESTION = (FINITE - {"were", "had", "may", "might", "must"}) | frozenset(
    "am how what which why where when who any anyone anybody".split()
)
_LEADING = frozenset("and but so or ok hm hmm then well also".split())
"""Words that a question may begin with before the one that asks."""
_COMPARING = frozenset("or vs versus between better best compare compared comparison instead different differ".split())
_POSSESSIVE_REACH = 5
_GRANTING = frozenset({"when", "since", "because", "given", "considering"})
_ON_BEHALF = frozenset({"for", "suit"})
_INDEFINITE = frozenset("a an one two three four five six some our my this".split())
_BEHALF_REACH = 16


def is_asked(view: SentenceView, spot: Spot) -> bool:
    """Whether the mention is part of what is asked; "my" and "our" presuppose what they go with, and a rate
    that is given in figures is a fact of the one who asks.
    """
    if not view.sentence.is_question or view.tokens[spot.start].word.isdecimal():
        return False
    if _is_asked_for(view, spot):
        return False
    opening = _question_opening(view)
    clause = view.clause_of[spot.start]
    if clause < opening:
        return False
    words = [
        token.word for token, owner in zip(view.tokens[: spot.start], view.clause_of, strict=False) if owner == clause
    ]
    if all_words(view) & _COMPARING and not set(words[-_POSSESSIVE_REACH:]) & view.possessives:
        return not (clause > opening and _is_declarative(words, view))
    if clause > opening and _is_declarative(words, view):
        return False
    if _is_granted(view, opening, spot):
        return False
    asks_how = view.words_of(opening)[:1] in (["how"], ["why"], ["where"])
    if asks_how and words[-1:] == ["from"]:
        return False
    inside = [token.word for token in view.tokens[spot.start : spot.end]]
    near = [*(words if asks_how else words[-_POSSESSIVE_REACH:]), *inside[:-1]]
    owners = [at for at, word in enumerate(near) if word in view.possessives]
    # "Our model" is granted in "can our model run on a phone?", the phone is not.
    return not owners or not (asks_how or PLACING.isdisjoint(near[owners[-1] + 1 :]))


def _is_asked_for(view: SentenceView, spot: Spot) -> bool:
    """Whether the question is asked on behalf of what is mentioned: "X or Y for running a spotter on a chip?"."""
    words = [token.word for token in view.tokens]
    return any(
        words[at] in _ON_BEHALF and (words[at + 1] in _INDEFINITE or words[at + 1].endswith("ing"))
        for at in range(max(0, spot.start - _BEHALF_REACH), min(spot.start, len(words) - 1))
    )


def _is_granted(view: SentenceView, opening: int, spot: Spot) -> bool:
    """Whether a question takes for granted what is mentioned: "is X wise when all of us write Y and we live in Z?"."""
    words = [
        token.word
        for token, owner in zip(view.tokens[: spot.start + 1], view.clause_of, strict=False)
        if opening <= owner <= view.clause_of[spot.start]
    ]
    return any(
        (word in _GRANTING and after not in _OPENING_QUESTION) or (word, after) == ("now", "that")
        for word, after in itertools.pairwise(words[1:])
    )


def _is_declarative(words: Sequence[str], view: SentenceView) -> bool:
    return bool(words) and words[0] in view.first_person | {"there"}


def _question_opening(view: SentenceView) -> int:
    """The clause in which the question begins; what stands before it is stated."""
    last = len(view.sentence.clauses) - 1
    for index in range(last + 1):
        words = [word for word in view.words_of(index) if word not in _LEADING]
        if words and words[0] in _OPENING_QUESTION:
            return index
    return last


def is_only_a_question(sentence: Sentence) -> bool:
    """Whether a sentence is so short that a yes or no after it answers it: "Phones? No."."""
    return sentence.is_question and len(re.findall(r"\w+", sentence.text)) <= 4
