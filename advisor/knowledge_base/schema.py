"""What a knowledge pack may contain: one frozen model for each kind of thing in it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

UNKNOWN = "unknown"
NEUTRAL = "neutral"

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]

ClaimStatus = Literal["holds", "partly", "outdated", "contested", "unverifiable"]

Role = Literal["rules_out", "keeps", "beyond", "choice", "advises", "warns"]
"""What a derived attribute does beyond the rows. Only rules of the amended reading conclude one.

`rules_out`: its values are options; what is concluded cannot be the verdict, which then is the other option, or a split
when both are ruled out. `keeps`: its values are options; what is concluded is the verdict whatever the tally says,
unless it is ruled out or both are kept. `beyond`: ways that are neither option; shown beside the verdict and never
acting on it. `advises` and `warns`: what follows from the choice, to do or never to start on; the attribute's title is
the area, a value's label the advice. `choice`: the options that a reading proposes, given by the reasoner and never
concluded; only rules that conclude advice may ask for it.
"""


class Part(BaseModel):
    """Base of everything in a pack: immutable, and strict about unknown fields so that typing slips are seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identified(Part):
    """A part that others refer to by its id."""

    id: Identifier


class Option(Identified):
    """One of the things to choose between."""

    name: Line


class Reading(Part):
    """One way of reading the decision matrix."""

    id: Literal["article", "amended"]
    title: Line
    note: Line


class Article(Part):
    """The publication whose matrix the pack implements."""

    title: Line
    authors: tuple[Line, ...]
    publisher: Line
    date: datetime.date
    source: Identifier


class Manifest(Identified):
    """pack.yaml: what the pack decides, between what, and as of when."""

    title: Line
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    as_of: datetime.date
    question: Line
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=2)]
    decisive_rows: Annotated[int, Field(ge=1)]
    article: Article
    readings: Annotated[tuple[Reading, ...], Field(min_length=2, max_length=2)]


class Criterion(Identified):
    """One row of the decision matrix."""

    title: Line
    short: Line
    sides: dict[Identifier, Line]
    attribute: Identifier
    how_to_find_out: Line
    changeable: bool


class Attribute(Identified):
    """One thing that can be known about a project, with its closed set of values.

    `values` maps a value's id to its label. `unknown` is always possible and never listed. `absence` names the value
    that means "none of the others"; `opposites` maps a value to the one that denying it states; `minority` maps it to
    the one that holds when it is true of a few people only; `answers` maps a bare yes or no to a value. `compatible`
    lists values of which one message may name several without contradicting itself, the last one counting, although
    there is only one value; or values that may hold beside `absence`. `detail_of`: the attribute that this one adds
    to; taken back, it takes this one along. A `derived` attribute is concluded by rules and never said; with a `role`
    it acts beyond rows.
    """

    criterion: Identifier | None = None
    title: Line
    question: Line | None = None
    multiple: bool = False
    derived: bool = False
    role: Role | None = None
    absence: Identifier | None = None
    changeable: bool = True
    how_to_find_out: Line | None = None
    answers: dict[Literal["yes", "no"], Identifier] = {}
    opposites: dict[Identifier, Identifier] = {}
    minority: dict[Identifier, Identifier] = {}
    detail_of: Identifier | None = None
    compatible: tuple[Annotated[tuple[Identifier, ...], Field(min_length=2)], ...] = ()
    values: Annotated[dict[Identifier, Line], Field(min_length=1)]

    @model_validator(mode="after")
    def _values_are_known(self) -> Attribute:
        used = [self.absence] if self.absence else []
        used += [*self.answers.values(), *self.opposites, *self.opposites.values()]
        used += [*self.minority, *self.minority.values()]
        used += [value for group in self.compatible for value in group]
        if strangers := sorted({value for value in used if value not in self.values}):
            raise ValueError(f"not among the values of this attribute: {', '.join(strangers)}")
        if UNKNOWN in self.values:
            raise ValueError("unknown is always possible; do not list it as a value")
        if not self.derived and not (self.question and self.how_to_find_out):
            raise ValueError("needs a question and how_to_find_out (only derived attributes go without)")
        if self.role and not self.derived:
            raise ValueError("only a derived attribute can have a role")
        return self


