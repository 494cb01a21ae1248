"""Documents tell what is there, all of it, and show what is printed."""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from jupyter_slicer import errors
from jupyter_slicer.frontends import hindsight_magics, question
from jupyter_slicer.frontends.cli import _parser
from jupyter_slicer.frontends.config import Slicer as Settings
from jupyter_slicer.frontends.magics import COMMANDS, SlicerMagics
from tests.docs.transcripts import ROOT, examples, rewritten

DOCS = ROOT / "docs"
WITH_EXAMPLES = [
    path.relative_to(ROOT)
    for path in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    if examples(path.read_text())
]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_what_a_document_shows_is_what_is_printed(path):
    document = (ROOT / path).read_text()
    now = rewritten(document)
    assert now == document, f"python -m tests.docs.transcripts {path}  writes the new text"


def test_each_magic_is_documented():
    text = (DOCS / "magics.md").read_text()
    for kind, names in SlicerMagics.magics.items():
        for name in names:
            assert f"{'%%' if kind == 'cell' else '%'}{name}" in text


@pytest.mark.parametrize("option", question.OPTIONS, ids=lambda option: option.name)
def test_each_option_of_slice_has_a_paragraph(option):
    shown = f"{option.name} {option.value}" if option.value else option.name
    assert f"### `{shown}`" in (DOCS / "magics.md").read_text()


def test_each_command_and_each_setting_of_slicer_is_documented():
    text = (DOCS / "magics.md").read_text()
    assert [name for name in COMMANDS if f"`%slicer {name}`" not in text] == []
    assert [name for name in Settings().names() if f"{name} = " not in text] == []


def test_each_command_and_option_of_hindsight_is_documented():
    text = (DOCS / "hindsight.md").read_text()
    assert [n for n in hindsight_magics.COMMANDS if f"hindsight {n}" not in text] == []
    shown = [f"{o.name} {o.value}" if o.value else o.name for o in hindsight_magics.OPTIONS]
    assert [name for name in shown if name not in text] == []


def subcommands():
    actions = _parser()._subparsers._group_actions
    return {name: parser for action in actions for name, parser in action.choices.items()}


@pytest.mark.parametrize("name", subcommands())
def test_each_subcommand_is_documented_with_all_its_options(name):
    text = (DOCS / "command-line.md").read_text()
    section = re.search(rf"^## [^\n]*\b{name}\b.*?(?=^## |\Z)", text, re.M | re.S)
    assert section, name
    for action in subcommands()[name]._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        for option in action.option_strings or [action.metavar or action.dest]:
            assert option in section[0] or option == "NOTEBOOK.ipynb", option


def slugs(kind=errors.SlicerError):
    yield kind.slug
    for child in kind.__subclasses__():
        yield from slugs(child)


@pytest.mark.parametrize("slug", sorted(set(slugs())))
def test_each_message_has_a_paragraph(slug):
    text = (DOCS / "messages.md").read_text()
    paragraph = re.search(rf"^### {slug}\n\n(.+?)(?=\n#|\Z)", text, re.M | re.S)
    assert paragraph, slug
    assert len(paragraph[1].split()) > 10


def test_the_readme_has_two_commands_and_ci_runs_them():
    shell = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(shell) == 2
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    for number in (1, 2):
        assert f"readme_command {number}" in script.read_text()
    subprocess.run(["bash", "-n", str(script)], check=True)


def links():
    for path in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", path.read_text()):
            yield path, target or path.name


@pytest.mark.parametrize(("path", "target"), list(links()), ids=lambda part: Path(part).name)
def test_each_link_leads_somewhere(path, target):
    assert (path.parent / target).exists()
