"""Results of ``advisor recommend``, as JSON objects and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.assistant import Assistant
from advisor.conversation import replies
from advisor.conversation.blocks import Block, Note, Observation, Understood
from advisor.conversation.explaining import Explainer
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import profile_of
from advisor.reasoning.explanation import derivations, evidence, rules_used
from advisor.reasoning.inference import Fact
from advisor.reasoning.recommendation import ReadingId, Recommendation


def recommend_result(assistant: Assistant, text: str) -> dict[str, Any]:
    """What one description leads to: the rows with their evidence and rules, and both readings."""
    found = replies.observations(assistant.interpreter.extract(text).observations, turn=1)
    recommendations = assistant.reasoner.recommend(profile_of(found))
    return {
        "text": text,
        "criteria": criteria_json(assistant, recommendations, found),
        "readings": readings_json(recommendations),
        "beyond_rows": beyond_rows_json(recommendations),
        "advice": [
            item.model_dump(mode="json", include={"area", "text", "never", "option", "rules"})
            for item in Explainer(assistant.reasoner).advice_from(found).items
        ],
    }


def recommend_text(assistant: Assistant, text: str) -> str:
    """The same in words."""
    pack = assistant.pack
    extraction = assistant.interpreter.extract(text)
    found = replies.observations(extraction.observations, turn=1)
    explainer = Explainer(assistant.reasoner)
    matrix = explainer.matrix(found)
    aside = replies.set_aside(pack, extraction)
    blocks: list[Block] = []
    if found:
        blocks.append(Understood(items=tuple(replies.understood_item(pack, observation) for observation in found)))
    else:
        blocks.append(Note(text="Nothing in that bears on the five rows."))
    blocks += [aside] if aside else []
    blocks += [matrix, replies.verdict(pack, matrix)]
    if any(state.verdict in pack.options for state in matrix.readings):
        blocks.append(explainer.advice_from(found))
    return plain_text(blocks, pack.say)


def leans_result(assistant: Assistant, leans: Mapping[str, str]) -> dict[str, Any]:
    """What given leans of the rows lead to. Raises ValueError for an unknown criterion or lean."""
    recommendations = assistant.reasoner.from_leans(leans)
    return {
        "leans": dict(leans),
        "criteria": criteria_json(assistant, recommendations, ()),
        "readings": readings_json(recommendations),
    }


def criteria_json(
    assistant: Assistant, recommendations: Mapping[ReadingId, Recommendation], observations: Sequence[Observation]
) -> dict[str, Any]:
    """For each criterion its lean (by the article), the amended lean, the evidence and the rules that fired."""
    article, amended = recommendations["article"], recommendations["amended"]
    result = {}
    for criterion in assistant.pack.criteria:
        facts = set(evidence(article, criterion))
        result[criterion] = {
            "lean": article.rows[criterion].lean,
            "amended_lean": amended.rows[criterion].lean,
            "evidence": [
                {
                    "quote": o.quote,
                    "start": o.start,
                    "end": o.end,
                    "turn": o.turn,
                    "attribute": o.attribute,
                    "value": o.value,
                }
                for o in observations
                if Fact(o.attribute, o.value) in facts
            ],
            "rules": list(rules_used(derivations(article, criterion))),
        }
    return result


def readings_json(recommendations: Mapping[ReadingId, Recommendation]) -> dict[str, Any]:
    """For each reading its verdict and tally."""
    return {
        reading: {"verdict": recommendation.verdict, "tally": dict(recommendation.tally)}
        for reading, recommendation in recommendations.items()
    }


def beyond_rows_json(recommendations: Mapping[ReadingId, Recommendation]) -> dict[str, Any]:
    """For each reading where its rows alone end, which rules settle it otherwise, and all it concludes beyond rows."""
    return {
        reading: {
            "by_tally": recommendation.by_tally,
            "settled_by": [firing.rule for firing in recommendation.decisive],
            "conclusions": [
                {"name": firing.conclusion.name, "value": firing.conclusion.value, "rule": firing.rule}
                for firing in recommendation.overrides
            ],
        }
        for reading, recommendation in recommendations.items()
    }
