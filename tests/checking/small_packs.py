"""Small packs for the analyses: the tea pack with other rules, written by hand or at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.knowledge_base.schema import UNKNOWN, Attribute, Rule

TEA = Path(__file__).parents[1] / "data" / "tea_or_coffee"
VALUES = ("x", "y", "z")
ROWS = ("hour", "taste", "gear")
LEANS = ("tea", "coffee", "neutral")
_LABELS = dict.fromkeys(VALUES, "label")
_BASE = load_pack(TEA)


def attribute(name: str, multiple: bool = False, **more: Any) -> Attribute:
    """An attribute with three values that can be stated, unless it is derived."""
    said = {} if more.get("derived") else {"question": "?", "how_to_find_out": "!"}
    return Attribute(id=name, title=name, multiple=multiple, **{"values": _LABELS, **said, **more})


def rule(id: str, when: Any, then: Mapping[str, str], **more: Any) -> Rule:
    """A rule of the article's reading, or with `defeats` or `reading` of the amended one."""
    reading = more.pop("reading", "amended" if more.get("defeats") else "article")
    if reading == "amended":
        more |= {"erratum": "E1", "strength": "strong"}
    given = {"id": id, "reading": reading, "when": when, "then": dict(then), "because": "It is so.", "claims": ["K1"]}
    return Rule.model_validate({**given, **more})


def pack_of(rules: Iterable[Rule], *attributes: Attribute) -> KnowledgePack:
    """The tea pack with these rules about attributes a, b (several values) and c, derived d, and its own three rows."""
    known = [attribute("a"), attribute("b", multiple=True), attribute("c"), attribute("d", derived=True), *attributes]
    return replace(_BASE, rules={one.id: one for one in rules}, attributes={one.id: one for one in known})


@st.composite
def random_packs(draw: st.DrawFn, most: int = 7) -> KnowledgePack:
    """Up to `most` rules of both readings about the rows and about d, on which rows may rest."""
    rules: list[Rule] = []
    for number in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from((*ROWS, ROWS[0], ROWS[0], "d")))
        below = ("a", "b", "c") if name == "d" else ("a", "b", "c", "d")
        when = [
            {tested: draw(st.lists(st.sampled_from((*VALUES, UNKNOWN)), min_size=1, max_size=3, unique=True))}
            for tested in draw(st.lists(st.sampled_from(below), min_size=1, max_size=3))
        ]
        value = draw(st.sampled_from(VALUES if name == "d" else LEANS))
        article = [other.id for other in rules if other.reading == "article" and other.then.name == name]
        defeats = draw(st.lists(st.sampled_from(article), max_size=2, unique=True)) if article else []
        reading = draw(st.sampled_from(("article", "amended")))
        more: dict[str, Any] = {"reading": reading}
        if reading == "amended":
            more["defeats"] = defeats
        rules.append(rule(f"r{number}", when, {name: value}, **more))
    return pack_of(rules)


def every_profile() -> list[dict[str, frozenset[str]]]:
    """All profiles of a, b and c: one value or several, or nothing said."""
    single = [frozenset[str](), *(frozenset({value}) for value in VALUES)]
    several = [frozenset(state) for count in range(4) for state in combinations(VALUES, count)]
    return [dict(zip("abc", states, strict=True)) for states in product(single, several, single)]
