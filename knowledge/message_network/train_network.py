"""Trains the network that reads whole messages, from all that a pack has labelled.

    python knowledge/message_network/train_network.py --data DIR [--without PREFIX ...] [--out FILE] [--measure FILE]

Each member starts from the sentence encoder's token vectors and from its own random numbers. First it learns which
words follow which, from public text and the pack's (`pretraining.py`; left out without `--data`); then, what a message
does to each topic: leave it, take it back, or say one of its groups. Labels tell the state after a message, so the loss
is the negative logarithm of the chance of the states that are accepted, whatever way leads there. Long descriptions are
rare; so a sixth of what is learnt from are several messages set one after the other. Texts are varied each time they
are learnt from (`variations.py`), and so is what was known before, where it makes no difference.

`--data` is the folder of public text that the sentence encoder is trained on (knowledge/encoder).
`--without` leaves out texts whose ids begin so, to measure by them or to fit `weighing.yaml` (knowledge/weighing).
`--measure` prints how many turns of these dialogues are read rightly, given the state before each.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
# Run as a script, the advisor package may not be installed.
sys.path[:0] = [str(HERE), str(HERE.parent / "encoder"), str(HERE.parent.parent)]

from batching import batches  # noqa: E402
from lessons import Example, Lessons, together, varied  # noqa: E402
from pretraining import LowerLayers, PretrainingRecipe, pretrain_once  # noqa: E402
from training_data import read_sources  # noqa: E402
from variations import Rates, Variations  # noqa: E402

from advisor.errors import AdvisorError  # noqa: E402
from advisor.knowledge_base.labelled_dialogues import DialoguesFile, LabelledDialogue  # noqa: E402
from advisor.knowledge_base.language_schema import MESSAGE_NETWORK, Language, load_language  # noqa: E402
from advisor.knowledge_base.schema import UNKNOWN  # noqa: E402
from advisor.understanding.encoder import SHIPPED_MODEL, read_tokenizer  # noqa: E402
from advisor.understanding.labelled_messages import States, known_after  # noqa: E402
from advisor.understanding.message_network import (  # noqa: E402
    FIRST_GROUP,
    MADE_FOR,
    TOKENIZER_FILE,
    MessageNetwork,
    fingerprint,
    rows_of,
)

DEFAULT_PACK = HERE.parent / "pytorch_or_tensorflow"
FIRST_SPREAD = 0.3
"""Standard deviation of the token vectors that a member starts from."""
UNREACHABLE = -30.0
"""Score of an outcome that a topic does not have."""
_MADE_OF_OTHERS = frozenset({"framed", "halves"})
"""Sources of public text that repeat other ones."""
_LIKE_LENGTHS = 40
"""Batches among which texts of like length come together."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Sizes and rates, chosen on dialogues that none was trained on."""

    members: int = 2
    width: int = 128
    """Of the token vectors that the network reads, and of its state in each direction."""
    queries: int = 2
    """Attention queries of each topic."""
    known: int = 32
    hidden: int = 64
    epochs: int = 7
    batch: int = 64
    rate: float = 1.5e-3
    token_rate: float = 3e-4
    warm_up: int = 200
    """Steps."""
    decay: float = 0.01
    dropped: float = 0.2
    dropped_tokens: float = 0.1
    composed: float = 0.2
    """Texts set together from several messages, as a share of the others."""
    longest_part: int = 40
    """Tokens of a message that may be a part of these."""
    pretraining: PretrainingRecipe = field(default_factory=PretrainingRecipe)
    varied: Rates = field(default_factory=Rates)
    states: float = 0.3
    """Share of what a message says whatever was known, of which something else is taken to have been known."""


