"""The network that reads whole messages: the same with and without torch, honest errors, hostile text."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from advisor.knowledge_base.labelled_dialogues import LabelledDialogue
from advisor.knowledge_base.language_schema import MESSAGE_NETWORK, AttributePhrases, load_language
from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.message_network import (
    ADOPTED,
    ASSUMPTIONS,
    LONGEST,
    MADE_FOR,
    TOKENIZER_FILE,
    TRIED,
    MessageNetwork,
    MessageNetworkError,
    fingerprint,
    load_message_network,
    rows_of,
)
from tests.evaluate_descriptions import ENGLISH, PACK

TRAINER = PACK.parent / "message_network" / "train_network.py"
TOPICS = {"colour": ["red", "blue"], "shape": ["round"]}


@pytest.fixture(scope="module")
def topics() -> dict[str, list[str]]:
    return {topic: list(groups) for topic, groups in load_language(PACK, ENGLISH).statements.topics.items()}


@pytest.fixture(scope="module")
def shipped(topics: dict[str, list[str]]) -> MessageNetwork:
    network = load_message_network(PACK / MESSAGE_NETWORK, topics)
    assert network is not None
    return network


@pytest.fixture(scope="module")
def trainer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_network", TRAINER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["train_network"] = module
    spec.loader.exec_module(module)
    return module


def test_whose_facts_they_are_depends_on_the_order_of_words(shipped: MessageNetwork) -> None:
    ours = shipped.states_after("Our supplier runs on Google Cloud, we are on AWS.", {})["vendor"]
    theirs = shipped.states_after("Our supplier runs on AWS, we are on Google Cloud.", {})["vendor"]
    assert ours["pytorch"] > theirs["pytorch"] + 0.3
    assert theirs["tensorflow"] > ours["tensorflow"]


def test_what_was_known_stays_known_unless_a_message_speaks_of_it(shipped: MessageNetwork) -> None:
    after = shipped.states_after("Thanks, that helps a lot.", {"vendor": "tensorflow", "mobile": "neutral"})
    assert after["vendor"]["tensorflow"] > 0.9
    assert after["mobile"][UNKNOWN] > 0.9


@pytest.mark.parametrize(
    "text",
    ["", " \n", "\x00\x1b[31m", "\ud800", "?!" * 3000, "ß漢🦉" * 500, "we write Python " * 10_000],
    ids=["nothing", "blanks", "controls", "surrogate", "marks", "scripts", "long"],
)
def test_any_text_gives_chances_that_sum_to_one(shipped: MessageNetwork, text: str) -> None:
    for states in shipped.states_after(text, {}).values():
        assert sum(states.values()) == pytest.approx(1, abs=1e-3)
        assert all(np.isfinite(chance) for chance in states.values())


def test_what_says_nothing_changes_nothing(shipped: MessageNetwork) -> None:
    assert shipped.states_after("\u200b", {"vendor": "pytorch"})["vendor"]["pytorch"] == pytest.approx(1)


def test_without_torch_the_same_comes_out(trainer: ModuleType) -> None:
    import torch

    tokenizer = Tokenizer.from_file(str(TOKENIZER_FILE))
    lessons = trainer.Lessons(TOPICS, tokenizer)
    recipe = trainer.Recipe(width=8, known=4, hidden=6)
    torch.manual_seed(1)
    member = trainer.Member(torch.randn(tokenizer.get_vocab_size(), 12), lessons, recipe).eval()
    with torch.no_grad():
        member.known.weight[:, -1] = 9
    arrays = {name: array[None] for name, array in trainer.arrays_of(member).items()}
    network = MessageNetwork(TOPICS, arrays, TOKENIZER_FILE.read_bytes())
    text, known = "The big ball is not red, it was never red.", {"colour": "blue"}
    state = {topic: frozenset({known.get(topic, UNKNOWN)}) for topic in TOPICS} | {ASSUMPTIONS: frozenset({TRIED})}
    plain, supposing = (lessons.example(text, state, state, assumes=assumes) for assumes in (False, True))
    tokens, before, assumes, _ = trainer.tensors([plain, supposing], member.padding)
    with torch.no_grad():
        wanted = member(tokens, before, assumes).numpy()
    for at in (0, 1):
        found = network.states_after(text, known, supposing=bool(at))
        assert [*found["colour"].values(), *found["shape"].values()] == pytest.approx(
            [*wanted[at, 0], *wanted[at, 1, :2]], abs=0.01
        )
    assert [*network.assumptions_after(text, trying=True).values()] == pytest.approx([*wanted[0, 2]], abs=0.01)
    assert not np.allclose(wanted[0], wanted[1], atol=0.02), "a test that cannot fail"


def test_a_network_learns_what_messages_say(trainer: ModuleType) -> None:
    import torch

    lessons = trainer.Lessons(TOPICS, Tokenizer.from_file(str(TOKENIZER_FILE)))
    nothing = lessons.nothing
    says = {"paint it red": {"colour": "red"}, "paint it blue": {"colour": "blue"}, "make a ball": {"shape": "round"}}
    examples = [
        trainer.Example(
            lessons.tokens(text),
            lessons.marked(nothing),
            lessons.marked({**nothing, **{topic: frozenset({name}) for topic, name in said.items()}}),
        )
        for text, said in [*says.items(), ("nothing at all", {})]
        for _ in range(16)
    ]
    recipe = trainer.Recipe(
        width=16, batch=8, epochs=20, warm_up=1, dropped_tokens=0.0, dropped=0.0, composed=0.0, states=0.0
    )
    vectors = torch.randn(lessons.tokenizer.get_vocab_size(), 16, generator=torch.Generator().manual_seed(2))
    unvaried = trainer.Variations((), trainer.Rates(0, 0, 0))
    torch.manual_seed(3)
    member = trainer.train_member(trainer.Member(vectors, lessons, recipe), examples, unvaried, lessons, recipe, seed=3)
    arrays = {name: array[None] for name, array in trainer.arrays_of(member).items()}
    network = MessageNetwork(TOPICS, arrays, TOKENIZER_FILE.read_bytes())
    for text, said in [*says.items(), ("nothing at all", {})]:
        after = network.states_after(text, {})
        assert {t: max(states, key=lambda name: states[name]) for t, states in after.items()} == {
            "colour": UNKNOWN,
            "shape": UNKNOWN,
            **said,
        }


def test_what_is_only_tried_out_is_told_apart(trainer: ModuleType) -> None:
    lessons = trainer.Lessons(TOPICS, Tokenizer.from_file(str(TOKENIZER_FILE)))

    def turn(say: str, leans: dict[str, str], supposed: dict[str, str]) -> dict[str, object]:
        return {"say": say, "expect": {"leans": leans, "supposed": supposed}}

    both = {"colour": "blue", "shape": "round"}
    red, round_and_red = {"colour": "red"}, {"colour": "red", "shape": "round"}
    turns = [
        turn("It is red.", red, red),
        turn("What if it were round?", red, round_and_red),
        turn("And blue?", red, both),
        turn("Back to how it is.", red, red),
        turn("What if it were round?", red, round_and_red),
        turn("Let us make it so.", round_and_red, round_and_red),
    ]
    dialogue = LabelledDialogue.model_validate({"id": "x", "turns": turns})

    def read(marks: NDArray[np.float32]) -> dict[str, str]:
        rows = zip(lessons.rows.items(), marks, strict=True)
        return {row: ("", *groups)[mark.argmax()] if mark.sum() == 1 else "any" for (row, groups), mark in rows}

    examples = [(one.assumes, read(one.before), read(one.after)) for one in lessons.of_dialogues([dialogue])]
    really = [(before[ASSUMPTIONS], after) for assumes, before, after in examples if not assumes]
    nothing, just_red = {"colour": "", "shape": ""}, {"colour": "red", "shape": ""}
    assert really == [
        ("", {**just_red, ASSUMPTIONS: ""}),
        ("", {**just_red, ASSUMPTIONS: TRIED}),
        (TRIED, {**just_red, ASSUMPTIONS: TRIED}),
        (TRIED, {**just_red, ASSUMPTIONS: ""}),
        ("", {**just_red, ASSUMPTIONS: TRIED}),
        (TRIED, {"colour": "red", "shape": "any", ASSUMPTIONS: ADOPTED}),
    ]
    if_so = [
        ({**before, ASSUMPTIONS: ""}, {**after, ASSUMPTIONS: ""}) for assumes, before, after in examples if assumes
    ]
    told = [nothing, just_red, round_and_red, both, just_red, round_and_red]
    assert [before for before, _ in if_so] == [{**states, ASSUMPTIONS: ""} for states in told]
    assert if_so[3][1] == {"colour": "any", "shape": "any", ASSUMPTIONS: ""}, "what was so shows in the other state"


def test_long_descriptions_are_composed_of_messages(trainer: ModuleType) -> None:
    lessons = trainer.Lessons(TOPICS, Tokenizer.from_file(str(TOKENIZER_FILE)))
    nothing = lessons.nothing
    red = lessons.marked({**nothing, "colour": frozenset({"red"})})
    blue = lessons.marked({**nothing, "colour": frozenset({"blue"})})
    pool = [trainer.Example(lessons.tokens("red"), lessons.marked(nothing), red)] * 5
    whole = trainer.together(pool, lessons, trainer.random.Random(1))
    assert len(whole.tokens) >= 2
    assert (whole.after == red).all()
    mixed = [pool[0], trainer.Example(lessons.tokens("blue"), lessons.marked(nothing), blue)]
    contradicting = trainer.together(mixed * 3, lessons, trainer.random.Random(4))
    assert contradicting.after[0].sum() in (1, lessons.states)
    assert (
        len(trainer.together([trainer.Example([5] * LONGEST, red, red)] * 5, lessons, trainer.random.Random(1)).tokens)
        == LONGEST
    )


def test_a_pack_may_do_without(tmp_path: Path) -> None:
    assert load_message_network(tmp_path / MESSAGE_NETWORK, TOPICS) is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / MESSAGE_NETWORK
    file.write_bytes((PACK / MESSAGE_NETWORK).read_bytes()[:1000])
    with pytest.raises(MessageNetworkError, match=r"is damaged.*Restore it") as raised:
        load_message_network(file, TOPICS)
    assert str(file) in str(raised.value)


@pytest.mark.parametrize(
    ("made_for", "what"),
    [
        ({"topics": {"colour": ["red"]}, "tokenizer": fingerprint(TOKENIZER_FILE.read_bytes())}, "other topics"),
        ({"topics": rows_of(TOPICS), "tokenizer": "another"}, "another tokenizer"),
        ({}, "other topics"),
        ([], "other topics"),
    ],
    ids=["topics", "tokenizer", "says nothing", "says something else"],
)
def test_a_network_for_something_else_is_not_used(tmp_path: Path, made_for: object, what: str) -> None:
    file = tmp_path / MESSAGE_NETWORK
    save_file(load_file(PACK / MESSAGE_NETWORK), file, metadata={MADE_FOR: json.dumps(made_for)})
    with pytest.raises(MessageNetworkError, match=f"{what}.*Train it again"):
        load_message_network(file, TOPICS)


def _phrases(**implied: Sequence[str]) -> AttributePhrases:
    values = {value: {"said": ["(a|the) [*] pattern"], "implied": names} for value, names in implied.items()}
    return AttributePhrases.model_validate({"attribute": "cloud", "values": values})


def test_names_give_way_to_others_of_the_same_value(trainer: ModuleType) -> None:
    phrases = [_phrases(aws=["sagemaker", "bedrock", "aws (lambda|batch)"], google=["vertex ai"])]
    variations = trainer.Variations(phrases, trainer.Rates(names=1, numbers=0, noise=0))
    text = "SAGEMAKER and vertex ai, not Sagemaker-like, aws batch, a pattern"
    seen = {variations.of(text, random.Random(seed)) for seed in range(20)}
    assert seen == {text, text.replace("SAGEMAKER", "BEDROCK")}


@pytest.mark.parametrize(
    ("text", "may_become"),
    [
        ("30 calls a second", r"\d{1,3} calls a second"),
        ("12000 calls a second", r"\d{1,2}000 calls a second"),
        ("since 2019, v1.30, 30k, 3.5 and 30%", r"since 2019, v1\.30, 30k, 3\.5 and 30%"),
        ("1500 calls", "1500 calls"),
    ],
)
def test_numbers_keep_their_magnitude(trainer: ModuleType, text: str, may_become: str) -> None:
    variations = trainer.Variations((), trainer.Rates(names=1, numbers=1, noise=0))
    assert all(re.fullmatch(may_become, variations.of(text, random.Random(seed))) for seed in range(30))


def test_what_is_said_holds_whatever_was_known(trainer: ModuleType) -> None:
    lessons = trainer.Lessons(TOPICS, Tokenizer.from_file(str(TOKENIZER_FILE)))
    nothing = lessons.nothing
    red = lessons.example("It is red.", nothing, {**nothing, "colour": frozenset({"red"})})
    variations = trainer.Variations((), trainer.Rates(0, 0, 0))
    known = {
        tuple(map(tuple, trainer.varied(red, lessons, variations, 1.0, random.Random(seed)).before))
        for seed in range(30)
    }
    unknown = (1.0, 0.0, 0.0)
    assert known == {(was, unknown, unknown) for was in (unknown, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))}
    assert (red.before == lessons.marked(nothing)).all(), "the text itself stays as it is labelled"


def test_before_labels_a_network_learns_which_words_follow(
    trainer: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import torch

    pretraining = sys.modules["pretraining"]
    monkeypatch.setattr(pretraining, "_REPORTED", 20)
    said: list[str] = []

    def learn(kept: Path | None) -> list[torch.Tensor]:
        torch.manual_seed(1)
        layers = pretraining.LowerLayers(
            torch.nn.Embedding(21, 8, padding_idx=20),
            torch.nn.Linear(8, 8),
            torch.nn.GRU(8, 8, batch_first=True, bidirectional=True),
        )
        counting = [[start + at for at in range(6)] for start in range(12)]
        recipe = trainer.PretrainingRecipe(steps=200, batch=4, drawn=20, warm_up=1, rate=0.02, token_rate=0.02)
        pretraining.pretrain_once(layers, counting, recipe, 3, said.append, kept)
        return [parameter for layer in layers for parameter in layer.parameters()]

    first, *others = learn(None), learn(tmp_path / "kept")
    steps = len(said)
    others.append(learn(tmp_path / "kept"))
    assert len(said) == steps, "what is kept is not learnt again"
    for other in others:
        assert all((one == same).all() for one, same in zip(first, other, strict=True)), (
            "the same seed, the same numbers"
        )
    losses = [float(line.rpartition(" ")[2]) for line in said[:10]]
    assert losses[-1] < losses[0] / 4
    assert (first[0][-1] == 0).all(), "padding stays nothing"


def test_public_text_is_what_people_type_and_the_longest_of_other_groups(
    trainer: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = sys.modules["training_data"].Source
    sources = [
        source("intents", (("wake me", "wake me up"), ("wake me",)), 1.0, conversational=True),
        source("dictionary", (("able", "having the means"),), 1.0, conversational=False),
        source("framed", (("made", "of others"),), 1.0, conversational=True),
    ]
    monkeypatch.setattr(trainer, "read_sources", lambda *_, **__: sources)
    assert trainer.public_texts(tmp_path) == ["wake me", "wake me up", "having the means"]
