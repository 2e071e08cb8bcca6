"""What few words say: who or what goes, whose facts they are, what is asked and what is taken for granted."""

import pytest

from advisor.understanding.extraction import Extraction, Extractor
from tests.evaluate_descriptions import build_extractor

STATED = [
    (
        "Java / Kotlin team / AWS / no phones",
        {"team.skill=other_languages", "cloud.provider=aws", "device.target=none"},
    ),
    ("The Jetson goes.", {"device.target=none"}),
    ("Phones? Out.", {"device.target=none"}),
    ("Nothing but a viewer runs on the tablets.", {"device.target=none"}),
    ("We've cut the wearable from the roadmap.", {"device.target=none"}),
    ("I know Python well, Kotlin badly.", {"team.skill=python"}),
    ("We hardly know Python.", {"team.skill=mixed"}),
    ("The Perl and Java people are leaving the project, the rest of us are fluent in Python.", {"team.skill=python"}),
    ("The Go people work on billing only. Those who'd build the model are all Python.", {"team.skill=python"}),
    ("I said Kotlin, but a friend with ten years of Python has now taken over the coding.", {"team.skill=python"}),
    ("We never used Keras, only PyTorch.", {"team.framework=pytorch"}),
    ("The new hires come with PyTorch, the old ones have left.", {"team.framework=pytorch"}),
    (
        "The return data sits on Google Cloud. AWS is only for the shop of our sister brand.",
        {"cloud.provider=google_cloud"},
    ),
    ("The vendor of the scanner wants it to run on a tablet.", {"device.target=tablet"}),
    ("Should we rewrite our Keras models?", {"existing_code=keras"}),
    ("Not sure whether our TensorFlow code can stay.", {"existing_code=tensorflow"}),
    ("Can our Java team run it on phones?", {"team.skill=other_languages"}),
    ("Nothing of ours needs to run on phones.", {"device.target=none"}),
    ("No phone, tablet or other device needs to run anything.", {"device.target=none"}),
    ("The maker of the cranes has his stuff in Google Cloud, ours is on Azure.", {"cloud.provider=azure"}),
    ("Museum in Vienna has it inside the phone. For us phone is not necessary.", {"device.target=none"}),
    ("My daughter's writing it on her own, she knows Python inside out.", {"team.skill=python"}),
    ("My wife's the coder, Python daily, just her.", {"team.skill=python"}),
    ("The Java people go to another project, our new team is pure Python.", {"team.skill=python"}),
    ("Never really coded in anything but Python.", {"team.skill=python"}),
    ("I don't know Python.", {"team.skill=mixed"}),
    ("It's an experiment, if the kids hate it we bin it.", {"stage=early_stage"}),
    ("At present it is no more than a small prototype.", {"stage=early_stage"}),
    ("no mobil needed", {"device.target=none"}),
    ("We're not on AWS any more, everything's on Google Cloud now.", {"cloud.provider=google_cloud"}),
]
NOT_STATED = [
    ("Hugging Face was last year.", "model_source"),
    ("Hugging Face is what the other museum uses.", "model_source"),
    ("The credits expired and we're off Google Cloud.", "cloud.provider"),
    ("We had to hand the TPUs in.", "accelerator"),
    ("TensorFlow scares me.", "team.framework"),
    ('A prospective customer put "TensorFlow preferred" in their tender.', "team.framework"),
    ('My colleague says it must be rewritten since "AWS prefers PyTorch".', "team.framework"),
    ("My desk mate knows only Java.", "team.skill"),
    ("My wife's company runs everything on AWS.", "cloud.provider"),
    ("Vendor A offers AWS, vendor B Azure.", "cloud.provider"),
    ("New VP Eng wants everything on Azure.", "cloud.provider"),
    ("Maybe later I put it on Google Cloud.", "cloud.provider"),
    ("Reading up on AWS for a friend's vineyard. My own thing is different.", "cloud.provider"),
    ("hm does tensorflow have a notebook mode", "team.framework"),
    ("Does it run on Windows and is there a GPU version?", "platform.os"),
    ("Can we put our model on phones?", "device.target"),
    ("Some pupils will ask if they can put a model on their phone.", "device.target"),
    ("my previous job was on AWS fwiw", "cloud.provider"),
    ("The old AWS account is closed.", "cloud.provider"),
    ("We used TF, until last year that is.", "team.framework"),
    ("Our biggest customer is deep in AWS, we're not.", "cloud.provider"),
    ("The partner runs on Google with TPUs. We don't.", "accelerator"),
    ("The factory side of the company is heavily regulated; our group isn't.", "regulation"),
    ("One of the airlines gets audited on its own systems. That's theirs, not ours.", "regulation"),
    ("Our turbine maker does everything on AWS.", "cloud.provider"),
    ("head office has AWS for payroll and HR, nothing to do with us", "cloud.provider"),
    ("publishers backend is all gcp btw not mine", "cloud.provider"),
    ("It is possible that we use AWS, the boss is still thinking.", "cloud.provider"),
    ("maybe my model goes in an API some day, who knows", "serving.kind"),
    ("I wish we had an API, but no", "serving.kind"),
    ("If she went, we'd have only Marek, who does PHP.", "team.skill"),
    ("whats keras", "team.framework"),
    ("wat is a tpu", "accelerator"),
    ("Legal killed it.", "device.target"),
]


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return build_extractor()


