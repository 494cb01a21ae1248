import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from jupyter_slicer.frontends.cli import main
from jupyter_slicer.store import HistoryReader, HistoryWriter
from tests.store.test_history import KERNEL, record


@pytest.fixture
def store(tmp_path, monkeypatch):
    path = tmp_path / "data" / "history.sqlite"
    monkeypatch.setenv("JUPYTER_SLICER_STORE", str(path))
    return str(path)


def remember(store, id_, executions=2):
    writer = HistoryWriter(replace(KERNEL, id=id_), store)
    for n in range(executions):
        writer.append(record(n))
    writer.close()


def test_history_lists_kernels(store, capsys):
    remember(store, "3f2a77770000")
    assert main(["history"]) == 0
    shown = capsys.readouterr().out
    assert "3f2a7777 " in shown
    assert "/home/ada/a.ipynb" in shown
    assert store in shown


def test_history_as_json(store, capsys):
    remember(store, "3f2a77770000")
    assert main(["history", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["path"] == store
    assert [(k["id"], k["executions"]) for k in shown["kernels"]] == [("3f2a77770000", 2)]


def test_an_empty_history_says_so_and_makes_no_file(store, capsys):
    assert main(["history"]) == 0
    assert "Nothing is recorded" in capsys.readouterr().out
    assert not os.path.exists(store)


def test_purge_forgets_one_kernel_or_all(store, capsys):
    for id_ in ("3f2a", "77aa", "88bb"):
        remember(store, id_)
    assert main(["purge", "3f"]) == 0
    assert "Purged 3f2a" in capsys.readouterr().out
    assert len(HistoryReader(store).sessions()) == 2
    assert main(["purge", "--all"]) == 0
    assert HistoryReader(store).sessions() == ()


def test_purge_wants_one_kernel_or_all(store, capsys):
    assert main(["purge"]) == 2
    assert main(["purge", "3f", "--all"]) == 2
    assert main(["purge", "3f"]) == 2
    assert "No recorded kernel '3f'" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_traceback(store):
    for n in range(30):
        remember(store, f"kernel-{n}", 1)
    command = f"{sys.executable} -m jupyter_slicer.frontends.cli history | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("kernel")
    assert done.stderr == ""
