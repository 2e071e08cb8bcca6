"""What is known of each sentence of a labelled description."""

from advisor.knowledge_base.labelled_descriptions import LabelledDescription
from advisor.understanding.described_sentences import DescribedSentence, described_sentences

TEXT = "Two of us write Python. The rest is a Java shop. It runs on AWS, or so we think."


def test_only_what_is_shown_or_surely_not_said_is_known() -> None:
    description = LabelledDescription(
        id="d1",
        text=TEXT,
        labels={"team": "mixed", "cloud": "neutral", "phone": "unknown", "stage": "unknown", "scale": "small"},
        alt_labels={"stage": ("early",)},
        spans={"team": ("write Python", "Java shop"), "cloud": ("runs on AWS",)},
    )
    assert list(described_sentences([description])) == [
        DescribedSentence("Two of us write Python.", {"team": "mixed", "phone": None}),
        DescribedSentence("The rest is a Java shop.", {"team": "mixed", "phone": None}),
        DescribedSentence("It runs on AWS, or so we think.", {"phone": None}),
    ]
