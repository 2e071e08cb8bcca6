"""Finds the FAQ topic that a question asks for, if there is one.

Two signals are fused: closeness of meaning (an encoder's vectors) and of spelling (character n-grams, which forgive
typing errors and know every product name). A topic's score is the mean over its few best phrasings; a calibrated
confidence then decides whether to answer, to offer a choice, or to stay silent because the FAQ does not cover the
question.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.understanding.array_cache import ArrayCache, Arrays, packed, unpacked
from advisor.understanding.character_tfidf import CharacterTfidf, words_of
from advisor.understanding.encoder import clean_text
from advisor.understanding.faq_decision import Calibration, Match, ScoredTopic, Signals
from advisor.understanding.topic_classifier import TopicClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.understanding.encoder import SentenceEncoder

MEANING_WEIGHT = 0.65
"""Share of meaning in the fused score; spelling has the rest. Rank fusion and BM25 were measured to be worse."""
ANSWER_WEIGHT = 0.2
"""Share, within meaning, of the similarity to the topic's answer; the phrasings have the rest."""
BEST_PHRASINGS = 8
"""The mean over this many of a topic's most similar phrasings is steadier than the single nearest."""
NEAREST_WEIGHT = 0.25
"""Share of the nearest phrasing in a topic's similarity; the mean over its best few has the rest."""
BEST_OUTSIDE = 5
"""The same for out-of-scope examples."""
CLASSIFIER_WEIGHT = 0.3
"""Weight of the classifier's score beside a similarity of weight 1; of 0.2 to 0.8 the best on held-out phrasings."""
_HASHED_INTO = 2048
"""Columns of the classifier; the shipped calibration was fitted with so many."""
COMPANY = 20
"""Texts, of the FAQ and out of scope, among which a question's company is looked at."""
REPORTED_TOPICS = 10
MOST_SENTENCES = 4
"""Question sentences of a long message that are asked on their own."""


@dataclass(frozen=True, slots=True)
class BankEntry:
    """A topic of the FAQ, as far as matching needs to know it."""

    id: str
    question: str
    phrasings: tuple[str, ...]
    answer: str


