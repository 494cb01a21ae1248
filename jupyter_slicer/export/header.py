"""What an exported file says about itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jupyter_slicer.domain import FileUse, ProgramSlice, Verdict, Verification
from jupyter_slicer.export.facts import facts_line, shown_path

MARK = "Made by jupyter_slicer"
"""By this we know our own files again."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when a slice was made."""

    notebook: str | None
    """Path of the notebook; None where that is not known."""
    when: float
    """Seconds since the epoch."""
    folder: str
    """The kernel's working folder, from which paths are said."""


def header_lines(
    program: ProgramSlice,
    origin: Origin,
    verification: Verification,
    local: tuple[str, ...] = (),
) -> Iterator[str]:
    """Origin, facts, inputs with their hashes, notes and verdict; one line each."""
    when = datetime.fromtimestamp(origin.when).astimezone().strftime("%Y-%m-%d %H:%M %z")
    source = f" from {os.path.basename(origin.notebook)}" if origin.notebook else ""
    yield f"{MARK}{source} on {when}: {program.criterion}"
    yield facts_line(program)
    for use in {use.path: use for use in program.inputs}.values():
        yield input_line(use, origin.folder)
    if local:
        yield f"Local modules: {', '.join(local)}"
    yield from (f"Note: {note}" for note in program.notes)
    yield verdict_text(verification, "outcome" if program.criterion.label else "value")


def input_line(use: FileUse, folder: str) -> str:
    size = "size unknown" if use.size is None else f"{use.size:,} bytes"
    content = f"sha256 {use.sha256}" if use.sha256 else "content not hashed"
    return f"Reads {shown_path(use.path, folder)} ({size}, {content})"


def verdict_text(verification: Verification, compared: str = "value") -> str:
    why = f": {verification.reason}" if verification.reason else ""
    if verification.verdict is Verdict.SAME:
        return f"Verified: same {compared} in a fresh run" + (
            f" ({verification.reason})" if verification.reason else ""
        )
    if verification.verdict is Verdict.NOT_VERIFIED:
        return f"Not verified{why}"
    return f"Not verified: {verification.verdict.value}{why}"