class Condition(Part):
    """An attribute has one of these values (`unknown`: nothing was said)."""

    attribute: Identifier
    values: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class Conclusion(Part):
    """What a rule concludes: a derived attribute's value, or the lean of a criterion."""

    name: Identifier
    value: Identifier


def _conditions(when: Any) -> Any:
    """Spells out the short form of `when`: a mapping, or a list of mappings, from attribute to value or values."""
    mappings = when if isinstance(when, list) else [when]
    if not all(isinstance(mapping, dict) for mapping in mappings):
        raise ValueError("write attribute: value, or a list of such mappings")
    return [
        {"attribute": name, "values": values if isinstance(values, list) else [values]}
        for mapping in mappings
        for name, values in mapping.items()
    ]


def _conclusion(then: Any) -> Any:
    if not isinstance(then, dict) or len(then) != 1:
        raise ValueError("write exactly one conclusion, as name: value")
    ((name, value),) = then.items()
    return {"name": name, "value": value}


def _given(given: Any) -> Any:
    """Spells out the short form of `given`: a mapping from attribute to one value, or to all values that are stated."""
    if not isinstance(given, dict):
        raise ValueError("write attribute: value for everything that is stated")
    return {name: values if isinstance(values, list) else [values] for name, values in given.items()}


class Example(Part):
    """A case beside its rule: whether the rule fires in its reading when exactly this was stated.

    `given`: attributes with all their values; unlike in a rule's conditions, several values are all stated at once.
    `then`: what the rule's row leans to in the end, whatever other rules add; or a value its derived attribute has.
    """

    given: Annotated[dict[Identifier, tuple[Identifier, ...]], BeforeValidator(_given)]
    fires: bool
    then: Identifier | None = None

    @model_validator(mode="after")
    def _says_what_comes_of_it(self) -> Example:
        if self.fires and self.then is None:
            raise ValueError("an example in which the rule fires says what comes of it: add then: and the value")
        return self


class Rule(Identified):
    """When all conditions hold, the conclusion holds, because of a sourced reason.

    A rule of the amended reading names the `strength` of its evidence, and its `erratum` if it is about a row; when it
    fires, the article rules that it `defeats` do not count in that reading. `examples` are its tests.
    """

    reading: Literal["article", "amended"]
    when: Annotated[tuple[Condition, ...], BeforeValidator(_conditions), Field(min_length=1)]
    then: Annotated[Conclusion, BeforeValidator(_conclusion)]
    because: Line
    claims: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    erratum: Line | None = None
    strength: Literal["strong", "medium"] | None = None
    defeats: tuple[Identifier, ...] = ()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _only_amendments_defeat(self) -> Rule:
        if (self.reading == "amended") != (self.strength is not None):
            raise ValueError("a rule of the amended reading, and no other, has a strength")
        if self.erratum and self.reading == "article":
            raise ValueError("a rule of the article reading cannot be an erratum")
        if self.defeats and self.reading == "article":
            raise ValueError("a rule of the article reading cannot defeat others")
        return self


class Source(Identified):
    """Where a claim comes from. `date`: when it was written, to the year, month or day; `checked`: when it was read."""

    title: Prose
    url: Line | None = None
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    checked: datetime.date | None = None
    note: Line | None = None

    @property
    def dated(self) -> str | None:
        """When it was written, or else when it was read; None when neither is known."""
        return self.date or (f"checked {self.checked.isoformat()}" if self.checked else None)


class Claim(Identified):
    """A checkable statement and what is true about it. `where`: the article's section, if it is the article's."""

    where: Line | None = None
    claim: Prose
    status: ClaimStatus
    truth: Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)] = ""
    sources: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    matters: Prose


class Entry(Identified):
    """One FAQ answer with the ways people ask for it."""

    question: Line
    claims: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    sources: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    related: tuple[Identifier, ...] = ()
    follow_ups: tuple[Line, ...] = ()
    phrasings: Annotated[tuple[Line, ...], Field(min_length=1)]
    answer: Prose


class OutOfScope(Part):
    """Example questions that the FAQ does not answer: of the same field (`near`) and of any other (`off`)."""

    near: tuple[Line, ...]
    off: tuple[Line, ...]
