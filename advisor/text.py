"""The one place that cleans text from outside.

Every door (typed input, pasted text, knowledge packs, restored sessions) passes through `clean`, so that no escape
sequence, bidirectional control or lone surrogate reaches a terminal, a file or a model.
"""

from __future__ import annotations

import re

# C0 and C1 controls except tab and newline, DEL, bidirectional controls, line/paragraph separators that terminals and
# browsers treat as breaks, zero-width no-break space, interlinear annotations and tag characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: title, clipboard
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]"  # CSI and two-byte escapes
)
_PASSWORD_OPTIONS = re.compile(r"((?:ssl)?password=)[^\s&]*", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Returns `text` without escape sequences, control and bidirectional characters.

    Newlines are normalised to ``\\n``; tabs stay; lone surrogates become U+FFFD. Printable text is returned unchanged.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPE_SEQUENCES.sub("", text)
    return _SURROGATES.sub("\ufffd", _UNSAFE.sub("", text))


def shorten(text: str, limit: int) -> str:
    """Returns `text` on one line, cut to `limit` characters at a word where it can be, with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > limit // 2 else cut).rstrip(",;:") + "…"


def without_passwords(text: str) -> str:
    """Returns `text` with the passwords of the addresses in it replaced by asterisks."""
    return re.sub(r"\S+", lambda word: _without_password(word[0]), text)


def _without_password(word: str) -> str:
    scheme, _, rest = word.partition("://")
    credentials, _, host = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return _PASSWORD_OPTIONS.sub(r"\1***", f"{scheme}://{user}:***@{host}" if colon else word)
