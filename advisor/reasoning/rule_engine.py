"""durable_rules behind three methods: load rules, decide, close.

durable_rules chains forward well inside a narrow envelope and crashes or answers wrongly outside it, so only this is
ever compiled: `all` of flat, constant, string-equality patterns over one narrow kind of fact; a sentinel rule and a
catch-all rule; no timers; a fresh session for each decision; one batch of facts. Alternatives, `unknown`, counting and
ordering are handled here in Python. After each run the facts are counted and the engine's swallowed errors are looked
for, and every decision is compared with the plain fixpoint.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count, product
from types import ModuleType
from typing import Any

from advisor.errors import AdvisorError
from advisor.reasoning.inference import (
    UNKNOWN,
    Fact,
    Firing,
    InferenceRule,
    Profile,
    RulebaseError,
    fixpoint,
    negated_names,
    stratify,
)

# Limits of durable_rules 2.0.28, each with a margin: 4096 rules, 16 patterns in a rule, 255 rules ending in one
# pattern, 511 sibling values, and strings that are compared by length modulo 65536.
MAX_RULES = 4000
MAX_PATTERNS = 15
MAX_RULES_PER_PATTERN = 250
MAX_SIBLINGS = 400
MAX_STRING_BYTES = 4000
MAX_FACTS = 900

_ruleset_numbers = count()


class EngineError(AdvisorError):
    """The rule engine could not be loaded, or did not do what its rules say."""


def _durable() -> ModuleType:
    """Imports durable_rules.

    Its extension names a C function that Python 3.13 removed and that no rule used here ever calls; binding lazily
    lets it load there all the same.
    """
    flags = sys.getdlopenflags() if hasattr(sys, "getdlopenflags") else None
    try:
        if flags is not None:
            sys.setdlopenflags(os.RTLD_LAZY)
        import durable_rules_engine  # noqa: F401
        from durable import engine
    except ImportError as error:
        raise EngineError(
            f"the rule engine cannot be loaded ({error}); reinstall it with a C compiler present: "
            "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject "
            "pip install --no-binary durable-rules --force-reinstall durable-rules"
        ) from error
    finally:
        if flags is not None:
            sys.setdlopenflags(flags)
    # Its lease on an action reads the wall clock by a deprecated call; a clock that jumps would drop conclusions.
    engine._unix_now = time.monotonic
    return engine  # type: ignore[no-any-return]


def _do_nothing(_: object) -> None:
    """The action of the sentinel and catch-all rules, and what the host does instead of starting its timers."""


class _Stratum:
    """One durable_rules ruleset; its rules may chain among themselves but test `unknown` only of names below them."""

    def __init__(self, rules: Sequence[InferenceRule]) -> None:
        self._engine = _durable()
        self.negated = negated_names(rules)
        self._firings: list[Firing] = []
        self._errors: list[BaseException] = []
        self._known: set[Fact] = set()
        definition: dict[str, Any] = {
            "begin": {"all": [{"begin": {"k": "begin"}}], "run": _do_nothing},
            "fact": {"all": [{"fact": {"k": "fact"}}], "run": _do_nothing},
        }
        for number, (rule, premises) in enumerate(_flattened(rules)):
            patterns = [
                {f"p{index}": {"$and": [{"k": "fact"}, {"n": premise.name}, {"v": premise.value}]}}
                for index, premise in enumerate(dict.fromkeys(premises))
            ]
            definition[f"r{number}"] = {
                "all": patterns,
                "run": self._action(Firing(rule.id, premises, rule.conclusion)),
            }
        host_type = type("_Host", (self._engine.Host,), {"_run": _do_nothing})
        self._name = f"stratum{next(_ruleset_numbers)}"
        self._host = host_type({self._name: definition})
        self._session_numbers = count()

    def _action(self, firing: Firing) -> Any:
        def run(c: Any) -> None:
            try:
                self._firings.append(firing)
                if firing.conclusion not in self._known:
                    self._known.add(firing.conclusion)
                    c.assert_fact(_message(firing.conclusion))
            except BaseException as error:  # durable_rules would swallow it
                self._errors.append(error)

        return run

    def run(self, facts: Iterable[Fact]) -> tuple[Firing, ...]:
        """All firings on these facts."""
        self._firings, self._errors, self._known = [], [], set(facts)
        if len(self._known) > MAX_FACTS:
            raise EngineError(f"more than {MAX_FACTS} facts in one decision")
        session = f"s{next(self._session_numbers)}"
        batch = [{"k": "begin"}, *(_message(fact) for fact in sorted(self._known))]
        try:
            self._host.assert_facts(self._name, [{**message, "sid": session} for message in batch])
            stored = len(self._host.get_facts(self._name, session))
            swallowed = self._host.get_state(self._name, session).get("exception")
        except Exception as error:
            raise EngineError(f"the rule engine failed: {error!r}") from error
        finally:
            self._host.delete_state(self._name, session)
        if self._errors or swallowed:
            raise EngineError(f"a rule's action failed: {self._errors or swallowed}")
        if stored != len(self._known) + 1:
            raise EngineError(f"the rule engine kept {stored} facts of {len(self._known) + 1}")
        return tuple(self._firings)

    def close(self) -> None:
        """Frees the engine's memory; the stratum cannot be used afterwards."""
        self._engine.durable_rules_engine.delete_ruleset(self._host.get_ruleset(self._name)._handle)


