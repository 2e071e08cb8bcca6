"""A small recurrent network that reads a whole message in the order of its words: what it does to each topic.

Likeness counts words and so cannot tell "our supplier is on AWS, we are not" from its reverse. The network has learnt
from a pack's labelled texts (`knowledge/message_network`) and is read with numpy alone: token vectors, a bidirectional
GRU (Cho et al. 2014), for each topic a few attention queries over its states (Bahdanau et al. 2015, with learnt
queries), and a layer that also sees what was known of the topic before. The mean of several such networks counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from advisor.errors import AdvisorError
from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.array_cache import Arrays
from advisor.understanding.encoder import SHIPPED_MODEL, clean_text, read_tokenizer

KEEPS: Final = 0
"""The outcome that a message leaves a topic as it was; the next one is that nothing is known of it any more."""
FIRST_GROUP: Final = 2
"""From here on the outcomes that a message says each group of values of a topic."""
ASSUMPTIONS: Final = "assumptions"
"""What the network tells beside the topics of a pack: whether a message tries something out, or adopts what was."""
TRIED: Final = "tried"
ADOPTED: Final = "adopted"
LONGEST: Final = 160
"""Tokens of a message that are read."""
MADE_FOR: Final = "made_for"
"""The entry of a file's metadata that says for which topics and tokenizer it was trained."""
TOKENIZER_FILE: Final = SHIPPED_MODEL / "tokenizer.json"

_REMEMBERED = 256
_GELU = float(np.sqrt(2 / np.pi))


class MessageNetworkError(AdvisorError):
    """A network cannot be used; the message says which file, why, and what to do."""


