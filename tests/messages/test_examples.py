"""The JSON examples that the panel's tests read too."""

import json
from pathlib import Path

import pytest

from jupyter_slicer.frontends.display import as_html, as_text, bundle
from jupyter_slicer.frontends.messages import FailureMessage, SliceMessage, message_from_json
from jupyter_slicer.frontends.requests import request_from_json

EXAMPLES = sorted(Path(__file__).parent.glob("*.json"))
REQUESTS = sorted(Path(__file__).parent.glob("requests/*.json"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_message_and_comes_back_as_it_was(path):
    told = read(path)
    assert message_from_json(told).to_json() == told


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_displayed_can_be_written_as_json(path):
    message = message_from_json(read(path))
    if isinstance(message, SliceMessage):
        assert json.loads(json.dumps(bundle(message)))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "other"},
        {"kind": "failure"},
        {"kind": "failure", "slug": "a", "message": "b", "more": 1},
        {"kind": "slice", "statements": 3},
    ],
)
def test_what_is_no_message_is_refused(told):
    with pytest.raises(ValueError, match="not a message"):
        message_from_json(told)


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_an_example_of_a_request_is_one_and_all_that_it_says_arrives(path):
    told = read(path)
    number, request = request_from_json(told)
    assert number == told["id"]
    arrived = {name: getattr(request, name) for name in type(request).__slots__}
    assert json.loads(json.dumps(arrived)) == {
        name: value for name, value in told.items() if name not in ("id", "request")
    }


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"id": 1},
        {"id": 1, "request": "dance"},
        {"request": "status"},
        {"id": "1", "request": "status"},
        {"id": 1, "request": "slice"},
        {"id": 1, "request": "slice", "name": 3},
        {"id": 1, "request": "slice", "name": "x", "more": 1},
    ],
)
def test_what_is_no_request_is_refused(told):
    with pytest.raises(ValueError, match="not a request"):
        request_from_json(told)


def message(**changed):
    told = read(Path(__file__).parent / "slice.json")
    return message_from_json({**told, **changed})


def test_text_is_the_program_its_facts_and_the_verdict():
    text = as_text(message())
    assert text.startswith("import pandas as pd\n")
    assert text.splitlines()[-4:] == [
        "3 of 96 statements, 3 of 31 cell executions, reads train.csv",
        "note: In[3] was run with a text that its cell no longer has",
        "✓ same: a fresh run gave the same value (1.2 s)",
        "wrote /home/ada/train.py",
    ]


def test_while_the_fresh_run_goes_on_its_progress_stands_in_place_of_the_verdict():
    text = as_text(message(), status="verifying… fresh run, 3 s")
    assert text.endswith("reads train.csv\nverifying… fresh run, 3 s")


@pytest.mark.parametrize(
    ("verdict", "reason", "line"),
    [
        ("different", "41 in the kernel, 42 in the fresh run", "✗ different: 41 in the kernel"),
        ("did not run", "NameError: name 'q'", "✗ did not run: NameError"),
        ("nondeterministic", "two fresh runs differ", "• nondeterministic: two fresh"),
        ("not comparable", "a socket", "• not comparable: a socket"),
        ("not verified", "interrupted", "• not verified: interrupted"),
    ],
)
def test_each_verdict_is_told_with_its_reason(verdict, reason, line):
    found = {"verdict": verdict, "reason": reason, "seconds": 1.0, "runs": 1}
    assert line in as_text(message(verdict=found))


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&</pre>"


def test_html_holds_no_markup_of_the_users():
    shown = as_html(
        message(
            program=f"x = '''{HOSTILE}'''\n# {HOSTILE}\n",
            facts=HOSTILE,
            notes=[HOSTILE],
            exported=HOSTILE,
            verdict={"verdict": "different", "reason": HOSTILE, "seconds": 0.0, "runs": 1},
        ),
        annotated=f"x = 1  # {HOSTILE}\n",
    )
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("</pre>") == 1


def test_html_leaves_background_and_text_colour_to_the_theme():
    shown = as_html(message())
    assert "background:transparent" in shown
    assert "color:inherit" in shown
    assert "<style" not in shown
    assert "class=" not in shown.replace('class="jupyter-slicer"', "")


def test_a_failure_carries_its_slug():
    failure = message_from_json(read(Path(__file__).parent / "failure.json"))
    assert isinstance(failure, FailureMessage)
    assert failure.slug == "unknown-variable"
