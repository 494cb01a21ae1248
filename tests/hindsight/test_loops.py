"""Loops of every kind are recorded, and replayed to the same values."""

import pytest

from tests.hindsight.session import logged

SETUP = """
import random
import time
import numpy as np
rng = np.random.default_rng()
truth = []
"""


def same_as_recorded(session, edits, *, iterations=None, name="v"):
    """The replay logs what the run itself has kept in ``truth``; nothing diverges."""
    _, found = session.replay(edits, iterations)
    assert found.divergent == {}
    values = logged(found, name)
    assert values
    for place, value in values.items():
        assert value == session["truth"][place if isinstance(place, int) else place[0]]
    return found


ADD = {"truth.append(v)": "truth.append(v)\n    log('v', v)\n"}


def test_a_while_loop(session):
    session.run(SETUP)
    session.run("""
    v, turns = 1.0, 0
    while turns < 6:
        turns += 1
        time.sleep(0.02)
        v = v * float(rng.random()) + random.random()
        truth.append(v)
    """)
    found = same_as_recorded(session, ADD)
    assert sorted(found.seconds) == list(range(6))


def test_a_loop_that_breaks_off(session):
    session.run(SETUP)
    session.run("""
    v = 0.0
    for epoch in range(100):
        v += float(rng.random())
        truth.append(v)
        time.sleep(0.01)
        if v > 3:
            break
    """)
    run = session.runs()[-1]
    assert run.outcome == "left"
    assert run.iterations == len(session["truth"])
    found = same_as_recorded(session, ADD)
    assert len(logged(found, "v")) == len(session["truth"])


def test_a_loop_that_is_continued(session):
    session.run(SETUP)
    session.run("""
    v = 0.0
    for epoch in range(8):
        v += float(rng.random())
        time.sleep(0.01)
        if epoch % 2:
            continue
        truth.append((epoch, v))
    """)
    text = {"truth.append((epoch, v))": "truth.append((epoch, v))\n    log('v', v)"}
    probe, found = session.replay(text)
    assert probe.at_end == ()
    assert found.divergent == {}
    assert logged(found, "v") == dict(session["truth"])


def test_a_loop_that_raises(session):
    session.run(SETUP)
    session.run("""
    v = 0.0
    for epoch in range(8):
        v += float(rng.random())
        truth.append(v)
        time.sleep(0.01)
        if epoch == 5:
            raise RuntimeError("out of memory")
    """, fails=True)  # fmt: skip
    run = session.runs()[-1]
    assert (run.outcome, run.iterations) == ("left", 6)
    same_as_recorded(session, ADD, iterations=[0, 3])


def test_a_loop_in_a_function_with_variables_of_its_own(session):
    session.run(SETUP)
    session.run("""
    def train(w, epochs=6):
        momentum = np.zeros_like(w)
        for epoch in range(epochs):
            momentum = 0.9 * momentum + rng.normal(size=w.shape)
            w += momentum
            time.sleep(0.02)
            v = float(w.sum() + momentum.sum())
            truth.append(v)
        return w
    """)
    session.run("w = train(np.ones(50))")
    run = session.runs()[-1]
    assert "momentum" in run.names["locals"]
    text = {"        truth.append(v)": "        truth.append(v)\n        log('v', v)"}
    found = same_as_recorded(session, text, iterations=[1, 4])
    assert sorted(logged(found, "v")) == [1, 4]


def test_a_loop_in_a_method_that_closes_over_things(session):
    session.run(SETUP)
    session.run("""
    class Trainer:
        def __init__(self):
            self.w = np.zeros(30)
            self.seen = []

        def fit(self, epochs):
            scale = 0.5
            def step(x):
                nonlocal scale
                scale *= 0.9
                return scale * x
            for epoch in range(epochs):
                for _ in range(3):
                    self.w = self.w + step(rng.normal(size=30))
                    time.sleep(0.005)
                self.seen.append(scale)
                v = float(self.w.sum() * scale)
                truth.append(v)
    """)
    session.run("trainer = Trainer()\ntrainer.fit(6)")
    text = {
        "            truth.append(v)": "            truth.append(v)\n            log('v', v)"
    }
    same_as_recorded(session, text, iterations=[0, 2, 5])


