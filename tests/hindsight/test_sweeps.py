"""Each training of a sweep is a run of its own."""

from dataclasses import replace

import pytest

from tests.hindsight.session import EAGER, logged

SETUP = """
import time
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(200, 5))
y = X @ np.arange(5.0)
truth, finals = [], {}
"""
SWEEP = """
for lr in (0.1, 0.01, 0.001):
    w = rng.normal(size=5)
    for epoch in range(4):
        order = rng.permutation(len(X))
        for i in range(0, 200, 50):
            b = order[i:i + 50]
            w -= lr * X[b].T @ (X[b] @ w - y[b]) / len(b)
        time.sleep(0.02)
        truth.append(float(w.sum()))
    finals[lr] = float(np.abs(w).max())
"""
FUNCTION = """
def train(lr):
    w = rng.normal(size=5)
    for epoch in range(4):
        for i in range(0, 200, 50):
            w = w - lr * X[i:i + 50].T @ (X[i:i + 50] @ w - y[i:i + 50]) / 50
        time.sleep(0.02)
        truth.append(float(w.sum()))
    return w
"""
END = {
    "        truth.append(float(w.sum()))\n": "        truth.append(float(w.sum()))\n        log('v', float(w.sum()))\n"
}
INNER = {
    "        time.sleep(0.02)\n": "            log('x', float(w[0]))\n        time.sleep(0.02)\n"
}


@pytest.fixture(autouse=True)
def long_loops(session):
    """A loop that is kept from its first moment is no sweep: nobody knows yet."""
    session.slicer.hindsight.keeper.policy = replace(EAGER, long=0.05)


def test_each_training_is_a_run_with_its_loop_variable(session):
    session.run(SETUP)
    session.run(SWEEP)
    runs = session.runs()
    assert [run.head for run in runs] == ["for epoch in range(4)"] * 3
    assert [run.iterations for run in runs] == [4, 4, 4]
    assert all(session.checkpoints(run) for run in runs)
    said = session.run("%hindsight runs")
    assert all(f"lr={lr}" in said for lr in (0.1, 0.01, 0.001))


@pytest.mark.parametrize("member", range(3))
def test_a_training_of_a_sweep_is_replayed_exactly(session, member):
    session.run(SETUP)
    session.run(SWEEP)
    run = session.runs()[member]
    truth = session["truth"][4 * member : 4 * member + 4]
    _, found = session.replay(END, run=run)
    assert logged(found, "v") == dict(enumerate(truth))
    assert {v.verdict for v in found.logged} <= {"restored", "same"}
    _, found = session.replay(INNER, [2], run=run)
    assert {v.verdict for v in found.logged} == {"same"}
    assert found.divergent == {}


@pytest.mark.parametrize("member", range(3))
def test_lines_around_the_inner_loop_belong_to_their_training(session, member):
    session.run(SETUP)
    session.run(SWEEP)
    run = session.runs()[member]
    lr = (0.1, 0.01, 0.001)[member]
    line = "    finals[lr] = float(np.abs(w).max())\n"
    _, found = session.replay(
        {line: line + "    log('final', float(np.abs(w).max()))\n"}, run=run
    )
    assert [v.value for v in found.logged] == [session["finals"][lr]]


@pytest.mark.parametrize("member", range(3))
def test_a_line_before_the_inner_loop_is_compared_too(session, member):
    session.run(SETUP)
    drawn = "    w = np.random.normal(size=5)\n"
    session.run(SWEEP.replace("    w = rng.normal(size=5)\n", drawn))
    run = session.runs()[member]
    _, found = session.replay({drawn: drawn + "    log('lr', lr)\n"}, run=run)
    assert [v.value for v in found.logged] == [(0.1, 0.01, 0.001)[member]]
    assert found.divergent == {}


@pytest.mark.parametrize("member", [0, 2])
def test_what_stands_before_the_inner_loop_draws_as_it_did(session, member):
    """From generators that nobody seeded, and after turns that have changed what it reads."""
    session.run(SETUP.replace("default_rng(3)", "default_rng()"))
    session.run(SWEEP.replace(
        "    w = rng.normal(size=5)\n",
        "    w = rng.normal(size=5)\n    truth.append((float(w[0]), len(finals)))\n",
    ))  # fmt: skip
    run = session.runs()[member]
    drawn = "    truth.append((float(w[0]), len(finals)))\n"
    _, found = session.replay({drawn: drawn + "    log('first', truth[-1])\n"}, run=run)
    assert [tuple(v.value) for v in found.logged] == [session["truth"][5 * member]]
    assert found.divergent == {}
    assert found.checked == {None}


