"""What ``docs/hindsight-edits.md`` says about lines is what is said of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_slicer.hindsight.edits import compare, judge, literals
from tests.hindsight.edits.test_log_only import cell

TEXT = (Path(__file__).parents[3] / "docs" / "hindsight-edits.md").read_text()
ROW = re.compile(r"^\| `([^|]+)` \|", re.M)


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)[1]


def rows(title: str) -> list[str]:
    return ROW.findall(section(title))


def verdict(text: str) -> str:
    shown = cell(inside="\n".join(f"{line}   # +" for line in text.splitlines()))
    edited = shown.edited
    if text.startswith("loss = log("):  # around what is there
        line = "        loss = F.cross_entropy(out, y)\n"
        edited = shown.recorded.replace(line, f"        {text}\n")
    found = judge(compare(shown.recorded, edited), edited)
    return "offence" if found.offences else "caution" if found.cautions else "log-only"


SAID = [
    (kind, line)
    for title, kind in (
        ("What is log-only", "log-only"),
        ("What is an offence", "offence"),
        ("What is a caution", "caution"),
    )
    for line in rows(title)
]


@pytest.mark.parametrize(("kind", "line"), SAID)
def test_what_is_said_of_a_line(kind, line):
    assert verdict(line) == kind


def test_the_blocks_are_log_only():
    blocks = re.findall(r"^```python\n(.*?)^```$", section("What is log-only"), re.M | re.S)
    parts = [part for block in blocks for part in block.strip().split("\n\n")]
    assert len(parts) == 4
    for part in parts:
        assert verdict(re.sub(r" +# .*", "", part)) == "log-only", part


def test_the_names_of_hyper_parameters():
    table = re.findall(r"^\| `(.+?)` \| (`.+`) \|$", section("Hyper-parameters"), re.M)
    assert len(table) == 8
    for text, names in table:
        other = re.sub(r"\d+(\.\d+)?", lambda number: "1" + number[0], text)
        assert list(literals([text, other]).names) == re.findall(r"`(.+?)`", names)