class FaqIndex:
    """A bank of topics, ready to be asked."""

    def __init__(
        self,
        entries: Sequence[BankEntry],
        encoder: SentenceEncoder,
        out_of_scope: Sequence[str],
        calibration: Calibration,
        cache: ArrayCache | None = None,
    ) -> None:
        """Encodes and indexes the bank.

        Args:
            entries: the topics, at least one.
            encoder: used for the bank and for every question.
            out_of_scope: example questions that the bank does not answer.
            calibration: fitted for this encoder and a bank like this one; see `calibrate`.
            cache: keeps the vectors and the index of spellings.
        """
        if not entries:
            raise ValueError("An FAQ index needs at least one entry.")
        self._entries = tuple(entries)
        self._encoder = encoder
        self._calibration = calibration
        texts = [text for entry in entries for text in (entry.question, *entry.phrasings)]
        sizes = np.array([1 + len(entry.phrasings) for entry in entries])
        self._texts = texts
        self._members = _padded_members(sizes)
        answers = [entry.answer for entry in entries]

        topics = np.repeat(np.arange(len(entries)), sizes)
        # What is out of scope belongs to a class of its own, after the topics.
        belonging = np.concatenate([topics, np.full(len(out_of_scope), len(entries))])

        def compute() -> Arrays:
            asked = [clean_text(text) for text in (*texts, *out_of_scope)]
            vectors = encoder.encode([*asked, *answers])
            rarities = _word_rarities([*texts, *answers])
            wanted = np.full((len(asked), len(entries) + 1), -1, dtype=np.float32)
            wanted[np.arange(len(asked)), belonging] = 1
            return {
                "phrasing_vectors": vectors[: len(asked)],
                "answer_vectors": vectors[len(asked) :],
                "words": packed(list(rarities)),
                "wordings": packed([_wording(text) for text in asked[: len(texts)]]),
                "rarities": np.array(list(rarities.values())),
                **CharacterTfidf.fit(asked).as_arrays(),
                **TopicClassifier.learn(asked, vectors[: len(asked)], wanted, hashed_into=_HASHED_INTO),
            }

        arrays = cache.arrays("faq", compute) if cache else compute()
        self._phrasing_vectors: NDArray[np.float32] = arrays["phrasing_vectors"]
        self._answer_vectors: NDArray[np.float32] = arrays["answer_vectors"]
        self._spelling = CharacterTfidf.from_arrays(arrays)
        self._words: dict[str, float] = dict(zip(unpacked(arrays["words"]), arrays["rarities"].tolist(), strict=True))
        self._classifier = TopicClassifier(arrays)
        self._topics_asked_so: dict[str, list[int]] = {}
        for wording, topic in zip(unpacked(arrays["wordings"]), topics.tolist(), strict=True):
            self._topics_asked_so.setdefault(wording, []).append(topic)

    @property
    def encoder(self) -> SentenceEncoder:
        """The encoder the bank was encoded with."""
        return self._encoder

    def match(self, text: str) -> Match:
        """What the bank has for the question `text`.

        A long message whose average says nothing may still hold a question: if the whole gets silence, its question
        sentences are asked one by one, and the one most in scope can bring about a choice.
        """
        cleaned = clean_text(text)
        whole = self._match_one(cleaned)
        if whole.outcome != "none":
            return whole
        parts = [self._match_one(sentence) for sentence in _question_sentences(cleaned)]
        best = max(parts, key=lambda part: part.in_scope, default=whole)
        if best.outcome == "answer":
            # The rest of the message may qualify the question, so it is not answered outright.
            return replace(best, outcome="choices", choices=self._calibration.count_choices(best.topics))
        return whole if best.outcome == "none" else best

    def _match_one(self, cleaned: str) -> Match:
        vector = self._encoder.encode([cleaned])[0]
        meaning = self._phrasing_vectors @ vector
        spelling = self._spelling.similarities(cleaned)
        topic_meaning = (1 - ANSWER_WEIGHT) * self._by_topic(meaning) + ANSWER_WEIGHT * (self._answer_vectors @ vector)
        similarity = MEANING_WEIGHT * topic_meaning + (1 - MEANING_WEIGHT) * self._by_topic(spelling)
        learnt = self._classifier.scores(cleaned, vector)
        scores = np.clip((similarity + CLASSIFIER_WEIGHT * learnt[:-1]) / (1 + CLASSIFIER_WEIGHT), 0, 1)
        # Averages would blur the one certain case: the very words of a phrasing.
        scores[self._topics_asked_so.get(_wording(cleaned), [])] = 1
        order = np.argsort(-scores, kind="stable")
        fused = MEANING_WEIGHT * meaning + (1 - MEANING_WEIGHT) * spelling
        best = int(order[0])
        signals = Signals(
            best=float(scores[best]),
            margin=float(scores[best] - scores[order[1]]) if len(order) > 1 else float(scores[best]),
            outside=float(np.clip(_mean_of_best(fused[len(self._texts) :]), 0, 1)),
            known=self._known_share(cleaned),
            elsewhere=float(learnt[-1]),
            company=float((np.argsort(-spelling, kind="stable")[:COMPANY] < len(self._texts)).mean()),
        )
        members = self._members[best][self._members[best] >= 0]
        topics = tuple(ScoredTopic(self._entries[at].id, float(scores[at])) for at in order[:REPORTED_TOPICS])
        return self._calibration.decide(topics, self._texts[members[fused[members].argmax()]], signals)

    def _by_topic(self, similarities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Similarity of each topic's phrasings, the nearest counting most, shape (topics,)."""
        members = self._members
        table = np.where(members >= 0, similarities[members], -np.inf)
        best = -np.sort(-table, axis=1)[:, :BEST_PHRASINGS]
        there = np.isfinite(best)
        means = np.where(there, best, 0).sum(axis=1) / there.sum(axis=1)
        pooled: NDArray[np.float32] = NEAREST_WEIGHT * best[:, 0] + (1 - NEAREST_WEIGHT) * means
        return pooled

    def _known_share(self, text: str) -> float:
        words = set(words_of(text))
        rarest = max(self._words.values(), default=1.0)
        total = sum(self._words.get(word, rarest) for word in words)
        return sum(self._words.get(word, 0.0) for word in words) / total if total else 0.0


def _padded_members(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row t lists the positions of topic t's texts, filled up with -1; shape (topics, largest size)."""
    starts = np.cumsum(sizes) - sizes
    offsets = np.arange(sizes.max())
    return np.where(offsets < sizes[:, None], starts[:, None] + offsets, -1)


def _mean_of_best(values: NDArray[np.float32]) -> float:
    return float(np.sort(values)[-BEST_OUTSIDE:].mean()) if len(values) else 0.0


_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_ASKING = re.compile(
    r"(any|are|can|could|did|do|does|has|have|how|is|should|was|what|when|where|which|who|why|will|would)\b",
    re.IGNORECASE,
)


def _question_sentences(text: str) -> list[str]:
    """The last few question sentences of a text of several sentences."""
    sentences = _SENTENCE_END.split(text)
    if len(sentences) < 2:
        return []
    asking = [s for s in sentences if len(s.split()) > 2 and (s.endswith("?") or _ASKING.match(s))]
    return asking[-MOST_SENTENCES:]


def _wording(text: str) -> str:
    """The words of `text`, whatever its punctuation and casing."""
    return " ".join(words_of(text))


def _word_rarities(texts: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency of every word of `texts`."""
    split = [set(words_of(clean_text(text))) for text in texts]
    frequencies = Counter(word for words in split for word in words)
    return {word: 1 + math.log(len(split) / frequency) for word, frequency in frequencies.items()}
