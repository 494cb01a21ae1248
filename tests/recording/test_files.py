"""What the recorder says that a statement did to files."""

import os
import subprocess
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
