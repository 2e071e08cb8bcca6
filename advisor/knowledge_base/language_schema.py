"""The files that say how people put things: phrases for attribute values, and the cues of English.

The phrase syntax itself is explained at the top of `phrases/lists.yaml` in the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator

from advisor.knowledge_base.labelled_descriptions import DescriptionsFile
from advisor.knowledge_base.labelled_dialogues import DialoguesFile
from advisor.knowledge_base.schema import Identifier, Part
from advisor.knowledge_base.yaml_document import PackError, Problem, YamlDocument, read_text

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
ListName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Weight = Annotated[float, Field(ge=-50, le=50)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]

CueKind = Literal[
    "negation",
    "dropped",
    "hedge",
    "past",
    "other_party",
    "outsider",
    "given",
    "spokesperson",
    "hypothetical",
    "correction",
    "retraction",
    "minority",
    "neutral",
]
CueDirection = Literal["forward", "back", "clause", "sentence", "within"]

MESSAGE_NETWORK = "message_network.safetensors"
"""A pack's network, see `advisor.understanding.message_network`."""

PartT = TypeVar("PartT", bound=Part)

_SWALLOWED = "what follows ' #' is read as a comment; put the text in quotes, or the comment on a line of its own"


class ValuePhrases(Part):
    """How people say one value of an attribute.

    `said`: plain words for it. `implied`: product names and other signs of it. `in_context`: words that count
    only in a sentence that also has one of the attribute's `context` words, or in a bare note.
    `if_denied`: words that count only when denied. `together`: sets of the attribute's `clues`; one set that is
    complete within neighbouring sentences implies the value.
    """

    said: tuple[Phrase, ...] = ()
    implied: tuple[Phrase, ...] = ()
    in_context: tuple[Phrase, ...] = ()
    if_denied: tuple[Phrase, ...] = ()
    together: tuple[Annotated[tuple[ListName, ...], Field(min_length=2)], ...] = ()


class EachValue(Part):
    """Phrases that say several values in the same way: `<name>` in them stands for the list of each value in turn.

    `names`: the list that names each of these values.
    """

    names: Annotated[dict[Identifier, ListName], Field(min_length=1)]
    said: tuple[Phrase, ...] = ()
    in_context: tuple[Phrase, ...] = ()


class AttributePhrases(Part):
    """One file of `phrases/`: how people talk about an attribute. `ignore`: words that only look like it.
    `reopened`: words that take back whatever was known of it ("our developer has quit").

    `clues`: words that say nothing alone but together imply a value ("no signal" and "the box must decide").
    `each`: phrases written once for several values.
    """

    attribute: Identifier
    lists: dict[ListName, tuple[Phrase, ...]] = Field(default_factory=dict)
    clues: dict[ListName, tuple[Phrase, ...]] = Field(default_factory=dict)
    context: tuple[Phrase, ...] = ()
    ignore: tuple[Phrase, ...] = ()
    reopened: tuple[Phrase, ...] = ()
    each: EachValue | None = None
    values: Annotated[dict[Identifier, ValuePhrases], Field(min_length=1)]

    def said_for_each(self) -> Iterator[tuple[str, Literal["said", "in_context"], str]]:
        """The value, the kind and the text of every phrase written once for several values."""
        if self.each is None:
            return
        for value, name in self.each.names.items():
            yield from ((value, "said", phrase.replace("<name>", f"<{name}>")) for phrase in self.each.said)
            yield from ((value, "in_context", phrase.replace("<name>", f"<{name}>")) for phrase in self.each.in_context)

    @model_validator(mode="after")
    def _clues_exist(self) -> AttributePhrases:
        for value, ways in self.values.items():
            unknown = {name for names in ways.together for name in names} - self.clues.keys()
            if unknown:
                raise ValueError(f"{value}: there are no clues called {', '.join(sorted(unknown))}")
        if self.each and (strangers := self.each.names.keys() - self.values.keys()):
            raise ValueError(f"each: there are no values called {', '.join(sorted(strangers))}")
        return self


