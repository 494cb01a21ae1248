import pytest

from tests.hindsight.session import Session


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A notebook in a folder of its own."""
    monkeypatch.setenv("JUPYTER_SLICER_STORE", str(tmp_path / "data" / "history.sqlite"))
    monkeypatch.chdir(tmp_path)
    found = Session.begin()
    yield found
    found.end()
