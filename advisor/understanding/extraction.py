"""Free text about a project in, observations with their evidence out.

What is hedged, past, somebody else's, supposed, asked or taken back is never an observation; it is handed
back beside them, with its reason, so that the reply can say what was left open.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from advisor.knowledge_base.language_schema import CueGroup, Language
from advisor.understanding.candidates import Entry, Found, PhraseKind, find_candidates
from advisor.understanding.clauses import Sentence, split_sentences
from advisor.understanding.example_reading import ExampleReader
from advisor.understanding.mentions import ANY_VALUE, AttributeLike, Extraction, Mention, Observation, Obtained
from advisor.understanding.phrase_matching import PhraseError, PhraseIndex, PhraseMatch, SpellingCorrector
from advisor.understanding.remarks import Read, answered, commented, contrasted, disowned, set_apart
from advisor.understanding.sentence_view import NEGATING, SentenceView, Spot, find_cues, words_by_clause
from advisor.understanding.settling import settle
from advisor.understanding.stance import Judgement, judge_all
from advisor.understanding.tokens import Token, tokenize

__all__ = ["AttributeLike", "Extraction", "Extractor", "Mention", "Observation"]

MAX_QUOTE_WORDS = 14


class Extractor:
    """Finds attribute values in text. Compiled once from the pack's phrases; `extract` has no state."""

    def __init__(
        self, language: Language, attributes: Iterable[AttributeLike], reader: ExampleReader | None = None
    ) -> None:
        """`reader`: weighs what the phrases found; without it, all of that counts and nothing else."""
        self._reader = reader
        self._subjects = language.subjects
        self._attributes = {attribute.id: attribute for attribute in attributes}
        self._together = tuple(
            (attribute, value, clues)
            for attribute, phrases in language.phrases.items()
            for value, ways in phrases.values.items()
            for clues in ways.together
        )
        self._written = dict(language.spelling.written)
        self._supposed = self._written | language.spelling.supposed
        self._phrases = PhraseIndex(self._entries(language), self._lists(language), self._written)
        cues = language.cues
        self._cues: PhraseIndex[CueGroup] = PhraseIndex(
            ((phrase, group) for group in cues.cues for phrase in group.phrases), cues.lists, self._written
        )
        self._answers: PhraseIndex[bool | None] = PhraseIndex(
            [
                *((phrase, True) for phrase in cues.answers_yes),
                *((phrase, False) for phrase in cues.answers_no),
                *((phrase, None) for phrase in cues.answers_open),
            ],
            cues.lists,
            self._written,
        )
        known = self._phrases.vocabulary | self._cues.vocabulary
        self._spelling = SpellingCorrector(known, language.spelling.never_corrected)
        self._first_person = frozenset(cues.first_person)
        self._possessives = frozenset(cues.possessives)
        self._connecting = frozenset(cues.connecting)
        self._anaphora = frozenset(cues.anaphora)
        self._exclusive = frozenset(name for name, attribute in self._attributes.items() if not attribute.absence)
        self._absences = frozenset((name, one.absence) for name, one in self._attributes.items() if one.absence)
        self._multiple = frozenset(name for name, attribute in self._attributes.items() if attribute.multiple)

    def extract(
        self,
        text: str,
        *,
        noted: bool = False,
        under_way: bool = False,
        spoken_for: bool = False,
        known: Mapping[str, str] | None = None,
    ) -> Extraction:
        """Return the observations in `text`, in its order, and the mentions that were set aside.

        `noted`: the text is about the project for sure, so that a bare name tells as much as in a list of notes, "it
        ran on" as much as "it runs on", and nothing by being like something else.
        `under_way`: something was said before, so that "they" whom it begins with are the project's people.
        `spoken_for`: the speaker said before to speak for others, or to build it with them; see `speaks_for_others`.
        `known`: the group of values known of each topic before, if the text is a message of its own.
        """
        mentions: list[Mention] = []
        clues: list[tuple[Mention, ...]] = []
        reads: list[Read] = []
        previous: Read | None = None
        for sentence in split_sentences(text, self._subjects):
            read = self._read(text, sentence, previous, noted=noted, under_way=under_way, spoken_for=spoken_for)
            reads.append(read)
            if previous is not None:
                mentions = answered(previous, mentions, self._answer(read))
                mentions = commented(previous, read, mentions)
                mentions.extend(contrasted(text, read, 0, previous.mentions[-1:]))
                mentions = [
                    *mentions[: previous.first],
                    *set_apart(read, mentions[previous.first :], previous),
                ]
            mentions.extend(read.mentions)
            clues.append(read.clues)
            previous = replace(read, first=len(mentions) - len(read.mentions))
        mentions.extend(self._put_together(mentions, clues))
        settled = settle(mentions, self._attributes)
        if self._reader is None or noted:
            return settled
        read_anew, unsure = self._reader.read(text, reads, mentions, settled, known, spoken_for)
        settled = settled if read_anew == mentions else settle(read_anew, self._attributes)
        return replace(settled, unsure=unsure)

    def speaks_for_others(self, text: str) -> bool:
        """Whether the speaker says to speak for others ("asking for a client") or to build it with them."""
        return any(cue.payload.kind == "spokesperson" for cue in self._cues.matches(tokenize(text, self._written)))

    def _put_together(self, mentions: Sequence[Mention], clues: Sequence[Sequence[Mention]]) -> Iterable[Mention]:
        """The values that clues of neighbouring sentences imply, where no plain words say one already."""
        for attribute, value, names in self._together:
            if any(m.attribute == attribute and m.stance == "stated" for m in mentions):
                continue
            for index in range(len(clues)):
                near = [clue for part in clues[index : index + 2] for clue in part if clue.attribute == attribute]
                found = [next((clue for clue in near if clue.value == name), None) for name in names]
                complete = [clue for clue in found if clue is not None]
                if len(complete) == len(names):
                    reason = " with ".join(clue.reason for clue in complete)
                    yield replace(complete[0], value=value, obtained="inferred", reason=reason)
                    break

    def _lists(self, language: Language) -> dict[str, tuple[str, ...]]:
        lists = dict(language.lists)
        for attribute, phrases in language.phrases.items():
            for name, entries in phrases.lists.items():
                if lists.setdefault(name, entries) != entries:
                    raise PhraseError(f"{attribute}: there is another list <{name}> already")
        return lists

    def _entries(self, language: Language) -> Iterable[tuple[str, Entry]]:
        for attribute, phrases in language.phrases.items():
            for phrase in phrases.context:
                yield phrase, Entry(attribute, "", "context")
            for phrase in phrases.ignore:
                yield phrase, Entry(attribute, "", "ignore")
            for phrase in phrases.reopened:
                yield phrase, Entry(attribute, ANY_VALUE, "reopened")
            for name, clue in phrases.clues.items():
                for phrase in clue:
                    yield phrase, Entry(attribute, name, "clue")
            for value, way, phrase in phrases.said_for_each():
                yield phrase, Entry(attribute, value, way)
            for value, ways in phrases.values.items():
                groups: tuple[tuple[PhraseKind, Sequence[str]], ...] = (
                    ("said", ways.said),
                    ("implied", ways.implied),
                    ("in_context", ways.in_context),
                    ("if_denied", ways.if_denied),
                )
                for kind, group in groups:
                    for phrase in group:
                        yield phrase, Entry(attribute, value, kind)

    def _read(
        self,
        text: str,
        sentence: Sentence,
        previous: Read | None,
        *,
        noted: bool,
        under_way: bool,
        spoken_for: bool,
    ) -> Read:
        tokens = tuple(
            Token(self._corrected(text, token, sentence), token.start, token.end, token.hard)
            for token in tokenize(text, self._supposed if noted else self._written, sentence.start, sentence.end)
        )
        clause_of = _clause_of(sentence, tokens)
        cues = self._cues.matches(tokens)
        kinds = {cue.payload.kind for cue in cues if not cue.payload.refers_back}
        speaks_for_others = (
            spoken_for or "spokesperson" in kinds or (previous is not None and previous.speaks_for_others)
        )
        others_named = bool(kinds & {"other_party", "outsider"}) or (previous is not None and previous.of_others)
        cues = [
            cue
            for cue in cues
            if not (speaks_for_others and cue.payload.unless_spoken_for)
            # Who "they" are that a conversation begins with cannot be known.
            and (others_named or not cue.payload.refers_back or (previous is None and cue.start == 0 and not under_way))
        ]
        of_others = bool(kinds & {"other_party", "outsider"}) or any(cue.payload.refers_back for cue in cues)
        view = SentenceView(
            sentence,
            tokens,
            clause_of,
            words_by_clause(sentence, tokens, clause_of),
            find_cues(cues, tokens, clause_of),
            self._first_person,
            self._possessives,
            self._anaphora,
            self._exclusive,
            self._absences,
        )
        matches = self._phrases.matches(tokens)
        ignored = frozenset(match.payload.attribute for match in matches if match.payload.kind == "ignore")
        misnamed = frozenset(match.payload.attribute for match in matches if _is_misnamed(match, matches))
        touched = frozenset(match.payload.attribute for match in matches)
        found = find_candidates(matches, [token.word for token in tokens], view.clause_of, self._multiple, noted=noted)
        clues = [candidate for candidate in found if candidate.kind == "clue"]
        found = [candidate for candidate in found if candidate.kind != "clue"]
        mentions: list[Mention] = []
        faint: list[Mention] = []
        for candidate, mention in _mentions(text, view, found, self._connecting):
            if candidate.kind == "reopened":
                # Of "he" among others ("my friend used X. He quit.") it tells nothing.
                if mention.stance == "stated" and not others_named:
                    mentions.append(replace(mention, stance="retracted", reason=f"{mention.reason}, open again"))
                continue
            telling = candidate.kind != "if_denied" or mention.stance in ("denied", "asked")
            (mentions if telling else faint).append(mention)
        stated = tuple(
            mention for _, mention in _mentions(text, view, clues, self._connecting) if mention.stance == "stated"
        )
        return Read(
            view,
            tuple(disowned(view, mentions)),
            stated,
            tuple(faint),
            ignored,
            misnamed,
            touched,
            0,
            speaks_for_others,
            of_others,
        )

    def _corrected(self, text: str, token: Token, sentence: Sentence) -> str:
        """The word as the lexicon spells it; a short capitalised word inside a sentence is a name ("Porto")."""
        named = (
            token.start > sentence.start
            and text[token.start].isupper()
            and not text[token.start + 1 : token.start + 2].isupper()
        )
        if named and len(token.word) < SpellingCorrector.MIN_NAME_LENGTH:
            return token.word
        return self._spelling.correct(token.word)

    def _answer(self, read: Read) -> bool | None:
        """What a sentence that begins with yes or no answers, if it does."""
        opening = [match for match in self._answers.matches(read.view.tokens) if match.start == 0]
        return max(opening, key=lambda match: match.end).payload if opening else None