class Statements(Part):
    """statements.yaml of a pack: example sentences for what no phrase foresees.

    `topics`: for each topic, named groups of values that people express alike, with examples for each attribute and
    value. `nothing`: sentences that say nothing of any topic.
    """

    topics: dict[Identifier, dict[Identifier, dict[Identifier, dict[Identifier, tuple[Phrase, ...]]]]] = Field(
        default_factory=dict
    )
    nothing: tuple[Phrase, ...] = ()

    def every_example(self) -> Iterator[str]:
        """All sentences, in order."""
        for groups in self.topics.values():
            for group in groups.values():
                for values in group.values():
                    for texts in values.values():
                        yield from texts
        yield from self.nothing


class Weighing(Part):
    """weighing.yaml of a pack: how surely a text says something of a group, by a logistic regression over its signals.

    `constants`: of each topic's groups. The weights are of: `said` and `rival_said`, whether phrases found a value of
    the group, or of another group of its topic; the likeness to what says values of the group (0 to 1) of the whole
    text, `likeness_of_text`, and the greatest of any passage, `likeness_anywhere`, of those that state something,
    `likeness_stated`, and of those in which phrases found the value, `likeness_where_said`; the greatest of any passage
    to another group of the topic, `rival_likeness`; `length`, the natural logarithm of the number of sentences; and
    `network`, the log-odds by which the message network reads the group in the text, 0 without one.

    It counts from a chance of `counts_from` on, and is asked about from `asked_from` on; what phrases found is left out
    below `doubted_below`. In a short message it counts only from `overrules_from` on where phrases know such words to
    be of no concern, or where it speaks of the past. `gone_from` and `replaced_from` (0 to 1): how much a message must
    read as if something known no longer held, or as if something else held instead, to be taken so. `sure_from`: from
    this chance on, what the message network reads in a message stands.
    """

    constants: dict[Identifier, dict[Identifier, Weight]]
    said: Weight
    rival_said: Weight
    likeness_of_text: Weight
    likeness_anywhere: Weight
    likeness_stated: Weight
    likeness_where_said: Weight
    rival_likeness: Weight
    length: Weight
    network: Weight = 0.0
    counts_from: Annotated[float, Field(gt=0, lt=1)]
    asked_from: Annotated[float, Field(gt=0, lt=1)]
    doubted_below: Annotated[float, Field(ge=0, lt=1)]
    overrules_from: Annotated[float, Field(gt=0, le=1)] = 1
    gone_from: Annotated[float, Field(gt=0, le=1)] = 1
    replaced_from: Annotated[float, Field(gt=0, le=1)] = 1
    sure_from: Annotated[float, Field(gt=0, le=1)] = 1


class SharedLists(Part):
    """phrases/lists.yaml: word lists that any phrase file may use.

    `subjects`: names that a question typed without a question mark may be about.
    """

    lists: dict[ListName, tuple[Phrase, ...]]
    subjects: tuple[Word, ...] = ()


class CueGroup(Part):
    """Cues that work alike. `reach`: how many words away they act; `stops`: words at which they stop acting;
    `at_end`: they act only as the last words of their clause; `unless_spoken_for`: not where the speaker has said to
    speak for others ("asking for a client") or to build it with them ("my brother and I"): then it is their
    project; `refers_back`: only after a word about people outside the project.
    """

    kind: CueKind
    direction: CueDirection
    reach: Annotated[int, Field(ge=0, le=60)] = 40
    stops: tuple[Word, ...] = ()
    at_end: bool = False
    unless_spoken_for: bool = False
    refers_back: bool = False
    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1)]


