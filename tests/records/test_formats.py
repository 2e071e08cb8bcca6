"""Every format is what its readers take it for, and hostile words in it stay words."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import html5lib
import pytest
import yaml
from jsonschema import Draft202012Validator
from prov.model import ProvDocument

from advisor.conversation.blocks import Note, SetAside, SetAsideItem
from advisor.knowledge_base.pack import KnowledgePack
from advisor.records.export import FORMATS, export, format_for, record_of
from advisor.records.integrity import altered_parts
from advisor.records.json_schema import SCHEMA_FILE, schema_text
from advisor.records.record_model import SealedRecord
from advisor.records.store import Session
from advisor.text import clean
from tests.records import example_session
from tests.records.example_session import described, session
from tests.records.markdown_reading import inlines, words_seen

MARKDOWN_FORMATS = ("markdown", "madr", "nygard", "log4brains")

HOSTILE_WORDS = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "[/] [bold]x[/bold] [link](javascript:alert(1))",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "| a | b |\n|---|---|\n`code` ``` ~~~",
    "```\nflowchart TD\n a-->b\n```",
    "\u202ertl\u202c \u200fmark \u2066isolate\u2069",
    '=HYPERLINK("http://a.b","c")',
    "+1+1",
    "@SUM(A1)",
    '-->"];\n end\n click quote1 "javascript:alert(1)"',
    "%%{init: {}}%% style a fill:#f00;",
    "--- \n# Not a heading\nstatus: accepted",
    "{{ 7*7 }} {% for x in y %}",
    "&lt;b&gt; &#60; #60; ]]> <!-- -->",
    "\u0000null\u2028line\U000e0041tag",
]


def hostile_session(pack: KnowledgePack, words: str) -> Session:
    """A session in which hostile words stand wherever words of the user can stand."""
    aside = SetAside(
        items=(
            SetAsideItem(
                attribute="device.target", title="Devices", label="phone", quote=words, stance="hedged", reason=words
            ),
        )
    )
    turn = described(pack, 1, f"We say {words}", {("team.skill", "python"): words}, [aside, Note(text=words)])
    made = session(pack, [turn])
    return made.model_copy(update={"info": made.info.model_copy(update={"title": words})})


_RECORDS: dict[str, SealedRecord] = {}


def written(pack: KnowledgePack, words: str, format: str) -> str:
    """A hostile session in a format; the record behind it is made once."""
    if words not in _RECORDS:
        _RECORDS[words] = record_of(hostile_session(pack, words), pack)
    return FORMATS[format].write(_RECORDS[words], "")


@pytest.fixture(scope="module")
def stored(pack: KnowledgePack) -> Session:
    return example_session.example(pack)


class Page(HTMLParser):
    """What a browser finds: elements with their attributes, text, ids and links."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, name: str) -> list[str]:
        """The values of an attribute, in document order."""
        return [value for _, attributes in self.elements if (value := attributes.get(name)) is not None]


# Hostile words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
@pytest.mark.parametrize("format", list(FORMATS))
def test_hostile_words_stay_words(pack: KnowledgePack, format: str, words: str) -> None:
    text = written(pack, words, format)
    assert clean(text.replace("\r\n", "\n")) == text.replace("\r\n", "\n")
    harmless = written(pack, "harmless words", format)
    assert _structure(format, text) == _structure(format, harmless)
    assert re.sub(r"\s+", " ", clean(words)).strip() in re.sub(r"\s+", " ", _shown(format, text))


def _structure(format: str, text: str) -> object:
    """What a reader of the format takes for structure rather than words."""
    if format in MARKDOWN_FORMATS:
        body = text.partition("\n## Appendix: transcript\n")[0]
        front = yaml.safe_load(text.split("---\n")[1]) if format == "madr" else None
        headings = [line for line in body.split("\n") if line.startswith("#")]
        return front, headings, body.count("\n"), re.findall(r"^```.*$", body, re.MULTILINE), _mermaid_shape(body)
    if format == "html":
        # How many lines of a drawing a quote takes depends on its length.
        return [(tag, sorted(attributes)) for tag, attributes in Page(text).elements if tag != "text"]
    if format == "csv":
        return [len(row) for row in csv.reader(io.StringIO(text))]
    if format == "text":
        return [line for line in text.split("\n") if line.startswith("=====")]
    return _shape(json.loads(text))