class MessageNetwork:
    """A trained network. `topics`: the groups of values of each topic that it tells apart."""

    def __init__(self, topics: Mapping[str, Sequence[str]], arrays: Arrays, tokenizer: bytes) -> None:
        """Takes what was learnt, of several networks each: see `arrays_of` in `train_network.py` for the shapes."""
        self.topics = {topic: tuple(groups) for topic, groups in topics.items()}
        self._rows = rows_of(topics)
        self._tokenizer = read_tokenizer(tokenizer, TOKENIZER_FILE)
        self._of = {
            name: array if array.dtype == np.int8 else array.astype(np.float32) for name, array in arrays.items()
        }
        # The costly part, which does not depend on what was known.
        self._looked_at = lru_cache(_REMEMBERED)(self._looked_at_by_topics)

    def states_after(
        self, text: str, known: Mapping[str, str], *, supposing: bool = False
    ) -> dict[str, dict[str, float]]:
        """For each topic the chances of what is known after a message: `UNKNOWN`, or one of its groups.

        `known`: what was known before; anything but a group counts as nothing. `supposing`: whether what is only tried
        out counts as known, before and after.
        """
        after = self._states_after(text, known, supposing)
        del after[ASSUMPTIONS]
        return after

    def assumptions_after(self, text: str, *, trying: bool) -> dict[str, float]:
        """The chances that after a message nothing is tried out (`UNKNOWN`), that something is, or that it is adopted.

        `trying`: whether something was tried out before.
        """
        return self._states_after(text, {ASSUMPTIONS: TRIED} if trying else {}, supposing=False)[ASSUMPTIONS]

    def _states_after(self, text: str, known: Mapping[str, str], supposing: bool) -> dict[str, dict[str, float]]:
        before = tuple(
            groups.index(known[row]) + 1 if known.get(row) in groups else 0 for row, groups in self._rows.items()
        )
        chances = self._outcomes(clean_text(text), before, supposing)
        after = {}
        for outcomes, was, (row, groups) in zip(chances, before, self._rows.items(), strict=True):
            states = outcomes[KEEPS + 1 :].copy()
            states[was] += outcomes[KEEPS]
            after[row] = dict(zip((UNKNOWN, *groups), map(float, states), strict=False))
        return after

    def _outcomes(self, text: str, before: tuple[int, ...], supposing: bool) -> NDArray[np.float32]:
        """Chances of shape (rows, outcomes), the mean of all members. `before`: the state of each row."""
        of = self._of
        looked = self._looked_at(text)
        if looked is None:
            silent = np.zeros((len(self._rows), of["output"].shape[-1]), dtype=np.float32)
            silent[:, KEEPS] = 1
            return silent
        known = of["known"][:, list(before)] + (of["supposing"][:, None] if supposing else 0)
        features = np.concatenate([looked, known], axis=-1)
        hidden = features @ of["hidden"] + of["hidden_bias"][:, None] + of["topic_bias"]
        scores = np.einsum("mth,mtho->mto", _gelu(hidden), of["output"]) + of["output_bias"]
        chances: NDArray[np.float32] = _softmax(scores).mean(axis=0)
        return chances

    def _looked_at_by_topics(self, text: str) -> NDArray[np.float32] | None:
        """What the queries of each row see in a text, shape (members, rows, features); None if it has no words."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids[:LONGEST]
        if not ids:
            return None
        read = self._read(np.array(ids))
        keys = np.tanh(read @ self._of["key"] + self._of["key_bias"][:, None])
        attention = _softmax(np.einsum("mlo,mtqo->mtql", keys, self._of["queries"]))
        looked = np.einsum("mtql,mlo->mtqo", attention, read)
        seen: NDArray[np.float32] = looked.reshape(*looked.shape[:2], -1)
        return seen

    def _read(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """States after each token in both directions, shape (members, tokens, 2 · width)."""
        of = self._of
        tokens = of["tokens"][:, ids].astype(np.float32) * of["token_scales"][:, ids, None]
        # Axis 1: forwards, backwards.
        both = np.stack([tokens, tokens[:, ::-1]], axis=1)
        gates = both @ of["gru_input"] + of["gru_input_bias"][:, :, None]
        weights, bias = of["gru_state"], of["gru_state_bias"][:, :, None]
        width = weights.shape[-2]
        state = np.zeros((*gates.shape[:2], 1, width), dtype=np.float32)
        states = np.empty((*gates.shape[:3], width), dtype=np.float32)
        for at in range(len(ids)):
            recurrent = state @ weights + bias
            now = gates[:, :, at : at + 1]
            opened = 1 / (1 + np.exp(-(now[..., : 2 * width] + recurrent[..., : 2 * width])))
            fresh = np.tanh(now[..., 2 * width :] + opened[..., :width] * recurrent[..., 2 * width :])
            state = fresh + opened[..., width:] * (state - fresh)
            states[:, :, at] = state[:, :, 0]
        return np.concatenate([states[:, 0], states[:, 1, ::-1]], axis=-1)


def load_message_network(path: Path, topics: Mapping[str, Sequence[str]]) -> MessageNetwork | None:
    """The network of a pack that has one.

    Raises MessageNetworkError where the file is damaged, or made for other topics or another tokenizer.
    """
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            arrays: Arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            told = json.loads((file.metadata() or {}).get(MADE_FOR, "{}"))
        tokenizer = TOKENIZER_FILE.read_bytes()
    except (SafetensorError, ValueError) as error:
        raise MessageNetworkError(f"{path} is damaged: {error}. Restore it, or remove it to do without.") from error
    except OSError as error:
        raise MessageNetworkError(f"Cannot read {path}: {error}. Restore it, or remove it to do without.") from error
    wanted = {"topics": rows_of(topics), "tokenizer": fingerprint(tokenizer)}
    made_for = told if isinstance(told, dict) else {}
    for name, what in (("topics", "other topics than statements.yaml has"), ("tokenizer", "another tokenizer")):
        if made_for.get(name) != wanted[name]:
            raise MessageNetworkError(
                f"{path} was trained for {what}. Train it again with knowledge/message_network/train_network.py, or "
                "remove it to do without."
            )
    return MessageNetwork(topics, arrays, tokenizer)


def kept_by(after: Mapping[str, Mapping[str, float]], known: Mapping[str, str]) -> dict[str, float]:
    """The chance of each topic that what was `known` of it holds after a message; see `states_after`."""
    return {topic: states.get(known.get(topic, UNKNOWN), states[UNKNOWN]) for topic, states in after.items()}


def rows_of(topics: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """All that a network tells states of, with the groups of each: the topics of a pack, and the assumptions."""
    return {**{topic: list(groups) for topic, groups in topics.items()}, ASSUMPTIONS: [TRIED, ADOPTED]}


def fingerprint(tokenizer: bytes) -> str:
    """SHA-256, in hexadecimal, of a tokenizer file."""
    return hashlib.sha256(tokenizer).hexdigest()


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gaussian error linear units in their tanh form (Hendrycks and Gimpel 2016, section 2)."""
    gated: NDArray[np.float32] = values / 2 * (1 + np.tanh(_GELU * (values + 0.044715 * values**3)))
    return gated
