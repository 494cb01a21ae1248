import time

import pytest

from tests.hindsight.session import Session


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A notebook in a folder of its own."""
    monkeypatch.setenv("JUPYTER_SLICER_STORE", str(tmp_path / "data" / "history.sqlite"))
    monkeypatch.chdir(tmp_path)
    found = Session.begin()
    # On a busy machine a checkpoint takes longer to be written than a loop sleeps, and the
    # boundaries meanwhile are passed over: which checkpoints there are would be luck.
    sleep, written = time.sleep, found.slicer.hindsight.background.wait
    monkeypatch.setattr(time, "sleep", lambda seconds: (written(30), sleep(seconds))[1])
    yield found
    found.end()
