"""Fits the thresholds of FAQ matching to how well a bank finds its own phrasings when it has not seen them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.encoder import SentenceEncoder, clean_text
from advisor.understanding.faq_decision import Calibration, Match, logistic, logistic_inputs
from advisor.understanding.faq_matching import BankEntry, FaqIndex

Kind = Literal["in", "near", "off"]
"""Whether a labelled question is covered by the FAQ, of its field only, or neither."""

SHIPPED_CALIBRATION = Path(__file__).resolve().parents[2] / "knowledge" / "encoder" / "faq_calibration.json"

EncoderFor = Callable[[Sequence[BankEntry], Sequence[str]], SentenceEncoder]
"""Gives the encoder for a bank and its out-of-scope examples: a fixed one, or one adapted to just them."""

FOLDS = 3
WANTED_PRECISION = 0.82
"""Of the held-out phrasings answered at once, this share gets its own topic (its next of kin counts as wrong)."""
NEAR_LET_THROUGH = 0.03
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
    inputs = logistic_inputs([trial.match.signals for trial in trials])
    inside = np.array([trial.kind == "in" for trial in trials])
    near = np.array([trial.kind == "near" for trial in trials])
    right = np.array([trial.right_within(1) for trial in trials])
    halves = np.where(inside, 0.5 / max(inside.sum(), 1), 0.5 / max((~inside).sum(), 1))
    scope_model = _fit_logistic(inputs * [1, 0, 1, 1, 1, 1], inside, halves)
    right_model = _fit_logistic(
        inputs[inside] * [1, 1, 0, 0, 0, 0], right[inside], np.full(inside.sum(), 1 / inside.sum())
    )
    in_scope = logistic(inputs, scope_model)
    is_right = in_scope * logistic(inputs, right_model)
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


_UNDECIDED = Calibration((0.0,) * 7, (0.0,) * 7, 1.0, 1.0, CHOICE_GAP)


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
        chance = logistic(table, model)
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
