"""Teaches a network, before it learns from labels, which words follow which: public text is plentiful, labels are not.

Both directions of its recurrent layer learn to foretell the next word they have not seen (Peters et al. 2018, "Deep
contextualized word representations"), among the words of the batch and some drawn by frequency (sampled softmax, Jean
et al. 2015, "On Using Very Large Target Vocabulary for Neural Machine Translation", section 3.2).
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parent))  # imported by a script

from batching import batches

_FLATTENED = 0.75
"""Power of the frequency by which words are drawn, so that rare ones are among them."""
_SHORTEST = 4
"""Tokens of a text that is worth learning from."""
_LIKE_LENGTHS = 30
"""Batches among which texts of like length come together."""
_REPORTED = 500
"""Steps between two reports."""


@dataclass(frozen=True, slots=True)
class PretrainingRecipe:
    """Sizes and rates of the language model."""

    steps: int = 8_000
    batch: int = 64
    longest: int = 96
    """Tokens of a text that are read."""
    drawn: int = 1_500
    """Words drawn by frequency, beside those of the batch."""
    rate: float = 2e-3
    token_rate: float = 3e-4
    warm_up: int = 200
    dropped: float = 0.1


class LowerLayers(NamedTuple):
    """What reads texts, whatever is learnt of them. The last token vector is padding."""

    tokens: nn.Embedding
    narrow: nn.Linear
    gru: nn.GRU

    def arrays(self) -> dict[str, torch.Tensor]:
        """What they have learnt."""
        return {f"{name}.{of}": a for name, part in self._asdict().items() for of, a in part.state_dict().items()}

    def load(self, arrays: Mapping[str, torch.Tensor]) -> None:
        """Takes over what others have learnt."""
        for name, part in self._asdict().items():
            opening = f"{name}."
            part.load_state_dict({of.removeprefix(opening): a for of, a in arrays.items() if of.startswith(opening)})


def pretrain_once(
    layers: LowerLayers,
    texts: Sequence[Sequence[int]],
    recipe: PretrainingRecipe,
    seed: int,
    report: Callable[[str], None],
    kept: Path | None,
) -> None:
    """As `pretrain`. In the folder `kept`, if given, lies what the same layers have learnt from the same texts."""
    if kept is None:
        pretrain(layers, texts, recipe, seed, report)
        return
    of = hashlib.sha256(repr((recipe, seed)).encode())
    for array in layers.arrays().values():
        of.update(array.numpy().tobytes())
    for text in texts:
        of.update(repr(text).encode())
    path = kept / f"{of.hexdigest()}.safetensors"
    if path.exists():
        layers.load(load_file(path))
        return
    pretrain(layers, texts, recipe, seed, report)
    kept.mkdir(parents=True, exist_ok=True)
    save_file(layers.arrays(), path)


def pretrain(
    layers: LowerLayers,
    texts: Sequence[Sequence[int]],
    recipe: PretrainingRecipe,
    seed: int,
    report: Callable[[str], None],
) -> None:
    """Trains the lower layers of a network, in place, on the token ids of texts."""
    rng = random.Random(seed)
    generator = torch.Generator().manual_seed(seed)
    tokens, narrow, gru = layers
    padding, width = tokens.num_embeddings - 1, narrow.out_features
    read = [list(text[: recipe.longest]) for text in texts if len(text) >= _SHORTEST]
    counts = torch.bincount(torch.tensor(np.concatenate(read)), minlength=padding).float()
    foretold = nn.Embedding(padding, width)
    nn.init.normal_(foretold.weight, std=0.05, generator=generator)
    turned = nn.Linear(width, width)
    above = [parameter for part in (narrow, gru, turned, foretold) for parameter in part.parameters()]
    optimiser = torch.optim.Adam(
        [{"params": above, "lr": recipe.rate}, {"params": tokens.parameters(), "lr": recipe.token_rate}]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / recipe.warm_up) * max(0.02, 1 - step / recipe.steps)
    )
    losses: list[float] = []
    for step, batch in zip(range(recipe.steps), _rounds(read, recipe.batch, rng), strict=False):
        ids = torch.full((len(batch), max(map(len, batch))), padding)
        for row, text in zip(ids, batch, strict=True):
            row[: len(text)] = torch.tensor(text)
        words = functional.dropout(narrow(tokens(ids)), recipe.dropped)
        lengths = (ids != padding).sum(dim=1)
        packed = nn.utils.rnn.pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(gru(packed)[0], batch_first=True, total_length=ids.shape[1])
        there = ids[:, 1:] != padding
        # What is read forwards foretells the next word; what is read backwards, the one before.
        seen = torch.cat([states[:, :-1, :width][there], states[:, 1:, width:][there]])
        wanted = torch.cat([ids[:, 1:][there], ids[:, :-1][there]])
        drawn = torch.multinomial(counts**_FLATTENED, recipe.drawn, replacement=True, generator=generator)
        candidates, places = torch.unique(torch.cat([wanted, drawn]), return_inverse=True)
        loss = functional.cross_entropy(turned(seen) @ foretold(candidates).T, places[: len(wanted)])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*narrow.parameters(), *gru.parameters(), *turned.parameters()], 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % _REPORTED == 0:
            report(f"seed {seed}, step {step + 1} of {recipe.steps}: loss {np.mean(losses[-_REPORTED:]):.3f}")


def _rounds(texts: Sequence[list[int]], size: int, rng: random.Random) -> Iterator[list[list[int]]]:
    """Texts in batches, again and again."""
    while texts:
        yield from batches(texts, size, _LIKE_LENGTHS, len, rng)
