"""What can be picked after a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.block_content import offered
from tui.widgets.choice_list import Pick

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn

_MOST_FOLLOW_UPS = 3


def offers(turn: Turn) -> list[Pick | str]:
    """Topics and answers with their numbers, then what people ask next after an answer."""
    topics, answers = offered(turn)
    labels = [(question, question.rstrip("?")) for question in topics]
    entries: list[Pick | str] = [Pick(text, sends, number) for number, (text, sends) in enumerate(labels, 1)]
    if topics and answers:
        entries.append("Or answer the question above:")
    entries += [Pick(label, label, number) for number, label in enumerate(answers, len(topics) + 1)]
    if not entries:
        follow_ups = [text for block in turn.blocks if block.kind == "answer" for text in block.follow_ups]
        entries += [Pick(text, text, number) for number, text in enumerate(follow_ups[:_MOST_FOLLOW_UPS], 1)]
    return entries


def quick_actions(turn: Turn | None) -> list[tuple[str, str]]:
    """The actions worth a key of their own after a reply, with what they are called."""
    if turn is None:
        return []
    actions = [("why", "why"), ("flip", "what would turn it")] if turn.state.observations else []
    if turn.state.assumptions:
        return [("keep", "keep the what-if"), ("drop", "drop it"), *actions]
    return [*actions, ("undo", "undo")] if turn.state.observations else actions
