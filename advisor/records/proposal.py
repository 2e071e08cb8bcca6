"""What a record proposes, in words: the Y-statement, arguments, consequences, and when to look at it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.conversation import replies
from advisor.conversation.blocks import Matrix, MatrixRow, Observation, ReadingState
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.inference import Fact
from advisor.reasoning.recommendation import INSUFFICIENT, SPLIT
from advisor.records.record_model import Arguments, Consequences, CriterionFacts


class Proposal:
    """Puts one matrix into words; `matrix` and `criteria` are two views of the same rows."""

    def __init__(self, pack: KnowledgePack, matrix: Matrix, criteria: Mapping[str, CriterionFacts]) -> None:
        self.pack = pack
        self.matrix = matrix
        self.criteria = criteria
        self.states = {state.reading: state for state in matrix.readings}
        self.article = self.states["article"]

    @property
    def chosen(self) -> str | None:
        """The option that the article reading proposes, if any."""
        return self.article.verdict if self.article.verdict in self.pack.options else None

    @property
    def short_title(self) -> str:
        """The question and the outcome in a few words."""
        article, amended = self.article.verdict, self.states["amended"].verdict
        if article == amended:
            outcome = {
                SPLIT: "no recommendation, pressure-test first",
                INSUFFICIENT: "no recommendation, too little is known",
            }.get(article, f"{self.pack.say(article)} proposed")
        else:
            outcome = f"{self.pack.say(article)} by the article, {self.pack.say(amended)} after the errata"
        return f"{self.pack.manifest.title}: {outcome}"

    def summary(self, known: Iterable[Observation]) -> str:
        """One sentence after Zimmermann's Y-statement: context, concern, option, reason, downside."""
        pack, amended = self.pack, self.states["amended"]
        facts = "; ".join(replies.fact_in_words(pack, Fact(o.attribute, o.value)) for o in known)
        context = f"this project ({facts})" if facts else "a project that nothing is known about yet"
        differs = f"; the amended reading differs: {pack.say(amended.verdict)} ({self._tally(amended)})"
        return (
            f"In the context of {context}, facing the question “{pack.manifest.question}”, "
            f"{self._clauses(self.article)}{differs if amended.verdict != self.article.verdict else ''}."
        )

    def arguments(self) -> dict[str, Arguments]:
        """What speaks for and against each option: the rows of the article reading, with what the errata say."""
        return {
            option: Arguments(
                pros=tuple(self._argument(row) for row in self._leaning(option)),
                cons=tuple(self._argument(row) for other in self._others(option) for row in self._leaning(other)),
            )
            for option in self.pack.options
        }

    def consequences(self) -> Consequences:
        """What is gained and what is accepted; every choice, and none, has a downside."""
        unknown = tuple(
            f"{row.title} is not known and could still speak against it"
            for row in self.matrix.rows
            if row.leans["article"] == UNKNOWN
        )
        if self.chosen is None:
            good = tuple(self._argument(row) for option in self.pack.options for row in self._leaning(option))
            wait = "No option is proposed: work waits, or whoever goes ahead carries the risk of either"
            return Consequences(good=good, bad=(wait, *self._other_reading(), *unknown))
        against = [self._argument(row) for other in self._others(self.chosen) for row in self._leaning(other)]
        bad = (*self._other_reading(), *against, *self._shaken(self.chosen), *unknown)
        return Consequences(
            good=tuple(self._argument(row) for row in self._leaning(self.chosen)),
            bad=bad or self._given_up(self.chosen),
        )

    def confirmation(self) -> tuple[str, ...]:
        """How to check the proposal before relying on it."""
        moved = [row for row in self.matrix.rows if row.leans["article"] != row.leans["amended"]]
        rows = dict.fromkeys(row.criterion for row in (*self._leaning(UNKNOWN), *moved))
        return tuple(f"{self.criteria[row].title}: {self.pack.criteria[row].how_to_find_out}" for row in rows)

    def revisit_when(self) -> tuple[str, ...]:
        """What should make the team look at the decision again."""
        moments = [
            f"{row.title} becomes known"
            for row in self.matrix.rows
            if UNKNOWN in (row.leans["article"], row.leans["amended"])
        ]
        moments += [
            f"{row.title} changes (now: {self.pack.say(row.leans['article'])})"
            for row in self.matrix.rows
            if row.leans["article"] != UNKNOWN and self.pack.criteria[row.criterion].changeable
        ]
        as_of = self.pack.manifest.as_of.isoformat()
        moments.append(f"The knowledge behind it (as of {as_of}) has a newer version: replay this record with it")
        return tuple(moments)

    # Parts of sentences ----------------------------------------------------------------------------------------

    def _leaning(self, lean: str) -> list[MatrixRow]:
        return [row for row in self.matrix.rows if row.leans["article"] == lean]

    def _others(self, option: str) -> list[str]:
        return [other for other in self.pack.options if other != option]

    def _argument(self, row: MatrixRow) -> str:
        facts = self.criteria[row.criterion]
        reasons = [rule.because for rule in facts.fired if rule.lean == facts.lean and "article" in rule.readings]
        words = "; ".join(f"“{quote}”" for quote in dict.fromkeys(o.quote for o in row.evidence))
        because = " ".join(reasons) or self.pack.criteria[row.criterion].sides.get(facts.lean, "")
        moved = "" if facts.lean == facts.amended_lean else f" (amended reading: {self.pack.say(facts.amended_lean)})"
        return f"{row.short}{f', {words}' if words else ''}: {because}{moved}"

    def _shaken(self, option: str) -> list[str]:
        """Where today's evidence weakens a row that speaks for the option."""
        return [
            f"{row.short} rests on what is {caveat.status} today: {caveat.truth}"
            for row in self._leaning(option)
            for caveat in dict.fromkeys(
                caveat
                for rule in self.criteria[row.criterion].fired
                if "article" in rule.readings
                for caveat in rule.caveats
                if caveat.truth
            )
        ]

    def _other_reading(self) -> list[str]:
        """Where the amended reading ends, if elsewhere, with what decides it beyond the rows."""
        amended = self.states["amended"]
        if amended.verdict == self.article.verdict:
            return []
        beyond = (f"{override.text} ({override.steps[0].because})" for override in amended.overrides)
        details = "; ".join((self._tally(amended), *beyond))
        return [f"After the errata the amended reading ends at {self.pack.say(amended.verdict)}: {details}"]

    def _given_up(self, option: str) -> tuple[str, ...]:
        (other,) = self._others(option)
        return (f"What {self.pack.say(other)} would have brought is given up, and moving later costs time",)

    def _clauses(self, state: ReadingState) -> str:
        """The clauses about the option, the reason and the downside, in one reading."""
        pack = self.pack
        leans = (*pack.options, UNKNOWN)
        rows = {lean: [row.short for row in self.matrix.rows if row.leans[state.reading] == lean] for lean in leans}
        tally = self._tally(state)
        missing = f"{_listed(rows[UNKNOWN])} still unknown" if rows[UNKNOWN] else ""
        if state.verdict in pack.options:
            (other,) = self._others(state.verdict)
            against = f"{_listed(rows[other])} leaning towards {pack.say(other)}" if rows[other] else ""
            downside = " and with ".join(part for part in (against, missing) if part)
            accepting = f"accepting the choice with {downside}" if downside else self._no_dissent(other)
            reason = f"to fit the rows {_listed(rows[state.verdict])}"
            return f"{pack.say(state.verdict)} is proposed and not {pack.say(other)} ({tally}), {reason}, {accepting}"
        leaning = [f"{_listed(rows[option])} towards {pack.say(option)}" for option in pack.options if rows[option]]
        why = {SPLIT: "the rows are split", INSUFFICIENT: "not enough is known yet"}[state.verdict]
        details = "; ".join(part for part in (f"leaning: {', '.join(leaning)}" if leaning else "", missing) if part)
        advice = "; pressure-test before committing" if state.verdict == SPLIT else ""
        return f"no option is proposed, because {why} ({tally}){f'; {details}' if details else ''}{advice}"

    def _no_dissent(self, other: str) -> str:
        return f"accepting that what {self.pack.say(other)} would have brought is given up"

    def _tally(self, state: ReadingState) -> str:
        return ", ".join(f"{self.pack.say(option)} {count}" for option, count in state.tally.items())


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
