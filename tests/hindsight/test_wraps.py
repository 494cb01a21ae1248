"""``log("name", value)`` around a value that training uses: wherever it stands."""

import pytest

from tests.hindsight.session import logged

SETUP = """
import time
import numpy as np
rng = np.random.default_rng()
truth = []
"""
TRAINING = """
start = float(rng.random())
scale = 0.5
w = np.zeros(4)
def loss_of(w):
    total = float((w * w).sum())
    return total + start
for epoch in range(5):
    for step in range(3):
        w += rng.random(4) * scale
        loss = loss_of(w)
        truth.append(loss)
    time.sleep(0.02)
    norm = float(np.abs(w).sum())
last = norm * 2
"""


@pytest.fixture
def trained(session):
    session.run(SETUP)
    session.run(TRAINING)
    session.run("norm_then, last_then, w_then = norm, last, w.copy()")
    return session


def steps(session):
    return {(n // 3, n % 3): value for n, value in enumerate(session["truth"])}


def test_in_the_inner_loop(trained):
    edits = {"loss = loss_of(w)": "loss = log('loss', loss_of(w))"}
    _, found = trained.replay(edits)
    assert logged(found, "loss") == steps(trained)
    assert found.divergent == {}
    assert {v.verdict for v in found.logged} == {"same"}


def test_as_an_argument_and_twice_in_a_statement(trained):
    edits = {"truth.append(loss)": "truth.append(log('a', log('b', loss)))"}
    _, found = trained.replay(edits, [1, 3], workers=2)
    truth = {place: v for place, v in steps(trained).items() if place[0] in (1, 3)}
    assert logged(found, "a") == logged(found, "b") == truth
    assert found.divergent == {}


def test_at_the_end_of_an_iteration_the_state_tells_it(trained):
    edits = {"norm = float(np.abs(w).sum())": "norm = log('norm', float(np.abs(w).sum()))"}
    probe, found = trained.replay(edits)
    assert probe.at_end == ("log('norm', norm)",)
    assert logged(found, "norm")[4] == trained["norm_then"]
    assert len(logged(found, "norm")) == 5
    assert {v.verdict for v in found.logged} == {"restored"}


def test_a_value_that_is_used_up_later_in_the_iteration_is_computed_again(session):
    session.run(SETUP)
    session.run("""
    for epoch in range(4):
        rows = [float(rng.random())]
        truth.append(rows[0])
        time.sleep(0.02)
        rows.clear()
    """)
    probe, found = session.replay(
        {"rows = [float(rng.random())]": "rows = log('rows', [float(rng.random())])"}
    )
    assert probe.at_end == ()
    assert logged(found, "rows") == {k: [v] for k, v in enumerate(session["truth"])}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return total + start", "return log('loss', total + start)"),
        ("total + start", "log('loss', total + start)"),
        ("def loss_of(w):", "def loss_of(w):\n    pass"),
    ],
)
def test_in_a_function_that_the_loop_calls(trained, old, new):
    edits = {old: new, "return total + start": "return log('loss', total + start)"}
    _, found = trained.replay(edits if "pass" not in new else {**edits, old: old}, [2])
    assert logged(found, "loss") == {p: v for p, v in steps(trained).items() if p[0] == 2}
    assert found.divergent == {}


def test_before_the_loop_also_what_the_loop_does_not_need(session):
    session.run(SETUP.replace("default_rng()", "default_rng(3)"))
    session.run("""
    idle = float(rng.random())
    w = rng.random(3)
    for epoch in range(log('epochs', 3) if False else 3):
        w += rng.random(3)
        time.sleep(0.02)
    """)
    session.run("idle_then = idle")
    edits = {
        "idle = float(rng.random())": "idle = log('idle', float(rng.random()))",
        "if False else 3)": "if False else log('n', 3))",
    }
    probe, found = session.replay(edits)
    assert (probe.before, probe.inside) == (True, False)
    assert logged(found, "idle") == {None: session["idle_then"]}
    assert logged(found, "n") == {None: 3}


def test_after_the_loop(trained):
    _, found = trained.replay({"last = norm * 2": "last = log('last', norm * 2)"})
    assert logged(found, "last") == {(None, -1): trained["last_then"]}
    assert found.seconds == {}
    assert [v.verdict for v in found.logged] == ["restored"]


