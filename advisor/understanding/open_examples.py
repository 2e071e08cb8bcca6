"""Examples with a slot for any words, such as "what if {assumption}", and what their slot takes of a sentence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.knowledge_base.acts_schema import SLOT, TEXT_SLOTS, Act, expanded
from advisor.understanding.act_sentences import PAUSE, ActSentence

_MOST_TAKEN_WORDS = {"assumption": 40, "thing": 8, "rest": 40}
"""That a slot for any words takes."""

# Words that only point at what was said: "ignore that" names nothing.
_POINTING = frozenset("that this it those these them all everything anything".split())
_MESSAGE = _POINTING | frozenset(
    "my the a last previous latest message statement answer line sentence post remark comment thing bit one point part"
    " number figure step change turn entry input what i just said wrote told you typed before earlier again"
    " please".split()
)
"""Words that, by themselves, only point at a message: "ignore my last message"."""
_DENYING = frozenset({"without", "no"})
"""Words before an assumption that belong to it."""
_LISTING = frozenset("the our my your a an and or also both all part bit thing things stuff too".split())
"""Words beside the names in a list of them."""


@dataclass(frozen=True, slots=True)
class OpenExample:
    """An example with a slot for any words.

    `asks`: only a sentence with a question mark fits. `paused`: only one with a comma or the like before the
    slot.
    """

    act: str
    slot: str
    head: tuple[str, ...]
    tail: tuple[str, ...]
    asks: bool
    paused: bool
    example: str

    @property
    def own_words(self) -> int:
        """How many words the example itself has."""
        return len(self.head) + len(self.tail)

    def taken(self, sentence: ActSentence, first: int) -> str:
        """What the slot takes of `sentence`, read from its word `first` on; empty if it does not fit."""
        words = sentence.words
        start, end = first + len(self.head), len(words) - len(self.tail)
        if not 0 < end - start <= _MOST_TAKEN_WORDS[self.slot]:
            return ""
        if self.asks and not sentence.text.endswith("?"):
            return ""
        if self.paused and not PAUSE.search(sentence.text, words[start - 1].end, words[start].start):
            return ""
        spoken = tuple(word.word for word in words)
        if spoken[first:start] != self.head or spoken[end:] != self.tail:
            return ""
        if _POINTING.issuperset(spoken[start:end]):
            return ""
        if self.slot == "thing" and _points(sentence, start, end):
            return ""
        if self.slot == "assumption" and self.head[-1] in _DENYING:
            start -= 1
        if self.slot == "thing":
            end = _end_of_thing(sentence, start, end)
        return sentence.text[words[start].start : words[end - 1].end]


def _points(sentence: ActSentence, start: int, end: int) -> bool:
    """Whether what stands at word `start` only points, before something new: "scratch that: we use C"."""
    words = sentence.words
    if words[start].word not in _POINTING or start + 1 == end:
        return False
    return ":" in sentence.text[words[start].end : words[start + 1].start]


def _end_of_thing(sentence: ActSentence, start: int, end: int) -> int:
    """Where the thing ends that begins at word `start`: at a pause, unless a list of names goes on after it, or at
    a "but": "the tablet but keep the server".
    """
    words = sentence.words
    end = next((at for at in range(start + 1, end) if words[at].word == "but"), end)
    pauses = [at for at in range(start + 1, end) if PAUSE.search(sentence.text, words[at - 1].end, words[at].start)]
    for first, after in itertools.pairwise([*pauses, end]):
        if not all(word.kind or word.word in _LISTING for word in words[first:after]):
            return first
    return end


def frames(act: Act) -> list[str]:
    """The act's open examples without their slots; of each that has choices, the first."""
    written = (expanded(example)[0] for example in act.examples if text_slot(example) is not None)
    return [example.replace("{" + str(text_slot(example)) + "}", "") for example in written]


def names_nothing(words: Iterable[str]) -> bool:
    """Whether words only point at what was said, such as "my last message"."""
    return _MESSAGE.issuperset(words)


def text_slot(example: str) -> str | None:
    """The slot for any words in `example`, if it has one."""
    return next((slot for slot in SLOT.findall(example) if slot in TEXT_SLOTS), None)
