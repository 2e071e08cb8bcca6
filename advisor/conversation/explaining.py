"""The replies that explain: why, why not, what would change it, and the matrix with its verdict."""

from __future__ import annotations

from advisor.conversation import replies
from advisor.conversation.blocks import Matrix, Observation
from advisor.conversation.draft import Draft
from advisor.conversation.transcript import profile_of
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.next_question import outlook
from advisor.reasoning.recommendation import INSUFFICIENT, ReadingId, Reasoner, Recommendation
from advisor.reasoning.sensitivity import smallest_flips

_MAX_FLIPS = 4


class Explainer:
    """Explains what a reasoner concludes from a conversation's observations; each method adds to a draft."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.pack = reasoner.pack
        self._reasoner = reasoner

    def why(self, draft: Draft, criterion: str | None) -> None:
        recommendation = self.recommend(draft.state.observations)["article"]
        rows = [criterion] if criterion else [row.criterion for row in recommendation.rows.values() if row.firings]
        if not rows:
            draft.note("Nothing is known about your project yet, so there is nothing to explain. Tell me about it.")
            return
        draft.blocks.append(replies.explanation(self.pack, recommendation, draft.state.observations, rows))
        draft.show_verdict = criterion is None

    def why_ask(self, draft: Draft) -> None:
        if draft.state.pending is None:
            draft.note("No question is open.")
            return
        attribute = self.pack.attributes[draft.state.pending]
        leans = self.recommend(draft.state.observations)["article"].leans
        ways = outlook(self.pack, leans).ways
        endings = ", ".join(f"{self.pack.say(verdict)} in {count}" for verdict, count in sorted(ways.items()))
        row = self.pack.criteria[attribute.criterion or ""].title
        draft.note(
            f"The row “{row}” waits for it. The open rows can still turn out in {sum(ways.values())} ways: {endings}."
        )

    def why_not(self, draft: Draft, option: str | None) -> None:
        leans = self.recommend(draft.state.observations)["article"].leans
        tally = {name: list(leans.values()).count(name) for name in self.pack.options}
        option = option or min(tally, key=lambda name: tally[name])
        others = [row for row, lean in leans.items() if lean not in (option, UNKNOWN)]
        open_rows = [self.pack.criteria[row].short for row, lean in leans.items() if lean == UNKNOWN]
        needed = self.pack.manifest.decisive_rows
        text = f"{self.pack.say(option)} has {tally[option]} of the {needed} rows it needs."
        if open_rows:
            text += f" Still open: {', '.join(open_rows)}."
        draft.note(text)
        if others:
            recommendation = self.recommend(draft.state.observations)["article"]
            draft.blocks.append(replies.explanation(self.pack, recommendation, draft.state.observations, others))

    def what_would_change(self, draft: Draft) -> None:
        leans = self.recommend(draft.state.observations)["article"].leans
        flips = smallest_flips(self.pack, leans)
        rows = [
            " and ".join(f"{self.pack.criteria[row].short} {self._leaning(lean)}" for row, lean in flip.items())
            for flip in flips[:_MAX_FLIPS]
        ]
        size = len(flips[0]) if flips else 0
        more = f" There are {len(flips)} such changes in all." if len(flips) > _MAX_FLIPS else ""
        one = "one row" if size == 1 else f"{size} rows together"
        draft.note(f"It takes {one} to turn the verdict: " + "; or ".join(rows) + "." + more)

    def _leaning(self, lean: str) -> str:
        return f"leaning {self.pack.say(lean)}" if lean in self.pack.options else lean

    def recap(self, draft: Draft) -> None:
        draft.show_matrix = draft.show_verdict = True

    def conclude(self, draft: Draft) -> Matrix:
        """Adds the matrix and the verdict where they changed or were asked for; returns the matrix."""
        matrix = self.matrix(draft.state.observations)
        changed = draft.state.observations != draft.before.observations
        verdicts = {state.reading: state.verdict for state in matrix.readings}
        if changed or draft.show_matrix:
            draft.blocks.append(matrix)
        if changed:
            before = self.recommend(draft.before.observations)
            turned = any(before[reading].verdict != verdict for reading, verdict in verdicts.items())
            draft.show_verdict = draft.show_verdict or (turned and verdicts["article"] != INSUFFICIENT)
        if draft.show_verdict:
            draft.blocks.append(replies.verdict(self.pack, matrix))
        return matrix

    def recommend(self, observations: tuple[Observation, ...]) -> dict[ReadingId, Recommendation]:
        return self._reasoner.recommend(profile_of(observations))

    def matrix(self, observations: tuple[Observation, ...]) -> Matrix:
        return replies.matrix(
            self.pack, self.recommend(observations), observations, same_rules=not self._reasoner.amendments
        )