def test_a_line_in_a_function_that_the_loop_calls(session):
    session.run(SETUP)
    session.run("""
    def step(v):
        new = v * 0.5 + float(rng.random())
        return new
    """)
    session.run("""
    v = 1.0
    for epoch in range(6):
        time.sleep(0.02)
        v = step(v)
        truth.append(v)
    """)
    same_as_recorded(session, {"return new": "log('v', new)\n    return new"})


def test_a_loop_over_a_generator_is_led_to_where_it_was(session):
    session.run(SETUP)
    session.run("""
    def batches():
        for n in range(6):
            yield n * 10
    """)
    session.run("""
    v = 0.0
    for batch in batches():
        v += batch * float(rng.random())
        time.sleep(0.02)
        truth.append(v)
    """)
    run = session.runs()[-1]
    assert run.notes == ("iterator: generator",)
    _, found = session.replay({"v += batch": "log('b', batch)\n    v += batch"}, [2, 4])
    assert logged(found, "b") == {2: 20, 4: 40}
    assert found.divergent == {}


def test_two_loops_of_one_cell_and_a_cell_that_ran_again(session):
    session.run(SETUP)
    cell = """
    a = b = 0.0
    for i in range(5):
        a += float(rng.random())
        time.sleep(0.02)
        truth.append(a)
    for j in range(5):
        b += a * float(rng.random())
        time.sleep(0.02)
        truth.append(b)
    """
    session.run(cell)
    session.run("truth.clear()")
    session.run(cell)
    runs = session.runs()
    assert [run.head for run in runs] == ["for i in range(5)", "for j in range(5)"] * 2
    text = {"b += a *": "log('before', b)\n    b += a *"}
    _, found = session.replay(text, [1, 3], run=runs[3])
    assert logged(found, "before") == {1: session["truth"][5], 3: session["truth"][7]}
    assert found.divergent == {}


def test_lines_before_the_loop(session):
    session.run(SETUP)
    session.run("""
    start = float(np.float64(7))
    w = np.full(3, start)
    for epoch in range(4):
        w = w * 2
        time.sleep(0.02)
    """)
    text = {"w = np.full(3, start)\n": "w = np.full(3, start)\nlog('first', float(w.sum()))\n"}
    probe, found = session.replay(text)
    assert (probe.before, probe.inside) == (True, False)
    assert logged(found, "first") == {None: 21.0}
    assert found.divergent == {}


def test_lines_before_and_in_a_loop_of_a_function(session):
    session.run(SETUP)
    session.run("""
    def train(v, epochs):
        v = v * 2
        for epoch in range(epochs):
            v = v + float(rng.random())
            truth.append(v)
            time.sleep(0.02)
        return v
    """)
    session.run("rng = np.random.default_rng(3)\nlast = train(4.0, 5)")
    text = {
        "    for epoch": "    log('first', v)\n    for epoch",
        "        time.sleep(0.02)": "        time.sleep(0.02)\n        log('v', v)",
    }
    probe, found = session.replay(text)
    assert (probe.before, probe.inside, len(probe.at_end)) == (True, True, 1)
    assert logged(found, "first") == {None: 8.0}
    assert logged(found, "v") == dict(enumerate(session["truth"]))
    assert found.divergent == {}


def test_helpers_that_come_with_the_line(session):
    session.run(SETUP)
    session.run("""
    w = np.zeros(5)
    for epoch in range(5):
        w += rng.random(5)
        time.sleep(0.02)
        truth.append(float(np.linalg.norm(w)))
    """)
    session.run("from numpy.linalg import norm as length")
    text = {
        "w = np.zeros(5)\n": "w = np.zeros(5)\ndef size(x):\n    return float(length(x))\n",
        "truth.append(float(np.linalg.norm(w)))":
            "truth.append(float(np.linalg.norm(w)))\n    s = size(w)\n    log('v', s)\n",
    }  # fmt: skip
    same_as_recorded(session, text)


