"""Trains the sentence encoder that ships with the advisor.

    python knowledge/encoder/train.py --data DIR [--out knowledge/encoder/model] [--seed N]

Three steps, minutes on two processor cores, the same result for the same seed, data and library versions:

1. A WordPiece vocabulary is learnt from the training text.
2. One vector per token is learnt so that the mean over a text lies close to the mean over a text of the same meaning:
   in-batch contrastive learning (the softmax over scaled cosine similarities of Henderson et al. 2017, "Efficient
   Natural Language Response Suggestion for Smart Reply", section 4, in both directions, as the static models of
   sentence-transformers are trained).
3. The vectors are adapted, gently, to how people ask about the FAQ's own topics: supervised contrastive learning
   (Khosla et al. 2020) over phrasings of one topic, held near the vectors of step 2 by an L2 penalty (L2-SP, Li et al.
   2018, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks"). The pack's out-of-scope examples
   are negatives. The matcher's thresholds are fitted along the way, on held-out phrasings.

The result is a sentence-transformers model with a single StaticEmbedding module.
"""

from __future__ import annotations

import argparse
import json
import random
import string
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from text_noise import make_noisy
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn import functional
from training_data import Group, Source, read_sources

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))  # run as a script, the advisor package may not be installed

from advisor.understanding.encoder import SentenceEncoder, load_encoder  # noqa: E402
from advisor.understanding.faq_calibration import SHIPPED_CALIBRATION, calibrate  # noqa: E402
from advisor.understanding.faq_decision import Calibration  # noqa: E402
from advisor.understanding.faq_matching import BankEntry  # noqa: E402

DEFAULT_MODEL = HERE / "model"
DEFAULT_PACK = HERE.parent / "pytorch_or_tensorflow"

ALPHABET = string.ascii_lowercase + string.digits + string.punctuation
"""A word with any other character (accents are stripped) is read as unknown."""
LONGEST_WORD = 64
"""Characters; a longer word is read as unknown."""
UNKNOWN_TOKEN = "[UNK]"  # noqa: S105
SPECIAL_TOKENS = ("[PAD]", UNKNOWN_TOKEN)
"""Their vectors are zero: text made of nothing but unknown characters means nothing."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Sizes and rates of base training, chosen by the measurements in the model card."""

    vocabulary: int = 16_000
    dimensions: int = 256
    steps: int = 3_000
    batch: int = 1_024
    rate: float = 0.01
    scale: float = 14.0
    """Multiplies cosine similarities before the softmax (the inverse temperature)."""
    noisy_share: float = 0.25
    """Share of texts replaced by their noisy twin, in sources that people type."""
    dropped_tokens: float = 0.1
    longest: int = 64
    """Tokens of a training text that are read."""
    group_power: float = 0.5
    """A group of n texts is drawn in proportion to n to this power."""


@dataclass(frozen=True, slots=True)
class AdaptationRecipe:
    """Sizes and rates of the adaptation to a pack's phrasings.

    More steps find the right topic a little more often, but tell out-of-scope questions apart worse.
    """

    steps: int = 60
    rate: float = 2e-3
    scale: float = 16.0
    dropped_tokens: float = 0.15
    noisy_share: float = 0.2
    pull: float = 100.0
    """Weight of the mean squared distance to the base vectors."""
    batch: int = 384
    outsiders: int = 128
    """Out-of-scope examples that a batch is told apart from."""


@dataclass(frozen=True, slots=True)
class TokenisedTexts:
    """Many token sequences laid end to end."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    """Where each text starts in `ids`; one more entry than texts."""

    def gather(
        self, texts: NDArray[np.int64], dropped: float, rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The (token ids, offsets) of `texts` as `EmbeddingBag` wants them, a share of the tokens left out."""
        lengths = self.starts[texts + 1] - self.starts[texts]
        offsets = np.cumsum(lengths) - lengths
        positions = np.repeat(self.starts[texts] - offsets, lengths) + np.arange(lengths.sum())
        ids = self.ids[positions]
        if dropped:
            # The first token always stays, so that no text becomes empty.
            kept = rng.random(len(ids)) >= dropped
            kept[offsets[lengths > 0]] = True
            text_of = np.repeat(np.arange(len(texts)), lengths)[kept]
            ids = ids[kept]
            lengths = np.bincount(text_of, minlength=len(texts))
            offsets = np.cumsum(lengths) - lengths
        return torch.from_numpy(ids.astype(np.int64)), torch.from_numpy(offsets)


