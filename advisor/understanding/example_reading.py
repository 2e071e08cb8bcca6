"""Weighs what phrases found in a text against its likeness to the pack's examples: what counts, what is asked about.

Phrases alone miss what nobody foresaw and trust words that only look like a statement; likeness alone misses what is
said in passing; the message network knows whose facts they are, but not every name. Each corrects the others, by
weights fitted on texts that phrases were not mended with. Of a message by itself, what the network is sure of stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from advisor.knowledge_base.language_schema import Language, Weighing
from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.array_cache import ArrayCache
from advisor.understanding.encoder import SentenceEncoder
from advisor.understanding.labelled_messages import labelled_texts
from advisor.understanding.mentions import Extraction, Mention, Observation, Stance
from advisor.understanding.message_network import MessageNetwork, load_message_network
from advisor.understanding.passages import SeenText, holds, passages_of
from advisor.understanding.remarks import Read
from advisor.understanding.sentence_view import NEGATING
from advisor.understanding.statement_examples import StatementExamples
from advisor.understanding.weighing import Signals, chance

_CLAUSE_MALUS = 0.05
"""A clause is compared out of its sentence, so its likeness counts a little less."""

_NOT_STATED_MALUS = 0.2
"""Of words that state nothing plainly, when the words are chosen that show a thing best."""
_STANCES: dict[str, Stance] = {
    "hedge": "hedged",
    "past": "past",
    "other_party": "other_party",
    "hypothetical": "hypothetical",
}
"""How sentences with cues of these kinds are taken to be said."""
_NEVER_COUNTED: frozenset[Stance] = frozenset({"hedged", "asked", "hypothetical", "retracted", "denied", "past"})
"""What phrases know to be said in such a way, likeness alone makes no fact of."""
_ASKED_ABOUT: frozenset[Stance] = frozenset({"hedged", "other_party"})
"""What phrases set aside for another reason is not even asked about."""
_SURER = 0.9
"""From this chance on, the network is believed that what phrases took to be about others is about the project, and
which of two values of one attribute holds that phrases both found.
"""
_VERY_SURE = 0.99
"""And from this on, which of two attributes tells what is known now, where something was known before."""
_LEAST_CHANCE = 0.007
"""Or most, as far from certainty, that the network is believed to give."""
_FEW_SENTENCES = 2
"""In longer texts words about others mostly belong to something else, and likeness was right more often."""
_COUNTED = frozenset({"stated", "denied", "minority"})
_NEAR = 2
"""Words that a cue reaches which speaks only of what it stands beside: "a bit of"."""
_MOST_SENTENCES = 60
_MOST_QUOTED = 30
_MOST_OF_A_NAME = 2
_WORD = re.compile(r"[^\W\d_]+")
_TELLING = 4
"""Letters of the shortest word by which two texts are of one thing."""


class ExampleReader:
    """Reads texts by examples and weighs what they speak for."""

    def __init__(self, examples: StatementExamples, weighing: Weighing, network: MessageNetwork | None = None) -> None:
        self.examples = examples
        self.network = network
        self._values = tuple(group.values for group in examples.groups)
        self._weighing = weighing
        self._constants = tuple(weighing.constants[group.topic][group.name] for group in examples.groups)

    def read(
        self,
        text: str,
        reads: Sequence[Read],
        mentions: Sequence[Mention],
        settled: Extraction,
        known: Mapping[str, str] | None = None,
        spoken_for: bool = False,
    ) -> tuple[list[Mention], tuple[Mention, ...]]:
        """The mentions of a text, with those added or taken out that its likeness to examples speaks for.

        Beside them, what the text only seems to say of a topic that nothing else was found of. `settled`: what the
        mentions alone amount to. What is added counts as inferred. `known`: the group that was known of a topic before
        the text, where it is a message of its own: then what the network is sure of stands. `spoken_for`: the speaker
        speaks for others, as was said before; the network, which did not see that, then leaves out nothing.
        """
        result = list(mentions)
        unsure: list[Mention] = []
        seen = self._seen(text, reads)
        sure = {} if known is None else self._sure(seen, known, settled)
        if spoken_for:
            sure = {topic: (state, sureness) for topic, (state, sureness) in sure.items() if state != UNKNOWN}
        for topic, (state, sureness) in sure.items():
            own = [mention for mention in mentions if mention.attribute in self.examples.topics[topic]]
            left_out, added, asked = self._overruled(topic, state, sureness, known or {}, seen, own, settled)
            result = [*(mention for mention in result if mention not in left_out), *added]
            unsure += asked
        for topic, attributes, signals in self._signals(seen, mentions, settled):
            if topic in sure:
                continue
            own = [mention for mention in mentions if mention.attribute in attributes]
            left_out, added, asked = self._weighed(signals, seen, own, settled)
            result = [*(mention for mention in result if mention not in left_out), *added]
            unsure += asked
        return result, tuple(unsure)

    def _sure(self, seen: SeenText, known: Mapping[str, str], settled: Extraction) -> dict[str, tuple[str, float]]:
        """The topics of which the network is sure what is known after the text, a group or nothing, and its chance.

        What contradicts itself is for the user to settle; and who says but a name means it.
        """
        if self.network is None or seen.asks_only:
            return {}
        contradicted = {m.attribute for m in settled.set_aside if m.stance == "contradicted"}
        named = {o.attribute for o in settled.observations if _is_all(o, seen.text)}
        return {
            topic: (likeliest, states[likeliest])
            for topic, states in self.network.states_after(seen.text, known).items()
            if states[likeliest := max(states, key=lambda state: states[state])] >= self._weighing.sure_from
            and self.examples.topics[topic].isdisjoint(contradicted)
            and (likeliest != UNKNOWN or self.examples.topics[topic].isdisjoint(named))
        }

    def _overruled(
        self,
        topic: str,
        state: str,
        sureness: float,
        known: Mapping[str, str],
        seen: SeenText,
        mentions: Sequence[Mention],
        settled: Extraction,
    ) -> tuple[Sequence[Mention], Sequence[Mention], Sequence[Mention]]:
        """As `_weighed`, where the network is sure that `state` is what is known of a topic after the text."""
        columns = {g.name: column for column, g in enumerate(self.examples.groups) if g.topic == topic}
        found = {
            name: [o for o in settled.observations if (o.attribute, o.value) in self._values[column]]
            for name, column in columns.items()
        }
        wrong = [columns[name] for name, observations in found.items() if observations and name != state]
        counted = [m for m in mentions if m.stance in _COUNTED and m not in settled.set_aside]
        if wrong and state != UNKNOWN and not found[state] and self._is_denied(columns[state], seen, mentions):
            return (), (), ()
        if sum(map(bool, found.values())) > 1:
            of_state = {o.attribute for o in found.get(state, ())}
            against = {o.attribute for name, observations in found.items() if name != state for o in observations}
            # Of what nothing was known, different things may hold side by side: a cautious firm may have a trial.
            beside = of_state.isdisjoint(against) and (known.get(topic, UNKNOWN) == UNKNOWN or sureness < _VERY_SURE)
            if state == UNKNOWN or sureness < _SURER or beside:
                # What leans both ways leans nowhere.
                return (), (), ()
        right = frozenset() if state == UNKNOWN else self._values[columns[state]]
        left_out = [
            m
            for m in counted
            if self._tells(m, settled, wrong) and not (m.stance == "stated" and (m.attribute, m.value) in right)
        ]
        if state == UNKNOWN:
            return left_out, (), [_doubted(observations[0]) for observations in found.values() if observations]
        if state == known.get(topic) or found[state]:
            return left_out, (), ()
        noticed = [m for m in mentions if (m.attribute, m.value) in self._values[columns[state]]]
        if noticed:
            last = noticed[-1]
            reason = f"{last.reason.partition(', ')[0]}, as the whole message reads"
            read = [replace(last, stance="stated", obtained="inferred", reason=reason)]
            stances = {last.stance}
        else:
            read = self._likeliest(seen, columns[state])
            stances = self._hardly_stated(read, seen)
        # A message by itself may not tell for whom its writer speaks; then only the user can.
        is_asked = "other_party" in stances and sureness < _SURER
        return (left_out, (), read) if is_asked else (left_out, read, ())

    def _weighed(
        self, signals: Mapping[int, Signals], seen: SeenText, mentions: Sequence[Mention], settled: Extraction
    ) -> tuple[Sequence[Mention], Sequence[Mention], Sequence[Mention]]:
        """Of a topic's mentions, those to leave out; those to add; and those to ask about. `signals`: of its groups."""
        levels = self._weighing
        chances = {column: chance(signal, levels, self._constants[column]) for column, signal in signals.items()}
        best = max(chances, key=lambda column: chances[column])
        said = [column for column, signal in signals.items() if signal.said]
        is_sure, is_likely = chances[best] >= levels.counts_from, chances[best] >= levels.asked_from
        instead = self._likeliest(seen, best) if is_likely and best not in said else []
        if self._turns_around(instead, said, seen, settled) or self._is_absence_of_nothing(instead, seen):
            return (), (), ()
        because = self._set_aside(instead, best, mentions)
        if seen.sentences > _FEW_SENTENCES:
            because &= _NEVER_COUNTED
        if not said and seen.sentences <= _FEW_SENTENCES:
            because |= self._denied_otherwise(instead, best, seen)
            hardly = self._hardly_stated(instead, seen)
            # Likeness cannot tell whose facts they are, nor a doubt from a fact, however sure it is.
            because |= hardly if chances[best] < levels.overrules_from else hardly - {"past"}
        if because:
            return (), (), () if said or because - _ASKED_ABOUT else instead
        if seen.sentences == 1 and self._is_ignored(instead, seen, overruling=chances[best] >= levels.overrules_from):
            return (), (), () if said else instead
        doubted = [
            column
            for column in said
            if chances[column] < levels.doubted_below
            and not self._is_said_by_denying(column, seen, mentions)
            and not self._replaces(column, seen, settled)
        ]
        left_out: list[Mention] = []
        if doubted and (is_sure or len(said) == 1):
            counted = [m for m in mentions if m.stance in _COUNTED and m not in settled.set_aside]
            # Where nothing is left of what phrases found, its repetitions and denials go too.
            left_out = counted if doubted == said else [m for m in counted if self._tells(m, settled, doubted)]
        if is_sure:
            return left_out, instead, ()
        found = [_doubted(o) for o in settled.observations if (o.attribute, o.value) in self._values[best]]
        return left_out, (), (instead or found[:1]) if is_likely and doubted == said else ()

    def _set_aside(self, found: Sequence[Mention], column: int, mentions: Sequence[Mention]) -> set[Stance]:
        """In what ways the words found speak of values of a group, where phrases know that they do not state them."""
        return {
            mention.stance
            for mention in mentions
            if mention.stance != "stated" and (mention.attribute, mention.value) in self._values[column]
            if any(words.start <= mention.start < words.end for words in found)
        }

    def _hardly_stated(self, found: Sequence[Mention], seen: SeenText) -> set[Stance]:
        """In what ways the sentences of the words found state nothing plainly, whatever phrases found in them."""
        return {
            _STANCES[cue.group.kind]
            for passage in seen.passages
            if any(holds(passage.read, mention.start) for mention in found)
            for cue in passage.read.view.cues
            if cue.group.kind in _STANCES and cue.group.reach > _NEAR
        }

    def _denied_otherwise(self, found: Sequence[Mention], column: int, seen: SeenText) -> set[Stance]:
        """Whether an absence that was found is but the denial of something else: "we dropped X" is like "no device"."""
        attributes = self.examples.topics[self.examples.groups[column].topic]
        denied = any(
            mention.stance == "denied" and mention.attribute not in attributes
            for passage in seen.passages
            if any((m.attribute, m.value) in passage.read.view.absences and holds(passage.read, m.start) for m in found)
            for mention in passage.read.mentions
        )
        return {"denied"} if denied else set()

    def _turns_around(self, found: Sequence[Mention], said: Sequence[int], seen: SeenText, settled: Extraction) -> bool:
        """Whether what was found is only what a negated sentence denies: of "not experimental", which phrases took to
        say the opposite, likeness sees "experimental".
        """
        values = frozenset[tuple[str, str]]().union(*(self._values[column] for column in said))
        places = [o.start for o in settled.observations if (o.attribute, o.value) in values]
        return any(
            passage.negates
            and any(
                holds(passage.read, m.start) and (m.attribute, m.value) not in passage.read.view.absences for m in found
            )
            and any(holds(passage.read, place) for place in places)
            for passage in seen.passages
        )

    def _is_said_by_denying(self, column: int, seen: SeenText, mentions: Sequence[Mention]) -> bool:
        """Whether the words of a value deny another one, in a lone sentence: likeness sees but what they deny."""
        return seen.sentences == 1 and any(
            m.by_denying and m.stance == "stated" and (m.attribute, m.value) in self._values[column] for m in mentions
        )

    def _is_denied(self, column: int, seen: SeenText, mentions: Sequence[Mention]) -> bool:
        """Whether a lone sentence says by denying what its likest example of a group says plainly: "no prototype"."""
        if seen.sentences != 1:
            return False
        example = set(_WORD.findall(self.examples.nearest(seen.text, column).example.casefold()))
        if not example.isdisjoint(NEGATING):
            return False
        denying = (m.quote.casefold() for m in mentions if m.by_denying and m.stance == "stated")
        return any(example & {word for word in _WORD.findall(quote) if len(word) >= _TELLING} for quote in denying)

    def _replaces(self, column: int, seen: SeenText, settled: Extraction) -> bool:
        """Whether phrases found a value in a lone sentence that says of another one that it is gone: likeness cannot
        tell which of them is.
        """
        said = [o for o in settled.observations if (o.attribute, o.value) in self._values[column]]
        gone = [m for m in settled.set_aside if m.stance in ("denied", "past")]
        return seen.sentences == 1 and any(
            o.attribute == m.attribute and o.value != m.value for o in said for m in gone
        )

    def _is_absence_of_nothing(self, found: Sequence[Mention], seen: SeenText) -> bool:
        """Whether an absence that was found is of nothing that its sentence speaks of: "the lawyers said no"."""
        return any(
            (mention.attribute, mention.value) in passage.read.view.absences
            and mention.attribute not in passage.read.touched
            for passage in seen.passages
            for mention in found
            if holds(passage.read, mention.start)
        )

    def _is_ignored(self, found: Sequence[Mention], seen: SeenText, *, overruling: bool) -> bool:
        """Whether phrases know that words like those found are not about the project.

        `overruling`: only where these are words that name a value.
        """
        reads = [passage.read for passage in seen.passages]
        return any(m.attribute in (read.misnamed if overruling else read.ignored) for m in found for read in reads)

    def _tells(self, mention: Mention, settled: Extraction, columns: Sequence[int]) -> bool:
        """Whether a mention says, or amounts to, a value of these groups."""
        values = frozenset[tuple[str, str]]().union(*(self._values[column] for column in columns))
        place = (mention.attribute, mention.start, mention.end)
        return (mention.attribute, mention.value) in values or any(
            (o.attribute, o.value) in values and (o.attribute, o.start, o.end) == place for o in settled.observations
        )

    def signals(
        self, text: str, reads: Sequence[Read], mentions: Sequence[Mention], settled: Extraction
    ) -> dict[tuple[str, str], Signals]:
        """The signals of every group that is weighed in a text, by its topic and name; see `read`."""
        groups = self.examples.groups
        return {
            (groups[column].topic, groups[column].name): signal
            for _, _, signals in self._signals(self._seen(text, reads), mentions, settled)
            for column, signal in signals.items()
        }

    def _signals(
        self, seen: SeenText, mentions: Sequence[Mention], settled: Extraction
    ) -> Iterator[tuple[str, frozenset[str], dict[int, Signals]]]:
        """Each topic that is to be weighed, its attributes, and the signals of its groups.

        What phrases found stands unweighed where it contradicts itself, is of none of the groups or of several in one
        sentence, is too short to be like anything, or says it of a few; and in mere questions.
        """
        groups = self.examples.groups
        for topic, attributes in self.examples.topics.items():
            columns = [column for column, group in enumerate(groups) if group.topic == topic]
            found = [o for o in settled.observations if o.attribute in attributes]
            said = {
                column: places
                for column in columns
                if (places := [o.start for o in found if (o.attribute, o.value) in self._values[column]])
            }
            contradicted = any(m.stance == "contradicted" and m.attribute in attributes for m in settled.set_aside)
            stands = (found and not said) or any(seen.stands(m) for m in mentions if m.attribute in attributes)
            if not seen.asks_only and not contradicted and not stands and not seen.says_both(said.values()):
                yield topic, attributes, {column: _signal(seen, column, columns, said) for column in columns}

    def _seen(self, text: str, reads: Sequence[Read]) -> SeenText:
        passages = passages_of(reads[:_MOST_SENTENCES])
        scores = self.examples.scores([*(passage.text for passage in passages), text])
        parts = [at for at, passage in enumerate(passages) if passage.text != passage.read.view.sentence.text]
        scores[parts] -= _CLAUSE_MALUS
        return SeenText(text, len(reads), passages, scores[:-1], scores[-1], self._log_odds(text))

    def _log_odds(self, text: str) -> list[float]:
        """How surely the network reads each group in a text, within limits."""
        groups = self.examples.groups
        if self.network is None:
            return [0.0] * len(groups)
        after = self.network.states_after(text, {})
        return [_log_odds(after[group.topic][group.name]) for group in groups]

    def _likeliest(self, seen: SeenText, column: int) -> list[Mention]:
        """What the passage that is likest to examples of a group says; nothing where its words only look like that."""
        scores = [
            -1 if passage.is_fragment else float(score) - (0 if passage.states else _NOT_STATED_MALUS)
            for score, passage in zip(seen.scores[:, column], seen.passages, strict=True)
        ]
        passage = seen.passages[int(np.argmax(scores))]
        if passage.is_fragment:
            return []
        likeness = self.examples.nearest(passage.text, column)
        tokens = [t for t in passage.read.view.tokens if passage.start <= t.start and t.end <= passage.end]
        if not tokens:
            return []
        start, end = tokens[0].start, tokens[min(len(tokens), _MOST_QUOTED) - 1].end
        reason = f"like “{likeness.example}”"
        quote = seen.text[start:end]
        return [Mention(likeness.attribute, likeness.value, start, end, quote, "stated", "inferred", reason)]


