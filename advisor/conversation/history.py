"""What earlier turns left behind: the states that undo goes back to."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.conversation.transcript import State, Turn


def went_on_from(turns: Sequence[Turn]) -> list[State]:
    """The states from which turns went on, from the empty one to the present; those that were undone are gone."""
    held = [State()]
    for turn in turns:
        if _alike(turn.state, held[-1]):
            continue
        if len(held) > 1 and _alike(turn.state, held[-2]) and "undo" in turn.acts:
            held.pop()
        else:
            held.append(turn.state)
    return held


def since_reset(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns about the present project: from the last that began a new one on."""
    first = next((at for at in range(len(turns) - 1, -1, -1) if "reset" in turns[at].acts), 0)
    return turns[first:]


def told_last(turns: Sequence[Turn]) -> bool:
    """Whether the last message changed what is known."""
    before = turns[-2].state if len(turns) > 1 else State()
    return bool(turns) and not _alike(turns[-1].state, before)


def _alike(one: State, other: State) -> bool:
    """Whether the same is known and assumed."""
    return (one.observations, one.assumptions) == (other.observations, other.assumptions)
