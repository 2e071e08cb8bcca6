"""What counts as an observation, what is set aside and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from advisor.knowledge_base.language_schema import AttributePhrases
from advisor.understanding.extraction import Extraction, Extractor, Mention, Observation
from tests.evaluate_descriptions import build_extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return build_extractor()


def values(extraction: Extraction, attribute: str) -> set[str]:
    return {found.value for found in extraction.observations if found.attribute == attribute}


def stances(extraction: Extraction, attribute: str) -> set[str]:
    return {found.stance for found in extraction.set_aside if found.attribute == attribute}


STATED = [
    # a minority that writes Python
    ("the python people are a minority", {"team.skill": {"mixed"}}),
    ("few of them know Python", {"team.skill": {"mixed"}}),
    # what never leaves a device is worked on there
    ("photos never leave the phone", {"device.target": {"phone"}}),
    ("out of beta since last year", {"stage": {"established"}}),
    ("trial run at one site", {"stage": {"early_stage"}}),
    # several attributes in a clause
    (
        "Three Python devs with an MVP on AWS",
        {"team.skill": {"python"}, "stage": {"early_stage"}, "cloud.provider": {"aws"}},
    ),
    # notes
    (
        "team: 3 py devs. cloud: gcp. mobile: no",
        {"team.skill": {"python"}, "cloud.provider": {"google_cloud"}, "device.target": {"none"}},
    ),
    ("Ada and C. SIL 4.", {"team.skill": {"other_languages"}, "regulation": {"regulated"}}),
    # denials
    ("We don't need mobile", {"device.target": {"none"}}),
    ("no app, no devices", {"device.target": {"none"}}),
    ("neither iOS nor Android", {"device.target": {"none"}}),
    ("iOS was discussed and then dropped", {"device.target": {"none"}}),
    ("Phones? No.", {"device.target": {"none"}}),
    ("mobile isn't needed", {"device.target": {"none"}}),
    ("we are not python people", {"team.skill": {"other_languages"}}),
    ("We are not in production yet", {"stage": {"early_stage"}}),
    ("far from experimental", {"stage": {"established"}}),
    ("past the pilot stage", {"stage": {"established"}}),
    ("Not AWS, Google Cloud", {"cloud.provider": {"google_cloud"}}),
    # double negation
    (
        "It's not that we don't need phones, the guide app has to run on the phone",
        {"device.target": {"phone"}},
    ),
    ("We write nothing but Python", {"team.skill": {"python"}}),
    # typing
    (
        "our devs write pyhton, model must run in the andriod app",
        {"team.skill": {"python"}, "device.target": {"phone"}},
    ),
    ("dont need mobile, w/out any app", {"device.target": {"none"}}),
    ("WE USE AWS", {"cloud.provider": {"aws"}}),
    # notes with keys, headings that deny, short questions with their answer
    ("stack=python, edge=none", {"team.skill": {"python"}, "device.target": {"none"}}),
    ("Dropped: Android, iOS", {"device.target": {"none"}}),
    ("Mobile: explicitly out of scope in the tender", {"device.target": {"none"}}),
    ("edge? lol no. python? everyone", {"device.target": {"none"}, "team.skill": {"python"}}),
    ("Scale? Yes.", {"serving.scale": {"large"}}),
    ("Retraining budget: nil", {"team.retraining": {"avoid"}}),
    # clues that imply a device together
    ("The mirror has to recognise the visitor; the shop has awful Wi-Fi", {"device.target": {"device"}}),
    ("A talking bear that understands twelve words. It must not be connected.", {"device.target": {"device"}}),
    # what others have and the speaker has not; what was meant once; what is taken back
    ("The competitor ships on Wear OS. We don't.", {"device.target": {"none"}}),
    ("A tablet would have been nice, but we've crossed it off the list", {"device.target": {"none"}}),
    ("We had planned an Android app, but that got dropped", {"device.target": {"none"}}),
    ("AWS it is. Well no, we are not an AWS customer, Azure then", {"cloud.provider": {"azure"}}),
    ("actually ignore what I said re: GCP, we moved to AWS", {"cloud.provider": {"aws"}}),
    ("In my previous job it was GCP, here it's AWS", {"cloud.provider": {"aws"}}),
    ("Nothing runs locally on the phone, god no", {"device.target": {"none"}}),
    # figures
    ("It is called maybe twenty thousand times a second", {"serving.scale": {"large"}}),
    ("Would TorchServe cope with 30,000 requests per second?", {"serving.scale": {"large"}}),
    # product names
    ("Training on SageMaker", {"cloud.provider": {"aws"}}),
    ("data sits in BigQuery", {"cloud.provider": {"google_cloud"}}),
    ("jobs run in AzureML", {"cloud.provider": {"azure"}}),
    ("it runs on a Jetson in the barn", {"device.target": {"edge_box"}}),
    ("we wrap it with FastAPI", {"serving.kind": {"api"}}),
    # scale by number
    ("12k requests per second", {"serving.scale": {"large"}}),
    ("50 req/s at most", {"serving.scale": {"ordinary"}}),
    ("two million daily users", {"serving.scale": {"large"}}),
    # presuppositions of questions
    (
        "How do I serve my PyTorch model behind an API on SageMaker?",
        {"existing_code": {"pytorch"}, "cloud.provider": {"aws"}},
    ),
    (
        "We're three Python devs on AWS, which one should we pick?",
        {"team.skill": {"python"}, "cloud.provider": {"aws"}},
    ),
    ("pytorch or tf for running a keyword spotter on an ESP32?", {"device.target": {"microcontroller"}}),
    ("Which one suits a team of five Python developers on AWS?", {"cloud.provider": {"aws"}}),
    ("Which is better for mobile?", {"device.target": set()}),
    # switching
    ("we switched from TF to PyTorch", {"team.framework": {"pytorch"}}),
    (
        "on Keras today but we would happily migrate",
        {"existing_code": {"keras"}, "team.retraining": {"willing"}},
    ),
    ("AWS, no wait, Google Cloud", {"cloud.provider": {"google_cloud"}}),
    ("We're on AWS. Correction: GCP.", {"cloud.provider": {"google_cloud"}}),
    ("The model runs in the user's browser", {"device.target": {"browser"}}),
    ("nothing runs on the device", {"device.target": {"none"}}),
    ("Anything that works gets rewritten by another team", {"serving.kind": {"not_ours"}}),
    # somebody else's facts beside one's own
    ("our supplier is all AWS but we host on Azure", {"cloud.provider": {"azure"}}),
    ("The rest of the company lives in Google Cloud, we don't", {"cloud.provider": set()}),
    ("We buy the sensor from a supplier; our corporate IT is on AWS", {"cloud.provider": {"aws"}}),
    ("We take the video off our vendor's cameras and analyse it on AWS", {"cloud.provider": {"aws"}}),
    ("Colleagues across the street use Azure; we don't have anything to do with that", {"cloud.provider": set()}),
    ("Competitors' prices are scraped and we score them on AWS", {"cloud.provider": {"aws"}}),
    ("One of our clients sends 30,000 requests per second", {"serving.scale": {"large"}}),
    ("Two years ago we moved to AWS", {"cloud.provider": {"aws"}}),
    # who belongs to the project
    ("My nephew and I will build it; he does Kotlin.", {"team.skill": {"other_languages"}}),
    ("Our developers sit in Pune. They use Java.", {"team.skill": {"other_languages"}}),
    ("A contractor built us a Keras model", {"existing_code": {"keras"}}),
    ("I just heard that the team is complete: four Python developers", {"team.skill": {"python"}}),
    # a sentence that takes back, turns down or outdates the one before
    ("We run on AWS. That's no longer true, the contract ended.", {"cloud.provider": set()}),
    ("We run on AWS. Well, that has changed, it's Azure now.", {"cloud.provider": {"azure"}}),
    ("Somebody asked about tablets on the ward. We decided against that.", {"device.target": {"none"}}),
    ("The nurses asked for it on their phones; we turned that down.", {"device.target": {"none"}}),
    ("A colleague floated a tablet version, I declined.", {"device.target": {"none"}}),
    ("Nobody needs phones. They've changed their mind, it must run on the phone again.", {"device.target": {"phone"}}),
    ("We are on AWS. Actually no, we moved to Azure.", {"cloud.provider": {"azure"}}),
    ("My employer works under GxP. My group doesn't: we tinker.", {"regulation": set()}),
    # what only looks like a cue
    ("An open model sits behind an API", {"serving.kind": {"api"}}),
    ("It moves to Google Cloud, planned for May", {"cloud.provider": {"google_cloud"}}),
    ("the phone itself must say the disease", {"device.target": {"phone"}}),
    ("It's all AWS, and no, nothing runs on the device", {"cloud.provider": {"aws"}, "device.target": {"none"}}),
    ("We do not need it on a phone", {"device.target": {"none"}}),
    ("We've 20,000 requests per second. Nobody needs more.", {"serving.scale": {"large"}}),
    ("A camera looking at the belt runs on a Jetson", {"device.target": {"edge_box"}}),
    ("A model evaluating X-rays runs on AWS", {"cloud.provider": {"aws"}}),
    ("v2 is live in production on AWS", {"cloud.provider": {"aws"}, "stage": {"established"}}),
    ("It flags potentially dangerous items right on the phone", {"device.target": {"phone"}}),
    ("We had to go with AWS", {"cloud.provider": {"aws"}}),
    ("Zero-downtime deployments on AWS", {"cloud.provider": {"aws"}}),
    ("Our people use Python", {"team.skill": {"python"}}),
    ("As a contractor I only do Python", {"team.skill": {"python"}}),
    ("Predictions are provided by an API on AWS", {"cloud.provider": {"aws"}}),
    ("The model on AWS predicts cancelled orders", {"cloud.provider": {"aws"}}),
    # wishes that were decided
    ("We considered a phone app and decided not to.", {"device.target": {"none"}}),
    ("The plan was a phone app, it fell through.", {"device.target": {"none"}}),
    ("AWS gave way to Azure", {"cloud.provider": {"azure"}}),
    # an answer that leaves it open
    ("Mobile? Not discussed.", {"device.target": set()}),
    ("Will we need phones? No idea.", {"device.target": set()}),
]


@pytest.mark.parametrize(
    "text", ["The parent company gave us AWS accounts", "It predicts whether a customer leaves and runs on AWS"]
)
def test_what_seems_to_be_about_others_is_at_least_asked_about(extractor: Extractor, text: str) -> None:
    extraction = extractor.extract(text, known={})
    stated = {(o.attribute, o.value) for o in extraction.observations}
    asked = {(m.attribute, m.value) for m in extraction.unsure}
    assert ("cloud.provider", "aws") in stated | asked


@pytest.mark.parametrize(("text", "expected"), STATED)
def test_observations(extractor: Extractor, text: str, expected: dict[str, set[str]]) -> None:
    extraction = extractor.extract(text)
    assert {attribute: values(extraction, attribute) for attribute in expected} == expected


@pytest.mark.parametrize(
    ("text", "attribute", "stance"),
    [
        ("We might use Google Cloud", "cloud.provider", "hedged"),
        ("An Android app, maybe later", "device.target", "hedged"),
        ("would be nice to have an iPhone app eventually", "device.target", "hedged"),
        ("AWS or Azure, not decided", "cloud.provider", "hedged"),
        ("Our supplier is all AWS", "cloud.provider", "other_party"),
        ("My friend's startup uses TPUs", "accelerator", "other_party"),
        ("Our parent company is a Google Cloud shop", "cloud.provider", "other_party"),
        ("In my last job we used Google Cloud", "cloud.provider", "past"),
        ("We used to run on AWS", "cloud.provider", "past"),
        ("The AWS contract expired", "cloud.provider", "past"),
        ("We moved off Azure", "cloud.provider", "past"),
        ("If we used AWS it would cost more", "cloud.provider", "hypothetical"),
        ("Is Google Cloud any good?", "cloud.provider", "asked"),
        ("AWS, no wait, Google Cloud", "cloud.provider", "retracted"),
        ("No Google Cloud here", "cloud.provider", "denied"),
        ("It began as a prototype on AWS, now it's Azure", "cloud.provider", "past"),
        ("Prior to the merger we were AWS", "cloud.provider", "past"),
        ("wrote java four years ago in another job", "team.skill", "past"),
        ("Google Cloud isn't on their list", "cloud.provider", "denied"),
        ("What we are NOT: a bank, a Python shop, an AWS customer", "cloud.provider", "denied"),
        ("We may or may not use AWS", "cloud.provider", "hedged"),
        ("We are still evaluating Azure", "cloud.provider", "hedged"),
        ("It must run on the phone, yet nothing runs on the phone", "device.target", "contradicted"),
        ("There is talk of using Azure", "cloud.provider", "hedged"),
        ("I bought a service whose maker uses TensorFlow on AWS", "cloud.provider", "other_party"),
        ('If a start-up says "we use PyTorch", is that good?', "team.framework", "hypothetical"),
        ("We can't use AWS", "cloud.provider", "denied"),
    ],
)
def test_set_aside(extractor: Extractor, text: str, attribute: str, stance: str) -> None:
    assert stance in stances(extractor.extract(text), attribute)


@pytest.mark.parametrize(
    "text",
    [
        "Does it run on phones?",
        "which is better for production?",
        "a cutting edge company with many edge cases",
        "cached at the CDN edge",
        "the phone app just shows the alarm",
        "cameras only record and upload video",
        "we work near the Amazon river and googled it",
        "in the cloud",
        "No preference on cloud",
        "our mobile crane",
        "the production line",
        "let's go",
        "",
        "\u202e\u0000 \ud800",
    ],
)
def test_states_nothing(extractor: Extractor, text: str) -> None:
    assert extractor.extract(text).observations == ()


@pytest.mark.parametrize(
    "text",
    [
        "The mirror has to recognise the visitor",  # half of what implies a device
        "The stores have awful Wi-Fi",
        "ugh, typing this on my phone",
        "The app on the phone only shows the score",
        "We sell drones and want a demand forecast",
        "A translation bureau in Porto",  # not a misspelt "proto"
        "Toy manufacturer",
        "Load spikes to 22k",
        "students are our customers",
        "tablets against headache",
        "call me on my phone",
        "we saw a demo at a fair",
    ],
)
def test_words_that_state_no_device_and_no_stage(extractor: Extractor, text: str) -> None:
    found = {observation.attribute for observation in extractor.extract(text).observations}
    assert not found & {"device.target", "stage"}


def test_clues_carry_the_words_of_the_first_and_the_reasons_of_all(extractor: Extractor) -> None:
    text = "There is no uplink in the tunnel. The box in the cab has to flag a broken rail."
    (found,) = extractor.extract(text).observations
    assert found.quote == "The box in the cab has to flag a broken rail"
    assert found.obtained == "inferred"
    assert " with " in found.reason


def test_phrase_files_name_only_clues_that_exist() -> None:
    with pytest.raises(ValidationError, match="there are no clues called nowhere"):
        AttributePhrases.model_validate(
            {
                "attribute": "device.target",
                "clues": {"acts": ["box must decide"]},
                "values": {"device": {"together": [["acts", "nowhere"]]}},
            }
        )


def test_of_two_values_of_one_attribute_neither_counts(extractor: Extractor) -> None:
    extraction = extractor.extract("It is a prototype. It has been in production since 2015.")
    assert values(extraction, "stage") == set()
    assert stances(extraction, "stage") == {"contradicted"}


def test_a_third_statement_does_not_settle_a_contradiction(extractor: Extractor) -> None:
    extraction = extractor.extract("It is a prototype. It has been in production since 2015. It is a prototype.")
    assert values(extraction, "stage") == set()


def test_values_that_go_together_do_not_contradict_each_other(extractor: Extractor) -> None:
    extraction = extractor.extract("It is a research prototype for a thesis.")
    assert len(values(extraction, "stage")) == 1
    assert stances(extraction, "stage") == {"stated"}


def test_what_is_said_and_denied_does_not_count(extractor: Extractor) -> None:
    extraction = extractor.extract("We run on AWS, no AWS at all.")
    assert values(extraction, "cloud.provider") == set()
    assert stances(extraction, "cloud.provider") == {"contradicted"}


def test_multiple_values_are_all_kept(extractor: Extractor) -> None:
    assert values(extractor.extract("half AWS half GCP"), "cloud.provider") == {"aws", "google_cloud"}


def test_absence_yields_to_a_concrete_device(extractor: Extractor) -> None:
    assert values(extractor.extract("No phones, but it must run on the tablets"), "device.target") == {"tablet"}


def test_reasons_and_origin(extractor: Extractor) -> None:
    (found,) = extractor.extract("Training on SageMaker").observations
    assert found.obtained == "inferred"
    assert "sagemaker" in found.reason
    (aside,) = extractor.extract("We might use AWS").set_aside
    assert "might" in aside.reason
    assert aside.quote == "We might use AWS"


WORDS = st.sampled_from(
    [
        *"we don't not no python java team keras might AWS Google Cloud phone tablet but and if".split(),
        *"our supplier used to live prototype 5k requests per second runs on the API maybe later".split(),
        *', . ? ( ) : - " \n'.split(" "),
    ]
)
TEXTS: st.SearchStrategy[str] = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_quotes_are_exact_substrings(text: str) -> None:
    extraction = SHARED.extract(text)
    everything: list[Observation | Mention] = [*extraction.observations, *extraction.set_aside]
    for found in everything:
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.quote
        assert found.reason


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_case_does_not_matter_and_runs_repeat(text: str) -> None:
    def found(words: str) -> list[tuple[str, str]]:
        return [(one.attribute, one.value) for one in SHARED.extract(words).observations]

    # A line break may end a sentence or not, depending on the capital letter after it.
    words = text.replace("\n", " ").lower()
    assert found(words) == found(words) == found(words.upper())


@pytest.mark.parametrize("unit", ["no app, ", "we might use aws and ", "python (", "a", "if it "])
def test_long_input(extractor: Extractor, unit: str) -> None:
    text = unit * (40_000 // len(unit))
    for found in extractor.extract(text).observations:
        assert text[found.start : found.end] == found.quote


SHARED = build_extractor()


def test_phrases_written_once_speak_for_each_value() -> None:
    phrases = AttributePhrases.model_validate(
        {
            "attribute": "drink",
            "lists": {"tea": ["tea", "chai"], "coffee": ["coffee"]},
            "each": {
                "names": {"tea": "tea", "coffee": "coffee"},
                "said": ["we drink (<name>)"],
                "in_context": ["<name>"],
            },
            "values": {"tea": {}, "coffee": {}},
        }
    )
    assert list(phrases.said_for_each()) == [
        ("tea", "said", "we drink (<tea>)"),
        ("tea", "in_context", "<tea>"),
        ("coffee", "said", "we drink (<coffee>)"),
        ("coffee", "in_context", "<coffee>"),
    ]


def test_phrases_for_each_value_name_known_values_only() -> None:
    with pytest.raises(ValidationError, match="no values called milk"):
        AttributePhrases.model_validate(
            {"attribute": "drink", "each": {"names": {"milk": "tea"}}, "values": {"tea": {"said": ["tea"]}}}
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hardly any of us know Python.", {"mixed"}),
        ("Only two of the ten engineers can write Python.", {"mixed"}),
        ("Every one of us knows Python.", {"python"}),
    ],
)
def test_what_is_true_of_a_few_only_counts_as_the_pack_says(
    extractor: Extractor, text: str, expected: set[str]
) -> None:
    assert values(extractor.extract(text), "team.skill") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Consultant here, asking for a client. They use AWS.", {"aws"}),
        ("They use AWS.", set()),
        ("The vendor has a nice demo. They use AWS.", set()),
        ("I asked my brother. They use AWS.", set()),
    ],
)
def test_whoever_speaks_for_others_tells_of_their_project(extractor: Extractor, text: str, expected: set[str]) -> None:
    assert values(extractor.extract(text), "cloud.provider") == expected
