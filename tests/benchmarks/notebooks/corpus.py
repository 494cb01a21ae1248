"""Where the notebooks come from: source distributions, unpacked once, run in copies."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LISTED = Path(__file__).with_name("corpus.json")


@dataclass(frozen=True)
class Example:
    """One notebook of a source distribution."""

    sdist: str
    path: str
    seconds: float
    """What it took, whole, on a busy machine."""

    @property
    def name(self) -> str:
        return f"{self.sdist}/{self.path}"


def examples(words: Iterable[str] = (), longest: float = 1e9) -> list[Example]:
    """The listed notebooks whose name holds one of the words, or all of them."""
    listed = json.loads(LISTED.read_text())["sdists"]
    wanted = tuple(words)
    found = [
        Example(sdist, path, seconds)
        for sdist, rows in listed.items()
        for path, _, _, seconds in rows
        if seconds <= longest
    ]
    return [e for e in found if not wanted or any(word in e.name for word in wanted)]


def fetch(sdist: str, folder: Path) -> Path:
    """The unpacked source distribution, downloaded if it is not there yet.

    ``unearth`` finds it as pip would; ``pip download`` would build it to know its name.
    """
    place = folder / sdist
    if place.is_dir():
        return place
    name, _, version = sdist.rpartition("-")
    if not list(folder.glob(f"{sdist}.tar.gz")):
        command = [sys.executable, "-m", "unearth", "--no-binary", "--download", str(folder)]
        subprocess.run([*command, f"{name}=={version}"], check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob(f"{sdist}.tar.gz"))
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return place


def cells_of(notebook: Path) -> list[str]:
    """Code cells: of an .ipynb, or of a script split at ``# %%`` or a line of 79 ``#``."""
    text = notebook.read_text(encoding="utf-8")
    if notebook.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        found = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    else:
        found = re.split(r"(?m)^(?:# ?%%.*|#{79})$", text)
    return [cell.strip("\n") for cell in found if cell.strip()]


@contextmanager
def copy_around(root: Path, path: str) -> Iterator[Path]:
    """The notebook in a copy of its folder, at the same place among the other folders."""
    top = Path(tempfile.mkdtemp(prefix="corpus-"))
    try:
        source, target = root, top
        for part in Path(path).parent.parts:
            for entry in source.iterdir():
                if entry.name != part:
                    (target / entry.name).symlink_to(entry)
            source, target = source / part, target / part
            if source != root / Path(path).parent:
                target.mkdir()
        if source == root:
            for entry in root.iterdir():
                (target / entry.name).symlink_to(entry)
        else:
            shutil.copytree(source, target, symlinks=True)
        yield target / os.path.basename(path)
    finally:
        shutil.rmtree(top, ignore_errors=True)
