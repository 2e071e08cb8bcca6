"""From a profile to rows, tallies and verdicts, for each reading on its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Role, Rule
from advisor.reasoning.inference import Fact, Firing, InferenceRule, Profile, fixpoint
from advisor.reasoning.rule_engine import RuleEngine

SPLIT = "split"
INSUFFICIENT = "insufficient"

ReadingId = Literal["article", "amended"]
READINGS: tuple[ReadingId, ReadingId] = ("article", "amended")


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion's lean and every rule firing that bears on it, dissent included."""

    criterion: str
    lean: str
    firings: tuple[Firing, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What one reading concludes.

    `by_tally`: the verdict of the rows alone. `overrides`: the firings whose conclusion acts beyond the rows (see
    schema.Role); where some of them settle the `verdict`, whatever the tally, they are `decisive`. `derived`: firings
    that conclude derived attributes, which rows may rest on; overrides are among them. `defeated`: article rules that
    held but do not count in this reading, with the amendments that defeat them.
    """

    reading: ReadingId
    rows: Mapping[str, Row]
    tally: Mapping[str, int]
    verdict: str
    by_tally: str
    derived: tuple[Firing, ...] = ()
    overrides: tuple[Firing, ...] = ()
    decisive: tuple[Firing, ...] = ()
    defeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def leans(self) -> dict[str, str]:
        """The lean of each criterion."""
        return {criterion: row.lean for criterion, row in self.rows.items()}


def lean_of(conclusions: Iterable[str], options: Iterable[str]) -> str:
    """A row's lean from what its rules conclude: one option, neutral when both or neither are favoured, or unknown."""
    concluded = set(conclusions)
    favoured = concluded.intersection(options)
    if len(favoured) == 1:
        return favoured.pop()
    return NEUTRAL if concluded else UNKNOWN


def tally_of(leans: Iterable[str], options: Iterable[str]) -> dict[str, int]:
    """How many rows lean to each option."""
    leans = list(leans)
    return {option: leans.count(option) for option in options}


def verdict_of(leans: Iterable[str], options: tuple[str, ...], decisive_rows: int) -> str:
    """The verdict of a set of rows: an option, split or insufficient.

    An option with `decisive_rows` rows wins. One row short of that on both sides, or no way left to get there, is a
    split; anything else needs more answers. The article states only the first; the rest is this product's reading of
    its "genuine split".
    """
    leans = list(leans)
    tally = tally_of(leans, options)
    for option in options:
        if tally[option] >= decisive_rows:
            return option
    if all(count == decisive_rows - 1 for count in tally.values()):
        return SPLIT
    if max(tally.values()) + leans.count(UNKNOWN) < decisive_rows:
        return SPLIT
    return INSUFFICIENT


def overridden(by_tally: str, ruled_out: Collection[str], kept: Collection[str], options: Collection[str]) -> str:
    """The verdict once conclusions beyond the rows have acted on the tally's.

    An option that is ruled out leaves the other one; with both ruled out it is a split, for neither will do as things
    stand. An option to be kept is the verdict if it is the only one and not ruled out.
    """
    left = [option for option in options if option not in ruled_out]
    if len(left) < len(options):
        return left[0] if len(left) == 1 else SPLIT
    return next(iter(kept)) if len(kept) == 1 else by_tally


def inference_rules(rules: Iterable[Rule]) -> list[InferenceRule]:
    """A pack's rules as the engine takes them."""
    return [
        InferenceRule(
            rule.id,
            tuple((condition.attribute, condition.values) for condition in rule.when),
            Fact(rule.then.name, rule.then.value),
        )
        for rule in rules
    ]


class Reasoner:
    """Evaluates a pack's rules in both readings.

    The article reading uses its own rules alone; the amended one all rules, less the article rules that are defeated.
    Rules of advice form a third rulebase, tried once both readings have ended.

    Raises RulebaseError or EngineError (see RuleEngine) when the rules cannot be loaded.
    """

    def __init__(self, pack: KnowledgePack) -> None:
        self.pack = pack
        advice = [rule for rule in pack.rules.values() if pack.role(rule.then.name) in ("advises", "warns")]
        article = [rule for rule in pack.rules.values() if rule.reading == "article"]
        amended = [rule for rule in pack.rules.values() if rule not in advice]
        self.amendments = len(amended) - len(article)
        self._article = RuleEngine(inference_rules(article))
        self._amended = RuleEngine(inference_rules(amended)) if self.amendments else self._article
        self._advice = RuleEngine(inference_rules(advice)) if advice else None
        self.engines: Mapping[ReadingId, RuleEngine] = {"article": self._article, "amended": self._amended}

    def recommend(self, profile: Profile) -> dict[ReadingId, Recommendation]:
        """The recommendation of each reading. Raises EngineError if the engine fails or disagrees with its mirror."""
        article = self._recommendation("article", self._article.decide(profile))
        amended = self._recommendation("amended", self._amended.decide(profile))
        return {"article": article, "amended": amended}

    def foresee(self, reading: ReadingId, profile: Profile) -> Recommendation:
        """What `recommend` would give in one reading, by the plain fixpoint: for trying many profiles."""
        return self._recommendation(reading, fixpoint(self.engines[reading].strata, profile))

    def advise(self, profile: Profile, recommendations: Mapping[ReadingId, Recommendation]) -> tuple[Firing, ...]:
        """The firings of the rules of advice, given what the readings propose. Raises EngineError as `recommend` does.

        Their `choice` is every option that a reading's verdict names; when none does, every option not ruled out.
        """
        if self._advice is None:
            return ()
        known = {name: set(values) for name, values in profile.items()}
        for firing in recommendations["amended"].derived:
            known.setdefault(firing.conclusion.name, set()).add(firing.conclusion.value)
        for name, attribute in self.pack.attributes.items():
            if attribute.role == "choice":
                known[name] = set(proposed(self.pack, recommendations))
        return self._advice.decide({name: frozenset(values) for name, values in known.items()})

    def from_leans(self, leans: Mapping[str, str]) -> dict[ReadingId, Recommendation]:
        """The recommendation when the leans of the rows are given; rows that are not given are unknown.

        Raises ValueError when a criterion or lean does not exist.
        """
        allowed = (*self.pack.options, NEUTRAL, UNKNOWN)
        for criterion, lean in leans.items():
            if criterion not in self.pack.criteria:
                raise ValueError(f"{criterion}: no such criterion; there are {', '.join(self.pack.criteria)}")
            if lean not in allowed:
                raise ValueError(f"{criterion}: {lean} is not a lean; use one of {', '.join(allowed)}")
        rows = {name: Row(name, leans.get(name, UNKNOWN)) for name in self.pack.criteria}
        return {reading: self._tallied(reading, rows) for reading in READINGS}

    def _recommendation(self, reading: ReadingId, firings: tuple[Firing, ...]) -> Recommendation:
        fired = dict.fromkeys(firing.rule for firing in firings)
        defeated: dict[str, tuple[str, ...]] = {}
        for amendment in fired:
            for rule in fired.keys() & self.pack.rules[amendment].defeats:
                defeated[rule] = (*defeated.get(rule, ()), amendment)
        firings = tuple(firing for firing in firings if firing.rule not in defeated)
        rows = {}
        for criterion in self.pack.criteria:
            bearing = tuple(firing for firing in firings if firing.conclusion.name == criterion)
            lean = lean_of((firing.conclusion.value for firing in bearing), self.pack.options)
            rows[criterion] = Row(criterion, lean, bearing)
        derived = tuple(firing for firing in firings if firing.conclusion.name not in self.pack.criteria)
        return self._tallied(reading, rows, derived, defeated)

    def _tallied(
        self,
        reading: ReadingId,
        rows: Mapping[str, Row],
        derived: tuple[Firing, ...] = (),
        defeated: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Recommendation:
        leans = [row.lean for row in rows.values()]
        by_tally = verdict_of(leans, self.pack.options, self.pack.manifest.decisive_rows)
        overrides = tuple(firing for firing in derived if self.pack.role(firing.conclusion.name))

        def concluding(role: Role) -> dict[Firing, str]:
            return {f: f.conclusion.value for f in overrides if self.pack.role(f.conclusion.name) == role}

        ruled_out, kept = concluding("rules_out"), concluding("keeps")
        keeping = tuple(kept) if len(set(kept.values())) == 1 else ()
        return Recommendation(
            reading,
            rows,
            tally_of(leans, self.pack.options),
            overridden(by_tally, set(ruled_out.values()), set(kept.values()), self.pack.options),
            by_tally,
            derived,
            overrides,
            tuple(ruled_out) or keeping,
            defeated or {},
        )


def proposed(pack: KnowledgePack, recommendations: Mapping[ReadingId, Recommendation]) -> tuple[str, ...]:
    """The options that a reading's verdict names; when none does, every option that is not ruled out."""
    verdicts = {recommendation.verdict for recommendation in recommendations.values()}
    out = {
        firing.conclusion.value
        for recommendation in recommendations.values()
        for firing in recommendation.overrides
        if pack.role(firing.conclusion.name) == "rules_out"
    }
    named = tuple(option for option in pack.options if option in verdicts)
    return named or tuple(option for option in pack.options if option not in out)
