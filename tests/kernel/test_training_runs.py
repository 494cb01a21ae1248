"""What the sidebar is told by a real kernel of training runs, and the replays it asks for."""

import time

import pytest

from tests.kernel.notebook import Notebook
from tests.kernel.sidebar import Sidebar
from tests.kernel.test_sidebar import ids, run

SETUP = "import time\nimport numpy as np\nfrom jupyter_slicer import log, param\nrng = np.random.default_rng()"
TRAINING = """\
w = np.ones(100)
for epoch in range(6):
    for step in range(3):
        w = w * rng.random(100)
    time.sleep(param("pause", 0.12))
    log("loss", float(w.sum()))
"""
ADDED = TRAINING + '    log("largest", float(w.max()))\n'


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A kernel with one recorded run, and nothing else in its store."""
    monkeypatch.setenv("JUPYTER_SLICER_STORE", str(tmp_path / "data" / "history.sqlite"))
    notebook = Notebook(str(tmp_path))
    notebook.run("%load_ext jupyter_slicer")
    run(notebook, "a", SETUP)
    run(notebook, "b", TRAINING)
    yield notebook
    notebook.close()


@pytest.fixture
def sidebar(trained):
    return Sidebar(trained)


def plan(sidebar, text, **fields):
    """The number of the question, and the plan."""
    request = {"run": 1, "cell": "", "cells": {"a": SETUP, "b": text}, **fields}
    number = sidebar.start("plan", **request)
    return number, sidebar.answer(number)


def settled(sidebar):
    while not (told := sidebar.ask("runs")).settled:
        time.sleep(0.1)
    return told


def column(replayed, name):
    return next(c.cells for c in replayed.columns if c.name == name)


def test_a_run_is_listed_with_what_it_took_and_gave(sidebar):
    told = settled(sidebar)
    (found,) = told.runs
    assert (found.run, found.here, found.cell_id, found.state) == (1, True, "b", "done")
    assert (found.loop, found.iterations) == ("for epoch in range(6)", 6)
    assert found.parameters == (("pause", "0.12"),)
    assert found.names == ("loss",)
    assert found.checkpoints >= 1
    assert found.written > 800
    assert 0 < found.cost < found.seconds
    assert (told.left_out, told.replay) == (0, None)


def test_curves_are_the_numbers_that_were_logged(trained, sidebar):
    (series,) = sidebar.ask("curves", run=1).series
    assert series.name == "loss"
    assert [x for x, _ in series.points] == [0, 1, 2, 3, 4, 5]
    assert series.points[-1][1] == float(trained.run("float(w.sum())").value)
    assert sidebar.ask("curves", run=2).slug == "unknown-run"


def test_the_cell_as_it_is_now_is_planned_and_replayed_without_touching_the_kernel(
    trained, sidebar
):
    number, planned = plan(sidebar, ADDED)
    assert planned.names == ("largest",)
    assert planned.lines[0] == "run 1: for epoch in range(6), 6 iterations"
    assert any("iterations again" in line or "restores" in line for line in planned.lines)
    before = trained.run("(w.sum(), rng.bit_generator.state['state']['state'])").value
    replay = sidebar.start("replay", of=number)
    told = list(until_answer(sidebar, replay))
    for message in told[:-1]:
        assert all(0 <= w["iterations"] <= w["of"] <= 6 for w in message["workers"])
    found = told[-1]
    assert (found["kind"], found["stopped"], found["left_out"]) == ("replayed", False, 0)
    assert (found["divergences"], found["failures"]) == ([], [])
    columns = {c["name"]: c for c in found["columns"]}
    assert columns["epoch"]["cells"] == ["0", "1", "2", "3", "4", "5"]
    assert columns["largest"]["numeric"]
    assert columns["largest"]["cells"][-1] == trained.run("float(w.max())").value
    (curve,) = [s for s in found["series"] if s["name"] == "largest"]
    assert len(curve["points"]) == 6
    after = trained.run("(w.sum(), rng.bit_generator.state['state']['state'])").value
    assert after == before
    # What it gave belongs to the run from now on.
    assert sidebar.ask("runs").runs[0].names == ("loss", "largest")
    assert {s.name for s in sidebar.ask("curves", run=1).series} == {"loss", "largest"}


def until_answer(sidebar, number, seconds=60):
    for message in sidebar.messages(number, seconds):
        yield message
        if message["kind"] != "progress":
            return


def test_some_iterations_are_asked_for(sidebar):
    number, _ = plan(sidebar, ADDED, iterations="1,3:5")
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    assert column(found, "epoch") == ("1", "3", "4")
    assert plan(sidebar, ADDED, iterations="9")[1].slug == "unknown-run"
    assert plan(sidebar, ADDED, iterations="x")[1].slug == "usage-error"


def test_an_edit_that_does_more_than_log_is_refused_with_its_line(sidebar):
    changed = TRAINING.replace("w * rng", "0.5 * w * rng")
    number, planned = plan(sidebar, changed)
    assert planned.lines == ()
    (line,) = planned.refused
    assert (line.cell_id, line.line) == ("b", 4)
    assert "0.5 * w" in line.text
    assert line.why
    assert sidebar.answer(sidebar.start("replay", of=number)).slug == "cannot-replay"


def test_a_refused_edit_is_replayed_on_demand_and_its_divergence_named(sidebar):
    changed = ADDED.replace("w * rng", "0.5 * w * rng")
    number, planned = plan(sidebar, changed, force=True)
    assert planned.lines
    assert planned.refused
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    names = {name for one in found.divergences for name in one.names}
    assert {"w", "log loss"} <= names
    assert sidebar.ask("runs").runs[0].divergent == "0-5"


def test_nothing_added_and_a_cell_that_is_elsewhere_are_told(sidebar):
    assert "Nothing was added" in plan(sidebar, TRAINING)[1].message
    assert "Nothing was added" in plan(sidebar, TRAINING + "# a remark\n")[1].message
    elsewhere = plan(sidebar, "", cells={"a": SETUP, "other": "x = 1"})[1]
    assert "not in this notebook" in elsewhere.message
    assert plan(sidebar, "for epoch in:\n  pass")[1].slug == "unreadable-cell"
    assert sidebar.ask("replay", of=99).slug == "forgotten-plan"
    assert sidebar.ask("follow").slug == "unknown-run"


def test_another_cell_that_was_edited_since_does_not_stand_in_the_way(sidebar):
    seeded = SETUP.replace("default_rng()", "default_rng(5)")
    _, planned = plan(sidebar, "", cells={"a": seeded, "b": ADDED})
    assert (planned.refused, planned.names) == ((), ("largest",))


def test_a_line_in_a_function_of_another_cell_is_replayed(trained, sidebar):
    function = "def shrink(w):\n    for step in range(3):\n        w = w * rng.random(100)\n    return w\n"
    loop = "v = np.ones(100)\nfor epoch in range(6):\n    v = shrink(v)\n    time.sleep(0.12)\n"
    run(trained, "c", function)
    run(trained, "d", loop)
    edited = function.replace(
        "(100)\n    return", "(100)\n        log('step', w.max())\n    return"
    )
    cells = {"a": SETUP, "c": edited, "d": loop}
    number, planned = plan(sidebar, "", run=2, cells=cells)
    assert planned.names == ("step",)
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    assert len(column(found, "step")) == 18
    (curve,) = found.series
    assert [x for x, _ in curve.points[:4]] == [0, 0.333333, 0.666667, 1]


def test_the_run_of_a_cell_is_found_by_its_id_and_by_its_text(sidebar):
    assert plan(sidebar, ADDED, run=0, cell="b")[1].run == 1
    number = sidebar.start("plan", run=0, cell="copy", cells={"copy": ADDED})
    assert sidebar.answer(number).run == 1


def test_a_replay_is_stopped_and_what_is_done_is_kept(sidebar):
    added = ADDED + "    if epoch == 3: print(__import__('time').sleep(600))\n"
    number, _ = plan(sidebar, added, force=True)
    replay = sidebar.start("replay", of=number)
    for message in until_answer(sidebar, replay):
        if any(w["iterations"] >= 2 for w in message.get("workers", ())):
            break
    second, _ = plan(sidebar, ADDED)
    assert "being replayed" in sidebar.ask("replay", of=second).message
    sidebar.ask("cancel", of=replay)
    found = sidebar.answer(replay, 30)
    assert found.stopped
    assert len(column(found, "largest")) >= 2


def test_a_replay_goes_on_when_the_page_is_loaded_again(trained, sidebar):
    number, _ = plan(sidebar, ADDED)
    next(until_answer(sidebar, sidebar.start("replay", of=number)))  # it has begun
    again = Sidebar(trained, client="tab")
    assert again.ask("runs").replay == 1
    found = again.answer(again.start("follow"), 60)
    assert len(column(found, "largest")) == 6
    # And is still there for the next page.
    assert again.ask("follow") == found


def test_a_replay_is_planned_and_made_while_a_cell_runs(trained, sidebar):
    running = ids(trained, "scale = 3.0\ntime.sleep(600)", "c")
    time.sleep(0.5)
    number, planned = plan(sidebar, ADDED)
    assert planned.names == ("largest",)
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    assert len(column(found, "largest")) == 6
    trained.manager.interrupt_kernel()
    # It ran until then.
    assert trained.wait(running).error.startswith("KeyboardInterrupt")


def test_a_run_that_goes_on_is_listed_and_not_replayed_yet(trained, sidebar):
    longer = TRAINING.replace("range(6)", "range(40)")
    running = ids(trained, longer, "b")
    while len(found := sidebar.ask("runs").runs) < 2:
        time.sleep(0.1)
    assert (found[0].run, found[0].state) == (2, "running")
    told = sidebar.ask("plan", run=2, cell="", cells={"b": longer + "    print(w)\n"})
    assert "still going on" in told.message
    trained.manager.interrupt_kernel()
    trained.wait(running)
    assert settled(sidebar).runs[0].state == "left"


def test_runs_of_a_kernel_that_is_gone_are_listed_and_replayed(trained, tmp_path):
    settled(Sidebar(trained))
    trained.close()
    other = Notebook(str(tmp_path))
    try:
        other.run("%load_ext jupyter_slicer")
        sidebar = Sidebar(other)
        (found,) = sidebar.ask("runs").runs
        assert (found.here, found.state) == (False, "done")
        number, planned = plan(sidebar, ADDED)
        assert planned.names == ("largest",)
        replayed = sidebar.answer(sidebar.start("replay", of=number), 60)
        assert len(column(replayed, "largest")) == 6
    finally:
        other.close()


def test_texts_of_the_users_are_text_and_their_objects_are_not_asked(trained, sidebar):
    hostile = (
        ADDED
        + "    class Evil:\n        def __repr__(self): raise RuntimeError\n"
        + "    log('<b>evil</b>', '<img src=x onerror=alert(1)>')\n"
    )
    number, _ = plan(sidebar, hostile, force=True)
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    assert set(column(found, "<b>evil</b>")) == {"<img src=x onerror=alert(1)>"}


OLDER = TRAINING.replace("w = ", "v = ").replace("w * rng", "v * rng").replace("w.sum", "v.sum")


def test_lines_are_carried_to_older_versions_of_the_cell(trained, sidebar):
    """The difference is shown for each version before anything runs."""
    run(trained, "b", OLDER)
    run(trained, "c", "other = 1\nfor k in range(6):\n    time.sleep(0.12)\n    other *= 2\n")
    settled(sidebar)
    number, planned = plan(sidebar, ADDED, others=True)
    assert planned.names == ("largest",)
    told = {one.run: one for one in planned.carried}
    assert set(told) >= {1, 2}
    assert told[1].diff == ""
    assert '+    log("largest", float(v.max()))' in told[2].diff
    assert all(told[k].lines and not told[k].why for k in (1, 2))
    messages = list(until_answer(sidebar, sidebar.start("replay", of=number)))
    assert messages[-1]["kind"] == "replayed"
    found = messages[-1]
    assert set(found["runs"]) == {1, 2}
    assert (found["divergences"], found["failures"]) == ([], [])
    columns = {c["name"]: c["cells"] for c in found["columns"]}
    assert set(columns["run"]) == {"1", "2"}
    assert len(columns["largest"]) == 12
    words = {m["words"] for m in messages[:-1]}
    assert words & {"run 1 (1 of 2)", "run 2 (1 of 2)"}
    assert all("largest" in r.names for r in sidebar.ask("runs").runs if r.run in (1, 2))
    again = plan(sidebar, ADDED, others=True)[1]
    assert again.slug == "usage-error"


def test_workers_and_missing_iterations_are_asked_for(sidebar):
    number, planned = plan(sidebar, ADDED, iterations="2", workers=1)
    assert any(line.startswith("1 worker,") for line in planned.lines)
    sidebar.answer(sidebar.start("replay", of=number), 60)
    number, planned = plan(sidebar, ADDED, missing=True)
    found = sidebar.answer(sidebar.start("replay", of=number), 60)
    assert column(found, "epoch") == ("0", "1", "3", "4", "5")
    assert "has logged largest in all" in plan(sidebar, ADDED, missing=True)[1].message


@pytest.mark.exhaustive
def test_a_cluster_that_does_not_answer_is_told(sidebar):
    request = {"run": 1, "cell": "", "cells": {"b": ADDED}, "on": "tcp://127.0.0.1:9"}
    told = sidebar.answer(sidebar.start("plan", **request), 60)
    assert told.slug == "cannot-replay"


def test_all_logs_of_a_run_are_a_file(sidebar):
    settled(sidebar)
    told = sidebar.ask("logs", run=1)
    assert (told.format, told.name) == ("csv", "run-1.csv")
    rows = [line.split(",") for line in told.text.splitlines()]
    assert rows[0] == ["run", "pause", "epoch", "loss", "check"]
    assert [row[2] for row in rows[1:]] == ["0", "1", "2", "3", "4", "5"]
    last = sidebar.ask("curves", run=1).series[0].points[-1][1]
    assert float(rows[-1][3]) == last
