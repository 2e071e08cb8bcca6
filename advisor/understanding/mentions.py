"""What extraction finds in a text: mentions of attribute values, and the observations among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Stance = Literal[
    "stated",
    "denied",
    "minority",
    "hedged",
    "past",
    "other_party",
    "hypothetical",
    "asked",
    "retracted",
    "contradicted",
]
"""In what way a text speaks of a value."""

Obtained = Literal["said", "inferred"]


class AttributeLike(Protocol):
    """What extraction needs to know of an attribute of the pack."""

    @property
    def id(self) -> str: ...
    @property
    def multiple(self) -> bool: ...
    @property
    def absence(self) -> str | None: ...
    @property
    def opposites(self) -> Mapping[str, str]: ...
    @property
    def minority(self) -> Mapping[str, str]: ...
    @property
    def compatible(self) -> Sequence[Sequence[str]]: ...


ANY_VALUE = ""
"""The value of a mention that speaks of whatever was known of its attribute."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the text that speaks of an attribute value, whatever it says about it.

    `by_denying`: its words say the value by denying another one ("we are not X people").
    """

    attribute: str
    value: str
    start: int
    end: int
    quote: str
    stance: Stance
    obtained: Obtained
    reason: str
    by_denying: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """A value that the text gives an attribute of the speaker's project; `quote` is text[start:end]."""

    attribute: str
    value: str
    quote: str
    start: int
    end: int
    obtained: Obtained
    reason: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What counts, what was noticed but set aside, and what some sentences only seem to say: to be asked about."""

    observations: tuple[Observation, ...]
    set_aside: tuple[Mention, ...]
    unsure: tuple[Mention, ...] = ()
