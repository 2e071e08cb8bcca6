"""A sentence laid out for judging what it says: its words, the clauses they belong to, and the cues among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.knowledge_base.language_schema import CueGroup
from advisor.understanding.clauses import Clause, Sentence
from advisor.understanding.phrase_matching import PhraseMatch
from advisor.understanding.tokens import Token, stem

LIST_LINKS = frozenset({",", "and", "or", "nor", "/", "(", "plus", "&", "as", "since"})
OPENS_FREELY = frozenset(
    "we i it they he she you there here this that these those nobody nothing everything everyone today "
    "now currently our my the".split()
)
FINITE = frozenset(
    map(stem, "is are was were has have had do does did will would can could may might must should".split())
)
PLACING = frozenset("on in into to at onto inside".split())
NEGATING = frozenset("no not never nothing none nobody neither nor without cannot hardly scarcely".split())


_INERT = frozenset({"neutral", "spokesperson"})
"""Kinds of cues that act on no mention themselves."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A place where a cue acts: tokens[start:end] of the sentence."""

    group: CueGroup
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Tokens[start:end] of a sentence that say a value of an attribute; with `if_denied` only where they are denied."""

    attribute: str
    value: str
    start: int
    end: int
    if_denied: bool = False


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with its words, the clause each word belongs to, and the cues that act in it.

    `exclusive`: attributes of which "one or the other" leaves it open. `absences`: attributes with the value that says
    that there is nothing of the kind.
    """

    sentence: Sentence
    tokens: Sequence[Token]
    clause_of: Sequence[int]
    clause_words: Sequence[Sequence[str]]
    cues: Sequence[Cue]
    first_person: frozenset[str]
    possessives: frozenset[str]
    anaphora: frozenset[str]
    exclusive: frozenset[str]
    absences: frozenset[tuple[str, str]]

    def clause(self, token: int) -> Clause:
        return self.sentence.clauses[self.clause_of[token]]

    def words_of(self, clause: int) -> Sequence[str]:
        """The words of a clause without the conjunction that links it."""
        return self.clause_words[clause]


def words_by_clause(sentence: Sentence, tokens: Sequence[Token], clause_of: Sequence[int]) -> tuple[list[str], ...]:
    """The words of every clause; the conjunction that opens one is left out, except "if"."""
    words: tuple[list[str], ...] = tuple([] for _ in sentence.clauses)
    for token, owner in zip(tokens, clause_of, strict=True):
        link = sentence.clauses[owner].link
        if words[owner] or token.word != link or link == "if":
            words[owner].append(token.word)
    return words


def find_cues(matches: Iterable[PhraseMatch[CueGroup]], tokens: Sequence[Token], clause_of: Sequence[int]) -> list[Cue]:
    """Keep the longest cue where several overlap; `neutral` ones only keep others from acting.

    Other people are named within one clause: "A: contractors" is not "a contractor".
    """
    usable = [
        match
        for match in matches
        if match.payload.kind != "outsider"
        and (match.payload.kind != "other_party" or clause_of[match.start] == clause_of[match.end - 1])
        # A cue that acts only at the end of its clause hides no other one elsewhere.
        and not (match.payload.at_end and clause_of[match.end : match.end + 1] == clause_of[match.end - 1 : match.end])
    ]
    ordered = sorted(usable, key=lambda match: (match.start - match.end, match.start))
    taken: dict[int, tuple[int, int]] = {}
    seen: set[tuple[int, str, str]] = set()
    cues: list[Cue] = []
    for match in ordered:
        span = (match.start, match.end)
        if any(taken.get(index, span) != span for index in range(*span)):
            continue
        taken.update(dict.fromkeys(range(*span), span))
        acts = (match.start, match.payload.kind, match.payload.direction)
        if acts in seen:
            continue
        seen.add(acts)
        if match.payload.kind not in _INERT:
            words = " ".join(token.word for token in tokens[match.start : match.end])
            cues.append(Cue(match.payload, match.start, match.end, words))
    return sorted(cues, key=lambda cue: cue.start)


def all_words(view: SentenceView) -> set[str]:
    """All the words of the sentence."""
    return {token.word for token in view.tokens}
