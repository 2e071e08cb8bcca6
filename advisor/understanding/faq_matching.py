"""Finds the FAQ topic that a question asks for, if there is one.

Two signals are fused: closeness of meaning (an encoder's vectors) and of spelling (character n-grams, which forgive
typing errors and know every product name). A topic's score is the mean over its few best phrasings; a calibrated
confidence then decides whether to answer, to offer a choice, or to stay silent because the FAQ does not cover the
question.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.encoder import clean_text
from advisor.understanding.topic_classifier import TopicClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.understanding.encoder import SentenceEncoder

Outcome = Literal["answer", "choices", "none"]
Kind = Literal["in", "near", "off"]
"""Whether a labelled question is covered by the FAQ, of its field only, or neither."""

SHIPPED_CALIBRATION = Path(__file__).resolve().parents[2] / "knowledge" / "encoder" / "faq_calibration.json"

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
MOST_CHOICES = 4
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


@dataclass(frozen=True, slots=True)
class ScoredTopic:
    """A topic and its fused similarity to the question, between 0 and 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What a decision rests on, each between 0 and 1."""

    best: float
    """Fused score of the best topic."""
    margin: float
    """By how much it leads the second topic."""
    outside: float
    """Fused similarity to the nearest out-of-scope examples."""
    known: float
    """Share of the question's words that the FAQ knows, rare words counting more."""
    elsewhere: float
    """How much the classifier sees in the question of what belongs to no topic."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the FAQ makes of a question."""

    outcome: Outcome
    topics: tuple[ScoredTopic, ...]
    """The `REPORTED_TOPICS` best, best first; the first `choices` of them are worth offering."""
    choices: int
    """How many topics to offer: 1 with `answer`, 2 to 4 with `choices`, 0 with `none`."""
    nearest: str
    """The best topic's phrasing that is most like the question: the reason to show."""
    in_scope: float
    """Estimated probability that the FAQ covers the question."""
    right: float
    """Estimated probability that the best topic is the right one."""
    signals: Signals


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns signals into probabilities (two logistic models) and probabilities into an outcome."""

    in_scope: tuple[float, ...]
    """Intercept, then one weight per field of `Signals`; the margin says nothing about scope and has weight 0."""
    right_if_in_scope: tuple[float, ...]
    """Likewise; what tells in-scope from out-of-scope questions has weight 0. The root of the margin is used."""
    answer_from: float
    """Answer at once if `right` is at least this."""
    choices_from: float
    """Otherwise offer a choice if `in_scope` is at least this."""
    choice_gap: float
    """Topics whose score is at most this far below the best are offered too."""
    encoder: str = ""
    """Fingerprint of the encoder it was fitted for."""

    def decide(self, topics: tuple[ScoredTopic, ...], nearest: str, signals: Signals) -> Match:
        """What to do about a question with these best topics, phrasing and signals."""
        inputs = _inputs([signals])
        in_scope = float(_logistic(inputs, np.array(self.in_scope))[0])
        right = in_scope * float(_logistic(inputs, np.array(self.right_if_in_scope))[0])
        outcome: Outcome = "none"
        choices = 0
        if signals.best > 0 and right >= self.answer_from:
            outcome, choices = "answer", 1
        elif signals.best > 0 and in_scope >= self.choices_from and len(topics) > 1:
            outcome, choices = "choices", self.count_choices(topics)
        return Match(outcome, topics, choices, nearest, in_scope, right, signals)

    def count_choices(self, topics: tuple[ScoredTopic, ...]) -> int:
        """How many of `topics`, best first, to offer: those close to the best, at least two, at most `MOST_CHOICES`."""
        close = sum(topic.score >= topics[0].score - self.choice_gap for topic in topics)
        return min(max(close, 2), MOST_CHOICES, len(topics))

    def save(self, file: Path) -> None:
        """Writes the calibration as JSON."""
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Calibration:
        """Reads what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it does not hold a calibration.
        """
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
            fields |= {name: tuple(map(float, fields[name])) for name in ("in_scope", "right_if_in_scope")}
            return cls(**fields)
        except (TypeError, KeyError) as error:
            raise ValueError(f"{file} does not hold a calibration: {error}") from error


def _inputs(signals: Sequence[Signals]) -> NDArray[np.float64]:
    """Inputs of the logistic models, shape (signals, 5).

    The root of the margin, because the first few hundredths of a lead say more than the next.
    """
    return np.array([(one.best, math.sqrt(one.margin), one.outside, one.known, one.elsewhere) for one in signals])


@dataclass(frozen=True, slots=True)
class CharacterTfidf:
    """Texts as L2-normalised TF-IDF vectors of character n-grams, stored by n-gram.

    Weights are (1 + ln tf) · (1 + ln((1 + N) / (1 + df))) (Manning, Raghavan and Schütze 2008, "Introduction to
    Information Retrieval", section 6.4, with smoothed document frequency). n-grams do not cross word boundaries.
    """

    columns: dict[str, int]
    inverse_frequencies: NDArray[np.float32]
    """By n-gram."""
    starts: NDArray[np.int64]
    """Where each n-gram's postings start; one more entry than n-grams."""
    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    count: int
    """Number of texts."""

    @classmethod
    def fit(cls, texts: Sequence[str]) -> CharacterTfidf:
        """Indexes `texts`."""
        columns: dict[str, int] = {}
        found_columns: list[int] = []
        found_counts: list[int] = []
        lengths: list[int] = []
        for text in texts:
            counts = Counter(_character_ngrams(text))
            found_columns.extend(columns.setdefault(gram, len(columns)) for gram in counts)
            found_counts.extend(counts.values())
            lengths.append(len(counts))
        column = np.array(found_columns, dtype=np.int64)
        row = np.repeat(np.arange(len(texts)), lengths)
        frequency = np.bincount(column, minlength=len(columns))
        inverse = 1 + np.log((1 + len(texts)) / (1 + frequency))
        weight = (1 + np.log(np.array(found_counts, dtype=np.float64))) * inverse[column]
        norms = np.sqrt(np.bincount(row, weight**2, minlength=len(texts)))
        order = np.argsort(column, kind="stable")
        return cls(
            columns=columns,
            inverse_frequencies=inverse.astype(np.float32),
            starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
            rows=row[order],
            weights=(weight / norms[row])[order].astype(np.float32),
            count=len(texts),
        )

    def as_arrays(self) -> Arrays:
        """Everything as arrays, for keeping."""
        return {
            "grams": np.array(list(self.columns)),
            "inverse_frequencies": self.inverse_frequencies,
            "starts": self.starts,
            "rows": self.rows,
            "weights": self.weights,
            "count": np.array(self.count),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> CharacterTfidf:
        """What `as_arrays` was made from."""
        return cls(
            columns={gram: column for column, gram in enumerate(arrays["grams"].tolist())},
            inverse_frequencies=arrays["inverse_frequencies"],
            starts=arrays["starts"],
            rows=arrays["rows"],
            weights=arrays["weights"],
            count=int(arrays["count"]),
        )

    def similarities(self, text: str) -> NDArray[np.float32]:
        """Cosine similarity of `text` to every indexed text, shape (count,)."""
        counts = Counter(_character_ngrams(text))
        known = [(self.columns[gram], tf) for gram, tf in counts.items() if gram in self.columns]
        if not known:
            return np.zeros(self.count, dtype=np.float32)
        column, tf = np.array(known).T
        weight = (1 + np.log(tf)) * self.inverse_frequencies[column]
        sizes = self.starts[column + 1] - self.starts[column]
        # Positions of all postings of the known n-grams, laid end to end.
        positions = np.repeat(self.starts[column] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        products = self.weights[positions] * np.repeat(weight, sizes)
        sums = np.bincount(self.rows[positions], products, minlength=self.count)
        return (sums / np.linalg.norm(weight)).astype(np.float32)


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
            return {
                "phrasing_vectors": vectors[: len(asked)],
                "answer_vectors": vectors[len(asked) :],
                "words": np.array(list(rarities)),
                "rarities": np.array(list(rarities.values())),
                **CharacterTfidf.fit(asked).as_arrays(),
                **TopicClassifier.learn(asked, vectors[: len(asked)], belonging, len(entries) + 1),
            }

        arrays = cache.arrays("faq", compute) if cache else compute()
        self._phrasing_vectors: NDArray[np.float32] = arrays["phrasing_vectors"]
        self._answer_vectors: NDArray[np.float32] = arrays["answer_vectors"]
        self._spelling = CharacterTfidf.from_arrays(arrays)
        self._words: dict[str, float] = dict(zip(arrays["words"].tolist(), arrays["rarities"].tolist(), strict=True))
        self._classifier = TopicClassifier(arrays)
        self._topics_asked_so: dict[str, list[int]] = {}
        for text, topic in zip(texts, topics.tolist(), strict=True):
            self._topics_asked_so.setdefault(_wording(clean_text(text)), []).append(topic)

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
        words = set(_words(text))
        rarest = max(self._words.values(), default=1.0)
        total = sum(self._words.get(word, rarest) for word in words)
        return sum(self._words.get(word, 0.0) for word in words) / total if total else 0.0


EncoderFor = Callable[[Sequence[BankEntry], Sequence[str]], "SentenceEncoder"]
"""Gives the encoder for a bank and its out-of-scope examples: a fixed one, or one adapted to just them."""

FOLDS = 3
WANTED_PRECISION = 0.8
"""Of the held-out phrasings answered at once, this share gets its own topic (its next of kin counts as wrong)."""
NEAR_LET_THROUGH = 0.07
"""Share of held-out near-topic questions that may get anything but silence."""
CHOICE_GAP = 0.1


@dataclass(frozen=True, slots=True)
class HeldOutFigures:
    """How the bank does on questions it has not seen, as shares between 0 and 1."""

    phrasings: int
    right_first: float
    right_among_three: float
    served: float
    """A right answer, or the right topic among the choices."""
    answered: float
    answered_wrongly: float
    silent_in_scope: float
    silent_near: float
    silent_off: float


@dataclass(frozen=True, slots=True)
class _Trial:
    """A held-out question (`topic` is None if out of scope) and its match."""

    kind: Kind
    topic: str | None
    match: Match

    def right_within(self, count: int) -> bool:
        return any(topic.id == self.topic for topic in self.match.topics[:count])


def calibrate(
    entries: Sequence[BankEntry], near: Sequence[str], off: Sequence[str], encoder_for: EncoderFor
) -> tuple[Calibration, HeldOutFigures]:
    """Fits a calibration to how well the bank finds its own phrasings when it has not seen them.

    Three times a third of every topic's phrasings and of the out-of-scope examples is held out and asked of an index of
    the rest. In-scope and out-of-scope questions weigh the same, whatever their numbers.
    """
    trials: list[_Trial] = []
    fingerprint = ""
    for fold in range(FOLDS):
        kept = [_with_phrasings(e, [p for at, p in enumerate(e.phrasings) if at % FOLDS != fold]) for e in entries]
        others = [text for texts in (near, off) for at, text in enumerate(texts) if at % FOLDS != fold]
        encoder = encoder_for(kept, others)
        fingerprint = encoder.fingerprint
        asked: list[tuple[Kind, str | None, str]] = [
            *(("in", entry.id, text) for entry in entries for text in entry.phrasings[fold::FOLDS]),
            *(("near", None, text) for text in near[fold::FOLDS]),
            *(("off", None, text) for text in off[fold::FOLDS]),
        ]
        remembering = _Remembering(encoder, [clean_text(text) for _, _, text in asked])
        index = FaqIndex(kept, remembering, others, _UNDECIDED)
        trials += [_Trial(kind, topic, index.match(text)) for kind, topic, text in asked]
    calibration = replace(_fit(trials), encoder=fingerprint)
    return calibration, _figures(trials, calibration)


def _fit(trials: Sequence[_Trial]) -> Calibration:
    inputs = _inputs([trial.match.signals for trial in trials])
    inside = np.array([trial.kind == "in" for trial in trials])
    near = np.array([trial.kind == "near" for trial in trials])
    right = np.array([trial.right_within(1) for trial in trials])
    halves = np.where(inside, 0.5 / max(inside.sum(), 1), 0.5 / max((~inside).sum(), 1))
    scope_model = _fit_logistic(inputs * [1, 0, 1, 1, 1], inside, halves)
    right_model = _fit_logistic(
        inputs[inside] * [1, 1, 0, 0, 0], right[inside], np.full(inside.sum(), 1 / inside.sum())
    )
    in_scope = _logistic(inputs, scope_model)
    is_right = in_scope * _logistic(inputs, right_model)
    let_through = np.quantile(in_scope[near], 1 - NEAR_LET_THROUGH) if near.any() else 0.5
    return Calibration(
        in_scope=tuple(round(float(weight), 4) + 0.0 for weight in scope_model),  # + 0.0 turns -0.0 into 0.0
        right_if_in_scope=tuple(round(float(weight), 4) + 0.0 for weight in right_model),
        answer_from=round(_lowest_precise(is_right[inside], right[inside]), 3),
        choices_from=round(float(let_through), 3),
        choice_gap=CHOICE_GAP,
    )


def _figures(trials: Sequence[_Trial], calibration: Calibration) -> HeldOutFigures:
    decided = [replace(t, match=calibration.decide(t.match.topics, t.match.nearest, t.match.signals)) for t in trials]
    inside = [trial for trial in decided if trial.kind == "in"]

    def share(of: Sequence[_Trial], holds: Callable[[_Trial], bool]) -> float:
        return round(sum(map(holds, of)) / len(of), 4) if of else 0.0

    def silent(trial: _Trial) -> bool:
        return trial.match.outcome == "none"

    return HeldOutFigures(
        phrasings=len(inside),
        right_first=share(inside, lambda t: t.right_within(1)),
        right_among_three=share(inside, lambda t: t.right_within(3)),
        served=share(inside, lambda t: t.right_within(t.match.choices)),
        answered=share(inside, lambda t: t.match.outcome == "answer"),
        answered_wrongly=share(inside, lambda t: t.match.outcome == "answer" and not t.right_within(1)),
        silent_in_scope=share(inside, silent),
        silent_near=share([t for t in decided if t.kind == "near"], silent),
        silent_off=share([t for t in decided if t.kind == "off"], silent),
    )


def calibration_for(
    entries: Sequence[BankEntry],
    near: Sequence[str],
    off: Sequence[str],
    encoder: SentenceEncoder,
    cache: ArrayCache | None = None,
) -> Calibration:
    """The shipped calibration if it was made for `encoder`, else one fitted now (seconds) and kept in `cache`."""
    try:
        shipped = Calibration.load(SHIPPED_CALIBRATION)
    except (OSError, ValueError):
        shipped = _UNDECIDED
    if shipped.encoder == encoder.fingerprint:
        return shipped

    def fit() -> Arrays:
        fitted = calibrate(entries, near, off, lambda *_: encoder)[0]
        return {
            "in_scope": np.array(fitted.in_scope),
            "right": np.array(fitted.right_if_in_scope),
            "thresholds": np.array([fitted.answer_from, fitted.choices_from, fitted.choice_gap]),
        }

    kept = cache.arrays("calibration", fit) if cache else fit()
    answer_from, choices_from, choice_gap = kept["thresholds"].tolist()
    return Calibration(
        in_scope=tuple(kept["in_scope"].tolist()),
        right_if_in_scope=tuple(kept["right"].tolist()),
        answer_from=answer_from,
        choices_from=choices_from,
        choice_gap=choice_gap,
        encoder=encoder.fingerprint,
    )


_UNDECIDED = Calibration((0.0,) * 6, (0.0,) * 6, 1.0, 1.0, CHOICE_GAP)


class _Remembering:
    """An encoder that has encoded some texts beforehand, all in one batch."""

    def __init__(self, encoder: SentenceEncoder, texts: Sequence[str]) -> None:
        self.name, self.fingerprint, self.dimensions = encoder.name, encoder.fingerprint, encoder.dimensions
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = dict(zip(texts, encoder.encode(texts), strict=True))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `SentenceEncoder.encode`."""
        if len(texts) == 1 and texts[0] in self._known:
            return self._known[texts[0]].reshape(1, -1)
        return self._encoder.encode(texts)


def _with_phrasings(entry: BankEntry, phrasings: Sequence[str]) -> BankEntry:
    return BankEntry(entry.id, entry.question, tuple(phrasings), entry.answer)


def _logistic(table: NDArray[np.float64], model: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(model[0] + table @ model[1:], -50, 50)))
    return chances


def _fit_logistic(
    table: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Intercept and weights of a ridge-penalised logistic model, by Newton's method.

    That is iteratively reweighted least squares: Hastie, Tibshirani and Friedman 2009, "The Elements of Statistical
    Learning", section 4.4.1.
    """
    design = np.column_stack([np.ones(len(table)), table])
    penalty = np.diag([0.0] + [1e-5] * table.shape[1])
    model = np.zeros(design.shape[1])
    for _ in range(50):
        chance = _logistic(table, model)
        gradient = design.T @ (weights * (chance - truth)) + penalty @ model
        curvature = (design.T * (weights * np.maximum(chance * (1 - chance), 1e-6))) @ design + penalty
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        model = model - step
        if np.abs(step).max() < 1e-8:
            break
    return model


def _lowest_precise(chances: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lowest threshold at and above which at least `WANTED_PRECISION` is right; 1 if there is none."""
    order = np.argsort(-chances, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= WANTED_PRECISION)
    return float(chances[order[enough[-1]]]) if len(enough) else 1.0


def _padded_members(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row t lists the positions of topic t's texts, filled up with -1; shape (topics, largest size)."""
    starts = np.cumsum(sizes) - sizes
    offsets = np.arange(sizes.max())
    return np.where(offsets < sizes[:, None], starts[:, None] + offsets, -1)


def _mean_of_best(values: NDArray[np.float32]) -> float:
    return float(np.sort(values)[-BEST_OUTSIDE:].mean()) if len(values) else 0.0


_WORD = re.compile(r"[^\W_](?:[\w+#.'-]*[\w+#])?")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


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
    return " ".join(_words(text))


def _word_rarities(texts: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency of every word of `texts`."""
    split = [set(_words(clean_text(text))) for text in texts]
    frequencies = Counter(word for words in split for word in words)
    return {word: 1 + math.log(len(split) / frequency) for word, frequency in frequencies.items()}


def _character_ngrams(text: str) -> Iterable[str]:
    """n-grams of 3 to 5 characters of each word with a blank at either end."""
    for word in _words(text):
        padded = f" {word[:40]} "
        for size in (3, 4, 5):
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]
