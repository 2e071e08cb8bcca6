"""Cut text into sentences and clauses whose spans point into the original text.

Only closed-class words of English live here (conjunctions, pronouns, auxiliaries): whatever can be argued
about is in `knowledge/english/cues.yaml`. Every function is pure and runs in time linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ClauseKind = Literal["plain", "parenthesis", "quote"]

MAX_SENTENCE_CHARS = 600
"""Longer runs without punctuation are cut at white space, so that no later step meets a huge sentence."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence with its own point; `link` is the punctuation or conjunction that opens it."""

    start: int
    end: int
    text: str
    kind: ClauseKind
    link: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, line or bullet of the text."""

    start: int
    end: int
    text: str
    is_question: bool
    clauses: tuple[Clause, ...]


_SENTENCE_END = re.compile(
    r"""(?P<stop>[.!?…]+["'”’)\]»*_]*(?=\s|$))"""
    r"""|(?P<line>[ \t]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])\s*)"""
    r"""|(?P<glued>(?<=[a-z]{3})[.!?](?=(?:We|I|It|The|Our|My|This|They|But|And|No|Not|So|There|You|For)\b))"""
    r"""|(?P<wide>[。！？])"""
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.?g|i\.?e|etc|vs|approx|ca|resp|incl|dr|mr|mrs|ms|st|no|fig|cf|inc|ltd|dept|max|min)|(?<![\w'’])[a-z])\.$",
    re.I,
)
_ABBREVIATION_WINDOW = 10
_BULLET = re.compile(r"(?:[-*•·‣◦▪>+#]+|\(?\d{1,2}[.)]|\(?[a-h]\))\s+")
_KEY = re.compile(r"[\w /+-]{1,24}[:=]\s")
_WRAPPED_LINE_CHARS = 50

_QUESTION_MARK = re.compile(r"""[?？][?!…"'”’)\]»*_\s]*$""")
_BEFORE_A_QUESTION = (
    r"^\W*(?:(?:hi|hello|hey|so|and|but|also|ok|okay|well|btw|pls|please|h+m+|u+m+|u+h+|oh|ah|er|actually|anyway"
    r"|alright|now|just\swondering|quick\squestion|question)\b[\s,:!.…]*){0,3}"
)
_QUESTION_OPENING = re.compile(
    _BEFORE_A_QUESTION
    + r"""
    (?:(?:do|does|did|can|could|should|would|will|is|are|am|was|has|have)\s+
         (?:i|we|you|u|it|this|that|they|there|he|she|one|anyone|anybody|someone|somebody|the|my|our|these|those)\b
      |(?:how|what|which|why|where|when|who|whats|hows)\s+
         (?:do|does|did|can|could|should|would|will|is|are|am|to|about|if|one|ones|framework|many|much|well|long)\b
      |(?:what|how)['’]s\b
      |w(?:h?at|ot|ut)(?:s|\sis|\sare)\s+(?:an?\s+|the\s+)?\S+\s*$
      |any\s+(?:idea|news|hint|tip|advice|suggestion|recommendation|experience|thoughts?|clue|way|chance)s?\b
      |(?:anyone|anybody|someone|somebody)\s+(?:here\s+)?(?:know|knows|tried|using|has|have|got|can)\b)""",
    re.I | re.X,
)

_TOLD = re.compile(
    r"\s*(?P<told>(?:(?:so|well|ok|and|but|hi|hello)\W+)?(?:we|i|our|my|the|it|they|all|everyone|everybody|everything|nobody)"
    r"\b[^,;?]*),\s+"
    r"(?=(?:(?:so|but|and|then)\s+)?(?:is|are|do|does|did|can|could|should|would|will|am|what|which|how|why|where|any)\b)",
    re.I,
)
"""A statement before a question in one sentence."""
_FEWEST_TOLD_WORDS = 4

_AUXILIARY_OPENING = re.compile(
    _BEFORE_A_QUESTION + r"(?:do|does|did|can|could|should|would|will|is|are|was|has|have)\s+(\w+)\b",
    re.I,
)

_STARTERS = (
    "we|i|it|they|he|she|you|u|our|my|its|their|the|this|that|these|those|there|here|no|not|nobody|nothing|none|never"
    "|neither|noone|everything|everyone|everybody|all|each|every|might|maybe|may|perhaps|possibly|probably|eventually"
    "|will|would|could|can|cant|can't|can’t|must|should|has|have|had|is|are|was|were|do|does|did|dont|don't|don’t"
    "|doesn't|doesn’t|isn't|isn’t|won't|won’t|if|when|once|yes|im|i'm|i’m|i've|we're|we’re|we've|we’ve|we'll|we’ll"
    "|it's|it’s|its|that's|that’s|there's|there’s|they're|they’re|they've|they’ve|nobody's|mobile|deployment|hosting"
    "|today|now|currently|right|so|then|therefore|also|just|only|some|most|one|two|three|half|someone|somebody"
)
_SEPARATOR = re.compile(
    r"(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<quote>[“”«»„]|(?<![\w])\"|\"(?![\w]))"
    r"|(?P<mark>[,;，；：](?=\s|$)|(?<!\bre):(?=\s|$)|(?<=\w)=(?=\w)|,(?=[^\W\d])|\s[-–—=]+>?\s|[—–]|\.{2,}|…|\s[|/]\s|[.!?](?=\s))"
    r"|(?P<word>(?<=\s)(?:(?:but|although|though|whereas|while|because|however|yet|unless|cause|bc)\b"
    rf"|(?:and|or|so|then|nor|as|since|plus|&)(?=\s+(?:{_STARTERS})\b)|(?:nor|if)\b))",
    re.I,
)


def split_sentences(text: str, subjects: frozenset[str] = frozenset()) -> tuple[Sentence, ...]:
    """Return the sentences of `text` in order; white space and bullets belong to none of them.

    `subjects`: folded names that a question without a mark may be about ("does rooibos keep").
    """
    return tuple(_sentence(text, start, end, subjects) for start, end in _sentence_spans(text))


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match["stop"] and _is_abbreviation(text, match.start(), match.end()):
            continue
        if match["line"] and _is_wrapped(text, start, match.start(), match.end()):
            continue
        yield from _told_and_asked(text, start, match.end())
        start = match.end()
    yield from _told_and_asked(text, start, len(text))


def _told_and_asked(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Take "We write Rust already, is there a reason to change?" for two sentences."""
    told = _TOLD.match(text, start, end)
    if told is not None and len(told["told"].split()) >= _FEWEST_TOLD_WORDS and text[start:end].rstrip().endswith("?"):
        yield from _bounded(text, start, told.end("told"))
        start = told.end()
    yield from _bounded(text, start, end)


def _is_abbreviation(text: str, dot: int, end: int) -> bool:
    if text[dot:end] != "." or end >= len(text):
        return False
    return _ABBREVIATION.search(text[max(0, dot - _ABBREVIATION_WINDOW) : end]) is not None and (
        text[end : end + 2].strip()[:1].islower() or text[dot - 2 : dot].lower() in {".g", ".e", "eg", "ie"}
    )


def _is_wrapped(text: str, start: int, line_end: int, next_line: int) -> bool:
    """Whether a line break is only a margin: a long line that goes on in lower case."""
    if next_line >= len(text) or text.count("\n", line_end, next_line) > 1:
        return False
    line_start = max(start, text.rfind("\n", max(start, line_end - _WRAPPED_LINE_CHARS), line_end) + 1)
    goes_on = text[next_line].islower() and not _KEY.match(text, next_line) and not _BULLET.match(text, next_line)
    return goes_on and line_end - line_start >= _WRAPPED_LINE_CHARS and text[line_end - 1] not in ".!?:;"


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the trimmed span, cut at white space where it is too long."""
    start, end = _trim(text, start, end)
    bullet = _BULLET.match(text, start, end)
    if bullet:
        start = bullet.end()
    while end - start > MAX_SENTENCE_CHARS:
        limit = start + MAX_SENTENCE_CHARS
        cut = max(text.rfind(" ", start + 1, limit), text.rfind("\t", start + 1, limit))
        cut = cut if cut > start else limit
        piece = _trim(text, start, cut)
        if piece[0] < piece[1]:
            yield piece
        start = _trim(text, cut, end)[0]
    if any(char.isalnum() for char in text[start:end]):
        yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _sentence(text: str, start: int, end: int, subjects: frozenset[str]) -> Sentence:
    words = text[start:end]
    # A lone conjunction has no clause beside it: then the sentence is its own clause.
    clauses = tuple(_clauses(text, start, end)) or (Clause(start, end, words, "plain", ""),)
    return Sentence(start, end, words, _is_question(words, subjects), clauses)


def _is_question(words: str, subjects: frozenset[str]) -> bool:
    if _QUESTION_MARK.search(words):
        return True
    if words.rstrip().endswith((".", "!", "…")):
        return False
    about = _AUXILIARY_OPENING.match(words)
    return _QUESTION_OPENING.match(words) is not None or (about is not None and about[1].casefold() in subjects)


def _clauses(text: str, start: int, end: int) -> Iterator[Clause]:
    position, link, kind = start, "", "plain"
    depth, quoted = 0, False
    for match in _SEPARATOR.finditer(text, start, end):
        clause = _clause(text, position, match.start(), kind, link)
        if clause:
            yield clause
        if match["word"]:
            # The conjunction stays outside the clause: quotes read better without it.
            position, link = match.end(), match["word"].casefold()
        else:
            position, link = match.end(), (match[0].strip() or ",")
            if clause is None and not match["mark"] and link in "([{":
                link = "("
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(0, depth - 1)
        elif match["quote"]:
            quoted = not quoted
        kind = "parenthesis" if depth else "quote" if quoted else "plain"
    clause = _clause(text, position, end, kind, link)
    if clause:
        yield clause


def _clause(text: str, start: int, end: int, kind: str, link: str) -> Clause | None:
    start, end = _trim(text, start, end)
    while end > start and text[end - 1] in ".!?…,;:":
        end -= 1
    if not any(char.isalnum() for char in text[start:end]):
        return None
    clause_kind: ClauseKind = "parenthesis" if kind == "parenthesis" else "quote" if kind == "quote" else "plain"
    return Clause(start, end, text[start:end], clause_kind, link)