class Cues(Part):
    """knowledge/english/cues.yaml: how English denies, hedges, reports and corrects.

    `connecting`: words that lead from one fact to the next within a clause; a quote of the latter begins with them.
    """

    lists: dict[ListName, tuple[Phrase, ...]] = Field(default_factory=dict)
    first_person: tuple[Word, ...]
    anaphora: tuple[Word, ...]
    possessives: tuple[Word, ...]
    connecting: tuple[Word, ...] = ()
    answers_no: tuple[Phrase, ...]
    answers_open: tuple[Phrase, ...] = ()
    answers_yes: tuple[Phrase, ...]
    cues: Annotated[tuple[CueGroup, ...], Field(min_length=1)]


class Spelling(Part):
    """knowledge/english/spelling.yaml: chat spellings, and words never to be taken for a misspelling.

    `supposed`: past forms, by the present that they stand for where something is supposed ("if it ran on phones").
    """

    written: dict[Word, Phrase]
    supposed: dict[Word, Phrase]
    never_corrected: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """Everything the extraction of attributes reads. `phrases` is keyed by attribute.

    `weighing` is there wherever `statements` has topics. `message_network`: where a pack keeps one, if it has;
    `network_dialogues`: what only that learns from, beside all else, as likeness gains nothing by more of them.
    """

    phrases: Mapping[str, AttributePhrases]
    lists: Mapping[str, tuple[str, ...]]
    cues: Cues
    spelling: Spelling
    statements: Statements
    descriptions: DescriptionsFile
    dialogues: DialoguesFile
    network_dialogues: DialoguesFile
    message_network: Path
    weighing: Weighing | None = None
    subjects: frozenset[str] = frozenset()


def load_language(pack: Path, english: Path) -> Language:
    """Read a pack's phrase files and the cues of English; raises PackError with every problem found."""
    problems: list[Problem] = []
    phrases: dict[str, AttributePhrases] = {}
    for path in sorted((pack / "phrases").glob("*.yaml")):
        if path.name == "lists.yaml":
            continue
        part = _read(path, AttributePhrases, problems)
        if part and part.attribute in phrases:
            problems.append(
                Problem(f"phrases/{path.name}", None, "attribute", f"{part.attribute} has a phrase file already")
            )
        elif part:
            phrases[part.attribute] = part
    shared_file = pack / "phrases" / "lists.yaml"
    shared = _read(shared_file, SharedLists, problems) if shared_file.exists() else SharedLists(lists={})
    cues = _read(english / "cues.yaml", Cues, problems)
    spelling = _read(english / "spelling.yaml", Spelling, problems)
    examples = pack / "statements.yaml"
    statements = _read(examples, Statements, problems) if examples.exists() else Statements()
    weighing = _read(pack / "weighing.yaml", Weighing, problems) if statements and statements.topics else None
    if weighing is not None and statements is not None:
        problems.extend(
            Problem(f"{pack.name}/weighing.yaml", None, f"constants.{topic}.{group}", "is missing")
            for topic, groups in statements.topics.items()
            for group in groups
            if group not in weighing.constants.get(topic, {})
        )
    if problems or shared is None or cues is None or spelling is None or statements is None:
        raise PackError(problems)
    subjects = frozenset(name.casefold() for name in shared.subjects)
    descriptions = DescriptionsFile(pack / "descriptions.jsonl", statements.topics)
    dialogues = DialoguesFile(pack / "dialogues.jsonl", statements.topics)
    network_dialogues = DialoguesFile(pack / "network_dialogues.jsonl", statements.topics)
    return Language(
        phrases,
        shared.lists,
        cues,
        spelling,
        statements,
        descriptions,
        dialogues,
        network_dialogues,
        pack / MESSAGE_NETWORK,
        weighing,
        subjects,
    )


def _read(path: Path, model: type[PartT], problems: list[Problem]) -> PartT | None:
    try:
        name = f"{path.parent.name}/{path.name}"
        document = YamlDocument.parse(name, read_text(path, name))
        problems.extend(Problem(name, line, "", _SWALLOWED) for line in document.comments_beside_values())
        return model.model_validate(document.data)
    except PackError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        problems.extend(document.problem(found["loc"], found["msg"]) for found in error.errors())
    return None
