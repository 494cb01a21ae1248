"""Documents whose examples are run: what they show is what is printed.

    ```ipython          cells of one kernel per document, ``In [3]:`` before each
    ```console          shell commands, ``$`` before each, in one folder per document

``python -m tests.docs.transcripts docs/magics.md`` writes into a document what its
examples print now. Durations, dates and the like are not compared.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN_FOLDER = "/home/ann/work"
BLOCK = re.compile(r"^```(ipython|console)\n(.*?)^```$", re.M | re.S)
PROMPT = {"ipython": re.compile(r"^In \[\d+\]: "), "console": re.compile(r"^\$ ")}
MORE = {"ipython": re.compile(r"^ +\.\.\.: ?"), "console": re.compile(r"^> ")}
VARIES = [
    (
        re.compile(
            r"[\d.]+ ms(, [\d.]+% of the [\d.]+ s that|; your cells took less than 0\.1 s).*"
        ),
        "0 ms",
    ),
    # Importing pandas reads this file on some systems.
    (re.compile(r"(# Reads )?/\S*zoneinfo/UTC(, | \(.*\n)?"), ""),
    (re.compile(r"b64decode\('[^']*'\)"), "b64decode('…')"),
    (re.compile(r"\d+(\.\d+)? ?m?s\b"), "0 s"),
    (re.compile(r"\d[\d.]*%"), "0%"),
    (re.compile(r'"seconds": [\d.]+'), '"seconds": 0'),
    (re.compile(r"\d+\.\d MB"), "0 MB"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d( \+0000)?"), "2026-01-01 12:00"),
    (re.compile(r"\b[0-9a-f]{8}\b(?= +\d{4}-)"), "3f2a90c1"),
    (re.compile(r"difference [\d.e+-]+"), "difference 0"),
    (re.compile(r'==[\w.]+"'), '==1"'),
    # How many checkpoints there are depends on the machine.
    (re.compile(r"^  (restores|runs|computes|not checked|1 worker).*\n", re.M), ""),
    (re.compile(r"^✓ (\d+ states?|\d+ compared|done;).*", re.M), "✓"),
    (re.compile(r"\b(restored|same|not checked)$", re.M), "same"),
    (re.compile(r"[ \t]+"), " "),
]


@dataclass(frozen=True)
class Example:
    """A cell or a command, and what the document says that it prints."""

    kind: str
    text: str
    shown: str


def examples(document: str) -> list[Example]:
    """Those of a document's text, in order."""
    found: list[Example] = []
    for kind, block in BLOCK.findall(document):
        for line in block.splitlines():
            if PROMPT[kind].match(line):
                found.append(Example(kind, PROMPT[kind].sub("", line), ""))
            elif MORE[kind].match(line) and not found[-1].shown:
                last = found[-1]
                found[-1] = replace(last, text=f"{last.text}\n{MORE[kind].sub('', line)}")
            else:
                found[-1] = replace(found[-1], shown=f"{found[-1].shown}{line}\n")
    return found


def printed(found: Iterable[Example]) -> list[str]:
    """What each example prints, all of them run in one folder with the notebooks."""
    found = list(found)
    folder = tempfile.mkdtemp(prefix="docs-")
    try:
        # Two runs of a document shall not meet in each other's history.
        shutil.copytree(ROOT / "notebooks", folder, dirs_exist_ok=True)
        for path in Path(folder).glob("*.py"):
            path.unlink()
        answers = dict(_cells(found, folder)) | dict(_commands(found, folder))
        return [_shown(answers[number], folder) for number in range(len(found))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def comparable(text: str) -> str:
    """Without what differs from run to run."""
    for pattern, instead in VARIES:
        text = pattern.sub(instead, text)
    return text.strip()


def rewritten(document: str) -> str:
    """The document with what its examples print now; the same text if that is the same."""
    found = examples(document)
    answers = iter(zip(found, printed(found), strict=True))
    counts = itertools.count(1)

    def block(match: re.Match[str]) -> str:
        kind = match[1]
        entries = []
        for _ in range(sum(bool(PROMPT[kind].match(line)) for line in match[2].splitlines())):
            example, answer = next(answers)
            prompt = "$ " if kind == "console" else f"In [{next(counts)}]: "
            same = comparable(answer) == comparable(example.shown)
            entries.append(_entry(example, prompt, example.shown if same else answer))
        return f"```{kind}\n" + "\n".join(entries) + "```"

    return BLOCK.sub(block, document)


def _entry(example: Example, prompt: str, shown: str) -> str:
    first, *more = example.text.split("\n")
    begin = "> " if example.kind == "console" else f"{' ' * (len(prompt) - 5)}...: "
    lines = [prompt + first, *((begin + line).rstrip() for line in more)]
    body = shown.strip("\n")
    return "\n".join([*lines, *([body] if body else [])]) + "\n"


def _cells(found: Sequence[Example], folder: str) -> Iterable[tuple[int, str]]:
    cells = [(n, e.text) for n, e in enumerate(found) if e.kind == "ipython"]
    if not cells:
        return []
    done = subprocess.run(
        [sys.executable, "-c", _SHELL],
        input=json.dumps([text for _, text in cells]),
        cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    return zip((n for n, _ in cells), answers, strict=True)


_SHELL = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

cells, config = json.load(sys.stdin), Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
answers = []
for cell in cells:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        shell.run_cell(cell, store_history=True)
    answers.append(said.getvalue())
print(json.dumps(answers))
"""


def _commands(found: Sequence[Example], folder: str) -> Iterable[tuple[int, str]]:
    for number, example in enumerate(found):
        if example.kind == "console":
            done = subprocess.run(
                ["bash", "-c", example.text],
                cwd=folder, env=environment(folder), stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
            )  # fmt: skip
            yield number, done.stdout


def environment(folder: str) -> dict[str, str]:
    """A history and a profile of its own; the commands of this Python come first."""
    return {
        **os.environ,
        "JUPYTER_SLICER_STORE": os.path.join(folder, ".data", "history.sqlite"),
        "IPYTHONDIR": os.path.join(folder, ".ipython"),
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        "COLUMNS": "100",
    }


def _shown(answer: str, folder: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", answer)
    for name in {folder, os.path.realpath(folder)}:
        plain = plain.replace(name, SHOWN_FOLDER)
    plain = re.sub(r"b64decode\('[^']{40,}'\)", "b64decode('eNod…')", plain)
    return "".join(f"{line.rstrip()}\n" for line in plain.strip("\n").splitlines())


def main(paths: Sequence[str]) -> int:
    for path in map(Path, paths):
        path.write_text(rewritten(path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
