"""How long reasoning takes after each message: ``python -m tests.benchmark_decision [--turns N] [--rules N,N,…]``.

Prints, all measured in turn in the same run: one decision in both readings, by this product, by clipspy and by a plain
Python loop, which must all fire the same rules; a whole turn, that is the verdicts, what is still reachable, the next
question and the smallest changes of both; and how both grow with made-up packs of up to 3,000 rules and 60 attributes.
Times are of the processor, not of the clock, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core, as it is for somebody who chats

import clips

from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Attribute, Rule
from advisor.reasoning.changes import MAX_SIZE, Flips, flips
from advisor.reasoning.inference import InferenceRule, Profile
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.next_question import Outlook, next_question, reachable
from advisor.reasoning.recommendation import READINGS, ReadingId, Reasoner, Recommendation
from advisor.reasoning.rule_engine import RuleEngine

_SEED = 20261122
_VALUES = tuple(f"v{number}" for number in range(5))

P = ParamSpec("P")
Result = TypeVar("Result")
Strata = Sequence[Sequence[InferenceRule]]


class PlainLoop:
    """The decision as a few lines of Python: each stratum's rules are tried until nothing new is concluded."""

    def __init__(self, strata: Strata) -> None:
        self._strata = strata

    def fired(self, profile: Profile) -> set[str]:
        """The rules that fire."""
        holding = {name: set(values) for name, values in profile.items()}
        fired: set[str] = set()
        for rules in self._strata:
            absent = {name for rule in rules for name, _ in rule.conditions if not holding.get(name)}
            growing = True
            while growing:
                growing = False
                for rule in rules:
                    if rule.id not in fired and all(
                        not holding.get(name, set()).isdisjoint(values) or (UNKNOWN in values and name in absent)
                        for name, values in rule.conditions
                    ):
                        fired.add(rule.id)
                        holding.setdefault(rule.conclusion.name, set()).add(rule.conclusion.value)
                        growing = True
        return fired


class Clips:
    """The same rules as CLIPS rules; lower strata go first, so that what is unknown is settled when asked."""

    def __init__(self, strata: Strata) -> None:
        self._environment = clips.Environment()
        self._environment.build("(deftemplate fact (slot name (type STRING)) (slot value (type STRING)))")
        self._environment.build("(deftemplate fired (slot rule (type STRING)))")
        self._template = self._environment.find_template("fact")
        for level, rules in enumerate(strata):
            for number, rule in enumerate(rules):
                conditions = " ".join(self._condition(name, values) for name, values in rule.conditions)
                conclusion = f'(fact (name "{rule.conclusion.name}") (value "{rule.conclusion.value}"))'
                self._environment.build(
                    f"(defrule r{level}-{number} (declare (salience {-level})) {conditions} "
                    f'=> (assert {conclusion}) (assert (fired (rule "{rule.id}"))))'
                )

    @staticmethod
    def _condition(name: str, values: Iterable[str]) -> str:
        stated = "|".join(f'"{value}"' for value in values if value != UNKNOWN)
        tests = [f'(fact (name "{name}") (value {stated}))'] if stated else []
        if UNKNOWN in values:
            tests.append(f'(not (fact (name "{name}")))')
        return tests[0] if len(tests) == 1 else f"(or {' '.join(tests)})"

    def fired(self, profile: Profile) -> set[str]:
        """The rules that fire."""
        self._environment.reset()
        for name, values in profile.items():
            for value in values:
                self._template.assert_fact(name=name, value=value)
        self._environment.run()
        return {fact["rule"] for fact in self._environment.facts() if fact.template.name == "fired"}


@dataclass(frozen=True)
class Measured:
    """Median processor seconds. `turn`: by part; `slowest`: of the whole turns; `rules`: how many, by reading.

    `cut_short`: the share of searches for smallest changes that ended before all sets of three had been tried.
    """

    rules: Mapping[ReadingId, int]

    decision: dict[str, float]
    turn: dict[str, float]
    slowest: float
    cut_short: float


class _Stopwatch:
    """Processor seconds of each kind of work."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Does the work and keeps how long it took."""
        started = time.process_time()
        result = work(*args, **kwargs)
        self.seconds.setdefault(name, []).append(time.process_time() - started)
        return result

    def medians(self) -> dict[str, float]:
        """The median for each kind."""
        return {name: statistics.median(times) for name, times in self.seconds.items()}


def _all_fired(engines: Sequence[RuleEngine | PlainLoop | Clips], profile: Profile) -> list[set[str]]:
    """What fires in each reading."""
    return [
        {firing.rule for firing in engine.decide(profile)} if isinstance(engine, RuleEngine) else engine.fired(profile)
        for engine in engines
    ]


def _reachable(pack: KnowledgePack, now: Mapping[ReadingId, Recommendation]) -> list[Outlook]:
    return [reachable(pack, now[reading]) for reading in READINGS]


def _smallest_changes(
    compiled: Sequence[ManyProfiles], profile: Profile, now: Mapping[ReadingId, Recommendation]
) -> list[Flips]:
    return [
        flips(many, profile, [v for v in many.verdicts if v != now[many.reading].verdict], smallest_only=True)
        for many in compiled
    ]


