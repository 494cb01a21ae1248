"""Kernels that tests share, and kernels of their own."""

import pytest

from tests.kernel.notebook import Notebook


@pytest.fixture
def notebook(tmp_path):
    """A kernel that records."""
    found = Notebook(str(tmp_path))
    found.run("%load_ext jupyter_slicer")
    yield found
    found.close()


@pytest.fixture
def plain_notebook(tmp_path):
    """A kernel without us."""
    found = Notebook(str(tmp_path))
    yield found
    found.close()


@pytest.fixture(scope="module")
def two_kernels(tmp_path_factory):
    """One that records and one that does not, to run the same cells in."""
    ours = Notebook(str(tmp_path_factory.mktemp("ours")))
    plain = Notebook(str(tmp_path_factory.mktemp("plain")))
    ours.run("%load_ext jupyter_slicer")
    plain.run("pass")
    yield ours, plain
    ours.close()
    plain.close()
