"""Normalised words with offsets into the original text: the alphabet of phrases and cues."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Token:
    """One normalised word. `hard` says that punctuation which ends a phrase stands before it."""

    word: str
    start: int
    end: int
    hard: bool


_WORD = re.compile(
    r"w/(?:out\b|o\b)|w/(?=\s|\w)"
    r"|\.net\b"
    r"|(?<![\d.,])[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?![.,-]?\w)"
    r"|\d+(?:[.,]\d+)*(?:[kmb]\b|bn\b|mio\b)?"
    r"|[^\W\d_]+(?:\d+[^\W\d_]*)*(?:['’`´ʼ][^\W\d_]+)*(?:\+\+|\#)?",
    re.I,
)
_HARD = re.compile(r"[,;()\[\]{}!?…|“”\"«»]|\.(?!\w)|\s[-–—]+\s|—")
_COLON = re.compile(r":\s")
_KEY_WORDS = 4
"""A colon after more words than these ends a phrase; before, it joins the key of a note to its value."""
_NUMBER = re.compile(r"(\d+(?:[ .,]\d+)*)(k|m|b|bn|mio)?$")
_FACTORS = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "b": 1_000_000_000, "bn": 1_000_000_000}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "lakh": 100_000,
    "crore": 10_000_000,
    "mio": 1_000_000,
    "mln": 1_000_000,
    "bn": 1_000_000_000,
}
_COUNTS = {
    **{word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)},
    **dict(zip("eleven twelve fifteen".split(), (11, 12, 15), strict=True)),
    **{
        word: 10 * number
        for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
    },
}
_PRONOUNS = frozenset(
    "it that there what who he she here this everything everyone everybody nobody nothing where how".split()
)
_ENDINGS = {"re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"}
_BARE_WERE, _BARE_ARE = "were", "r"
_BEFORE_R = frozenset(
    "in with and or use uses used using know knows write writes code codes coding only mostly some of love plus do does"
    " also just like to language n no not from about on".split()
)
_AFTER_R = frozenset("and or n is code scripts script programming person guy package packages studio".split())
"""Words after which, and before which, a lone "r" is the language, not a short "are"."""
_OPENING = frozenset(
    "and but so oh ok okay yes yeah yep no nah nope as because since cos cause bc coz well also".split()
)
"""Words that a clause may begin with before its subject."""
_ASKED = frozenset("you u they we he she it i the a any there these those this that your ur our my all".split())
"""Words that follow a "were" which asks, or supposes."""
_NEGATED = re.compile(r"(do|does|did|is|are|was|were|has|have|had|would|could|should|need|might|must|ai)n['’`´ʼ]?t$")
_BRITISH = re.compile(r"(?<=[a-z]{3})is(e|ed|es|ing|ation)$")
_NO_PLURALS = ("ss", "us", "is")
_NO_PLURAL_WORDS = frozenset({"news", "lens"})
_PLURALS = frozenset({"gpus", "tpus", "cpus", "npus", "menus"})
_ISE_PROPER = frozenset(
    "noise noised exercise promise precise otherwise raise raised wise likewise franchise enterprise "
    "surprise expertise advise advised revise revised devise supervise supervised".split()
)


def tokenize(text: str, spelling: Mapping[str, str], start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """Return the normalised words of text[start:end]; `spelling` maps chat spellings to proper words."""
    stop = len(text) if end is None else end
    tokens: list[Token] = []
    previous_end = start
    since = 0
    for match in _WORD.finditer(text, start, stop):
        between = text[previous_end : match.start() + 1] if previous_end < match.start() else ""
        hard = bool(between) and (
            _HARD.search(between) is not None or (since > _KEY_WORDS and _COLON.search(between) is not None)
        )
        since = 1 if hard else since + 1
        opens = not tokens or hard or tokens[-1].word in _OPENING
        written = match[0]
        if opens and _is_bare_were(match, text, stop):
            written = "we're"
        elif written == _BARE_ARE and not hard and tokens and _is_short_are(tokens[-1].word, match, text, stop):
            written = "are"
        for index, piece in enumerate(expand(written, spelling)):
            tokens.append(Token(piece, match.start(), match.end(), hard and index == 0))
        previous_end = match.end()
    return _join_scales(tokens)


def _is_bare_were(match: re.Match[str], text: str, stop: int) -> bool:
    """Whether a word that opens a clause is "we're" without its apostrophe: "were on AWS", not "were you"."""
    following = _WORD.search(text, match.end(), stop)
    return _folded(match[0]) == _BARE_WERE and following is not None and _folded(following[0]) not in _ASKED


def _is_short_are(before: str, match: re.Match[str], text: str, stop: int) -> bool:
    """Whether a lone "r" is short for "are": "we r on AWS", not "python and r" or "we write r"."""
    following = _WORD.search(text, match.end(), stop)
    if following is None or before in _BEFORE_R or _folded(following[0]) in _AFTER_R:
        return False
    return text[match.end() : following.start()].isspace()


@lru_cache(maxsize=8192)
def _folded(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw).casefold()


def expand(raw: str, spelling: Mapping[str, str]) -> tuple[str, ...]:
    """Return the normalised words that one written word stands for: "don't" is "do not"."""
    word = _folded(raw)
    if word in spelling:
        return tuple(stem(part) for part in spelling[word].split())
    number = _NUMBER.match(word)
    if number:
        return (_plain_number(number[1], number[2]),)
    if word in {"can't", "can’t", "cannot", "cant"}:
        return ("can", "not")
    if word in {"won't", "won’t", "wont"}:
        return ("will", "not")
    negated = _NEGATED.match(word)
    if negated:
        return (stem(negated[1]), "not")
    head, mark, tail = _apostrophe(word)
    if not mark:
        return (stem(word),)
    if tail in _ENDINGS:
        return (stem(head), _ENDINGS[tail])
    if tail == "s":
        return (stem(head), "is") if head in _PRONOUNS else (stem(head),)
    return (stem(head), stem(tail)) if tail else (stem(head),)


def _apostrophe(word: str) -> tuple[str, str, str]:
    for mark in "'’`´ʼ":
        if mark in word:
            return word.partition(mark)
    return word, "", ""


def _plain_number(digits: str, suffix: str | None) -> str:
    """Write 40,000 and 40 000 as 40000, 1.5m as 1500000."""
    thousands = re.fullmatch(r"\d{1,3}(?:[ .,]\d{3})+", digits) is not None and not digits.startswith("0")
    text = re.sub(r"[ .,]", "", digits) if thousands else digits.replace(",", ".")
    if text.count(".") > 1 or len(text) > 18:
        return digits.replace(",", ".")[:40]
    value = float(text) * _FACTORS.get(suffix or "", 1)
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _join_scales(tokens: list[Token]) -> tuple[Token, ...]:
    """Read "2 million" and "twenty thousand" as one number."""
    joined: list[Token] = []
    for token in tokens:
        factor = _SCALES.get(token.word)
        count = _count(joined[-1].word) if factor and joined and not token.hard else None
        if factor and count is not None:
            value = count * factor
            before = joined.pop()
            joined.append(Token(f"{value:.3f}".rstrip("0").rstrip("."), before.start, token.end, before.hard))
        else:
            joined.append(token)
    return tuple(joined)


def _count(word: str) -> float | None:
    if word in _COUNTS:
        return float(_COUNTS[word])
    return float(word) if _is_number(word) else None


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal() and word.isascii()


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Fold plural and British spelling, the same way for phrases and for text."""
    if word not in _ISE_PROPER and len(word) > 6:
        word = _BRITISH.sub(r"iz\1", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word in _NO_PLURAL_WORDS:
        return word
    if word in _PLURALS or (len(word) > 3 and word.endswith("s") and not word.endswith(_NO_PLURALS)):
        return word[:-1]
    return word