@dataclass(frozen=True, slots=True)
class PairSampler:
    """Draws pairs of texts of one group from tokenised sources."""

    texts: TokenisedTexts
    """All texts, then the noisy twin of each in the same order."""
    meanings: NDArray[np.int64]
    """Equal for equal texts (twins included): never each other's negatives."""
    group_starts: NDArray[np.int64]
    group_sizes: NDArray[np.int64]
    group_chances: NDArray[np.float64]
    """Cumulative probability of the groups."""
    conversational: NDArray[np.bool_]
    """By group."""

    def draw(
        self, count: int, noisy_share: float, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """`count` pairs: (first texts, second texts, their groups)."""
        groups = np.searchsorted(self.group_chances, rng.random(count), side="right").clip(0, len(self.group_sizes) - 1)
        sizes = self.group_sizes[groups]
        first = (rng.random(count) * sizes).astype(np.int64)
        gap = 1 + (rng.random(count) * (sizes - 1)).astype(np.int64)
        second = (first + gap) % sizes
        base = self.group_starts[groups]
        half = len(self.meanings)
        typed = self.conversational[groups]
        first_noisy = typed & (rng.random(count) < noisy_share)
        second_noisy = (typed & ~first_noisy & (rng.random(count) < noisy_share)) | (sizes == 1)
        return base + first + half * first_noisy * (sizes > 1), base + second + half * second_noisy, groups


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """A lower-casing WordPiece tokenizer with `vocabulary` entries learnt from `texts`."""
    pieces = [mark + character for mark in ("", "##") for character in ALPHABET]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        # Numbered beforehand, because the trainer breaks ties between pairs by number, and would number the single
        # characters in a different order each time.
        special_tokens=[*SPECIAL_TOKENS, *pieces],
        initial_alphabet=list(ALPHABET),
        limit_alphabet=len(ALPHABET),
        show_progress=False,
    )
    learner = wordpiece_tokenizer({})
    learner.train_from_iterator(texts, trainer)
    # A fresh tokenizer, because the learner would find the special tokens within words.
    return wordpiece_tokenizer(learner.get_vocab())


def wordpiece_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    """A lower-casing WordPiece tokenizer with these tokens."""
    model = models.WordPiece(vocab=vocabulary, unk_token=UNKNOWN_TOKEN, max_input_chars_per_word=LONGEST_WORD)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def vocabulary_texts(sources: Sequence[Source]) -> Iterable[str]:
    """The texts the vocabulary is learnt from: all sources, but only every eighth dictionary entry."""
    for source in sources:
        step = 8 if source.name == "dictionary" else 1
        if source.name == "framed":
            continue
        for group in source.groups[::step]:
            yield from group


def build_sampler(sources: Sequence[Source], tokenizer: Tokenizer, recipe: Recipe, seed: int) -> PairSampler:
    """Tokenises every source and lays out its groups for fast drawing."""
    rng = random.Random(seed)
    texts: list[str] = []
    noisy: list[str] = []
    starts: list[int] = []
    sizes: list[int] = []
    typed: list[bool] = []
    weights: list[NDArray[np.float64]] = []
    total_share = sum(source.share for source in sources)
    for source in sources:
        source_sizes = np.array([len(group) for group in source.groups], dtype=np.float64) ** recipe.group_power
        weights.append(source_sizes / source_sizes.sum() * source.share / total_share)
        for group in source.groups:
            starts.append(len(texts))
            sizes.append(len(group))
            typed.append(source.conversational)
            texts.extend(group)
            noisy.extend(make_noisy(text, rng) if source.conversational else "" for text in group)
    keys: dict[str, int] = {}
    meanings = [keys.setdefault(text.lower().strip(" ?.!"), len(keys)) for text in texts]
    return PairSampler(
        texts=tokenise([*texts, *noisy], tokenizer, recipe.longest),
        meanings=np.array(meanings, dtype=np.int64),
        group_starts=np.array(starts, dtype=np.int64),
        group_sizes=np.array(sizes, dtype=np.int64),
        group_chances=np.cumsum(np.concatenate(weights)),
        conversational=np.array(typed, dtype=np.bool_),
    )


