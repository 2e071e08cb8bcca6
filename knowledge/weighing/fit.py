"""Fits how what phrases found and what a text is like are weighed against each other.

    python knowledge/weighing/fit.py PREFIX ... --network FILE [--pack DIR]

PREFIX: how the ids begin of those texts of the pack whose misses nobody mended phrases by; by others the phrases would
look surer than they are. The likeness of each is taken from what the pack teaches without it, in turns; `--network`: a
message network that was trained without any of them.
Logistic regression over the signals of each topic and group, with an L2 penalty. Prints the weights and what the same
procedure gives for texts that it was not fitted on, and writes the weights to the pack's weighing.yaml.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))  # run as a script, the advisor package may not be installed

from advisor.knowledge_base.labelled_descriptions import LabelledDescription  # noqa: E402
from advisor.knowledge_base.language_schema import Language, Weighing, load_language  # noqa: E402
from advisor.knowledge_base.schema import UNKNOWN, Attribute  # noqa: E402
from advisor.knowledge_base.yaml_document import YamlDocument, read_text  # noqa: E402
from advisor.understanding.encoder import SentenceEncoder, load_encoder  # noqa: E402
from advisor.understanding.example_reading import ExampleReader  # noqa: E402
from advisor.understanding.extraction import Extractor  # noqa: E402
from advisor.understanding.labelled_messages import labelled_texts  # noqa: E402
from advisor.understanding.mentions import Extraction, Mention  # noqa: E402
from advisor.understanding.message_network import MessageNetwork, load_message_network  # noqa: E402
from advisor.understanding.remarks import Read  # noqa: E402
from advisor.understanding.statement_examples import StatementExamples  # noqa: E402
from advisor.understanding.weighing import Signals  # noqa: E402

DEFAULT_PACK = HERE.parent / "pytorch_or_tensorflow"
FOLDS = 8
INVERSE_PENALTY = 2.0
"""Of the L2 penalty, as scikit-learn counts it."""
NAMES = [field.name for field in fields(Signals)]


@dataclass(frozen=True, slots=True)
class Case:
    """What a description says of a group, and the signals for it. `fold`: of the description."""

    fold: int
    topic: tuple[int, str]
    group: str
    accepted: frozenset[str]
    signals: Signals


class Recorder(ExampleReader):
    """Leaves everything as the phrases found it and keeps the signals of the last text."""

    def __init__(self, examples: StatementExamples, weighing: Weighing, network: MessageNetwork | None) -> None:
        super().__init__(examples, weighing, network)
        self.last: dict[tuple[str, str], Signals] = {}

    def read(
        self,
        text: str,
        reads: Sequence[Read],
        mentions: Sequence[Mention],
        settled: Extraction,
        known: Mapping[str, str] | None = None,  # noqa: ARG002
        spoken_for: bool = False,  # noqa: ARG002
    ) -> tuple[list[Mention], tuple[Mention, ...]]:
        """See `ExampleReader.read`."""
        self.last = self.signals(text, reads, mentions, settled)
        return list(mentions), ()


def cases(
    descriptions: Sequence[LabelledDescription],
    learnt: Sequence[LabelledDescription],
    language: Language,
    weighing: Weighing,
    attributes: Sequence[Attribute],
    encoder: SentenceEncoder,
    network: MessageNetwork | None,
) -> Iterator[Case]:
    """The cases of all descriptions, each by what all the others of those learnt from teach."""
    for fold in range(FOLDS):
        inside = descriptions[fold::FOLDS]
        texts = {description.text for description in inside}
        others = tuple(description for description in learnt if description.text not in texts)
        examples = StatementExamples(language.statements, partial(tuple, others), encoder)
        recorder = Recorder(examples, weighing, network)
        extractor = Extractor(language, attributes, recorder)
        for number, description in enumerate(inside):
            extractor.extract(description.text)
            for (topic, group), signals in recorder.last.items():
                if topic not in description.labels:
                    continue
                accepted = {description.labels[topic], *description.alt_labels.get(topic, ())}
                yield Case(fold, (number * FOLDS + fold, topic), group, frozenset(accepted), signals)


def table(found: Sequence[Case], groups: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """The signals of the cases, a row each, behind a column for each group of a topic, which is 1 for its own."""
    own = [[(case.topic[1], case.group) == group for group in groups] for case in found]
    return np.hstack([np.array(own, dtype=np.float64), np.array([astuple(case.signals) for case in found], np.float64)])


def fitted(found: Sequence[Case], groups: Sequence[tuple[str, str]]) -> LogisticRegression:
    """The weights for these cases, without those that may say their group or nothing."""
    clear = [case for case in found if not {case.group, UNKNOWN} <= case.accepted]
    said = [case.group in case.accepted for case in clear]
    return LogisticRegression(C=INVERSE_PENALTY, max_iter=5000).fit(table(clear, groups), said)


def right(found: Sequence[Case], chances: NDArray[np.float64], counts_from: float) -> float:
    """The share of topics that are read as their label says, if what is likeliest counts from a chance on."""
    by_topic: dict[tuple[int, str], list[int]] = {}
    for at, case in enumerate(found):
        by_topic.setdefault(case.topic, []).append(at)
    hits = 0
    for places in by_topic.values():
        best = max(places, key=lambda at: chances[at])
        sides = found[best].accepted & {found[at].group for at in places}
        open_too = len(found[best].accepted) > len(sides)
        hits += found[best].group in sides if chances[best] >= counts_from else open_too
    return hits / len(by_topic)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefixes", nargs="+", metavar="PREFIX")
    parser.add_argument("--network", type=Path, required=True, metavar="FILE", help="trained without these texts")
    parser.add_argument("--pack", type=Path, default=DEFAULT_PACK)
    options = parser.parse_args(arguments)
    language = load_language(options.pack, HERE.parent / "english")
    document = YamlDocument.parse("attributes.yaml", read_text(options.pack / "attributes.yaml", "attributes.yaml"))
    attributes = [Attribute.model_validate(entry) for entry in document.data]
    learnt = labelled_texts(language)
    descriptions = [one for one in learnt if one.id.startswith(tuple(options.prefixes))]
    if language.weighing is None:
        parser.error(f"{options.pack / 'statements.yaml'} has no topics to weigh")
    if len(descriptions) < FOLDS:
        parser.error(f"{options.pack / 'descriptions.jsonl'} has {len(descriptions)} descriptions with such ids")
    topics = {topic: tuple(names) for topic, names in language.statements.topics.items()}
    network = load_message_network(options.network, topics)
    groups = [(topic, group) for topic, names in language.statements.topics.items() for group in names]
    found = list(cases(descriptions, learnt, language, language.weighing, attributes, load_encoder(), network))
    chances = np.zeros(len(found))
    for fold in range(FOLDS):
        outside, at = [case for case in found if case.fold != fold], [case.fold == fold for case in found]
        signals = table([case for case in found if case.fold == fold], groups)
        chances[at] = fitted(outside, groups).predict_proba(signals)[:, 1]
    for counts_from in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        print(f"counts from {counts_from:.2f}: {right(found, chances, counts_from):.2%} of topics right")
    model = fitted(found, groups)
    own, weights = np.split(model.coef_[0], [len(groups)])
    lines = {name: f"{name}: {weight:.2f}" for name, weight in zip(NAMES, weights, strict=True)}
    for topic, names in language.statements.topics.items():
        constants = [own[groups.index((topic, group))] + model.intercept_[0] for group in names]
        shown = ", ".join(f"{group}: {constant:.2f}" for group, constant in zip(names, constants, strict=True))
        lines[f"  {topic}"] = f"  {topic}: {{{shown}}}"
    path = options.pack / "weighing.yaml"
    text = path.read_text(encoding="utf-8")
    for name, line in lines.items():
        print(line)
        text = re.sub(rf"^{name}: .*$", line, text, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