def test_a_training_in_a_function_that_a_loop_calls(session):
    session.run(SETUP)
    session.run(FUNCTION)
    session.run("for lr in (0.1, 0.01):\n    final = train(lr)\n")
    runs = session.runs()
    assert [run.iterations for run in runs] == [4, 4]
    assert "lr=0.01" in session.run("%hindsight runs")
    for member, run in enumerate(runs):
        _, found = session.replay(END, run=run)
        assert logged(found, "v") == dict(
            enumerate(session["truth"][4 * member : 4 * member + 4])
        )
        _, found = session.replay(INNER, [3], run=run)
        assert {v.verdict for v in found.logged} == {"same"}


def test_the_innermost_loop_may_be_the_training(session):
    session.run(SETUP)
    session.run("""
    for lr in (0.1, 0.01):
        w = np.zeros(5)
        for step in range(5):
            w -= lr * X.T @ (X @ w - y) / 200
            time.sleep(0.02)
            truth.append(float(w.sum()))
    """)
    runs = session.runs()
    assert [(run.head, run.iterations) for run in runs] == [("for step in range(5)", 5)] * 2
    line = "        truth.append(float(w.sum()))\n"
    for member, run in enumerate(runs):
        _, found = session.replay({line: line + "        log('v', float(w.sum()))\n"}, run=run)
        assert logged(found, "v") == dict(
            enumerate(session["truth"][5 * member : 5 * member + 5])
        )


def test_two_loops_of_a_grid(session):
    session.run(SETUP)
    session.run(
        SWEEP.replace(
            "for lr in (0.1, 0.01, 0.001):", "for lr in (0.1, 0.01):\n  for size in (5, 5):"
        )
    )
    runs = session.runs()
    assert len(runs) == 4
    _, found = session.replay(END, run=runs[2])
    assert logged(found, "v") == dict(enumerate(session["truth"][8:12]))


def test_epochs_that_go_on_with_a_model_are_no_sweep(session):
    session.run(SETUP)
    session.run("""
    class Model:
        def __init__(self):
            self.w = np.zeros(5)
        def step(self, b):
            self.w -= 0.1 * X[b].T @ (X[b] @ self.w - y[b]) / 100
            return np.ones(2)
    model = Model()
    def step(b):
        return model.step(b)
    """)
    for call in ("model.step", "step"):
        session.run(f"""
        for epoch in range(3):
            losses = np.zeros(2)
            for i in range(0, 200, 100):
                losses += {call}(slice(i, i + 100))
                time.sleep(0.01)
        """)
    assert [run.head for run in session.runs()] == ["for epoch in range(3)"] * 2


def test_what_is_logged_in_the_run_goes_to_its_training(session):
    session.run(SETUP)
    session.run(
        "from jupyter_slicer import log\n"
        + SWEEP.replace(
            "    finals[lr]", "    log('final', float(w[0]))\n    finals[lr]"
        ).replace("        time.sleep", "        log('norm', float(w @ w))\n        time.sleep")
    )
    runs = session.runs()
    store = session.slicer.hindsight.store
    for run in runs:
        kept = store.logged(run.id)
        assert [v.name for v in kept if v.after] == ["final"]
        assert [v.iteration for v in kept if v.name == "norm"] == [0, 1, 2, 3]


def test_a_sweep_is_gone_on_with_from_the_training_that_broke_off(session):
    session.run(SETUP)
    session.run("def check():\n    if len(truth) == 7:\n        raise KeyboardInterrupt")
    broken = SWEEP.replace(
        "        time.sleep(0.02)\n", "        check()\n        time.sleep(0.02)\n"
    )
    session.run(broken, fails=True)
    assert [run.outcome for run in session.runs()] == ["done", "left"]
    session.run("def check(): pass")
    session.run("%hindsight resume 2")
    assert sorted(session["finals"]) == [0.001, 0.01, 0.1]
    assert len(session["truth"]) == 12
