"""What the states of a labelled dialogue tell of each of its messages."""

from advisor.knowledge_base.labelled_dialogues import DialogueTurn, Expectation, LabelledDialogue
from advisor.understanding.labelled_messages import labelled_messages

TOPICS = ("team", "cloud")


def _turn(say: str, *, others: dict[str, tuple[str, ...]] | None = None, **leans: str) -> DialogueTurn:
    return DialogueTurn(say=say, expect=Expectation(leans=leans, alt_leans=others or {}))


def test_a_message_says_what_it_changes() -> None:
    turns = (
        _turn("We write Python.", team="pytorch"),
        _turn("It runs on AWS. Cheap enough.", team="pytorch", cloud="pytorch"),
        _turn("No, Google Cloud. Azure later.", team="pytorch", cloud="neutral", others={"cloud": ("tensorflow",)}),
        DialogueTurn(say="hm"),
        _turn("Thanks.", team="pytorch"),
    )
    first, second, third = labelled_messages([LabelledDialogue(id="d", turns=turns)], TOPICS)
    assert (first.id, first.labels, first.alt_labels) == ("d-1", {"team": "pytorch", "cloud": "unknown"}, {})
    assert first.spans == {"team": ("We write Python.",)}
    assert second.labels == {"team": "unknown", "cloud": "pytorch"}
    assert second.alt_labels == {"team": ("pytorch",)}, "it may say so again"
    assert second.spans == {}, "which of the two sentences says it is not known"
    assert third.labels["cloud"] == "unknown"
    assert third.alt_labels["cloud"] == ("tensorflow",)
