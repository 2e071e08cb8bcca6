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
    "Each stall has a tiny computer attached and the counting must be done there.",
    "Detection sits in the cabinet PC next to the press.",
    "The Pi under the stairs has to do the recognition.",
    "Which framework for an in-car drowsiness detector?",
    "Cameras with built-in inference chips hang over each chute.",
    "It runs on an automotive SoC.",
    "We shipped on a 30-dollar Android phone.",
    "Each buoy listens for whales and reports only the counts.",
    "The sewing machine stops itself when it sees a broken thread.",
    "We compile it into the firmware.",
    "Local inference is the selling point.",
    "Only phones, no server at all.",
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
    "The kiosks were taken off the roadmap, we cut the tablet app from the plan.",
    "Neither trams nor roadside devices get a model.",
    "Customers ask for an on-device version but we decline.",
    "We don't do client-side.",
    "No model has to run on site or on any device.",
    "Phones, tablets, watches: none of them gets a model.",
    "The app is thin and no model is in it.",
    "All the models stay in the data centre, none goes on a device.",
    "Laptop only, no phone at all.",
    "Edge is out of scope.",
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
    "Onboard the new hire next week.",
    "I read a book about edge AI.",
    "My TFLite book gathers dust.",
    "We build tablet presses for pharma firms.",
    "The rangers have tablets for reading maps.",
    "I'm the platform lead for a telecom.",
    "A company on the edge of bankruptcy.",
    "piano app, pitch detection",
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
    ("Load: 12 000 rps.", "serving.scale", {"large"}),
    ("Black Friday peaks at 25 000 req/s.", "serving.scale", {"large"}),
    ("3 billion images per week go through the service.", "serving.scale", {"large"}),
    ("We score 15 million profile pairs a minute.", "serving.scale", {"large"}),
    ("We run 300 GPU instances for inference.", "serving.scale", {"large"}),
    ("The peak is 9 requests per second.", "serving.scale", {"ordinary"}),
    ("Never more than 30 requests per second.", "serving.scale", {"ordinary"}),
    ("A machine builder with 600 employees.", "serving.scale", set()),
    ("An energy supplier with 2 million households.", "serving.scale", set()),
    ("Nightly scores for 3 million customers.", "serving.scale", set()),
    ("A photo upload and a reply from our backend.", "serving.kind", {"api"}),
    ("They sell it as a service with a warranty.", "serving.kind", set()),
    ("A car rental service.", "serving.kind", set()),
    ("We have an API licence for maps.", "serving.kind", set()),
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
    ("We pay for 200 inf2 instances.", "cloud.provider", {"aws"}),
    ("Half Azure, half Google.", "cloud.provider", set()),
    ("AWS is only for the web shop of our sister brand.", "cloud.provider", set()),
    ("Everything I've tried was downloaded from Hugging Face.", "model_source", {"hugging_face"}),
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