def tokenise(texts: Sequence[str], tokenizer: Tokenizer, longest: int) -> TokenisedTexts:
    """The first `longest` token ids of each text."""
    ids: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for at in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch_fast(list(texts[at : at + 10_000]), add_special_tokens=False):
            ids.append(np.array(encoding.ids[:longest], dtype=np.int32))
            lengths.append(len(ids[-1]))
    return TokenisedTexts(np.concatenate(ids), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def contrastive_loss(
    first: torch.Tensor, second: torch.Tensor, same: torch.Tensor, scale: float, outsiders: torch.Tensor | None = None
) -> torch.Tensor:
    """Symmetric in-batch softmax loss.

    Args:
        first, second: vectors of the pairs, (batch, dimensions) each.
        same: (batch, batch), true where two different pairs mean the same and so are not negatives of each other.
        scale: multiplies cosine similarities.
        outsiders: vectors that are negatives of every pair, (any number, dimensions).
    """
    first, second = functional.normalize(first), functional.normalize(second)
    scores = (first @ second.T * scale).masked_fill(same, float("-inf"))
    forward, backward = scores, scores.T
    if outsiders is not None:
        outsiders = functional.normalize(outsiders)
        forward = torch.cat([forward, first @ outsiders.T * scale], dim=1)
        backward = torch.cat([backward, second @ outsiders.T * scale], dim=1)
    target = torch.arange(len(first))
    return (functional.cross_entropy(forward, target) + functional.cross_entropy(backward, target)) / 2


def same_meaning(*labels: tuple[NDArray[np.int64], NDArray[np.int64]]) -> torch.Tensor:
    """(batch, batch) mask of off-diagonal cells for which any pair of row and column labels is equal."""
    mask = np.logical_or.reduce([rows[:, None] == columns[None, :] for rows, columns in labels])
    np.fill_diagonal(mask, False)
    return torch.from_numpy(mask)


def train_base(sampler: PairSampler, vocabulary: int, recipe: Recipe, seed: int) -> torch.Tensor:
    """Step 2 of the recipe: token vectors of shape (vocabulary, dimensions)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bag = torch.nn.EmbeddingBag(vocabulary, recipe.dimensions, mode="mean")
    torch.nn.init.normal_(bag.weight, std=0.1)
    optimiser = torch.optim.Adam(bag.parameters(), lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.rate, total_steps=recipe.steps, pct_start=0.05, anneal_strategy="linear"
    )
    half = len(sampler.meanings)
    began = time.monotonic()
    for step in range(recipe.steps):
        first, second, groups = sampler.draw(recipe.batch, recipe.noisy_share, rng)
        one, other = sampler.meanings[first % half], sampler.meanings[second % half]
        same = same_meaning((groups, groups), (one, other), (one, one), (other, other))
        loss = contrastive_loss(
            bag(*sampler.texts.gather(first, recipe.dropped_tokens, rng)),
            bag(*sampler.texts.gather(second, recipe.dropped_tokens, rng)),
            same,
            recipe.scale,
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 250 == 0:
            report(f"base step {step}/{recipe.steps}  loss {loss.item():.3f}  {time.monotonic() - began:.0f} s")
    weights = bag.weight.detach().clone()
    weights[: len(SPECIAL_TOKENS)] = 0
    return weights


def adapt(
    base: torch.Tensor,
    tokenizer: Tokenizer,
    topics: Sequence[Group],
    outsiders: Sequence[str],
    recipe: AdaptationRecipe,
    seed: int,
) -> torch.Tensor:
    """Step 3 of the recipe: the base vectors moved a little so that phrasings of one topic lie together.

    Args:
        base: token vectors, (vocabulary, dimensions).
        topics: for each topic the texts that ask for it.
        outsiders: texts that ask for none of them; without these, in-scope vectors drift over out-of-scope ones.
    """
    source = Source("phrasings", tuple(topics), 1.0, True)
    sizes = Recipe(group_power=1.0)
    sampler = build_sampler([source], tokenizer, sizes, seed)
    strangers = tokenise(outsiders or [""], tokenizer, sizes.longest)
    rng = np.random.default_rng(seed)
    bag = torch.nn.EmbeddingBag.from_pretrained(base.clone(), freeze=False, mode="mean")
    optimiser = torch.optim.Adam(bag.parameters(), lr=recipe.rate)
    for _ in range(recipe.steps):
        first, second, groups = sampler.draw(recipe.batch, recipe.noisy_share, rng)
        others = rng.integers(0, len(outsiders), recipe.outsiders if outsiders else 0)
        loss = contrastive_loss(
            bag(*sampler.texts.gather(first, recipe.dropped_tokens, rng)),
            bag(*sampler.texts.gather(second, recipe.dropped_tokens, rng)),
            same_meaning((groups, groups)),
            recipe.scale,
            bag(*strangers.gather(others, recipe.dropped_tokens, rng)) if outsiders else None,
        )
        loss = loss + recipe.pull * functional.mse_loss(bag.weight, base)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    weights = bag.weight.detach().clone()
    weights[: len(SPECIAL_TOKENS)] = 0
    return weights


@dataclass(frozen=True, slots=True)
class PackTexts:
    """The part of a knowledge pack that the encoder adapts to."""

    entries: tuple[BankEntry, ...]
    near: tuple[str, ...]
    off: tuple[str, ...]


def read_pack(pack: Path) -> PackTexts:
    """FAQ entries and out-of-scope examples of `pack`."""
    entries: list[BankEntry] = []
    for path in sorted((pack / "faq").glob("*.md")):
        _, front_matter, answer = path.read_text(encoding="utf-8").split("---\n", 2)
        front = yaml.safe_load(front_matter)
        entries.append(BankEntry(front["id"], front["question"], tuple(map(str, front["phrasings"])), answer.strip()))
    examples = yaml.safe_load((pack / "out_of_scope.yaml").read_text(encoding="utf-8"))
    return PackTexts(tuple(entries), tuple(examples["near"]), tuple(examples["off"]))


def ways_to_ask(entries: Iterable[BankEntry]) -> list[Group]:
    """For each entry its question and phrasings."""
    return [tuple(dict.fromkeys([entry.question, *entry.phrasings])) for entry in entries]


def save_model(weights: torch.Tensor, tokenizer: Tokenizer, out: Path) -> None:
    """Writes a sentence-transformers model with half-precision vectors (half the size, no measurable loss)."""
    from safetensors.torch import save

    out.mkdir(parents=True, exist_ok=True)
    (out / "model.safetensors").write_bytes(save({"embedding.weight": weights.half().contiguous()}))
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (out / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
    settings = {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine", "prompts": {}}
    (out / "config_sentence_transformers.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def load_base(folder: Path) -> tuple[torch.Tensor, Tokenizer]:
    """Vectors and tokenizer that `save_model` wrote."""
    from safetensors.torch import load_file

    weights = load_file(folder / "model.safetensors")["embedding.weight"].float()
    return weights, Tokenizer.from_file(str(folder / "tokenizer.json"))


def report(message: str) -> None:
    """Progress goes to standard error."""
    print(message, file=sys.stderr, flush=True)


def train(data: Path, recipe: Recipe, seed: int) -> tuple[torch.Tensor, Tokenizer]:
    """Steps 1 and 2 of the recipe."""
    sources = read_sources(data, seed)
    tokenizer = train_tokenizer(vocabulary_texts(sources), recipe.vocabulary)
    report(f"vocabulary of {tokenizer.get_vocab_size()} tokens")
    sampler = build_sampler(sources, tokenizer, recipe, seed)
    report(f"{len(sampler.meanings)} texts, {len(sampler.texts.ids)} tokens")
    return train_base(sampler, tokenizer.get_vocab_size(), recipe, seed), tokenizer


def calibrate_held_out(base: torch.Tensor, tokenizer: Tokenizer, pack: PackTexts, seed: int) -> Calibration:
    """A calibration for the adapted encoder, from phrasings that neither the bank nor the adaptation has seen.

    In each fold the base vectors are adapted anew, to that fold's bank only.
    """

    def encoder_for(entries: Sequence[BankEntry], outsiders: Sequence[str]) -> SentenceEncoder:
        weights = adapt(base, tokenizer, ways_to_ask(entries), outsiders, AdaptationRecipe(), seed)
        with tempfile.TemporaryDirectory() as folder:
            save_model(weights, tokenizer, Path(folder))
            return load_encoder(folder)

    calibration, figures = calibrate(pack.entries, pack.near, pack.off, encoder_for)
    for name, value in asdict(figures).items():
        report(f"held out: {name} {value}")
    return calibration


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--data", type=Path, help="folder of the public training text")
    start.add_argument("--base", type=Path, help="an unadapted model to start from instead of training one")
    parser.add_argument("--pack", type=Path, default=DEFAULT_PACK, help="knowledge pack to adapt to")
    parser.add_argument("--no-adapt", action="store_true", help="stop after the base model")
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL, help="the calibration is written beside this folder")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    if options.base is not None:
        weights, tokenizer = load_base(options.base)
    else:
        weights, tokenizer = train(options.data, Recipe(), options.seed)
        # The base in the precision in which it would be stored, so that --base gives the same result.
        weights = weights.half().float()
    if options.no_adapt:
        save_model(weights, tokenizer, options.out)
    else:
        pack = read_pack(options.pack)
        topics = ways_to_ask(pack.entries)
        report(f"adapting to {sum(map(len, topics))} phrasings of {len(topics)} topics")
        calibration = calibrate_held_out(weights, tokenizer, pack, options.seed)
        weights = adapt(weights, tokenizer, topics, [*pack.near, *pack.off], AdaptationRecipe(), options.seed)
        save_model(weights, tokenizer, options.out)
        fingerprint = load_encoder(options.out).fingerprint
        replace(calibration, encoder=fingerprint).save(options.out.parent / SHIPPED_CALIBRATION.name)
    size = sum(path.stat().st_size for path in options.out.iterdir())
    report(f"wrote {options.out} ({size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