def measure(pack: KnowledgePack, profiles: Sequence[Profile]) -> Measured:
    """Times decisions and whole turns on these profiles. Raises SystemExit when the engines disagree."""
    reasoner = Reasoner(pack)
    ours = [reasoner.engines[reading] for reading in READINGS]
    rete = [Clips(engine.strata) for engine in ours]
    plain = [PlainLoop(engine.strata) for engine in ours]
    compiled = [ManyProfiles(reasoner, reading) for reading in READINGS]
    decisions, turns = _Stopwatch(), _Stopwatch()
    cut_short: list[bool] = []
    for profile in profiles:
        fired = decisions.time("advisor", _all_fired, ours, profile)
        by_rete = decisions.time("clipspy", _all_fired, rete, profile)
        by_loop = decisions.time("plain loop", _all_fired, plain, profile)
        if not fired == by_rete == by_loop:
            raise SystemExit("the engines disagree about which rules fire; the times mean nothing")
        now = turns.time("verdicts", reasoner.recommend, profile)
        turns.time("reachable", _reachable, pack, now)
        turns.time("question", next_question, reasoner, profile, now["article"].leans, ())
        found = turns.time("changes", _smallest_changes, compiled, profile, now)
        cut_short += [not some.flips and some.tried_up_to < MAX_SIZE for some in found]
    whole = [sum(parts) for parts in zip(*turns.seconds.values(), strict=True)]
    turn = {**turns.medians(), "whole turn": statistics.median(whole)}
    rules = {many.reading: len(many.rules) for many in compiled}
    return Measured(rules, decisions.medians(), turn, max(whole), statistics.mean(cut_short))


def conversations(pack: KnowledgePack, turns: int) -> Iterator[Profile]:
    """Profiles as they grow while people talk: one more attribute each turn, eight turns in a conversation."""
    rng = random.Random(_SEED)
    said = [attribute for attribute in pack.attributes.values() if not attribute.derived]
    for number in range(turns):
        if number % 8 == 0:
            profile: dict[str, frozenset[str]] = {}
        attribute = rng.choice([one for one in said if one.id not in profile] or said)
        profile = {**profile, attribute.id: frozenset({rng.choice(list(attribute.values))})}
        yield profile


def made_up(rules: int, attributes: int) -> KnowledgePack:
    """A pack with the shipped one's rows. A tenth of its rules amend others; each tests one to three attributes."""
    rng = random.Random(_SEED + rules)
    base = load_pack()
    rows = list(base.criteria)
    known = {
        f"a{number}": Attribute(
            id=f"a{number}",
            criterion=rows[number % len(rows)],
            title="t",
            question="?",
            how_to_find_out="!",
            values=dict.fromkeys(_VALUES, "label"),
        )
        for number in range(attributes)
    }
    made: dict[str, Rule] = {}
    for number in range(rules):
        row = rng.choice(rows)
        own = [name for name, attribute in known.items() if attribute.criterion == row]
        chosen = rng.sample(own, min(len(own), rng.choice((1, 2, 2, 3, 3))))
        amends = number % 10 == 9
        same = [rule.id for rule in made.values() if rule.then.name == row and rule.reading == "article"]
        made[f"r{number}"] = Rule.model_validate(
            {
                "id": f"r{number}",
                "reading": "amended" if amends else "article",
                "when": {name: rng.choice(_VALUES) for name in chosen},
                "then": {row: rng.choice((*base.options, NEUTRAL))},
                "because": "It is made up.",
                "claims": ["C001"],
                **(
                    {"erratum": "E", "strength": "strong", "defeats": rng.sample(same, min(2, len(same)))}
                    if amends
                    else {}
                ),
            }
        )
    return replace(base, attributes=known, rules=made, fingerprint="made up")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Times reasoning.")
    parser.add_argument("--turns", type=int, default=64, help="messages per pack")
    parser.add_argument("--rules", default="100,300,1000,3000", help="sizes of the made-up packs")
    options = parser.parse_args()
    pack = load_pack()
    shipped = measure(pack, list(conversations(pack, options.turns)))
    sizes = " and ".join(f"{count} rules in the {reading} reading" for reading, count in shipped.rules.items())
    print(f"The shipped pack, {options.turns} messages; {sizes}")
    loop = shipped.decision["plain loop"]
    for name, seconds in shipped.decision.items():
        print(f"  one decision  {name:<12}{seconds * 1000:8.2f} ms  {seconds / loop:6.1f} times the plain loop")
    for name, seconds in shipped.turn.items():
        print(f"  one turn      {name:<12}{seconds * 1000:8.2f} ms  {seconds / loop:6.1f} times the plain loop")
    print(f"  one turn      slowest     {shipped.slowest * 1000:8.2f} ms")
    print("Made-up packs: milliseconds, and how many searches for smallest changes stopped before sets of three")
    print("".join(f"{word:>11}" for word in ("rules", "attributes", *shipped.decision, "turn", "slowest", "stopped")))
    for size in map(int, options.rules.split(",")):
        attributes = min(60, 12 + size // 40)
        made = made_up(size, attributes)
        found = measure(made, list(conversations(made, options.turns // 2)))
        times = [*found.decision.values(), found.turn["whole turn"], found.slowest]
        shown = "".join(f"{value * 1000:11.2f}" for value in times)
        print(f"{size:>11}{attributes:>11}{shown}{found.cut_short:>11.0%}", flush=True)


if __name__ == "__main__":
    main()
