"""What counts in the end: denials mapped to values, the last statement of an attribute, and what is set aside.

Within one message nothing is chosen between statements that contradict each other: neither counts, and both are
handed back as contradicted, so that the reply can ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from advisor.understanding.mentions import AttributeLike, Extraction, Mention, Observation, Stance


def settle(mentions: Sequence[Mention], attributes: Mapping[str, AttributeLike]) -> Extraction:
    """Decide which mentions of a text, in its order, are observations."""
    ledger = _Ledger(attributes)
    for mention in mentions:
        ledger.enter(mention)
    return ledger.extraction()


class _Ledger:
    """The statements of a text so far: those that count, and those set aside."""

    def __init__(self, attributes: Mapping[str, AttributeLike]) -> None:
        self._attributes = attributes
        self._kept: list[Mention] = []
        self._aside: list[Mention] = []

    def extraction(self) -> Extraction:
        observations = tuple(
            Observation(m.attribute, m.value, m.quote, m.start, m.end, m.obtained, m.reason)
            for m in sorted(self._kept, key=_place)
        )
        return Extraction(observations, tuple(sorted(self._aside, key=_place)))

    def enter(self, mention: Mention) -> None:
        attribute = self._attributes.get(mention.attribute)
        counted = _counted(mention, attribute)
        if (counted is None or counted.value != mention.value) and self._takes_back(mention, attribute):
            return
        if counted is None:
            self._aside.append(mention)
        else:
            self._add(counted, attribute)

    def _takes_back(self, denial: Mention, attribute: AttributeLike | None) -> bool:
        """Let a denial undo what said the very same thing before it; whether the two contradict each other."""
        if attribute is None or not attribute.multiple or denial.value == attribute.absence:
            return False
        if denial.stance not in ("denied", "retracted"):
            return False
        said = (denial.attribute, denial.value)
        same = [m for m in self._kept if (m.attribute, m.value) == said and m.end <= denial.start]
        if not same or denial.stance == "retracted" or attribute.absence:
            self._put_aside(same, "stated")
            return False
        self._put_aside([*same, denial], "contradicted")
        return True

    def _add(self, new: Mention, attribute: AttributeLike | None) -> None:
        same = [old for old in self._kept if old.attribute == new.attribute]
        if any(old.value == new.value for old in same):
            return
        if self._is_contested(new, attribute):
            self._put_aside([new], "contradicted")
            return
        absence = attribute.absence if attribute else None
        if attribute is None or not attribute.multiple:
            against = [old for old in same if attribute is not None and _contradict(attribute, old.value, new.value)]
            if against:
                self._put_aside([*against, new], "contradicted")
                return
            self._put_aside(same, "stated")
        elif absence and new.value == absence:
            # A denial yields to what was said before, unless it takes back that very thing or both can be true.
            if any(_contradict(attribute, old.value, absence) for old in same):
                self._aside.append(replace(new, stance="denied"))
                return
        elif absence:
            denials = [old for old in same if old.value == absence and _contradict(attribute, new.value, absence)]
            self._put_aside(denials, "stated")
        self._kept.append(new)

    def _is_contested(self, new: Mention, attribute: AttributeLike | None) -> bool:
        """Whether the attribute was contradicted before: a further statement does not settle it."""
        return attribute is not None and any(
            m.stance == "contradicted"
            and m.attribute == new.attribute
            and (not attribute.multiple or m.value == new.value)
            for m in self._aside
        )

    def _put_aside(self, mentions: Iterable[Mention], stance: Stance) -> None:
        for mention in mentions:
            if mention in self._kept:
                self._kept.remove(mention)
            self._aside.append(replace(mention, stance=stance))


def _counted(mention: Mention, attribute: AttributeLike | None) -> Mention | None:
    """Map a denial to the value that it states; None for what states nothing."""
    if mention.stance == "stated":
        return mention
    if attribute is None:
        return None
    if mention.stance == "minority":
        few = attribute.minority.get(mention.value)
        return replace(mention, value=few) if few else None
    if mention.stance != "denied":
        return None
    value = attribute.opposites.get(mention.value)
    if value is None and attribute.absence and mention.value != attribute.absence:
        value = attribute.absence
    return replace(mention, value=value) if value else None


def _contradict(attribute: AttributeLike, one: str, other: str) -> bool:
    """Whether two values exclude each other: of an attribute that has one, or a value and "none of the others"."""
    return not any({one, other} <= set(group) for group in attribute.compatible)


def _place(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.attribute
