"""Which acts the sentences of an utterance perform, in the light of what is known and what is tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.clauses import Sentence
from advisor.understanding.dialogue_acts import ActRecognizer, RecognizedAct
from advisor.understanding.extraction import Extraction
from advisor.understanding.message_network import MessageNetwork, kept_by
from advisor.understanding.question_matching import QuestionMatcher
from advisor.understanding.supposing import Supposer

_MOST_CLAUSES = 5
_SURE_CLAUSE = 0.7
_SURER_CLAUSE = 0.8
_ANSWERS = frozenset({"no", "dispute"})
_DROPPING = frozenset({"retract", "forget_assumptions", "refuse"})
_KEEPING = frozenset({"commit"})
_ACT_LIMIT = 240
_LIKE_QUESTIONS = ("what_if", "recommend", "sources", "what_would_change", "advise", "why", "help", "undo")
_COURTESIES = ("greeting", "thanks", "goodbye")
_COURTESY_WORDS = 4
_BRIEF_WORDS = 3
_SURE_ANSWER = 0.6
_SURE_RETRACTION = 0.5
"""Below this score, words that sound like a retraction are none where the network is sure that nothing changes."""
_SURE_TO_STAY = 0.98
_GONE = 0.3
"""Up to this chance to stay, what a retraction may mean is gone."""
_LIKELY_GONE = 0.6
"""Where nothing is so surely gone, up to this chance what is likeliest gone is."""
_SURE_NEWS = 0.9
_BESIDE_SUPPOSING = frozenset({"reset", "undo"})
"""Acts that do more than to drop what is tried out."""

Performed = Sequence[tuple[Sentence, RecognizedAct]]
"""The sentences of an utterance that perform an act."""


class ActReader:
    """Reads the acts of utterances. `network`: by which weak retractions are judged, where a pack has one."""

    def __init__(
        self,
        recognizer: ActRecognizer,
        supposer: Supposer,
        questions: QuestionMatcher,
        network: MessageNetwork | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._supposer = supposer
        self._questions = questions
        self._network = network

    def news(self, sentence: Sentence, known: Mapping[str, str]) -> frozenset[str]:
        """The topics of which the network is sure that a sentence tells what was not known, whatever else it does: "no,
        the phones are ruled out for good".
        """
        if self._network is None:
            return frozenset()
        return frozenset(
            topic
            for topic, states in self._network.states_after(sentence.text, known).items()
            for state, chance in states.items()
            if chance >= _SURE_NEWS and state not in (UNKNOWN, known.get(topic))
        )

    def performs(self, words: str) -> bool:
        """Whether words perform an act by themselves."""
        return self._recognizer.recognize(words) is not None

    def performed(
        self,
        text: str,
        sentences: Sequence[Sentence],
        extraction: Extraction,
        known: Mapping[str, str],
        tried: Mapping[str, str] | None,
        *,
        trying: bool = False,
    ) -> Performed:
        """The sentences of an utterance that perform an act. `extraction`: what it says of the project.

        `known`: the group of values known of a topic; `tried`: the same, if all that is tried out were so, if
        anything is. `trying`: the last message tried something out.
        """
        assuming = tried is not None
        performed: list[tuple[Sentence, RecognizedAct]] = []
        for at, sentence in enumerate(sentences):
            act = self._act(sentence, extraction, assuming or any(act.act == "what_if" for _, act in performed))
            act = self._as_supposed(sentence, act, known, tried)
            if act is not None and act.act == "retract":
                act = self._retraction(sentence, act, known)
            if (
                act is None
                and performed
                and performed[-1][0] is sentences[at - 1]
                and performed[-1][1].act == "what_if"
            ):
                act = self._supposer.followed(sentence)
            if act is None and trying and at == 0:
                act = self._supposer.went_on(sentence)
            performed += [] if act is None else [(sentence, replace(act, preface=text[: sentence.start]))]
        return performed

    def _as_supposed(
        self,
        sentence: Sentence,
        act: RecognizedAct | None,
        known: Mapping[str, str],
        tried: Mapping[str, str] | None,
    ) -> RecognizedAct | None:
        """The act of a sentence, or what the network is sure that it does with what is tried out."""
        if len(sentence.text) > _ACT_LIMIT or (act is not None and act.score == 1):
            return act
        read = self._supposer.read(sentence, known, tried)
        if read is None or (act is not None and act.act in (read.act, *_BESIDE_SUPPOSING)):
            return act
        return read

    def _retraction(self, sentence: Sentence, act: RecognizedAct, known: Mapping[str, str]) -> RecognizedAct | None:
        """A retraction, with the topics of which the network reads that they are taken back; or that it is none."""
        if act.score < _SURE_RETRACTION and self._stays(sentence, known):
            return None
        kept = self._kept(sentence, known)
        if not kept and act.score < 1 and self.news(sentence, known):
            return None
        least = min(kept.values(), default=1.0)
        limit = _GONE if least <= _GONE else min(least, _LIKELY_GONE)
        return replace(act, topics=tuple(topic for topic, chance in kept.items() if chance <= limit))

    def _stays(self, sentence: Sentence, known: Mapping[str, str]) -> bool:
        """Whether the network is sure that a sentence changes nothing of what is known."""
        kept = self._kept(sentence, known)
        return bool(kept) and min(kept.values()) >= _SURE_TO_STAY

    def _kept(self, sentence: Sentence, known: Mapping[str, str]) -> dict[str, float]:
        """By the network, how likely each topic of which something is known stays as it is."""
        if self._network is None:
            return {}
        after = self._network.states_after(sentence.text, known)
        told = {topic for topic, was in known.items() if was != UNKNOWN and was in after.get(topic, ())}
        return {topic: chance for topic, chance in kept_by(after, known).items() if topic in told}

    def _act(self, sentence: Sentence, extraction: Extraction, assuming: bool) -> RecognizedAct | None:
        """The act of a sentence. Some read much like questions about the frameworks; a sure FAQ answer then wins.

        What refuses an assumption says nothing while nothing is assumed.
        """
        if len(sentence.text) > _ACT_LIMIT:
            return None
        act = self._recognizer.recognize(sentence.text)
        if act is None or act.act in _ANSWERS:
            act = self._taking_back(sentence, extraction, assuming) or act
        elif act.act == "retract" and act.score < 1:
            plainer = self._taking_back(sentence, extraction, assuming)
            if plainer is not None and plainer.score > act.score and plainer.argument not in act.argument:
                act = plainer
        if act is not None and act.act == "commit" and not assuming and (act.score < 1 or _tells(sentence, extraction)):
            return None
        if act is not None and act.act == "refuse":
            act = replace(act, act="forget_assumptions") if assuming else None
        if act is not None and act.act == "reset" and assuming and act.score < 1 and _is_brief(sentence):
            # "Forget all that": what was just tried, rather than the whole project.
            act = replace(act, act="forget_assumptions")
        if act is None:
            act = self._supposer.open_supposition(sentence, extraction)
        if assuming and (act is None or act.act == "what_if") and (more := self._supposer.continued(sentence)):
            return more
        if act is not None and act.act in _LIKE_QUESTIONS and act.score < 1:
            match = self._questions.match(sentence.text)
            if match.outcome == "answer" and match.topics[0].score >= _SURE_ANSWER:
                return None
        return act

    def _taking_back(self, sentence: Sentence, extraction: Extraction, assuming: bool) -> RecognizedAct | None:
        """What one clause of a sentence takes back: "he said no, so drop it", "I don't know, ignore what I said"; or
        that it keeps what is assumed: "they like it, so let's go with that".

        In a sentence that states something, a clause must be plain to take anything back.
        """
        if not 1 < len(sentence.clauses) <= _MOST_CLAUSES:
            return None
        tells = _tells(sentence, extraction)
        for clause in sentence.clauses:
            act = self._recognizer.recognize(clause.text)
            if act is None or act.act not in _DROPPING | _KEEPING:
                continue
            if act.act in _KEEPING and not (assuming and act.score == 1):
                continue
            if assuming or (act.act == "retract" and act.score >= (_SURER_CLAUSE if tells else _SURE_CLAUSE)):
                return replace(act, lead=sentence.text[: clause.start - sentence.start])
        return None

    def courtesies(
        self, sentences: Sequence[Sentence], performed: Sequence[tuple[Sentence, RecognizedAct]]
    ) -> list[RecognizedAct]:
        """Greetings, thanks and goodbyes that open or close a sentence which does something else."""
        whole = {act.act for _, act in performed}
        found: dict[str, RecognizedAct] = {}
        for sentence in sentences:
            if len(sentence.text) > _ACT_LIMIT:
                continue
            pieces = sentence.text.split(",")
            for piece in (pieces[0], pieces[-1]) if len(pieces) > 1 else ():
                act = self._recognizer.recognize(piece) if len(piece.split()) <= _COURTESY_WORDS else None
                if act is not None and act.act in _COURTESIES and act.act not in whole:
                    found.setdefault(act.act, act)
        return list(found.values())


def _tells(sentence: Sentence, extraction: Extraction) -> bool:
    """Whether a sentence states something about the project."""
    return any(o.start < sentence.end and o.end > sentence.start for o in extraction.observations)


def _is_brief(sentence: Sentence) -> bool:
    return len(sentence.text.split()) <= _BRIEF_WORDS
