"""The sidebar's page names every command, key and plugin that there is, and no other."""

import json
import re

from tests.docs.transcripts import ROOT

SOURCE = ROOT / "labextension"
TEXT = (ROOT / "docs" / "sidebar.md").read_text()


def test_each_command_is_in_the_table():
    there = set(re.findall(r"'(slicer:[a-z-]+)'", (SOURCE / "src" / "ids.ts").read_text()))
    assert there
    assert set(re.findall(r"^\| `(slicer:[a-z-]+)`", TEXT, re.MULTILINE)) == there


def test_each_key_is_in_the_table():
    told = dict(
        re.findall(r"^\| `(slicer:[a-z-]+)` .*\| `(Accel [^`]+)` \|$", TEXT, re.MULTILINE)
    )
    schema = json.loads((SOURCE / "schema" / "commands.json").read_text())
    keys = {s["command"]: s["keys"][0] for s in schema["jupyter.lab.shortcuts"]}
    assert told == keys


def test_each_plugin_is_in_the_table():
    code = (SOURCE / "src" / "index.ts").read_text()
    there = set(re.findall(r"'(jupyter-slicer:[a-z]+)'", code))
    assert set(re.findall(r"^\| `(jupyter-slicer:[a-z]+)`", TEXT, re.MULTILINE)) == there


def test_the_setting_has_the_default_that_the_page_tells():
    schema = json.loads((SOURCE / "schema" / "slicer.json").read_text())
    seconds = schema["properties"]["verifyUpTo"]
    assert f"less than {seconds['default']} seconds" in " ".join(TEXT.split())
    assert f"*{seconds['title']}*" in TEXT


def test_both_sides_speak_the_same_protocol():
    from jupyter_slicer.frontends.comm import TARGET
    from jupyter_slicer.frontends.requests import PROTOCOL

    wire = (SOURCE / "src" / "messages.ts").read_text()
    assert f"TARGET = '{TARGET}'" in wire
    assert f"PROTOCOL = {PROTOCOL};" in wire


def test_the_pictures_are_there_and_all_are_shown():
    pages = [TEXT, (ROOT / "README.md").read_text()]
    shown = {name for page in pages for name in re.findall(r"\(\S*images/(\S+\.png)\)", page)}
    assert {path.name for path in (ROOT / "docs" / "images").glob("*.png")} == shown
