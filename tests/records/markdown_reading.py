"""Hostile text, and Markdown as a reader sees it."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("gfm-like")
assert MARKDOWN.linkify is not None
# As GitHub does it: addresses with a scheme or www become links, bare domain names do not.
MARKDOWN.linkify.set({"fuzzy_link": False, "fuzzy_email": False})

NASTY = [
    *"\\`*_{}[]<>()#+-.!|~&\"':@=$^/;0123456789 \t\n\r",
    *[
        "**",
        "__",
        "~~",
        "```",
        "\n\n",
        "\n---\n",
        "\n# ",
        "\n- ",
        "\n1. ",
        "\n    ",
        "\n> ",
        "\n| a |\n|---|\n",
        "  \n",
    ],
    *["<b>", "</b>", "<script>alert(1)</script>", "<!--", "-->", "<![CDATA[", "&amp;", "&#10;", "&lt;", "<http://a.b>"],
    *[
        "](javascript:alert(1))",
        "![x](y)",
        "[^1]: ",
        "[a]: b",
        "http://a.b/c",
        "www.a.com",
        "HTTPS://A.B",
        "mailto:a@b.c",
    ],
    *[
        "{{ x }}",
        "{% raw %}",
        "[/]",
        "[bold]",
        "\x1b[31m",
        "\x1b]0;t\x07",
        "\u202e",
        "\u00a0",
        "\u2003",
        "\u2028",
        "\x00",
        "\x85",
    ],
    *[
        "“",
        "é",
        "漢字",
        "🤖",
        "\u200b",
        "e\u0301",
        "\\|",
        "\\\\|",
        "- [ ] ",
        "===",
        "+ ",
        "#",
        " #",
        "C#",
        "a_b_c",
        "1)",
    ],
]
HOSTILE = st.lists(
    st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=12
).map("".join)


def inlines(markdown: str) -> Iterator[Token]:
    """The runs of text in a document, in which there may be no HTML."""
    for token in MARKDOWN.parse(markdown):
        assert token.type != "html_block"
        if token.type == "inline":
            assert token.children is not None
            assert "html_inline" not in {child.type for child in token.children}
            yield token


def words_seen(inline: Token) -> str:
    """The text that a reader sees; anything that is not text or a line's end stands out."""
    plain = {"softbreak": "\n", "hardbreak": "\n"}
    children = inline.children or ()
    return "".join(
        child.content if child.type == "text" else plain.get(child.type, f"<{child.type}>") for child in children
    )