def test_magics_around_the_loop(session):
    session.run(SETUP)
    session.run("""\
    %%time
    v = 0.0
    for epoch in range(5):
        v += float(rng.random())
        time.sleep(0.02)
        truth.append(v)
    """)
    same_as_recorded(session, ADD, iterations=[1, 4])


def test_parallel_workers_give_the_same_as_one(session):
    session.run(SETUP)
    session.run("""
    v = 0.0
    for epoch in range(9):
        for step in range(3):
            v += float(rng.random())
            time.sleep(0.01)
            truth.append(v)
    """)
    edits = {"        truth.append(v)": "        truth.append(v)\n        log('v', v)"}
    _, alone = session.replay(edits, workers=1)
    _, shared = session.replay(edits, workers=3)
    truth = {(n // 3, n % 3): v for n, v in enumerate(session["truth"])}
    assert logged(alone, "v") == logged(shared, "v") == truth
    assert alone.divergent == shared.divergent == {}


def test_aliases_stay_aliases(session):
    session.run(SETUP)
    session.run("""
    flat = np.zeros(6)
    left, right = flat[:3], flat[3:].reshape(3, 1)
    rows = {"a": left, "same": left}
    for epoch in range(6):
        left += rng.random(3)
        rows["same"][0] *= 0.5
        right[1] += flat[0]
        time.sleep(0.02)
        truth.append(float(flat.sum()))
    """)
    text = {"truth.append(float(flat.sum()))":
            "truth.append(float(flat.sum()))\n    log('v', float(flat.sum()))"}  # fmt: skip
    probe, found = session.replay({**text, "left += rng": "log('u', 0)\n    left += rng"})
    assert probe.at_end == ()
    assert found.divergent == {}
    assert logged(found, "v") == dict(enumerate(session["truth"]))


def test_an_open_file_is_named_and_the_rest_is_kept(session, tmp_path):
    session.run(SETUP)
    session.run("""
    out = open("log.txt", "w")
    v = 0.0
    for epoch in range(5):
        v += float(rng.random())
        out.write(f"{v}\\n")
        time.sleep(0.02)
        truth.append(v)
    out.close()
    """)
    run = session.runs()[-1]
    assert any("TextIOWrapper" in note for note in run.notes)
    before = (tmp_path / "log.txt").read_text()
    same_as_recorded(session, ADD, iterations=[2])
    assert (tmp_path / "log.txt").read_text() == before


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_as_the_loop_itself(session, workers):
    session.run(SETUP)
    session.run(f"""
    import torch
    from torch.utils.data import DataLoader
    loader = DataLoader(list(range(24)), batch_size=4, shuffle=True, num_workers={workers})
    v = 0.0
    """)
    session.run("""
    for batch in loader:
        v += float(batch[0]) + float(torch.rand(()))
        time.sleep(0.02)
        truth.append(v)
    """)
    edits = {"v += float(batch[0])": "log('first', batch[0])\n    v += float(batch[0])"}
    _, found = session.replay(edits, [2, 4])
    assert found.divergent == {}
    first = logged(found, "first")
    assert sorted(first) == [2, 4]


def test_partial_fit(session):
    session.run(SETUP)
    session.run("""
    from sklearn.linear_model import SGDClassifier
    X = rng.normal(size=(600, 8))
    y = (X[:, 0] > 0).astype(int)
    clf = SGDClassifier()
    for epoch in range(5):
        for i in range(0, 600, 100):
            clf.partial_fit(X[i:i + 100], y[i:i + 100], classes=[0, 1])
        time.sleep(0.02)
        truth.append(float(clf.coef_.sum()))
    """)
    _, found = session.replay({"clf.partial_fit(X[i":
        "log('x', float(X[i].sum()))\n        clf.partial_fit(X[i"}, [1, 3])  # fmt: skip
    assert found.divergent == {}
    text = {"truth.append(float(clf.coef_.sum()))":
            "truth.append(float(clf.coef_.sum()))\n    log('v', float(clf.coef_.sum()))"}  # fmt: skip
    same_as_recorded(session, text)
