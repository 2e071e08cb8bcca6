"""Reads the public training text and turns it into groups of texts that mean the same.

Every source becomes a `Source`: a list of groups, a pair of members of which is one training example. A question and
its answer, a heading and its paragraph, a word and its definition, two wordings of an intent are all such groups.
Folder names are those of the data's README; the licences are listed in this folder's README.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Groups of texts that mean the same, and how often a training pair comes from them."""

    name: str
    groups: tuple[Group, ...]
    share: float
    """Relative frequency of this source among the training pairs."""
    conversational: bool
    """Whether people type such text, so that noisy twins of it are realistic."""


def read_sources(data: Path, seed: int) -> list[Source]:
    """All sources below `data`, in a fixed order.

    Raises:
        FileNotFoundError: a folder of the training data is missing.
    """
    rng = random.Random(seed)
    headings = _pairs(data / "ml_docs" / "heading_para.tsv")
    synsets = list(_wordnet(data))
    built = [
        Source("intents", _intents(data), 2.0, True),
        Source("sgd", _sgd(data), 1.0, True),
        Source("small talk", _small_talk(data), 0.7, True),
        Source("replies", _pairs(data / "chatterbot" / "conv.tsv"), 0.2, True),
        Source("text2sql", _grouped(_rows(data / "text2sql" / "groups.tsv")), 1.0, True),
        Source("health questions", _pairs(data / "medquad" / "qa.tsv"), 0.7, False),
        Source("sts", _sts(data), 0.5, True),
        Source("dictionary", tuple(synsets), 2.5, False),
        Source("headings", headings, 2.5, False),
        Source("neighbours", _pairs(data / "ml_docs" / "adjacent_para.tsv"), 2.0, False),
        Source("halves", tuple(_halves(data)), 1.5, False),
        Source("framed", tuple(_framed(headings, synsets, rng)), 2.0, True),
        Source("lone questions", tuple((text,) for text in _lone_questions(data)), 0.8, True),
    ]
    return [source for source in built if source.groups]


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = [cell.strip() for cell in line.rstrip("\n").split("\t")]
            if all(row[:2]):
                yield row


def _pairs(path: Path) -> tuple[Group, ...]:
    return tuple((row[0], row[1]) for row in _rows(path) if len(row) > 1 and row[0] != row[1])


def _grouped(rows: Iterable[list[str]]) -> tuple[Group, ...]:
    """Rows of (group, text) as groups of two or more different texts."""
    members: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if len(row) > 1:
            members[row[0]][row[1]] = None
    return tuple(tuple(texts) for texts in members.values() if len(texts) > 1)


def _intents(data: Path) -> tuple[Group, ...]:
    # hwu_full and slurp share one label set, and the three SNIPS files another, so their groups are joined.
    assistant = [*_rows(data / "hwu_full" / "all.tsv"), *_rows(data / "slurp" / "all.tsv")]
    snips = [row for part in ("train", "valid", "test") for row in _rows(data / "snips" / f"{part}.tsv")]
    groups = [*_grouped(assistant), *_grouped(snips)]
    for path in sorted((data / "rasa_nlu_training").glob("*.tsv")):
        groups += _grouped(_rows(path))
    # WebApplicationsCorpus is left out: it shares questions with StackFAQ, on which the encoder is measured.
    for name in ("AskUbuntuCorpus.tsv", "ChatbotCorpus.tsv"):
        groups += _grouped(_rows(data / "nlu_eval_corpora" / name))
    return tuple(groups)


def _sgd(data: Path) -> tuple[Group, ...]:
    rows = _rows(data / "sgd" / "user_utts.tsv")
    return _grouped([f"{row[0]} {row[1]}", row[2]] for row in rows if len(row) > 2)


def _small_talk(data: Path) -> tuple[Group, ...]:
    return (
        *_grouped(_rows(data / "ms_chitchat" / "groups.tsv")),
        *_grouped(_rows(data / "smalltalk" / "groups.tsv")),
    )


def _sts(data: Path) -> tuple[Group, ...]:
    """Sentence pairs that people rated at least 4 of 5 for sameness (training part only; dev is for measuring)."""
    rows = _rows(data / "stsb" / "train.tsv")
    return tuple((row[1], row[2]) for row in rows if len(row) > 2 and float(row[0]) >= 4 and row[1] != row[2])


