"""durable_rules against two independent readings of what rules mean, inside its safe envelope and at its edges."""

from __future__ import annotations

import random
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.reasoning.inference import UNKNOWN, Fact, Firing, InferenceRule, RulebaseError, fixpoint, stratify
from advisor.reasoning.rule_engine import MAX_RULES_PER_PATTERN, EngineError, RuleEngine
from tests.reasoning.naive import naive_firings

_LAYERS = 4
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(lambda text: text != UNKNOWN)


@st.composite
def _rulebases(draw: st.DrawFn) -> tuple[list[InferenceRule], dict[str, frozenset[str]]]:
    """Acyclic rulebases over names and values full of quotes, newlines and other scripts, and a profile for them."""
    names = draw(st.lists(_TEXT, min_size=1, max_size=6, unique=True))
    domains = {f"a{name}": draw(st.lists(_TEXT, min_size=1, max_size=4, unique=True)) for name in names}
    for layer in range(_LAYERS):
        domains[f"d{layer}"] = ["x", 'quo"te', "日本"]
    rules = []
    for number in range(draw(st.integers(1, 25))):
        layer = draw(st.integers(0, _LAYERS - 1))
        below = [name for name in domains if name.startswith("a") or int(name[1:]) < layer]
        conditions = []
        for _ in range(draw(st.integers(1, 3))):
            name = draw(st.sampled_from(below))
            allowed = draw(st.lists(st.sampled_from([*domains[name], UNKNOWN]), min_size=1, max_size=3, unique=True))
            conditions.append((name, tuple(allowed)))
        conclusion = Fact(f"d{layer}", draw(st.sampled_from(domains[f"d{layer}"])))
        rules.append(InferenceRule(f"r{number}", tuple(conditions), conclusion))
    profile = {
        name: frozenset(draw(st.lists(st.sampled_from(domain), max_size=len(domain))))
        for name, domain in domains.items()
        if name.startswith("a")
    }
    return rules, profile


@settings(max_examples=300, deadline=None)
@given(_rulebases())
def test_engine_fixpoint_and_naive_evaluator_agree(case: tuple[list[InferenceRule], dict[str, frozenset[str]]]) -> None:
    rules, profile = case
    engine = RuleEngine(rules)
    try:
        decided = engine.decide(profile)
    finally:
        engine.close()
    assert set(decided) == naive_firings(rules, {name: values for name, values in profile.items() if values})
    assert decided == fixpoint(stratify(rules), profile)


def test_chains_within_a_stratum_forward_and_in_circles() -> None:
    rules = [
        InferenceRule("start", (("a", ("1",)),), Fact("b", "1")),
        InferenceRule("on", (("b", ("1",)),), Fact("c", "1")),
        InferenceRule("back", (("c", ("1",)),), Fact("b", "1")),
        InferenceRule("end", (("c", ("1",)), ("missing", (UNKNOWN,))), Fact("d", "1")),
    ]
    fired = RuleEngine(rules).decide({"a": frozenset({"1"})})
    assert [firing.rule for firing in fired] == ["back", "end", "on", "start"]
    assert fired[1] == Firing("end", (Fact("c", "1"), Fact("missing", UNKNOWN)), Fact("d", "1"))


def test_every_support_of_a_conclusion_is_recorded() -> None:
    rules = [InferenceRule("any", (("a", ("1", "2", "3")),), Fact("b", "1"))]
    fired = RuleEngine(rules).decide({"a": frozenset({"1", "3"})})
    assert [firing.premises for firing in fired] == [(Fact("a", "1"),), (Fact("a", "3"),)]


def test_unknown_of_itself_is_refused() -> None:
    rules = [
        InferenceRule("one", (("b", (UNKNOWN,)),), Fact("a", "1")),
        InferenceRule("two", (("a", (UNKNOWN,)),), Fact("b", "1")),
    ]
    with pytest.raises(RulebaseError, match="depend on themselves being unknown: a, b"):
        RuleEngine(rules)


def test_limits_are_refused_at_load() -> None:
    ending = [InferenceRule(f"r{n}", ((f"a{n}", ("1",)), ("z", ("1",))), Fact("b", "1")) for n in range(256)]
    with pytest.raises(RulebaseError, match=f"more than {MAX_RULES_PER_PATTERN} rules end"):
        RuleEngine(ending)
    with pytest.raises(RulebaseError, match="16 conditions"):
        RuleEngine([InferenceRule("r", tuple((f"a{n}", ("1",)) for n in range(16)), Fact("b", "1"))])
    with pytest.raises(RulebaseError, match="more than 400 names"):
        RuleEngine([InferenceRule(f"r{n}", (("a", (f"{n}",)),), Fact("b", "1")) for n in range(401)])
    with pytest.raises(RulebaseError, match="longer than"):
        RuleEngine([InferenceRule("r", (("a", ("x" * 70_000,)),), Fact("b", "1"))])


def test_disagreement_refuses_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = RuleEngine([InferenceRule("r", (("a", ("1",)),), Fact("b", "1"))])
    monkeypatch.setattr("advisor.reasoning.rule_engine.fixpoint", lambda *_: ())
    with pytest.raises(EngineError, match="disagree"):
        engine.decide({"a": frozenset({"1"})})


def test_an_empty_rulebase_and_an_empty_profile() -> None:
    assert RuleEngine([]).decide({"a": frozenset({"1"})}) == ()
    assert RuleEngine([InferenceRule("r", (("a", ("1",)),), Fact("b", "1"))]).decide({}) == ()


def test_threads_share_an_engine() -> None:
    engine = RuleEngine([InferenceRule(f"r{n}", (("a", (f"{n}",)),), Fact("b", f"{n}")) for n in range(20)])
    wrong: list[object] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(200):
            chosen = frozenset(f"{n}" for n in rng.sample(range(20), 3))
            if {firing.conclusion.value for firing in engine.decide({"a": chosen})} != chosen:
                wrong.append(chosen)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_many_engines_and_decisions_survive_a_hostile_allocator() -> None:
    """In a process of its own, where freed memory is overwritten: a use after free would crash it."""
    script = (
        "from advisor.reasoning.inference import Fact, InferenceRule\n"
        "from advisor.reasoning.rule_engine import RuleEngine\n"
        "for round in range(60):\n"
        "    rules = [InferenceRule(f'r{n}', (('a', (f'{n % 7}',)), ('b', ('x', 'unknown'))), Fact('c', f'{n % 3}'))"
        " for n in range(40)]\n"
        "    engine = RuleEngine(rules)\n"
        "    for n in range(30):\n"
        "        engine.decide({'a': frozenset({f'{n % 9}'})})\n"
        "        engine.decide({})\n"
        "    engine.close()\n"
        "print('survived')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"MALLOC_PERTURB_": "165", "PATH": "", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout == "survived\n", done.stderr
