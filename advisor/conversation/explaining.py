"""The replies that explain: how, why, why not, what would change it, how sure, what changed, what follows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from advisor.conversation import explanation_replies, replies, why_replies
from advisor.conversation.blocks import Matrix
from advisor.conversation.draft import Draft
from advisor.conversation.explanation_blocks import Advice, ChangeSet, Split
from advisor.conversation.parts import Observation
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.reasoning.changes import Flips, flips
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.recommendation import INSUFFICIENT, READINGS, SPLIT, ReadingId, Reasoner, Recommendation
from advisor.reasoning.splits import tie
from advisor.reasoning.sureness import firmness

_FIRST_ADVICE = 5
"""Items of advice shown beside a verdict; all of them are one step further."""

_REMEMBERED = 16
"""Profiles whose recommendations are kept, as one turn asks for the same ones several times."""

_SHOWN_BY_MATRIX: dict[str, tuple[str, ...]] = {"moves": (), "unknown": ()}
"""What the verdict need not repeat when the matrix stands above it."""

Known = tuple[Observation, ...]


class Explainer:
    """Explains what a reasoner concludes from a conversation's observations; each method adds to a draft."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.pack = reasoner.pack
        self._reasoner = reasoner
        self._many: dict[ReadingId, ManyProfiles] = {}
        self._recommend = lru_cache(_REMEMBERED)(lambda profile: reasoner.recommend(dict(profile)))

    def why(self, draft: Draft, criterion: str | None, everything: bool = False) -> None:
        """How a row got its lean, or every row. Without either the verdict itself is the explanation, kept short."""
        known = draft.state.observations
        recommendations = self.recommend(known)
        if not known:
            draft.note("Nothing is known about your project yet, so there is nothing to explain. Tell me about it.")
            return
        if criterion is None:
            draft.show_verdict = True
        if criterion is None and not everything:
            return
        rows = [criterion] if criterion else [r for r in self.pack.criteria if self._says_something(recommendations, r)]
        draft.blocks.append(replies.explanations(self.pack, recommendations, known, rows))

    def why_ask(self, draft: Draft) -> None:
        """Which rows and rules wait for the answer to the open question."""
        if draft.state.pending is None:
            draft.note("No question is open.")
            return
        draft.blocks.append(why_replies.why_asked(self._reasoner, draft.state.observations, draft.state.pending))

    def why_not(self, draft: Draft, option: str | None) -> None:
        """What stands against an option (without one: against that which has fewer rows), rule by rule."""
        known = draft.state.observations
        recommendations = self.recommend(known)
        tally = recommendations["article"].tally
        option = option or min(self.pack.options, key=lambda name: tally[name])
        draft.blocks.append(
            why_replies.why_not(
                self._reasoner,
                known,
                recommendations,
                self._matrix(known, recommendations),
                option,
                self._turning(known, recommendations, option, smallest_only=True),
            )
        )

    def what_would_change(self, draft: Draft, towards: str | None = None) -> None:
        """All minimal sets of answers that would make another option win, or the one named."""
        known = draft.state.observations
        recommendations = self.recommend(known)
        draft.blocks.append(
            explanation_replies.what_would_change(
                self.pack, known, self._turning(known, recommendations, towards, smallest_only=False), towards
            )
        )

    def how_sure(self, draft: Draft) -> None:
        """How firm the verdicts are, in counts."""
        known = draft.state.observations
        profile, recommendations = profile_of(known), self.recommend(known)
        found = {reading: firmness(self._compiled(reading), profile, recommendations[reading]) for reading in READINGS}
        draft.blocks.append(explanation_replies.sureness(self.pack, known, recommendations, found))

    def tied(self, draft: Draft) -> None:
        """What pulls both ways where a reading is split, and what would settle it."""
        known = draft.state.observations
        split = self._splits(known, self.recommend(known))
        if not split:
            draft.note("Neither reading is split as things stand. /flip tells what would change them.")
        draft.blocks += split

    def what_changed(self, draft: Draft, turns: Sequence[Turn], since: int | None = None) -> None:
        """What the last change of the project's description did, or all changes after message `since`."""
        states = [State(), *(turn.state for turn in turns)]
        numbers = [0, *(turn.number for turn in turns)]
        now = draft.state.observations
        if since is None:
            earlier = next((i for i in reversed(range(len(states))) if states[i].observations != now), None)
            later = len(states) - 1 if earlier is None else earlier + 1
        else:
            earlier = max((i for i, number in enumerate(numbers) if number <= since), default=None)
            later = len(states) - 1
        if earlier is None or states[earlier].observations == now:
            draft.note("Nothing about your project has changed, so neither has anything that follows from it.")
            return
        before, number = states[earlier].observations, numbers[later] if later < len(numbers) else draft.number
        draft.blocks.append(
            explanation_replies.difference(
                self._reasoner,
                (numbers[earlier], before, self.recommend(before)),
                (number, now, self.recommend(now)),
            )
        )

    def advice(self, draft: Draft) -> None:
        """What follows for tools and installation."""
        block = self.advice_from(draft.state.observations)
        if block.items:
            draft.blocks.append(block)
        else:
            draft.note("Nothing follows yet. Tell me more about your project.")

    def recap(self, draft: Draft) -> None:
        """Shows the matrix and the verdict as they stand."""
        draft.show_matrix = draft.show_verdict = True

    def conclude(self, draft: Draft) -> None:
        """Adds the matrix and the verdict where they changed or were asked for.

        A verdict just reached, or a recap, brings the advice that follows first, and a split what would settle it.
        """
        known = draft.state.observations
        recommendations = self.recommend(known)
        changed = known != draft.before.observations
        reached = draft.show_matrix
        if changed:
            before = self.recommend(draft.before.observations)
            turned = any(_ending(before[reading]) != _ending(recommendations[reading]) for reading in READINGS)
            reached = reached or (turned and any(r.verdict != INSUFFICIENT for r in recommendations.values()))
        matrix = self.matrix(known)
        if changed or draft.show_matrix:
            draft.blocks.append(matrix)
        if draft.show_verdict or reached:
            verdict = replies.verdict(self.pack, matrix)
            draft.blocks.append(verdict.model_copy(update=_SHOWN_BY_MATRIX) if matrix in draft.blocks else verdict)
        if reached:
            if recommendations["article"].verdict not in self.pack.options:
                draft.blocks += self._splits(known, recommendations)[:1]
            if any(recommendation.verdict in self.pack.options for recommendation in recommendations.values()):
                advice = first_advice(self.advice_from(known))
                draft.blocks += [advice] if advice.items else []

    def recommend(self, observations: Known) -> dict[ReadingId, Recommendation]:
        """Both readings of what is known."""
        return self._recommend(tuple(profile_of(observations).items()))

    def matrix(self, observations: Known) -> Matrix:
        """The matrix that follows from what is known, with the smallest change that would turn each reading."""
        recommendations = self.recommend(observations)
        matrix = self._matrix(observations, recommendations)
        readings = tuple(
            state.model_copy(update={"smallest": self._smallest(observations, recommendations[state.reading])})
            for state in matrix.readings
        )
        return matrix.model_copy(update={"readings": readings})

    def advice_from(self, observations: Known) -> Advice:
        """All that follows for tools and installation from what is known."""
        recommendations = self.recommend(observations)
        firings = self._reasoner.advise(profile_of(observations), recommendations)
        return explanation_replies.advice(self.pack, observations, recommendations, firings)

    def _matrix(self, known: Known, recommendations: dict[ReadingId, Recommendation]) -> Matrix:
        return replies.matrix(self.pack, recommendations, known, same_rules=not self._reasoner.amendments)

    def _smallest(self, known: Known, recommendation: Recommendation) -> ChangeSet | None:
        if recommendation.verdict == INSUFFICIENT:
            return None
        found = self._flips(known, recommendation, self._others(recommendation, None), smallest_only=True).flips
        return explanation_replies.change_set(self.pack, known, found[0]) if found else None

    def _turning(
        self,
        known: Known,
        recommendations: dict[ReadingId, Recommendation],
        towards: str | None,
        smallest_only: bool,
    ) -> dict[ReadingId, tuple[str, Flips]]:
        return {
            reading: (
                recommendation.verdict,
                self._flips(known, recommendation, self._others(recommendation, towards), smallest_only),
            )
            for reading, recommendation in recommendations.items()
        }

    def _others(self, recommendation: Recommendation, towards: str | None) -> tuple[str, ...]:
        return tuple(o for o in self.pack.options if o != recommendation.verdict and towards in (None, o))

    def _flips(
        self, known: Known, recommendation: Recommendation, targets: Collection[str], smallest_only: bool
    ) -> Flips:
        many = self._compiled(recommendation.reading)
        return flips(many, profile_of(known), targets, smallest_only=smallest_only)

    def _splits(self, known: Known, recommendations: dict[ReadingId, Recommendation]) -> list[Split]:
        """What would settle each reading that is split, the article's first."""
        matrix = self._matrix(known, recommendations)
        return [
            explanation_replies.split(
                self.pack, known, matrix, reading, tie(self._compiled(reading), profile_of(known), recommendation)
            )
            for reading, recommendation in recommendations.items()
            if recommendation.verdict == SPLIT
        ]

    def _compiled(self, reading: ReadingId) -> ManyProfiles:
        if reading not in self._many:
            self._many[reading] = ManyProfiles(self._reasoner, reading)
        return self._many[reading]

    def _says_something(self, recommendations: dict[ReadingId, Recommendation], criterion: str) -> bool:
        return any(recommendation.rows[criterion].firings for recommendation in recommendations.values())


def _ending(recommendation: Recommendation) -> tuple[str, frozenset[str]]:
    """Where a reading ends, and what settles it beyond its rows."""
    return recommendation.verdict, frozenset(firing.rule for firing in recommendation.decisive)


def first_advice(advice: Advice) -> Advice:
    """The advice to show beside a verdict: what rests on the user's words, and what not to start on in those areas."""
    areas = {item.area for item in advice.items if item.evidence}
    wanted = [item for item in advice.items if item.evidence or (item.never and item.area in areas)]
    kept = tuple(wanted[:_FIRST_ADVICE])
    return advice.model_copy(update={"items": kept, "more": len(advice.items) - len(kept)})