def _is_misnamed(ignored: PhraseMatch[Entry], matches: Sequence[PhraseMatch[Entry]]) -> bool:
    """Whether words to be ignored hold the words of a value: "an API licence" holds "API"."""
    return ignored.payload.kind == "ignore" and any(
        match.payload.kind in ("said", "implied", "in_context")
        and match.payload.attribute == ignored.payload.attribute
        and ignored.start <= match.start
        and match.end <= ignored.end
        for match in matches
    )


def _clause_of(sentence: Sentence, tokens: Sequence[Token]) -> tuple[int, ...]:
    """The clause of every word; what follows a parenthesis goes on with the clause it interrupts."""
    clauses = sentence.clauses
    ends = [clause.end for clause in clauses]
    hosts: list[int] = []
    for index, clause in enumerate(clauses):
        interrupted = index >= 2 and clause.link in (")", "]") and clauses[index - 1].kind == "parenthesis"
        hosts.append(hosts[index - 2] if interrupted else index)
    return tuple(hosts[min(bisect_right(ends, token.start), len(hosts) - 1)] for token in tokens)


def _mentions(
    text: str, view: SentenceView, found: Sequence[Found], connecting: Container[str]
) -> Iterable[tuple[Found, Mention]]:
    judged = judge_all(view, [candidate.spot for candidate in found])
    # Plain statements that share a clause are quoted apart; a denial or a doubt would lose its words that way.
    plain = [one.spot for one, judgement in zip(found, judged, strict=True) if not judgement.because]
    return [
        (one, _mention(text, view, one, judgement, [] if judgement.because else plain, connecting))
        for one, judgement in zip(found, judged, strict=True)
    ]


