"""A program as a script for ``python train.py`` and ``uv run train.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_slicer.domain import ProgramSlice, Verification
from jupyter_slicer.export.header import Origin, header_lines
from jupyter_slicer.export.render import RenderedProgram, render
from jupyter_slicer.export.requirements import Requirements, requirements
from jupyter_slicer.export.writing import check_place, write_whole


@dataclass(frozen=True, slots=True)
class RenderedScript:
    """A script, and from what it is made."""

    text: str
    program: RenderedProgram
    requirements: Requirements


def export_script(
    program: ProgramSlice,
    path: str,
    *,
    force: bool = False,
    origin: Origin,
    verification: Verification,
    extra_body: str = "",
) -> RenderedScript:
    """Write the script; raises ``WouldOverwrite`` or ``CannotWrite``."""
    script = script_text(program, origin, verification, extra_body)
    write_whole(path, script.text, force=force)
    return script


def script_text(
    program: ProgramSlice, origin: Origin, verification: Verification, extra_body: str = ""
) -> RenderedScript:
    """What ``export_script`` would write."""
    rendered = render(program)
    body = rendered.text + extra_body
    needs = requirements(body, origin.folder)
    header = header_lines(program, origin, verification, needs.local)
    text = "\n".join([*_metadata(needs), "", *_comments(header), "", body])
    return RenderedScript(text, rendered, needs)


def _metadata(needs: Requirements) -> list[str]:
    """Inline script metadata, PEP 723."""
    version = f">={sys.version_info.major}.{sys.version_info.minor}"
    dependencies = [f'#     "{pin}",' for pin in needs.pinned]
    listed = ["# dependencies = [", *dependencies, "# ]"]
    return [
        "# /// script",
        f'# requires-python = "{version}"',
        *(listed if dependencies else ["# dependencies = []"]),
        "# ///",
    ]


def _comments(lines: Iterable[str]) -> list[str]:
    return [f"# {part}".rstrip() for line in lines for part in line.splitlines()]


__all__ = ["Origin", "RenderedScript", "check_place", "export_script", "script_text"]