class Member(nn.Module):
    """One network; `MessageNetwork` explains it, and computes the same."""

    def __init__(self, vectors: torch.Tensor, lessons: Lessons, recipe: Recipe) -> None:
        super().__init__()
        rows, width = len(lessons.rows), recipe.width
        self.padding = len(vectors)
        padded = torch.cat([vectors, torch.zeros(1, vectors.shape[1])])
        self.tokens = nn.Embedding(padded.shape[0], padded.shape[1], padding_idx=self.padding, _weight=padded)
        self.narrow = nn.Linear(vectors.shape[1], width)
        self.gru = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.key = nn.Linear(2 * width, 2 * width)
        self.queries = nn.Parameter(torch.randn(rows, recipe.queries, 2 * width) * 0.05)
        self.known = nn.Linear(lessons.states + 1, recipe.known)
        self.hidden = nn.Linear(2 * width * recipe.queries + recipe.known, recipe.hidden)
        self.topic_bias = nn.Parameter(torch.randn(rows, recipe.hidden) * 0.05)
        self.output = nn.Parameter(torch.randn(rows, recipe.hidden, lessons.states + 1) * 0.05)
        self.output_bias = nn.Parameter(torch.zeros(rows, lessons.states + 1))
        self.recipe = recipe
        reachable = torch.arange(lessons.states + 1) < torch.tensor(
            [[FIRST_GROUP + len(groups)] for groups in lessons.rows.values()]
        )
        self.unreachable: torch.Tensor
        self.register_buffer("unreachable", torch.where(reachable, 0.0, UNREACHABLE))

    def forward(self, tokens: torch.Tensor, before: torch.Tensor, assumes: torch.Tensor) -> torch.Tensor:
        """Chances of the states after messages, shape (batch, rows, states).

        Args:
            tokens: ids, (batch, length), filled up with `padding`.
            before: 1 for each state that may hold before, (batch, rows, states).
            assumes: whether what is only tried out counts, (batch,).
        """
        there = tokens != self.padding
        vectors = self.tokens(tokens)
        if self.training:
            vectors = vectors * (torch.rand(tokens.shape) >= self.recipe.dropped_tokens)[..., None]
        narrow = self._thinned(self.narrow(vectors))
        lengths = there.sum(dim=1)
        packed = nn.utils.rnn.pack_padded_sequence(narrow, lengths, batch_first=True, enforce_sorted=False)
        read, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True, total_length=tokens.shape[1])
        told = torch.einsum("blo,tqo->btql", torch.tanh(self.key(read)), self.queries)
        told = told.masked_fill(~there[:, None, None], -1e9).softmax(dim=-1)
        looked = torch.einsum("btql,blo->btqo", told, read).flatten(2)
        flags = assumes[:, None, None].expand(-1, before.shape[1], 1)
        features = torch.cat([looked, self.known(torch.cat([before, flags], dim=-1))], dim=-1)
        hidden = functional.gelu(
            self.hidden(functional.dropout(features, 0.3, self.training)) + self.topic_bias, approximate="tanh"
        )
        scores = torch.einsum("bth,tho->bto", self._thinned(hidden), self.output) + self.output_bias
        outcomes = (scores + self.unreachable).softmax(dim=-1)
        return outcomes[..., :1] * before + outcomes[..., 1:]

    def _thinned(self, values: torch.Tensor) -> torch.Tensor:
        return functional.dropout(values, self.recipe.dropped, self.training)