def test_around_the_statement_that_leads_to_the_loop(session):
    session.run(SETUP.replace("default_rng()", "default_rng(3)"))
    session.run("""
    def fit(rate):
        w = 0.0
        for epoch in range(4):
            w += float(rng.random()) * rate
            time.sleep(0.02)
        return w
    """)
    session.run("best = fit(0.5)")
    edits = {
        "fit(0.5)": "log('best', fit(log('rate', 0.5)))",
        "return w": "return log('w', w)",
    }
    only = {key: new for key, new in edits.items() if "rate" not in new}
    _, found = session.replay({**only, "fit(0.5)": "log('best', fit(0.5))"})
    assert logged(found, "best") == logged(found, "w") == {(None, -1): session["best"]}
    assert found.divergent == {}
    _, found = session.replay(edits)
    assert logged(found, "best") == {(None, -1): session["best"]}
    assert logged(found, "w") == {(None, -1): session["best"]}
    assert logged(found, "rate") == {None: 0.5}
    assert found.divergent == {}


def test_in_the_test_of_a_loop_and_of_an_if(session):
    session.run(SETUP)
    session.run("""
    w, turns = 9.0, 0
    while w > turns:
        w -= float(rng.random())
        turns += 1
        if w < 5:
            truth.append((turns - 1, w))
        time.sleep(0.02)
    """)
    edits = {
        "while w > turns": "while log('w', w) > turns",
        "if w < 5": "if log('low', w < 5)",
    }
    _, found = session.replay(edits)
    low = logged(found, "low")
    assert [k for k, v in low.items() if v] == [k for k, _ in session["truth"]]
    values = logged(found, "w")
    assert values[0] == 9.0
    assert all(values[k + 1] == w for k, w in session["truth"] if k + 1 in values)
    assert found.divergent == {}


def test_in_a_function_without_a_name(session):
    session.run(SETUP)
    session.run("""
    draw = lambda: float(rng.random())
    for epoch in range(4):
        truth.append(draw())
        time.sleep(0.02)
    """)
    _, found = session.replay(
        {"lambda: float": "lambda: log('v', float", "())\nfor": "()))\nfor"}
    )
    assert logged(found, "v") == dict(enumerate(session["truth"]))


def test_another_log_line_in_the_place_of_one(session):
    session.run(SETUP)
    session.run("from jupyter_slicer import log")
    session.run("""
    for epoch in range(4):
        v = float(rng.random())
        truth.append(v)
        time.sleep(0.02)
        log('v', v)
    """)
    _, found = session.replay({"log('v', v)": "log('twice', v * 2)"})
    assert logged(found, "twice") == {k: v * 2 for k, v in enumerate(session["truth"])}


def test_a_name_that_is_the_notebooks_own_is_refused(trained):
    text = TRAINING.replace("loss = loss_of(w)", "loss = log('loss', loss_of(w))")
    own = "def log(name, value): print(name, value)\n"
    said = trained.run(f"%%hindsight replay\n{own}{text}")
    assert "`log` is the notebook's own here" in said
    said = trained.run(f"%%hindsight replay --plan\n{text}")
    assert "runs 5 iterations again" in said


def test_a_function_of_another_cell_that_was_run_again_with_the_log(session):
    session.run(SETUP.replace("import time", "import time\nfrom jupyter_slicer import log"))
    function = """
def draw():
    return float(rng.random())
"""
    session.run(function)
    session.run("""
    for epoch in range(4):
        truth.append(draw())
        time.sleep(0.02)
    """)
    session.run(function.replace("float(rng.random())", "log('v', float(rng.random()))"))
    assert "✓" in session.run("%hindsight replay 1")
    assert session["_"]["v"].tolist() == session["truth"]


def test_what_was_logged_is_carried_to_older_versions(session):
    session.run(SETUP)
    older = TRAINING.replace("loss", "cost").replace("scale = 0.5", "scale = 0.25")
    older = older.replace("norm = float(np.abs(w).sum())", "norm = float(np.sqrt(w @ w))")
    session.run(older)
    session.run("first = list(truth)")
    session.run(TRAINING)
    session.run("second = truth[len(first):]")
    edited = TRAINING.replace("loss_of(w)\n        t", "log('loss', loss_of(w))\n        t")
    edited = (
        edited.replace("norm = float", "norm = log('norm', float")
        .replace("abs(w).sum())", "abs(w).sum()))")
        .replace("scale = 0.5", "scale = param('scale', 0.5)")
    )
    session.run(f"%%hindsight replay\n{edited}")
    assert session["_"]["loss"].dropna().tolist() == session["second"]
    said = session.run("%hindsight backfill loss")
    assert "cost = log('loss', cost_of(w))" in said
    assert "norm = log" not in said
    assert "norm = log('norm', float(np.sqrt(w @ w)))" in session.run(
        "%hindsight backfill norm"
    )
    table = session.slicer.hindsight_frame(["loss"])
    assert table["loss"].tolist() == session["first"] + session["second"]
    assert table["scale"].tolist() == [0.25] * 15 + [0.5] * 15
    assert set(table["check"]) == {"same"}
