"""The examples beside rules: whether they come out as written, and whether a changed rule would be noticed by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from advisor.checking.findings import Remark
from advisor.checking.rulebase import Rulebase
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import Example, Rule
from advisor.reasoning.inference import Fact, InferenceRule
from advisor.reasoning.recommendation import ReadingId, lean_of


@dataclass(frozen=True)
class Mutant:
    """A rule changed. `change`: how, to follow its name in a sentence; `plain`: what is left of it, if anything."""

    rule: Rule
    change: str
    plain: InferenceRule | None
    defeats: tuple[str, ...] = ()

    def within(self, rulebase: Rulebase) -> Rulebase:
        """A rulebase with this in place of the rule."""
        return rulebase.without(self.rule.id) if self.plain is None else rulebase.with_rule(self.plain, self.defeats)


def failure(pack: KnowledgePack, rulebase: Rulebase, rule: Rule, example: Example) -> str | None:
    """How an example comes out otherwise than it says; None when it comes out as written."""
    given = {name: frozenset(values) for name, values in example.given.items()}
    fired, concluded = rulebase.outcome(given, rule.then.name)
    if (rule.id in fired) != example.fires:
        return f"{rule.id} {'does not fire' if example.fires else 'fires'}"
    if example.then is None:
        return None
    if rule.then.name in pack.criteria:
        lean = lean_of(concluded, pack.options)
        return None if lean == example.then else f"{rule.then.name} comes out {lean}, not {example.then}"
    if example.then in concluded:
        return None
    return f"{rule.then.name} comes out {', '.join(sorted(concluded)) or 'unknown'}, not {example.then}"


def example_remarks(pack: KnowledgePack, rulebases: Mapping[ReadingId, Rulebase]) -> Iterator[Remark]:
    """Examples that fail or cannot be, rules without any, and changes to a rule that no example would notice."""
    sound = True
    for rule in pack.rules.values():
        for index, example in enumerate(rule.examples):
            wrong = _impossible(pack, example) or failure(pack, rulebases[rule.reading], rule, example)
            if wrong:
                sound = False
                what = f"example {index + 1} of {rule.id}: {wrong}"
                yield Remark("failing-example", rule.id, what, (Rule, rule.id), ("examples", index))
        missing = {"fires": True, "does not fire": False}
        lacking = [word for word, fires in missing.items() if all(e.fires != fires for e in rule.examples)]
        if lacking:
            what = f"{rule.id} has no example in which it {' and none in which it '.join(lacking)}"
            yield Remark("no-example", rule.id, what, (Rule, rule.id), ("id",))
    if not sound:
        return
    for rule in pack.rules.values():
        if {True, False} <= {example.fires for example in rule.examples}:
            rulebase = rulebases[rule.reading]
            for mutant in mutants(pack, rulebase.rules[rule.id], rule):
                if not noticed(pack, rulebase, mutant):
                    what = f"{rule.id} {mutant.change}: no example comes out differently"
                    yield Remark("unnoticed-change", f"{rule.id} {mutant.change}", what, (Rule, rule.id), ("id",))


def _impossible(pack: KnowledgePack, example: Example) -> str | None:
    for name, values in example.given.items():
        attribute = pack.attributes[name]
        if attribute.derived and attribute.role != "choice":
            return f"{name} is concluded by rules and cannot be given"
        if len(values) > 1 and not attribute.multiple and attribute.role != "choice":
            return f"{name} has one value at a time"
        if not values:
            return f"{name} has no value; leave out what is not stated"
    return None


def mutants(pack: KnowledgePack, plain: InferenceRule, rule: Rule) -> Iterator[Mutant]:
    """A rule removed, inverted, or with one of its conditions or defeats dropped. `plain`: the rule for inference."""
    yield Mutant(rule, "removed", None)
    for value in _inversions(pack, rule):
        inverted = replace(plain, conclusion=Fact(rule.then.name, value))
        yield Mutant(rule, f"concluding {value}", inverted, rule.defeats)
    for index, (name, _) in enumerate(plain.conditions):
        wider = replace(plain, conditions=plain.conditions[:index] + plain.conditions[index + 1 :])
        yield Mutant(rule, f"without its condition on {name}", wider, rule.defeats)
    for defeated in rule.defeats:
        rest = tuple(other for other in rule.defeats if other != defeated)
        yield Mutant(rule, f"not defeating {defeated}", plain, rest)


def _inversions(pack: KnowledgePack, rule: Rule) -> list[str]:
    """What a rule concludes when it is turned round: the other side, or the next value of a derived attribute."""
    if rule.then.name in pack.criteria:
        return [option for option in pack.options if option != rule.then.value]
    values = list(pack.attributes[rule.then.name].values)
    following = values[(values.index(rule.then.value) + 1) % len(values)]
    return [following] if following != rule.then.value else []


def noticed(pack: KnowledgePack, rulebase: Rulebase, mutant: Mutant) -> bool:
    """Whether an example comes out otherwise than written: one of the rule's own, or of a rule that rests on it."""
    near = mutant.within(rulebase.narrowed(mutant.rule.then.name))
    if any(failure(pack, near, mutant.rule, example) for example in mutant.rule.examples):
        return True
    changed = mutant.within(rulebase)
    return any(
        failure(pack, changed, rule, example)
        for rule in pack.rules.values()
        if rule.id in rulebase.rules and rule is not mutant.rule
        if rule.reading == rulebase.reading and rulebase.rules[mutant.rule.id] in rulebase.bearing_on(rule.then.name)
        for example in rule.examples
    )
