"""One utterance, read: what it says about the project, what it asks, and what it wants of the conversation."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from types import MappingProxyType

from advisor.knowledge_base.acts_schema import load_acts, load_names
from advisor.knowledge_base.language_schema import Language, load_language
from advisor.knowledge_base.pack import KnowledgePack
from advisor.understanding.act_reading import ActReader, Performed
from advisor.understanding.act_scopes import (
    TAKING_BACK,
    acting,
    assumed,
    blanked,
    outside,
    span_of,
)
from advisor.understanding.changed_facts import Change, ChangeReader
from advisor.understanding.clauses import Sentence, split_sentences
from advisor.understanding.dialogue_acts import ActRecognizer, RecognizedAct
from advisor.understanding.encoder import SentenceEncoder
from advisor.understanding.example_reading import ExampleReader, example_reader
from advisor.understanding.extraction import Extraction, Extractor
from advisor.understanding.faq_decision import Match
from advisor.understanding.question_matching import QuestionMatcher, is_follow_up
from advisor.understanding.supposing import Assumptions, Supposer

READ_LIMIT = 20_000
"""Characters of an utterance that are read; a longer one is kept whole but read only so far."""

_CONTEXT_LIMIT = 600
_MOST_REMEMBERED = 1_000
_CHANGING_BY_THEMSELVES = frozenset({"undo", "reset", "what_if", "forget_assumptions", "commit"})
"""Acts that say themselves what changes of all that is known or tried out."""
_ABOUT_OPTIONS = frozenset({"why", "why_not", "what_would_change", "what_changed", "how_sure", "advise", "recommend"})
"""Acts that name an option without saying anything of it."""
_TELLING_NOTHING = frozenset({"greeting", "thanks", "goodbye", "small_talk", "commit"})
_SAYING = frozenset({"denied", "past", "retracted", "contradicted", "other_party"})
"""Ways to speak of something that say, rather than ask."""
_TAKEN_BACK = frozenset({"denied", "past", "retracted"})
_SAYING_MORE = frozenset({"yes", "no", "confirm", "dispute", "dont_know", "thanks", "greeting"})
"""Acts whose sentence may tell of a change besides."""
_CLOSING = frozenset({"commit", "forget_assumptions"})
"""Acts that end a supposition."""
_WITH_NEWS = _CLOSING | {"retract", "undo"}
"""Acts beside which a sentence may also tell what is so."""
_EXPLAINED = TAKING_BACK - {"reset"}
"""Acts that people give reasons for in the same sentence."""
_NOT_SO = frozenset({"hedged", "hypothetical", "asked", "other_party"})
"""Ways to speak of something beside which a sentence tells of no change."""
_SECOND_QUESTION = re.compile(
    r",?\s+(?:and|plus)(?: also)?\s+(?=(?:is|are|do|does|did|can|could|will|would|should|has|have"
    r"|what|which|how|why|where|when|who)\b)",
    re.IGNORECASE,
)
"""Where a question is followed by another one in the same sentence."""
_LOOSE_WORDS = 8


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question in the user's words, and the FAQ topics that it matches."""

    text: str
    match: Match


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What one utterance means.

    `extraction` holds facts about the project; `assumptions`, those said only as a what-if. `acts` are the
    conversational moves in order. `changes`: what does not hold any more, if it was known. `remark`: nothing
    else was found in words that ask nothing. `foreign`: the words are not English and were not read at all.
    `falling_away`: the topics of which nothing would be known under these assumptions, with the words that say so.
    """

    acts: tuple[RecognizedAct, ...]
    extraction: Extraction
    assumptions: Extraction
    questions: tuple[AskedQuestion, ...]
    remark: bool
    foreign: bool = False
    changes: tuple[Change, ...] = ()
    falling_away: Mapping[str, Sentence] = field(default_factory=dict)


class Interpreter:
    """Reads utterances by the knowledge of one pack.

    Each part is prepared when first used, so that a single FAQ question does not wait for what it does not need;
    `prepare` gets everything ready at once.
    """

    def __init__(self, pack: KnowledgePack, encoder: SentenceEncoder) -> None:
        self.pack = pack
        self.questions = QuestionMatcher(pack, encoder)
        self._encoder = encoder
        # Every message of a project is looked at again with each later one.
        self._speaks_for_others = lru_cache(_MOST_REMEMBERED)(self._said_to_speak_for_others)

    @cached_property
    def _language(self) -> Language:
        return load_language(self.pack.directory, self.pack.english)

    @cached_property
    def _reader(self) -> ExampleReader | None:
        return example_reader(self._language, self._encoder, self.questions.cache)

    @cached_property
    def _extractor(self) -> Extractor:
        return Extractor(self._language, self.pack.attributes.values(), self._reader)

    @cached_property
    def _changes(self) -> ChangeReader | None:
        language = self._language
        if self._reader is None or language.weighing is None:
            return None
        examples, cache = self._reader.examples, self.questions.cache
        return ChangeReader(
            examples, language.dialogues.read, language.weighing, self._encoder, cache, self._reader.network
        )

    @cached_property
    def _supposer(self) -> Supposer:
        return Supposer(self._extractor, self._reader)

    @cached_property
    def _acts(self) -> ActReader:
        names = load_names(self.pack.directory / "names.yaml")
        phrasings = (phrasing for entry in self.pack.entries.values() for phrasing in entry.phrasings)
        recognizer = ActRecognizer(
            load_acts(self.pack.english / "acts.yaml"),
            names.options,
            names.criteria,
            self._encoder,
            topics=names.topics,
            others=[*phrasings, *self._language.statements.every_example()],
            spelling=self._language.spelling.written,
            cache=self.questions.cache,
        )
        network = self._reader.network if self._reader is not None else None
        return ActReader(recognizer, self._supposer, self.questions, network)

    def prepare(self) -> None:
        """Gets every part ready. Raises PackError when a language file cannot be used."""
        _ = self._extractor, self._changes, self.questions.index, self._acts

    def extract(self, text: str) -> Extraction:
        """The facts about the project in a text."""
        return self._extractor.extract(text[:READ_LIMIT])

    def interpret(
        self,
        utterance: str,
        context: str | None = None,
        *,
        before: Sequence[str] = (),
        known: Mapping[str, str] = MappingProxyType({}),
        tried: Mapping[str, str] | None = None,
        trying: bool = False,
    ) -> Interpretation:
        """Reads a cleaned utterance. `context`: the FAQ question answered last, for follow-ups ("and on Windows?").

        `before`: what was said before of the same project; who it is about and for whom it speaks is known by that.
        `known`: the group of values that is known of a topic. `tried`: the same, if all that is tried out were so; None
        where nothing is. Where something is, words such as "they won't" say that it is not so. `trying`: the last
        message tried something out, so that a mere "on AWS" goes on with it.
        """
        assuming = tried is not None
        text = utterance[:READ_LIMIT]
        if self.questions.is_foreign(text):
            return Interpretation((), Extraction((), ()), Extraction((), ()), (), remark=False, foreign=True)
        sentences = split_sentences(text, self._language.subjects)
        read = partial(
            self._extractor.extract,
            under_way=bool(before),
            spoken_for=any(map(self._speaks_for_others, before)),
            known=known,
        )
        extraction = read(text)
        performed = self._acts.performed(text, sentences, extraction, known, tried, trying=trying)
        if any(act.act == "reset" for _, act in performed):
            read = partial(read, known={})
        news = {s.start: self._acts.news(s, known) for s, act in performed if act.act in _WITH_NEWS}
        spoken = self._spoken(text, extraction, performed, news, read)
        acting = {sentence.start for sentence, _ in performed}
        rest = [sentence for sentence in sentences if sentence.start not in acting]
        questions = self._questions(text, rest, spoken, bool(performed), context)
        remark = not (performed or spoken.observations or spoken.set_aside or spoken.unsure or questions)
        acts = (*self._acts.courtesies(sentences, performed), *(act for _, act in performed))
        what_ifs = [(sentence, act) for sentence, act in performed if act.act == "what_if"]
        base = known if tried is None else tried
        assumptions = self._supposer.assumptions(extraction, what_ifs, text, base)
        return Interpretation(
            acts,
            spoken,
            assumptions.stated,
            questions,
            remark,
            changes=() if assuming else self._changed(sentences, extraction, performed, known),
            falling_away=assumptions.falling_away,
        )

    def _changed(
        self,
        sentences: Sequence[Sentence],
        extraction: Extraction,
        performed: Performed,
        known: Mapping[str, str],
    ) -> tuple[Change, ...]:
        """What an utterance changes of what may be known, beside what its acts do."""
        if self._changes is None or any(act.act in _CHANGING_BY_THEMSELVES for _, act in performed):
            return ()
        supposing = [m for m in extraction.set_aside if m.stance in _NOT_SO]
        doing = {sentence.start for sentence, act in performed if act.act not in _SAYING_MORE}
        told = (s for s in sentences if not any(s.start <= m.start < s.end for m in supposing))
        return self._changes.read([sentence for sentence in told if sentence.start not in doing], known)

    def _said_to_speak_for_others(self, earlier: str) -> bool:
        return self._extractor.speaks_for_others(earlier[:READ_LIMIT])

    def _spoken(
        self,
        text: str,
        extraction: Extraction,
        performed: Performed,
        news: Mapping[int, frozenset[str]],
        read: Callable[[str], Extraction],
    ) -> Extraction:
        """What an utterance says about the project beside the assumptions it tries and what it takes back.

        Of a sentence that takes something back, only what it says plainly counts: the rest explains why; unless it is
        of the topics that are `news`, by the start of the sentence.
        """
        performed = [(s, act) for s, act in performed if act.act not in _CLOSING or not news[s.start]]
        unsaid = self._acting(performed, TAKING_BACK)
        tried = [assumed(sentence, act) for sentence, act in performed if act.act == "what_if"]
        if unsaid or tried:
            # What is left may read differently alone: after "drop the tablet", "no device needed" is a plain denial.
            rest = read(blanked(text, [*unsaid, *tried]))
            taking = [span_of(s) for s, act in performed if act.act in _EXPLAINED]
            plain = outside(rest, taking)
            new = frozenset[str]().union(*news.values())
            said = (
                o
                for o in rest.observations
                if o.obtained == "said" or o in plain.observations or self._row_of(o.attribute) in new
            )
            rest = replace(rest, observations=tuple(said), unsure=plain.unsure)
            left = outside(extraction, unsaid).set_aside
            gone = (m for m in extraction.set_aside if m not in left and m.stance in _TAKEN_BACK)
            extraction = replace(rest, set_aside=(*gone, *rest.set_aside))
        # What is said before a new project is begun was about the old one.
        begun = min((sentence.start for sentence, act in performed if act.act == "reset"), default=0)
        told = outside(extraction, [range(begun), *tried, *self._acting(performed, _ABOUT_OPTIONS)])
        # "Thank you for your patience" tells nothing, whatever it sounds like; "thanks, we're on …" does.
        plain = outside(told, self._acting(performed, _TELLING_NOTHING))
        counted = tuple(o for o in told.observations if o.obtained == "said" or o in plain.observations)
        return replace(told, observations=counted, unsure=plain.unsure)

    def _row_of(self, attribute: str) -> str:
        return self.pack.attributes[attribute].criterion or ""

    def _acting(self, performed: Performed, acts: Container[str]) -> list[range]:
        """The clauses that perform one of these acts."""
        return [
            span
            for sentence, act in performed
            if act.act in acts
            for span in acting(sentence, act, self._acts.performs)
        ]

    def suppose(self, assumption: str, known: Mapping[str, str]) -> Assumptions:
        """What an assumption assumes, which may be half a sentence ("it had to run on phones"). `known`: the group that
        is known of a topic, or would be with all that was tried before.
        """
        said = assumption[:READ_LIMIT]
        sentences = split_sentences(said, self._language.subjects)
        tried = [(one, RecognizedAct("what_if", 1.0, None, None, one.text, "asked for")) for one in sentences]
        return self._supposer.assumptions(Extraction((), ()), tried, said, known)

    def _in_context(self, question: str, context: str | None) -> Match:
        """The match of a question, read together with the last topic when it is a mere continuation."""
        if context is not None and is_follow_up(question):
            together = self.questions.match(f"{context} {question}")
            if together.outcome != "none":
                return together
        return self.questions.match(question)

    def _questions(
        self, text: str, sentences: list[Sentence], extraction: Extraction, acted: bool, context: str | None
    ) -> tuple[AskedQuestion, ...]:
        """The questions in an utterance; each topic is answered once.

        Question sentences are matched one by one, in the context of the whole message where they say too little
        alone. Words without a question mark count as a question only when the message does nothing else.
        """
        asked: list[AskedQuestion] = []
        for sentence in sentences:
            if sentence.is_question and (both := self._two_questions(sentence.text)):
                asked += both
            elif sentence.is_question:
                match = self._in_context(sentence.text, context)
                if match.outcome != "answer" and len(sentences) > 1 and len(text) <= _CONTEXT_LIMIT:
                    wider = self.questions.match(text)
                    match = wider if wider.outcome == "answer" else match
                asked.append(AskedQuestion(sentence.text, match))
        says = extraction.observations or any(m.stance in _SAYING for m in extraction.set_aside)
        if not asked and not acted and not says and sentences and len(text) <= _CONTEXT_LIMIT:
            match = self._in_context(text, context)
            if match.outcome == "answer" or (match.outcome == "choices" and len(text.split()) <= _LOOSE_WORDS):
                asked.append(AskedQuestion(text.strip(), match))
        return _once_each(asked)

    def _two_questions(self, text: str) -> tuple[AskedQuestion, ...]:
        """The two questions in a sentence, if each is answered by itself and by another topic than the other."""
        for joint in _SECOND_QUESTION.finditer(text):
            halves = (text[: joint.start()], text[joint.end() :])
            first, second = (self.questions.match(half) for half in halves)
            sure = first.outcome == second.outcome == "answer"
            if sure and first.topics[0].id != second.topics[0].id:
                return AskedQuestion(halves[0], first), AskedQuestion(halves[1], second)
        return ()


def _once_each(asked: list[AskedQuestion]) -> tuple[AskedQuestion, ...]:
    seen: set[str] = set()
    kept = []
    for question in asked:
        topic = question.match.topics[0].id if question.match.outcome == "answer" else ""
        if topic and topic in seen:
            continue
        seen.add(topic)
        kept.append(question)
    return tuple(kept)
