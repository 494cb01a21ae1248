"""What the recorder says that a statement did to files."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from jupyter_slicer.recording.files import FileWatch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with a data file in a folder of its own, older than the recording."""
    data = tmp_path / "data" / "raw"
    data.mkdir(parents=True)
    (data / "old.csv").write_text("a,b")
    (data / "other.csv").write_text("a,b")
    time.sleep(0.1)  # a file's own time is as coarse as the kernel's clock
    monkeypatch.chdir(tmp_path)
    return data


@pytest.fixture
def watch(folder):
    watch = FileWatch()
    watch.start()
    watch.listen()
    yield watch
    watch.stop()


def _shell(command: str) -> None:
    subprocess.run(command, shell=True, check=True)


def test_a_program_is_not_blamed_for_files_that_were_there(watch):
    _shell("true")
    assert not watch.take().written


def test_a_program_is_blamed_for_what_it_changes_in_folders_that_were_there(watch, folder):
    _shell("echo more >> data/raw/old.csv; echo new > data/raw/new.csv")
    written = watch.take().written.keys() - {str(folder)}
    assert written == {str(folder / "old.csv"), str(folder / "new.csv")}


def test_all_in_a_folder_that_a_program_makes_is_its_own(watch, folder):
    _shell("mkdir -p made/deep; cp -p data/raw/old.csv made/deep/")
    top = folder.parents[1]
    copied = str(top / "made" / "deep" / "old.csv")
    assert copied in watch.take().written


def test_a_file_that_changes_unheard_is_found_among_the_last_used(watch, folder):
    path = _read_and_write_unheard(watch, folder, others=3)
    assert path in watch.take().written


def test_a_file_not_used_for_long_is_found_changed_when_it_is_read(watch, folder):
    path = _read_and_write_unheard(watch, folder, others=200)
    assert path not in watch.take().written
    Path(path).read_text()
    assert path in watch.take().written


def _read_and_write_unheard(watch: FileWatch, folder: Path, others: int) -> str:
    """A C library writes through what it has opened long ago, and no event tells."""
    path = folder / "old.csv"
    opened = os.open(path, os.O_WRONLY)
    path.read_text()
    watch.take()
    for n in range(others):
        (folder / f"{n}.csv").write_text("")
        watch.take()
    os.write(opened, b"changed!")
    os.close(opened)
    return str(path)


QUIET = [
    "'''a title'''", "%matplotlib inline", "import csv, numpy as np",
    "from sklearn.linear_model import Ridge", "SEED = 3",
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "cells", "listens"),
    [
        ("", [*QUIET, "import mine"], [False] * 5 + [True]),
        ("", ["text = open('mine.py').read()"], [True]),
        ("was_there = 1", QUIET[:1], [True]),
    ],
    ids=["a module of the user's", "a call", "some work before"],
)
def test_events_are_heard_from_the_first_statement_on_that_may_touch_files(
    before, cells, listens, tmp_path
):
    """Installed packages are imported without the cost of it."""
    (tmp_path / "mine.py").write_text("text = open(__file__).read()")
    program = f"""
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        sys.path.insert(0, "")
        shell = InteractiveShell.instance()
        shell.enable_gui = lambda gui=None: None
        shell.run_cell({before!r})
        shell.run_line_magic("load_ext", "jupyter_slicer")
        from jupyter_slicer.recording import files
        heard = [files._active.listens for cell in {cells} if shell.run_cell(cell).success]
        print(heard)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(listens)
