"""Questions to FAQ topics, by the knowledge of one pack. Light: a single question waits for nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from advisor.knowledge_base.pack import KnowledgePack
from advisor.understanding.array_cache import ArrayCache
from advisor.understanding.encoder import SentenceEncoder
from advisor.understanding.faq_calibration import calibration_for
from advisor.understanding.faq_decision import Match
from advisor.understanding.faq_matching import BankEntry, FaqIndex
from advisor.understanding.language import is_foreign

_FAMILIAR = 0.8
"""Share of a text's words, by rarity, from which the FAQ's knowing them settles that it is English."""


_FOLLOW_UP_WORDS = 7
_FOLLOW_UP_OPENINGS = (
    "and ",
    "what about",
    "how about",
    "or ",
    "but ",
    "also ",
    "same for",
    "even ",
    "on ",
    "with ",
    "for ",
)


def faq_bank(pack: KnowledgePack) -> list[BankEntry]:
    """The FAQ entries of a pack as the matcher takes them."""
    return [BankEntry(entry.id, entry.question, entry.phrasings, entry.answer) for entry in pack.entries.values()]


class QuestionMatcher:
    """Matches questions to a pack's FAQ; the index is prepared when first used and kept for the next time."""

    def __init__(self, pack: KnowledgePack, encoder: SentenceEncoder) -> None:
        self.pack = pack
        self.encoder = encoder
        self.cache = ArrayCache(f"{pack.fingerprint} {encoder.fingerprint}")

    @cached_property
    def index(self) -> FaqIndex:
        """The FAQ, ready to be asked."""
        examples = self.pack.out_of_scope
        bank = faq_bank(self.pack)
        calibration = calibration_for(bank, examples.near, examples.off, self.encoder, self.cache)
        return FaqIndex(bank, self.encoder, (*examples.near, *examples.off), calibration, self.cache)

    def match(self, question: str) -> Match:
        """The FAQ topics that a question matches; none for a question that is not in English."""
        match = self.index.match(question)
        if match.outcome != "none" and self.is_foreign(question, match):
            return replace(match, outcome="none", choices=0)
        return match

    def is_foreign(self, text: str, match: Match | None = None) -> bool:
        """Whether a text is not in English. Looked into only where the FAQ knows few of its words: it costs a model."""
        match = match or self.index.match(text)
        return match.signals.known < _FAMILIAR and is_foreign(text)


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: it opens like a continuation and is too short to stand alone."""
    words = question.casefold().split()
    return len(words) <= _FOLLOW_UP_WORDS and " ".join(words).startswith(_FOLLOW_UP_OPENINGS)