def _wordnet(data: Path) -> Iterator[Group]:
    with (data / "wordnet" / "synsets.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            _, members, definition, *_ = line.rstrip("\n").split("\t")
            words = [word.replace("_", " ") for word in members.split("|")[:4]]
            yield (*words, definition)


def _halves(data: Path) -> Iterator[Group]:
    """A paragraph's first sentence and the rest of it: two texts on one subject."""
    with (data / "ml_docs" / "paragraphs.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            first, _, rest = line.strip().partition(". ")
            if len(first) > 20 and len(rest) > 40:
                yield first, rest[:400]


def _lone_questions(data: Path) -> Iterator[str]:
    """Questions without a partner: paired with their own noisy twins."""
    for index, row in enumerate(_rows(data / "text2sql" / "wikisql_questions.tsv")):
        if index % 4 == 0:
            yield row[0]
    for row in _rows(data / "query_wellformedness" / "all.tsv"):
        yield row[0]
    for row in _rows(data / "taskmaster" / "utts.tsv"):
        yield row[0]


# Question frames around a core phrase. Two frames of one family make a paraphrase, whatever the core: that is how the
# encoder learns to look past the wrapping.

_ACTION_FRAMES = (
    "how do i {}", "how can i {}", "how to {}", "what is the best way to {}", "what's the right way to {}",
    "is there a way to {}", "is it possible to {}", "can i {}", "i want to {}", "i need to {}", "i'd like to {}",
    "we are trying to {}", "help me {}", "please show me how to {}", "any tips on how to {}", "how would you {}",
    "how does one {}", "what do i need to {}", "could you explain how to {}", "{}", "i can't figure out how to {}",
    "steps to {}", "trying to {} but not sure how", "what's involved if we {}", "how should we {}",
    "does anyone know how to {}",
)  # fmt: skip
_THING_FRAMES = (
    "what is {}", "what's {}", "what are {}", "can you explain {}", "explain {} to me", "tell me about {}",
    "what does {} mean", "i don't understand {}", "describe {}", "{}", "could you tell me more about {}",
    "what do you mean by {}", "give me an overview of {}", "define {}", "info on {}", "what exactly is {}",
    "what should i know about {}", "never heard of {}, what is that", "eli5 {}", "how does {} work",
    "i keep hearing about {}", "quick question about {}",
)  # fmt: skip
_WORTH_FRAMES = (
    "should i use {}", "is {} worth it", "is {} any good", "do i need {}", "would you recommend {}",
    "is it worth using {}", "should we adopt {}", "does it make sense to use {}", "is {} a good choice",
    "do people still use {}", "what's the point of {}", "why would i want {}", "are there advantages to {}",
    "is {} still relevant", "thinking about {}, good idea?", "what are the pros and cons of {}",
    "can we rely on {}", "is {} recommended these days", "is {} still maintained",
)  # fmt: skip
_SUPPORT_FRAMES = (
    "does it support {}", "is {} supported", "can it handle {}", "does it work with {}", "is there support for {}",
    "will it run on {}", "compatible with {}?", "how good is the {} support", "any support for {}",
    "do you support {}", "does {} work", "how well does it work with {}", "is it possible to use it with {}",
    "can we use it with {}",
)  # fmt: skip
_FAULT_FRAMES = (
    "{} does not work", "why does {} fail", "problem with {}", "i get an error with {}", "{} is broken",
    "having trouble with {}", "{} keeps failing", "how do i fix {}", "{} not working", "what is wrong with {}",
    "issues with {}", "can't get {} to work", "{} error, what can i do", "why is {} not working for me",
)  # fmt: skip
_EITHER_FRAMES = (
    "{a} or {b}", "{a} vs {b}", "{a} versus {b}", "which is better, {a} or {b}", "should i choose {a} or {b}",
    "compare {a} and {b}", "difference between {a} and {b}", "how does {a} compare to {b}",
    "what's the difference between {b} and {a}", "{b} or {a}?", "is {a} better than {b}",
    "choosing between {a} and {b}", "{b} vs. {a}: which one", "how do {b} and {a} differ",
    "pros and cons of {a} compared to {b}", "which one should we pick: {a} or {b}",
)  # fmt: skip

_VERBS = frozenset(
    """
    add adjust apply attach avoid build calculate call change check choose clean clone combine compare compile
    compute configure connect convert copy create customize debug define delete deploy detect disable download
    edit enable evaluate execute export extend extract find fine-tune fit format freeze generate get handle
    implement import improve inspect install integrate invoke join launch limit list load log make manage
    measure merge migrate modify monitor move normalize open optimize package parse perform plot predict prepare
    preprocess profile publish quantize query read reduce register release remove rename replace reset resize
    restore resume retrieve run save scale schedule select send serve set share shuffle split start stop store
    stream submit switch test trace track train transform tune uninstall update upgrade upload use validate
    verify view visualize wrap write
    """.split()
)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .+/_-]*")
_FRAMED_PAIRS = 120_000


def _framed(headings: Iterable[Group], synsets: Iterable[Group], rng: random.Random) -> Iterator[Group]:
    actions, things = _core_phrases(headings, synsets)
    makers: list[tuple[float, Callable[[], Group]]] = [
        (0.30, lambda: _two_frames(_ACTION_FRAMES, rng.choice(actions), rng)),
        (0.25, lambda: _two_frames(_THING_FRAMES, rng.choice(things), rng)),
        (0.15, lambda: _two_frames(_WORTH_FRAMES, rng.choice(things), rng)),
        (0.10, lambda: _two_frames(_SUPPORT_FRAMES, rng.choice(things), rng)),
        (0.10, lambda: _two_frames(_FAULT_FRAMES, rng.choice(things), rng)),
        (0.10, lambda: _two_comparisons(rng.choice(things), rng.choice(things), rng)),
    ]
    chosen = rng.choices([maker for _, maker in makers], [share for share, _ in makers], k=_FRAMED_PAIRS)
    for make in chosen:
        yield make()


def _core_phrases(headings: Iterable[Group], synsets: Iterable[Group]) -> tuple[list[str], list[str]]:
    """Short verb phrases and noun phrases, from documentation headings and dictionary words."""
    actions: dict[str, None] = {}
    things: dict[str, None] = {}
    for heading, _ in headings:
        words = heading.split()
        if not 1 <= len(words) <= 6 or not _PLAIN.fullmatch(heading):
            continue
        if words[0].lower() in _VERBS and len(words) > 1:
            actions[heading.lower()] = None
        elif not words[0].lower().endswith("ing"):
            things[heading.lower()] = None
    # Every ninth word keeps the dictionary from drowning the field's own terms.
    for index, synset in enumerate(synsets):
        if index % 9 == 0 and _PLAIN.fullmatch(synset[0]):
            things[synset[0]] = None
    return list(actions), list(things)


def _two_frames(frames: tuple[str, ...], core: str, rng: random.Random) -> Group:
    first, second = rng.sample(frames, 2)
    return first.format(core), second.format(core)


def _two_comparisons(one: str, other: str, rng: random.Random) -> Group:
    first, second = rng.sample(_EITHER_FRAMES, 2)
    return first.format(a=one, b=other), second.format(a=one, b=other)