def example_reader(
    language: Language,
    encoder: SentenceEncoder,
    cache: ArrayCache | None = None,
) -> ExampleReader | None:
    """The reader of a pack's language, if it has examples."""
    if language.weighing is None:
        return None
    examples = StatementExamples(language.statements, partial(labelled_texts, language), encoder, cache)
    topics = {topic: tuple(groups) for topic, groups in language.statements.topics.items()}
    return ExampleReader(examples, language.weighing, load_message_network(language.message_network, topics))


def _is_all(found: Observation, text: str) -> bool:
    """Whether a text says nothing but a name: "Wear OS"."""
    beside = any(map(str.isalnum, text[: found.start] + text[found.end :]))
    return not beside and len(found.quote.split()) <= _MOST_OF_A_NAME


def _log_odds(chance: float) -> float:
    within = min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)
    return math.log(within / (1 - within))


def _doubted(found: Observation) -> Mention:
    return Mention(
        found.attribute, found.value, found.start, found.end, found.quote, "stated", "inferred", found.reason
    )


def _signal(seen: SeenText, column: int, columns: Sequence[int], said: Mapping[int, Sequence[int]]) -> Signals:
    """`columns`: of all groups of the topic. `said`: where phrases found values of each group that they found."""
    likeness = [float(score) for score in seen.scores[:, column]]
    pairs = list(zip(likeness, seen.passages, strict=True))
    places = said.get(column, ())
    return Signals(
        column in said,
        bool(said.keys() - {column}),
        float(seen.of_text[column]),
        max(likeness),
        max((score for score, passage in pairs if passage.states), default=0.0),
        max((score for score, passage in pairs if any(holds(passage.read, place) for place in places)), default=0.0),
        max((float(seen.scores[:, other].max()) for other in columns if other != column), default=0.0),
        math.log(seen.sentences),
        seen.of_network[column],
    )