def tensors(examples: Sequence[Example], padding: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tokens, states before, whether assumptions count, and states after."""
    tokens = torch.full((len(examples), max(len(example.tokens) for example in examples)), padding)
    for row, example in zip(tokens, examples, strict=True):
        row[: len(example.tokens)] = torch.tensor(example.tokens)
    before, after = (
        torch.from_numpy(np.stack(part)) for part in zip(*((e.before, e.after) for e in examples), strict=True)
    )
    return tokens, before, torch.tensor([float(example.assumes) for example in examples]), after


def train_member(
    member: Member, examples: Sequence[Example], variations: Variations, lessons: Lessons, recipe: Recipe, seed: int
) -> Member:
    """A network, trained."""
    rng = random.Random(seed)
    tokens = [member.tokens.weight]
    others = [parameter for name, parameter in member.named_parameters() if name != "tokens.weight"]
    optimiser = torch.optim.AdamW(
        [
            {"params": tokens, "lr": recipe.token_rate, "weight_decay": 0.0},
            {"params": others, "lr": recipe.rate, "weight_decay": recipe.decay},
        ]
    )
    composed = int(len(examples) * recipe.composed)
    steps = recipe.epochs * -(-(len(examples) + composed) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / recipe.warm_up) * max(0.02, 1 - step / steps)
    )
    unknown = lessons.marked(lessons.nothing)
    pool = [
        example
        for example in examples
        if len(example.tokens) < recipe.longest_part and not example.assumes and (example.before == unknown).all()
    ]
    for epoch in range(recipe.epochs):
        began, losses = time.monotonic(), []
        now = [varied(example, lessons, variations, recipe.states, rng) for example in examples]
        now += [together(pool, lessons, rng) for _ in range(composed)]
        for batch in batches(now, recipe.batch, _LIKE_LENGTHS, lambda one: len(one.tokens), rng):
            ids, before, assumes, after = tensors(batch, member.padding)
            chances = (member(ids, before, assumes) * after).sum(dim=-1)
            loss = -chances.clamp(min=1e-6).log().mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(member.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        report(f"seed {seed}, epoch {epoch}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s")
    return member.eval()


def trained(
    pack: Path, data: Path | None, kept: Path | None, without: Sequence[str], recipe: Recipe, seed: int
) -> dict[str, NDArray[Any]]:
    """The arrays of one network, trained on one processor core: then the same numbers come out wherever it runs.

    `data`: public text to learn words from first; `kept`: the folder that keeps what was learnt from it.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    language = load_language(pack, HERE.parent / "english")
    lessons = Lessons(topics_of(language), read_tokenizer(TOKENIZER_FILE.read_bytes(), TOKENIZER_FILE))
    examples = [example for example in lessons.of_pack(language, without) if example.tokens]
    report(f"seed {seed}: {len(examples)} labelled texts")
    vectors = load_file(SHIPPED_MODEL / "model.safetensors")["embedding.weight"].astype(np.float32)
    start = torch.from_numpy(vectors * (FIRST_SPREAD / vectors.std()))
    torch.manual_seed(seed)
    member = Member(start, lessons, recipe)
    if data is not None:
        public = [lessons.tokens(text) for text in public_texts(data)]
        layers = LowerLayers(member.tokens, member.narrow, member.gru)
        pretrain_once(layers, public, recipe.pretraining, seed, report, kept)
        # The same follows whether that was just learnt or kept.
        torch.manual_seed(seed)
    variations = Variations(language.phrases.values(), recipe.varied)
    return arrays_of(train_member(member, examples, variations, lessons, recipe, seed))


def public_texts(data: Path) -> list[str]:
    """What people type, and the longest text of each other group, of the encoder's training data.

    Raises FileNotFoundError where a folder of it is missing.
    """
    sources = (source for source in read_sources(data, seed=0) if source.name not in _MADE_OF_OTHERS)
    groups = ((source.conversational, group) for source in sources for group in source.groups)
    return list(dict.fromkeys(t for typed, group in groups for t in (group if typed else [max(group, key=len)])))


def topics_of(language: Language) -> dict[str, list[str]]:
    """The groups of each topic."""
    return {topic: list(groups) for topic, groups in language.statements.topics.items()}


def arrays_of(member: Member) -> dict[str, NDArray[Any]]:
    """What `MessageNetwork` needs of a member.

    Token vectors (tokens, width) as bytes with a scale for each; the rest in half precision. What is multiplied from
    the right has its inputs first: `gru_input` and `gru_state` (2 directions, width, 3 · width), with the gates in the
    order reset, update, new; `key`; `hidden`. `queries` (rows, queries, 2 · width), `known` (states, its width),
    `supposing`, which is added to that where what is tried out counts, and `output` (rows, hidden, outcomes).
    """
    of = {name: value.detach().numpy() for name, value in member.state_dict().items()}
    vectors = of["tokens.weight"][:-1] @ of["narrow.weight"].T + of["narrow.bias"]
    scales = np.abs(vectors).max(axis=1) / 127
    directions = ("", "_reverse")

    def gru(name: str) -> NDArray[np.float32]:
        return np.stack([of[f"gru.{name}_l0{direction}"].T for direction in directions])

    result = {
        "gru_input": gru("weight_ih"),
        "gru_input_bias": gru("bias_ih"),
        "gru_state": gru("weight_hh"),
        "gru_state_bias": gru("bias_hh"),
        "key": of["key.weight"].T,
        "key_bias": of["key.bias"],
        "queries": of["queries"],
        "known": of["known.weight"][:, :-1].T + of["known.bias"],
        "supposing": of["known.weight"][:, -1],
        "hidden": of["hidden.weight"].T,
        "hidden_bias": of["hidden.bias"],
        "topic_bias": of["topic_bias"],
        "output": of["output"],
        "output_bias": of["output_bias"] + of["unreachable"],
    }
    halves: dict[str, NDArray[Any]] = {name: array.astype(np.float16) for name, array in result.items()}
    halves["tokens"] = np.round(vectors / scales[:, None]).astype(np.int8)
    halves["token_scales"] = scales.astype(np.float32)
    return halves


def measure(network: MessageNetwork, dialogues: Iterable[LabelledDialogue]) -> tuple[int, int]:
    """Turns that are read rightly, given the state before them, and all turns."""
    turns = hits = 0
    for dialogue in dialogues:
        before: States = {topic: frozenset({UNKNOWN}) for topic in network.topics}
        for turn in dialogue.turns:
            if turn.expect is None:
                break
            after = known_after(turn.expect, network.topics)
            known = {topic: min(names) for topic, names in before.items() if UNKNOWN not in names}
            states = network.states_after(turn.say, known)
            turns += 1
            hits += all(max(states[topic], key=lambda name: states[topic][name]) in after[topic] for topic in after)
            before = after
    return hits, turns


def report(message: str) -> None:
    """Progress goes to standard error."""
    print(message, file=sys.stderr, flush=True)


def train(options: argparse.Namespace) -> None:
    """Trains all members, writes what they have learnt, and prints how well they read dialogues."""
    language = load_language(options.pack, HERE.parent / "english")
    topics = topics_of(language)
    recipe = Recipe()
    seeds = range(options.seed, options.seed + recipe.members)
    learn = partial(trained, options.pack, options.data, options.kept, tuple(options.without), recipe)
    with ProcessPoolExecutor(recipe.members, mp_context=get_context("spawn")) as pool:
        members = list(pool.map(learn, seeds))
    arrays = {name: np.ascontiguousarray(np.stack([member[name] for member in members])) for name in members[0]}
    out = options.out or options.pack / MESSAGE_NETWORK
    # One entry: the library writes several in any order.
    made_for = {"topics": rows_of(topics), "tokenizer": fingerprint(TOKENIZER_FILE.read_bytes())}
    save_file(arrays, out, metadata={MADE_FOR: json.dumps(made_for)})
    report(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")
    network = MessageNetwork(topics, arrays, TOKENIZER_FILE.read_bytes())
    for path in options.measure:
        hits, turns = measure(network, DialoguesFile(path, language.dialogues.topics).read())
        print(f"{path.name}: {hits}/{turns} = {hits / turns:.1%} of turns, given the state before")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pack", type=Path, default=DEFAULT_PACK)
    parser.add_argument("--data", type=Path, help="folder of public text to learn words from first")
    parser.add_argument("--kept", type=Path, help="folder that keeps what is learnt from these, for the next time")
    parser.add_argument("--out", type=Path, help=f"default: {MESSAGE_NETWORK} in the pack")
    parser.add_argument("--without", nargs="*", default=[], metavar="PREFIX", help="ids of texts not to learn from")
    parser.add_argument("--measure", nargs="*", type=Path, default=[], metavar="FILE", help="labelled dialogues")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    try:
        train(options)
    except AdvisorError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