def _mention(
    text: str,
    view: SentenceView,
    found: Found,
    judgement: Judgement,
    neighbours: Sequence[Spot],
    connecting: Container[str],
) -> Mention:
    start, end = _quote_span(view, found.spot, neighbours, connecting)
    reason = f"'{found.phrase}'" + (f", {judgement.stance} by '{judgement.because}'" if judgement.because else "")
    obtained: Obtained = "inferred" if found.kind == "implied" else "said"
    spot = found.spot
    words = {token.word for token in view.tokens[spot.start : spot.end]}
    by_denying = (spot.attribute, spot.value) not in view.absences and not NEGATING.isdisjoint(words)
    return Mention(
        spot.attribute, spot.value, start, end, text[start:end], judgement.stance, obtained, reason, by_denying
    )


def _quote_span(
    view: SentenceView, spot: Spot, neighbours: Sequence[Spot], connecting: Container[str]
) -> tuple[int, int]:
    """The clause around the telling words, without what tells of other attributes, and narrowed where it is long."""
    first, last = view.tokens[spot.start], view.tokens[spot.end - 1]
    head, tail = view.clause(spot.start), view.clause(spot.end - 1)
    inside = [
        index
        for index, token in enumerate(view.tokens)
        if min(head.start, first.start) <= token.start and token.end <= max(tail.end, last.end)
    ]
    low, high = inside[0], inside[-1] + 1
    for other in neighbours:
        if other.attribute != spot.attribute and other.end <= spot.start:
            low = max(low, _opening(view, spot, other, connecting) or low)
        elif other.attribute != spot.attribute and other.start >= spot.end:
            high = min(high, _opening(view, other, spot, connecting) or high)
    spare = max(0, MAX_QUOTE_WORDS - (spot.end - spot.start))
    if high - low > MAX_QUOTE_WORDS:
        low = max(low, spot.start - spare // 2)
        high = min(high, spot.end + spare // 2)
    return view.tokens[low].start, view.tokens[high - 1].end


def _opening(view: SentenceView, spot: Spot, before: Spot, connecting: Container[str]) -> int | None:
    """The first of the words that connect a spot to what stands before it, where there are any: a place to cut."""
    start = spot.start
    while start > before.end and view.tokens[start - 1].word in connecting:
        start -= 1
    return start if start < spot.start else None