class RuleEngine:
    """Forward chaining over a rulebase. Safe to share between threads: decisions wait for each other.

    Raises RulebaseError when the rules cannot be stratified or exceed a limit of the engine, EngineError when the
    engine cannot be loaded.
    """

    def __init__(self, rules: Iterable[InferenceRule]) -> None:
        self.strata = stratify(rules)
        for stratum in self.strata:
            _check_limits(stratum)
        self._strata = [_Stratum(stratum) for stratum in self.strata]
        self._lock = threading.Lock()

    def decide(self, profile: Profile) -> tuple[Firing, ...]:
        """All firings on a profile, sorted. Raises EngineError if the engine fails or disagrees with the fixpoint."""
        with self._lock:
            holding = {Fact(name, value) for name, values in profile.items() for value in values}
            firings: set[Firing] = set()
            for stratum in self._strata:
                named = {fact.name for fact in holding}
                absent = {Fact(name, UNKNOWN) for name in stratum.negated - named}
                fired = stratum.run(holding | absent)
                firings.update(fired)
                holding.update(firing.conclusion for firing in fired)
        result = tuple(sorted(firings))
        if result != fixpoint(self.strata, profile):
            raise EngineError(
                "the rule engine and the definition of its rules disagree; no recommendation can be given"
            )
        return result

    def close(self) -> None:
        """Frees the engine's memory."""
        with self._lock:
            while self._strata:
                self._strata.pop().close()


def _message(fact: Fact) -> dict[str, str]:
    return {"k": "fact", "n": fact.name, "v": fact.value}


def _flattened(rules: Iterable[InferenceRule]) -> list[tuple[InferenceRule, tuple[Fact, ...]]]:
    """Each rule once for every choice among the alternatives of its conditions."""
    return [
        (rule, premises)
        for rule in rules
        for premises in product(*([Fact(name, value) for value in values] for name, values in rule.conditions))
    ]


def _check_limits(rules: Sequence[InferenceRule]) -> None:
    flat = _flattened(rules)
    if len(flat) > MAX_RULES:
        raise RulebaseError(f"{len(flat)} rules after spelling out alternatives; the engine carries {MAX_RULES}")
    names: dict[str, set[str]] = {}
    for rule, premises in flat:
        if not premises or len(premises) > MAX_PATTERNS:
            raise RulebaseError(f"rule {rule.id}: {len(premises)} conditions; 1 to {MAX_PATTERNS} are possible")
        for fact in (*premises, rule.conclusion):
            names.setdefault(fact.name, set()).add(fact.value)
            if max(len(fact.name.encode()), len(fact.value.encode())) > MAX_STRING_BYTES:
                raise RulebaseError(f"rule {rule.id}: a name or value is longer than {MAX_STRING_BYTES} bytes")
    if len(names) > MAX_SIBLINGS or any(len(values) > MAX_SIBLINGS for values in names.values()):
        raise RulebaseError(f"more than {MAX_SIBLINGS} names, or values of one name")
    endings = Counter(tuple(dict.fromkeys(premises)) for _, premises in flat)
    last = Counter(premises[-1] for premises in endings.elements())
    if (
        max(last.values(), default=0) > MAX_RULES_PER_PATTERN
        or max(endings.values(), default=0) > MAX_RULES_PER_PATTERN
    ):
        raise RulebaseError(f"more than {MAX_RULES_PER_PATTERN} rules end in the same condition")
