"""What the FAQ may say: every figure rests on a claim, and every entry is fit to be shown."""

from __future__ import annotations

import re

import pytest

from advisor.knowledge_base.pack import KnowledgePack, load_pack

_PACK = load_pack()
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def _figures(text: str) -> set[str]:
    """The numbers in a text; an ISO date also counts as its parts, as answers spell dates out."""
    figures = set(_NUMBER.findall(text))
    for year, month, day in re.findall(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text):
        figures |= {year, str(int(month))} | ({str(int(day))} if day else set())
    return figures


@pytest.mark.parametrize("topic", sorted(_PACK.entries))
def test_every_figure_in_an_answer_is_in_one_of_its_claims(topic: str) -> None:
    entry = _PACK.entries[topic]
    known = _figures(" ".join(f"{_PACK.claims[c].claim} {_PACK.claims[c].truth}" for c in entry.claims))
    assert _figures(entry.answer) <= known


@pytest.mark.parametrize("topic", sorted(_PACK.entries))
def test_an_entry_is_fit_to_be_shown(topic: str) -> None:
    entry = _PACK.entries[topic]
    assert 40 <= len(entry.answer.split()) <= 150
    assert len(entry.phrasings) >= 15
    assert "!" not in entry.answer.replace("!=", "")
    assert entry.related
    assert entry.id not in entry.related


def test_no_two_entries_share_a_phrasing(pack: KnowledgePack) -> None:
    seen: dict[str, str] = {}
    for entry in pack.entries.values():
        for phrasing in entry.phrasings:
            key = re.sub(r"\W+", " ", phrasing.casefold()).strip()
            assert seen.setdefault(key, entry.id) == entry.id, phrasing


def test_packages_are_cited_by_package_url(pack: KnowledgePack) -> None:
    for source in pack.sources.values():
        assert not re.match(r"https?://([a-z]+\.)*(pypi|npmjs|pythonhosted)\.", source.url or ""), source.id


def test_the_ledger_has_every_claim_of_the_article(pack: KnowledgePack) -> None:
    assert [f"C{number:03}" in pack.claims for number in range(1, 116)] == [True] * 115
