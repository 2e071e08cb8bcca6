"""Bit masks against the definition: the same verdicts and leans as one profile at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.knowledge_base.schema import Attribute, Rule
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.recommendation import READINGS, Reasoner
from tests.reasoning.profiles import PACK, PROFILES, REASONER, Profile

_COMPILED = {reading: ManyProfiles(REASONER, reading) for reading in READINGS}


def _one_by_one(many: ManyProfiles, said: list[Profile]) -> tuple[list[str], list[dict[str, str]]]:
    held = np.stack(
        [
            np.bitwise_and.reduce(
                [many.everything, *(many.mask(name, one.get(name, frozenset())) for name in many.attributes)]
            )
            for one in said
        ],
        axis=1,
    )
    outcomes = many.concluded(held)
    leans = [{name: many.leans[codes[at]] for name, codes in outcomes.leans.items()} for at in range(len(said))]
    return [many.verdicts[code] for code in outcomes.verdicts], leans


@settings(max_examples=60)
@given(st.lists(PROFILES, min_size=1, max_size=8))
def test_many_profiles_end_as_each_does_alone(said: list[Profile]) -> None:
    for reading, many in _COMPILED.items():
        verdicts, leans = _one_by_one(many, said)
        alone = [REASONER.foresee(reading, one) for one in said]
        assert verdicts == [recommendation.verdict for recommendation in alone]
        assert leans == [recommendation.leans for recommendation in alone]


_NAMES = ("a", "b", "c")
_DERIVED = ("x", "y")
_ATTRIBUTES = {
    **{n: Attribute(id=n, title=n, question="?", how_to_find_out="?", values={"1": "1", "2": "2"}) for n in _NAMES},
    **{n: Attribute(id=n, title=n, derived=True, values={"1": "1", "2": "2"}) for n in _DERIVED},
    "out": Attribute(id="out", title="out", derived=True, role="rules_out", values=dict.fromkeys(PACK.options, "-")),
    "keep": Attribute(id="keep", title="keep", derived=True, role="keeps", values=dict.fromkeys(PACK.options, "-")),
}
_LEANS = (*PACK.options, "neutral")
_CONCLUSIONS = [
    *((row, lean) for row in PACK.criteria for lean in _LEANS),
    *((name, value) for name in _DERIVED for value in "12"),
    *((role, option) for role in ("out", "keep") for option in PACK.options),
]


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Rule]:
    """Small rulebases in which derived attributes may need each other, but none its own absence."""
    rules: dict[str, Rule] = {}
    for number in range(draw(st.integers(1, 20))):
        name, value = draw(st.sampled_from(_CONCLUSIONS))
        readable = [*_NAMES, *(() if name in _NAMES else _DERIVED), *(("out",) if name == "keep" else ())]
        when = []
        for read in draw(st.lists(st.sampled_from(readable), min_size=1, max_size=3)):
            known = list(PACK.options) if read == "out" else ["1", "2"]
            allowed = known if read in _DERIVED and name in _DERIVED else [*known, "unknown"]
            when.append({read: draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=2, unique=True))})
        amended = name in ("out", "keep") or draw(st.booleans())
        row_rules = [rule for rule, other in rules.items() if other.then.name == name]
        rules[f"r{number}"] = Rule.model_validate(
            {
                "id": f"r{number}",
                "reading": "amended" if amended else "article",
                "when": when,
                "then": {name: value},
                "because": "-",
                "claims": ["C001"],
                "strength": "strong" if amended else None,
                "erratum": "E0" if amended else None,
                "defeats": draw(st.lists(st.sampled_from(row_rules), max_size=2)) if amended and row_rules else [],
            }
        )
    return rules


@settings(max_examples=60, deadline=None)
@given(_rules(), st.lists(st.dictionaries(st.sampled_from(_NAMES), st.frozensets(st.sampled_from("12"), min_size=1))))
def test_any_rulebase_compiles_to_what_it_means(rules: dict[str, Rule], said: list[Profile]) -> None:
    reasoner = Reasoner(replace(PACK, attributes=_ATTRIBUTES, rules=rules))
    profiles = [*said, {}]
    for reading in READINGS:
        if not any(rule.reading == "article" for rule in rules.values()) and reading == "article":
            continue
        verdicts, leans = _one_by_one(ManyProfiles(reasoner, reading), profiles)
        alone = [reasoner.foresee(reading, one) for one in profiles]
        assert verdicts == [recommendation.verdict for recommendation in alone]
        assert leans == [recommendation.leans for recommendation in alone]