def _mermaid_shape(body: str) -> list[str]:
    blocks = re.findall(r"```mermaid\n(.*?)```", body, re.DOTALL)
    return [re.sub(r'\["[^"]*"\]', "[]", block) for block in blocks]


def _shape(value: Any) -> object:
    if isinstance(value, dict):
        return [_shape(item) for item in value.values()]
    return [_shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def _shown(format: str, text: str) -> str:
    if format in MARKDOWN_FORMATS:
        return "\n".join(words_seen(token) for token in inlines(text))
    if format == "html":
        return "".join(Page(text).texts)
    if format == "csv":
        return "\n".join(cell for row in csv.reader(io.StringIO(text)) for cell in row)
    if format == "text":
        return re.sub(r"\n[> ]*", " ", text)
    return "\n".join(_strings(json.loads(text)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


@pytest.mark.parametrize("words", [*HOSTILE_WORDS, "＝1+1", "%0A", "\t=1"])
def test_no_cell_is_a_formula(pack: KnowledgePack, words: str) -> None:
    for row in csv.reader(io.StringIO(written(pack, words, "csv"))):
        assert not [cell for cell in row if re.match(r"\s*[=+\-@＝＋－＠|%]", cell)]


# Each format ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", MARKDOWN_FORMATS)
def test_decision_records_are_proposals_with_a_summary_first(stored: Session, pack: KnowledgePack, format: str) -> None:
    text = export(stored, pack, format)
    paragraphs = [words_seen(token) for token in inlines(text)]
    record = record_of(stored, pack)
    assert record.summary in paragraphs[:9]
    assert "proposed" in text.casefold()
    assert not re.search(r"^(.*status.*accepted|accepted)", text, re.IGNORECASE | re.MULTILINE)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


def test_madr_has_the_sections_of_its_template(stored: Session, pack: KnowledgePack) -> None:
    text = export(stored, pack, "madr")
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["status"] == "proposed"
    assert set(front) == {"status", "date", "decision-makers", "consulted", "informed"}
    assert re.findall(r"^##+ .*$", text, re.MULTILINE) == [
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "### Consequences",
        "### Confirmation",
        "## Pros and Cons of the Options",
        "### PyTorch",
        "### TensorFlow",
        "## More Information",
    ]
    assert re.search(r"^Chosen option: ", text, re.MULTILINE)
    assert re.search(r"^- Bad, because ", text, re.MULTILINE)


def test_nygard_takes_its_number_from_the_file(stored: Session, pack: KnowledgePack) -> None:
    numbered = export(stored, pack, "nygard", file_name="0007-framework.md")
    assert numbered.startswith("# 7. PyTorch or TensorFlow: ")
    assert export(stored, pack, "nygard").startswith("# PyTorch or TensorFlow: ")
    assert re.findall(r"^## .*$", numbered, re.MULTILINE) == [
        "## Status",
        "## Context",
        "## Decision",
        "## Consequences",
    ]
    assert re.search(r"^## Status\n\nProposed\n", numbered, re.MULTILINE)


def test_log4brains_finds_its_bullets(stored: Session, pack: KnowledgePack) -> None:
    lines = export(stored, pack, "log4brains").splitlines()
    assert lines[2:6] == [
        "- Status: proposed",
        "- Deciders: to be named by the team",
        "- Date: 2026-11-22",
        "- Tags: pytorch\\_or\\_tensorflow",
    ]


def test_the_page_is_valid_whole_and_without_scripts(stored: Session, pack: KnowledgePack) -> None:
    text = export(stored, pack, "html")
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    page = Page(text)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    inner = [link.removeprefix("#") for link in page.values("href") if link.startswith("#")]
    assert set(inner) <= set(ids)
    assert all(link.startswith(("#", "https://", "http://")) for link in page.values("href"))
    assert not {tag for tag, _ in page.elements} & {"script", "iframe", "object", "embed", "link", "img", "form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith(("on", "src"))]
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_quoted_words_and_facts_link_both_ways(stored: Session, pack: KnowledgePack) -> None:
    record = record_of(stored, pack)
    page = Page(export(stored, pack, "html"))
    links = page.values("href")
    ids = page.values("id")
    for number, known in enumerate(record.known, 1):
        assert f"#quote-{known.turn}-{known.start}-{known.end}" in links
        assert f"quote-{known.turn}-{known.start}-{known.end}" in ids
        assert f"#fact-{number}" in links
        assert f"fact-{number}" in ids
    marked = [attributes.get("title") for tag, attributes in page.elements if tag == "mark"]
    assert [f"{known.title}: {known.label}" for known in record.known if known.turn == 2] == [
        title for title in marked if title
    ]


def test_the_json_keeps_to_its_published_schema(stored: Session, pack: KnowledgePack) -> None:
    published = SCHEMA_FILE.read_text(encoding="utf-8")
    assert published == schema_text(), "the models changed: write schema_text() to SCHEMA_FILE"
    schema = json.loads(published)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    record = json.loads(export(stored, pack, "json"))
    assert list(validator.iter_errors(record)) == []
    for broken in (
        {**record, "status": "accepted"},
        {**record, "more": 1},
        {k: v for k, v in record.items() if k != "integrity"},
    ):
        assert list(validator.iter_errors(broken))


def test_hashes_name_what_was_altered(stored: Session, pack: KnowledgePack) -> None:
    record = json.loads(export(stored, pack, "json"))
    assert altered_parts(record) == ()
    reordered = dict(sorted(record.items(), reverse=True))
    assert altered_parts(reordered) == ()
    assert altered_parts({**record, "summary": "TensorFlow it is"}) == ("summary",)
    transcript = [{**record["transcript"][0], "utterance": "x"}, *record["transcript"][1:]]
    assert altered_parts({**record, "transcript": transcript}) == ("transcript",)
    assert altered_parts({k: v for k, v in record.items() if k != "known"}) == ("known",)
    resealed = {**record["integrity"], "record": "0" * 64}
    assert altered_parts({**record, "integrity": resealed}) == ("integrity",)


def test_provenance_is_read_by_its_own_library(stored: Session, pack: KnowledgePack) -> None:
    text = export(stored, pack, "prov")
    document = ProvDocument.deserialize(content=text, format="json")
    assert json.loads(document.serialize(format="json") or "").keys() == json.loads(text).keys()
    data = json.loads(text)
    record = record_of(stored, pack)
    fired = {rule.id for row in record.criteria.values() for rule in row.fired}
    plans = {entity["prov:label"] for entity in data["entity"].values() if _type(entity) == "prov:Plan"}
    assert plans == fired
    assert {"rec:verdict-article", "rec:verdict-amended"} <= data["entity"].keys()
    named = data["entity"].keys() | data["activity"].keys() | data["agent"].keys()
    for kind, statements in data.items():
        if kind not in ("prefix", "entity", "activity", "agent"):
            for statement in statements.values():
                ends = {value for key, value in statement.items() if key in _ENDS}
                assert ends <= named, (kind, ends - named)
    quotations = [d for d in data["wasDerivedFrom"].values() if _type(d) == "prov:Quotation"]
    assert len(quotations) == len({(k.turn, k.start, k.end) for k in record.known})


_ENDS = {"prov:entity", "prov:activity", "prov:agent", "prov:plan", "prov:generatedEntity", "prov:usedEntity"}


def _type(statement: dict[str, Any]) -> str | None:
    value = statement.get("prov:type")
    return value["$"] if isinstance(value, dict) else None


def test_the_matrix_opens_in_a_spreadsheet(stored: Session, pack: KnowledgePack) -> None:
    rows = list(csv.DictReader(io.StringIO(export(stored, pack, "csv"))))
    assert [row["id"] for row in rows] == ["engineering", "maturity", "deployment", "mobile", "vendor", "verdict"]
    assert (rows[4]["article"], rows[4]["amended"]) == ("TensorFlow", "neutral")
    assert rows[4]["words"] == "“everything we own is in Google Cloud”"
    assert rows[2]["how_to_find_out"]
    assert rows[5]["article"] == "insufficient"


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.md", "markdown"),
        ("a.MD", "markdown"),
        ("a.madr.md", "madr"),
        ("0001-a.adr.md", "nygard"),
        ("a.json", "json"),
        ("a.prov.json", "prov"),
        ("a.html", "html"),
        ("a.txt", "text"),
        ("a.csv", "csv"),
        ("a", None),
        ("a.pdf", None),
    ],
)
def test_the_ending_of_a_file_names_its_format(name: str, format: str | None) -> None:
    assert format_for(name) == format
