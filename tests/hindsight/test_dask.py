"""Replays on a cluster whose workers are processes of their own."""

import distributed
import pytest

from jupyter_slicer.hindsight import on_dask
from tests.hindsight.test_magics import SETUP, TRAINING


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found.scheduler_address


def test_a_replay_on_a_cluster_gives_the_same_as_here(session, cluster):
    session.run(SETUP)
    session.run(TRAINING)
    session.runs()
    edited = TRAINING.replace(
        "rng.random(1000)\n", "rng.random(1000)\n        log('w', w.sum())\n"
    )
    said = session.run(f"%%hindsight replay --on {cluster}\n{edited}")
    assert "✓" in said
    table = session["_"]
    assert len(table) == 20
    assert float(table["w"].iloc[-1]) == session["total"]
    assert set(table["check"]) == {"same"}


def test_a_scheduler_that_does_not_answer_is_told(session, monkeypatch):
    monkeypatch.setattr(on_dask, "PATIENCE", 1)
    session.run(SETUP)
    session.run(TRAINING)
    session.runs()
    said = session.run(
        f"%%hindsight replay --on tcp://127.0.0.1:9\n{TRAINING}    log('t', 1)\n"
    )
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in said
