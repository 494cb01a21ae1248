"""A program as a clean notebook: the kept cells, and the headings that belong to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jupyter_slicer.domain import ProgramSlice, Verification
from jupyter_slicer.export.header import MARK, Origin, header_lines
from jupyter_slicer.export.render import RenderedCell, render
from jupyter_slicer.export.requirements import requirements
from jupyter_slicer.export.writing import write_whole

Markdown = Mapping[str, Sequence[str]]
"""Cell id to the markdown that belongs above that cell, outermost heading first."""
Cell = dict[str, Any]


def export_notebook(
    program: ProgramSlice,
    path: str,
    *,
    markdown: Markdown | None = None,
    force: bool = False,
    origin: Origin,
    verification: Verification,
) -> str:
    """Write the notebook; raises ``WouldOverwrite`` or ``CannotWrite``. Gives its text."""
    text = notebook_text(program, origin, verification, markdown)
    write_whole(path, text, force=force)
    return text


def notebook_text(
    program: ProgramSlice,
    origin: Origin,
    verification: Verification,
    markdown: Markdown | None = None,
) -> str:
    """What ``export_notebook`` would write.

    Without ``markdown`` the headings are read from the notebook on disk, if it is there.
    """
    rendered = render(program)
    if markdown is None:
        markdown = markdown_of(origin.notebook) if origin.notebook else {}
    local = requirements(rendered.text, origin.folder).local
    header = list(header_lines(program, origin, verification, local))
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "jupyter_slicer": {"made_by": MARK},
    }
    cells = [_markdown("  \n".join(_escaped(line) for line in header))]
    cells += _cells(rendered.cells, markdown)
    for number, cell in enumerate(cells):
        cell["id"] = f"slice-{number}"
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# By hand: nbformat takes seconds to import, as it brings what checks a notebook.


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> Cell:
    return {
        **_markdown(text), "cell_type": "code", "execution_count": None, "outputs": [],
    }  # fmt: skip


def _escaped(line: str) -> str:
    return re.sub(r"([\\`*_<>\[\]#])", r"\\\1", line)


def _cells(cells: Iterable[RenderedCell], markdown: Markdown) -> list[Cell]:
    made: list[Cell] = []
    said: set[str] = set()
    for cell in cells:
        for text in markdown.get(cell.execution.cell_id or "", ()):
            if text not in said:
                said.add(text)
                made.append(_markdown(text))
        made.append(_code(cell.text))
    return made


def markdown_of(path: str) -> dict[str, tuple[str, ...]]:
    """For each code cell of a notebook file, the headings it stands under and the
    markdown directly above it; nothing if the file cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            cells = json.load(file)["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    headings: list[tuple[int, str]] = []
    above: list[str] = []
    for cell in cells:
        text = "".join(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            level = heading_level(text)
            if level:
                headings = [(n, t) for n, t in headings if n < level] + [(level, text)]
            above.append(text)
        elif cell.get("cell_type") == "code":
            own = dict.fromkeys([*(t for _, t in headings), *above])
            found[str(cell.get("id"))] = tuple(own)
            above = []
    return found


def heading_level(text: str) -> int:
    """Of the first heading in a markdown text; 0 where there is none."""
    match = re.search(r"^(#{1,6})\s", text, re.MULTILINE)
    return len(match.group(1)) if match else 0
