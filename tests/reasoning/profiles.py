"""Profiles of the shipped pack, written briefly or drawn at random."""

from __future__ import annotations

from hypothesis import strategies as st

from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.reasoning.recommendation import Reasoner

PACK: KnowledgePack = load_pack()
REASONER = Reasoner(PACK)

Profile = dict[str, frozenset[str]]


def profile(**said: str) -> Profile:
    """`accelerator__tpu_generation="v6e_or_newer"`: two underscores are a dot, a comma separates several values."""
    return {name.replace("__", "."): frozenset(values.split(",")) for name, values in said.items()}


def _value(name: str) -> st.SearchStrategy[frozenset[str]]:
    attribute = PACK.attributes[name]
    most = 2 if attribute.multiple else 1
    return st.frozensets(st.sampled_from(list(attribute.values)), min_size=1, max_size=most)


SAID = [attribute.id for attribute in PACK.attributes.values() if not attribute.derived]

PROFILES: st.SearchStrategy[Profile] = st.lists(st.sampled_from(SAID), max_size=10, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: _value(name) for name in names})
)
