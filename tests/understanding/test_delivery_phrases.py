"""Families of wordings for where a model runs: devices, serving, clouds; and what only sounds like them."""

import pytest

from advisor.understanding.extraction import Extractor
from tests.evaluate_descriptions import build_extractor

ON_A_DEVICE = [
    "Predictions must be made on the courier's phone.",
    "The transcription happens locally on your phone, nothing uploaded.",
    "The model goes onto the crawler robot.",
    "A mini board behind the picture frame does the recognition.",
    "It needs to be small enough for a phone.",
    "We're targeting phones.",
    "Every tablet holds a copy of the model.",
    "Vibration analysis has to take place on a small sensor board in the shaft.",
    "Vehicle classification takes place in the roadside cabinet.",
    "Nodes on the bridge classify cracks locally.",
    "No picture leaves the phone.",
    "The diagnosis has to appear on the phone itself.",
    "A box with a camera stands at the line and decides by itself, no internet.",
    "Each machine has its own PC, the model has to run there and cannot depend on the network.",
    "The router has to spot interference on its own hardware.",
    "There is a little ARM box that has to keep predicting when the fibre is cut.",
]
ON_NO_DEVICE = [
    "Terminals don't run models.",
    "The bedside monitors supply data and shall not run the model.",
    "The tablets show scans and do no recognition.",
    "The drone itself runs no model.",
    "No computing in the tool.",
    "The tablet app shows results and never computes them.",
    "Nobody installs anything, it's a web page.",
    "The watch part has been dropped.",
    "We gave up on the edge version.",
    "Our drivers don't need it on their tablets.",
    "Client-side models were rejected.",
    "Their app is just a web view, nothing on-device is required.",
]
NOTHING_OF_DEVICES = [
    "Our team works on tablets and laptops.",
    "The alerts go to the guard's phone by SMS.",
    "It runs on a rented machine.",
    "The model runs on a big machine in the basement.",
    "We detect fraud in phone contracts.",
    "We will run on a board decision.",
    "Users have phones, but those only open the website.",
    "The gates are made by others and run no model of ours.",
    "We target phone users.",
    "The contract covers Google Cloud only.",
    "The inspection PC only shows the pictures.",
    "We might need it on the handhelds.",
    "It would be nice if it ran on a phone.",
    "We haven't discussed phones yet.",
    "Is TFLite dead?",
    "Phones, tablets, none of that has come up.",
]
SERVING = [
    ("The service answers a web form on our site.", "serving.kind", {"api"}),
    ("Teachers upload the video to a web app with an API that calls the model.", "serving.kind", {"api"}),
    ("Served from one cloud GPU to a couple of editors.", "serving.kind", {"api"}),
    ("We send articles to a tagging service in the cloud.", "serving.kind", {"api"}),
    ("We classify butterflies with a rented API.", "serving.kind", set()),
    ("Which has the nicer API for GANs?", "serving.kind", set()),
    ("A private cloud run by the county.", "serving.kind", set()),
    ("It will be a free service for pensioners and their families.", "serving.kind", set()),
    ("We serve 45 centres, about 30,000 images a second in total.", "serving.scale", {"large"}),
    ("46,000 streams into a GPU farm at the same time.", "serving.scale", {"large"}),
    ("The bank has 12 million customers.", "serving.scale", set()),
    ("A tower with two 4090s.", "serving.scale", set()),
    ("We sell in several regions.", "serving.scale", set()),
]
CLOUDS = [
    ("Everything we've got is with Google.", "cloud.provider", {"google_cloud"}),
    ("By summer all workloads leave AWS for Google Cloud.", "cloud.provider", {"google_cloud"}),
    ("We chose AWS over Google.", "cloud.provider", {"aws"}),
    ("Our customers use Google.", "cloud.provider", set()),
    ("All my friends are at Google.", "cloud.provider", set()),
    ("We are not allowed to use AWS.", "cloud.provider", set()),
    ("It's a private cloud run by the county.", "cloud.provider", {"on_premises"}),
    ("TPUs are too expensive.", "accelerator", set()),
    ("We applied for TPU credits.", "accelerator", set()),
    ("A research programme of low TRL.", "model_source", set()),
    ("I learned it in a Hugging Face course.", "model_source", set()),
]


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return build_extractor()


def values(extractor: Extractor, text: str, attribute: str) -> set[str]:
    return {found.value for found in extractor.extract(text).observations if found.attribute == attribute}


@pytest.mark.parametrize("text", ON_A_DEVICE)
def test_the_model_runs_on_a_device(extractor: Extractor, text: str) -> None:
    found = values(extractor, text, "device.target")
    assert found
    assert "none" not in found


@pytest.mark.parametrize("text", ON_NO_DEVICE)
def test_no_device_is_needed(extractor: Extractor, text: str) -> None:
    assert values(extractor, text, "device.target") == {"none"}


@pytest.mark.parametrize("text", NOTHING_OF_DEVICES)
def test_devices_in_passing_say_nothing(extractor: Extractor, text: str) -> None:
    assert values(extractor, text, "device.target") == set()


@pytest.mark.parametrize(("text", "attribute", "expected"), SERVING + CLOUDS)
def test_serving_and_clouds(extractor: Extractor, text: str, attribute: str, expected: set[str]) -> None:
    assert values(extractor, text, attribute) == expected


@pytest.mark.parametrize(
    "text", ["Runs in the browser; native apps are ruled out.", "Native apps are ruled out. Browser only."]
)
def test_a_browser_and_no_devices_can_both_be_true(extractor: Extractor, text: str) -> None:
    assert values(extractor, text, "device.target") == {"browser", "none"}


def test_a_device_takes_the_place_of_none(extractor: Extractor) -> None:
    text = "Nothing runs on devices. Correction: it has to run on the inspector's tablet."
    assert values(extractor, text, "device.target") == {"tablet"}
