"""The folder in which a fresh run may write."""

import os
import stat

from jupyter_slicer.verify.scratch import make_scratch


def _mode(folder):
    return stat.S_IMODE(os.stat(folder).st_mode)


def test_the_folder_around_it_keeps_its_mode(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tmp_path.chmod(0o1777)
    scratch = make_scratch(str(tmp_path), "x = 1", ())
    scratch.remove()
    scratch.remove()  # as after a run that has removed it itself
    assert os.listdir(tmp_path) == []
    assert _mode(tmp_path) == 0o1777


def test_a_folder_whose_rights_the_program_took_away_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    scratch = make_scratch(str(tmp_path), "x = 1", ())
    inner = os.path.join(scratch.working, "locked")
    os.makedirs(os.path.join(inner, "deeper"))
    os.chmod(inner, 0o000)
    scratch.remove()
    assert os.listdir(tmp_path) == []