def said(extraction: Extraction) -> set[str]:
    return {f"{o.attribute}={o.value}" for o in extraction.observations}


@pytest.mark.parametrize(("text", "expected"), STATED)
def test_says_what_it_says_and_no_other_value(extractor: Extractor, text: str, expected: set[str]) -> None:
    attributes = {fact.partition("=")[0] for fact in expected}
    assert {fact for fact in said(extractor.extract(text)) if fact.partition("=")[0] in attributes} == expected


@pytest.mark.parametrize(("text", "attribute"), NOT_STATED)
def test_states_nothing_of_it(extractor: Extractor, text: str, attribute: str) -> None:
    assert not any(fact.startswith(f"{attribute}=") for fact in said(extractor.extract(text)))


def test_they_are_the_projects_people_once_it_has_been_spoken_of(extractor: Extractor) -> None:
    assert not extractor.extract("They have moved to Azure.").observations
    assert said(extractor.extract("They have moved to Azure.", under_way=True)) == {"cloud.provider=azure"}


@pytest.mark.parametrize("around", ["{}", "We sort parcels in Lyon. {} The yard is rather big. It has two gates."])
@pytest.mark.parametrize(
    ("text", "not_said"),
    [
        ("It isn't experimental.", ("stage", "early_stage")),
        ("This is not a research project.", ("stage", "research")),
        ("We are far from experimental.", ("stage", "early_stage")),
        ("It's hardly a prototype.", ("stage", "early_stage")),
        ("We don't write Python.", ("team.skill", "python")),
        ("We are not on AWS.", ("cloud.provider", "aws")),
        ("We moved off AWS.", ("cloud.provider", "aws")),
        ("We don't do TF Serving.", ("serving.stack", "tf_serving")),
        ("The model doesn't run on the phone.", ("device.target", "phone")),
    ],
)
def test_what_is_denied_is_not_said_however_much_it_looks_like_it(
    extractor: Extractor, text: str, not_said: tuple[str, str], around: str
) -> None:
    found = extractor.extract(around.format(text)).observations
    assert not_said not in {(o.attribute, o.value) for o in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("were on AWS", {"cloud.provider=aws"}),
        ("oh and were on google cloud", {"cloud.provider=google_cloud"}),
        ("we were on AWS", set()),
        ("were you on AWS?", set()),
        ("devs r really good with python", {"team.skill=python"}),
        ("we r on gcp", {"cloud.provider=google_cloud"}),
        ("i know r and thats it tbh", {"team.skill=other_languages"}),
        ("AWS is out, procurement said no", set()),
        ("wait no not aws, its all on google cloud", {"cloud.provider=google_cloud"}),
        ("the keras ppl all left btw, new team is all pytorch", {"team.framework=pytorch"}),
        ("let's leave phones out, it's definitely not needed", {"device.target=none"}),
        ("The neighbouring city went with SageMaker.", set()),
        ("Our main competitor has everything in PyTorch.", set()),
        ("and what about gcp, do you think we should go there?", set()),
        ("We host on AWS already, is there any reason to leave?", {"cloud.provider=aws"}),
        ("Is it silly to use TensorFlow when we live in SageMaker notebooks?", {"cloud.provider=aws"}),
        ("it needs to work on the lawyers' tablets", {"device.target=tablet"}),
    ],
)
def test_what_short_messages_state(extractor: Extractor, text: str, expected: set[str]) -> None:
    assert {fact for fact in said(extractor.extract(text)) if not fact.startswith("workload=")} == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It's no prototype.", ("stage", "established")),
        ("It's hardly a prototype.", ("stage", "established")),
        ("Wear OS", ("device.target", "wearable")),
        ("google cloud", ("cloud.provider", "google_cloud")),
    ],
)
def test_what_a_message_denies_or_merely_names_stands_against_the_network(
    extractor: Extractor, text: str, said: tuple[str, str]
) -> None:
    assert said in {(o.attribute, o.value) for o in extractor.extract(text, known={}).observations}
