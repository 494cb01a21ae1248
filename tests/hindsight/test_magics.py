"""``%hindsight`` as a user types it."""

import contextlib
import io
from dataclasses import replace

import pytest

from tests.hindsight.session import EAGER

SETUP = """
import time
import numpy as np
rng = np.random.default_rng(0)
"""
TRAINING = """
lr = 0.1
w = np.ones(1000)
for epoch in range(5):
    for step in range(4):
        w -= lr * w * rng.random(1000)
    time.sleep(0.02)
    total = float(w.sum())
"""


@pytest.fixture
def trained(session):
    session.run(SETUP)
    session.run(TRAINING)
    session.runs()
    return session


def test_an_edited_cell_is_replayed_and_gives_a_table(trained):
    edited = TRAINING.replace(
        "rng.random(1000)\n", "rng.random(1000)\n        log('w', w.sum())\n"
    )
    said = trained.run(f"%%hindsight replay --iterations 1,3:5\n{edited}")
    assert "run 1: for epoch in range(5), 5 iterations" in said
    assert "iterations again" in said
    assert "compared with the record and the same" in said
    table = trained["_"]
    assert list(table.columns) == ["run", "epoch", "step", "w", "check"]
    assert [(e, s) for e, s in zip(table["epoch"], table["step"], strict=True)] == [
        (e, s) for e in (1, 3, 4) for s in range(4)
    ]
    assert float(table["w"].iloc[-1]) == trained["total"]
    assert len(trained.run("%hindsight frame w").splitlines()) >= 12


def test_restored_rows_have_what_the_run_itself_logged(session):
    session.run(SETUP)
    cell = """
from jupyter_slicer import log
w = [1.0]
for epoch in range(5):
    time.sleep(0.02)
    w.append(w[-1] * float(rng.random()))
    log("last", w[-1])
"""
    session.run(cell)
    said = session.run(f"%%hindsight replay\n{cell}    log('sum', sum(w))\n")
    table = session["_"]
    assert "states restored as recorded" in said
    assert list(table["last"]) == session["w"][1:]
    assert list(table["sum"]) == [sum(session["w"][: k + 2]) for k in range(5)]
    assert set(table["check"]) == {"restored"}


def test_what_no_checkpoint_leads_to_is_computed_from_the_beginning(session):
    session.run(SETUP)
    session.run("""
    w = [1.0]
    for epoch in range(8):
        time.sleep(0.02)
        w.append(w[-1] * float(rng.random()))
    """)
    run = session.runs()[0]
    assert run.iterations == 8
    early = [(c.number, c.ending) for c in session.checkpoints(run) if c.number < 5]
    session.slicer.hindsight.store.drop_checkpoints(run.id, early)
    said = session.run("""\
    %%hindsight replay --iterations 2
    w = [1.0]
    for epoch in range(8):
        time.sleep(0.02)
        log("last", w[-1])
        w.append(w[-1] * float(rng.random()))
    """)
    assert "computes the beginning again" in said
    assert "✓" in said
    assert session["_"]["last"].tolist() == [session["w"][2]]
    assert session["_"]["check"].tolist() == ["same"]


def test_a_plan_is_shown_and_nothing_is_done(trained):
    edited = TRAINING + "    log('total', total)\n"
    said = trained.run(f"%%hindsight replay --plan\n{edited}")
    assert "restores the state after" in said or "again" in said
    assert trained.slicer.hindsight.store.logged(1) == ()


def test_an_edit_that_does_more_than_log_is_refused_with_its_lines(trained):
    edited = TRAINING + "    w *= 0.5\n"
    said = trained.run(f"%%hindsight replay\n{edited}")
    assert "The edit changes more than what is logged" in said
    assert "w *= 0.5" in said
    forced = trained.run(f"%%hindsight replay --force\n{edited}")
    assert "✗ diverged" in forced


def test_a_print_is_shown_for_each_iteration(trained):
    edited = TRAINING + "    print('total is', total)\n"
    said = trained.run(f"%%hindsight replay --iterations 4\n{edited}")
    assert f"[4] total is {trained['total']}" in said


def test_what_is_recorded_can_be_looked_at(trained):
    said = trained.run("%hindsight")
    assert "for epoch in range(5)" in said
    trained.run(TRAINING.replace("0.1\n", "0.2\n"))
    runs = trained.run("%hindsight runs")
    assert "lr=0.1" in runs
    assert "lr=0.2" in runs
    assert "nothing has to go" in trained.run("%hindsight gc")
    trained.run("%hindsight gc --keep 1")
    assert trained.checkpoints(trained.runs()[0]) == ()
    assert trained.checkpoints(trained.runs()[1]) != ()


def test_a_past_value_is_given_back(trained):
    trained.run("first = %hindsight load 1:0 w")
    assert trained["first"].tolist() == [1.0] * 1000
    assert trained["w"].sum() != 1000
    assert "It has 0" in trained.run("%hindsight load 1:17 w")
    assert "do not hold 'nope'" in trained.run("%hindsight load 1:0 nope")


def test_mistakes_are_told_in_one_line(session):
    for line, words in (
        ("%hindsight replay", "No loop was recorded yet"),
        ("%hindsight nonsense", "%hindsight has no 'nonsense'"),
        ("%hindsight replay 7", "There is no run 7"),
        ("%hindsight load 3", "Name a run, an iteration and a variable"),
    ):
        assert words in session.run(line)


def test_a_line_is_carried_to_older_versions_with_what_it_needs(session):
    session.run(SETUP)
    older = TRAINING.replace("total", "amount").replace("lr = 0.1", "lr = 0.3")
    session.run(older)
    session.run("amount_then = amount")
    session.run(TRAINING)
    session.runs()
    edited = TRAINING.replace(
        "total = float(w.sum())\n",
        """total = float(w.sum())
    half = total / 2
    log("half", half)
""",
    )
    session.run(f"%%hindsight replay\n{edited}")
    said = session.run("%hindsight backfill half")
    assert "+    half = amount / 2" in said
    assert "run 1: for epoch in range(5)" in said
    table = session["_"]
    assert table["run"].tolist() == [1] * 5 + [2] * 5
    assert table["lr"].tolist() == [0.3] * 5 + [0.1] * 5
    assert table["half"][4] * 2 == session["amount_then"]
    assert table["half"][9] * 2 == session["total"]
    assert "No cell logs 'nothing' yet" in session.run("%hindsight backfill nothing")


class Stream(io.StringIO):
    """A stream of Python, as a kernel has it."""


def test_what_was_printed_and_is_not_printed_again_is_told(session, monkeypatch):
    session.run(SETUP)
    cell = """
w = 1.0
for epoch in range(5):
    w *= float(rng.random())
    print("w is", w, mark)
    time.sleep(0.02)
"""
    session.run("mark = 'a'")
    stream = Stream()
    with contextlib.redirect_stdout(stream):
        session.shell.run_cell(cell)
    run = session.runs()[-1]
    texts = session.slicer.hindsight.store.printed(run.id)
    assert "".join(texts[k] for k in range(5)) == stream.getvalue()
    assert "Prints" not in repr(vars(stream).get("write"))
    edited = cell.replace("w *= float", "log('w', w)\n    w *= float")
    assert "printed this" not in session.run(f"%%hindsight replay\n{edited}")
    forced = edited.replace('"w is", w', '"w was", w')
    said = session.run(f"%%hindsight replay --force --iterations 3\n{forced}")
    assert "iteration 3 printed this in the run, and not again: w is" in said


def test_only_what_is_missing_is_replayed(trained):
    edited = TRAINING + "    log('total', total)\n"
    trained.run(f"%%hindsight replay --iterations 0,2\n{edited}")
    said = trained.run(f"%%hindsight replay --missing\n{edited}")
    assert "✓" in said
    assert trained["_"]["epoch"].tolist() == [1, 3, 4]
    assert "Nothing of run 1 is asked for" in trained.run(
        f"%%hindsight replay --missing\n{edited}"
    )


def test_logs_are_drawn(trained):
    edited = TRAINING + "    log('total', total)\n"
    trained.run("import matplotlib.pyplot as plt\nplt.close('all')")
    trained.run(f"%%hindsight replay --plot\n{edited}")
    (axis,) = trained["plt"].gcf().axes
    assert axis.lines[0].get_ydata()[-1] == trained["total"]


def test_a_loop_that_was_too_brief_to_be_kept(session):
    session.slicer.hindsight.keeper.policy = replace(EAGER, long=0.2)
    loop = "for epoch in range(3):\n    w += epoch\n    time.sleep(pause)\n"
    added = "%%hindsight replay --workers 1\n" + loop + "    log('w', w)\n"
    session.run("import time\nw, pause = 0, 0.0")
    session.run(loop)
    said = session.run(added)
    assert "In[2] ran this text, but no loop in it took half a second" in said
    session.run("w, pause = 0, 0.1")
    session.run(loop)
    assert "later" not in session.run(added)
    session.run("pause = 0.0")
    session.run(loop)
    said = session.run(added)
    assert (
        "In[8] ran this text later, too briefly to be kept; what follows is of run 1, In[5]"
        in said
    )


def test_a_cell_of_two_loops_under_a_magic(session):
    session.run("import time")
    loop = "for {} in range(3):\n    x = {} * 2\n    time.sleep(0.02)\n"
    cell = "%%time\n" + loop.format("a", "a") + loop.format("b", "b")
    session.run(cell)
    for line in ("    x = a * 2\n", "    x = b * 2\n"):
        said = session.run(
            "%%hindsight replay\n" + cell.replace(line, line + "    log('x', x)\n")
        )
        assert f"for {line[8]} in range(3)" in said
        assert "compared with the record and the same" in said


def test_recording_of_loops_can_be_turned_off(session):
    session.run(SETUP)
    assert "hindsight = False" in session.run("%slicer config hindsight False")
    session.run(TRAINING)
    assert session.runs() == ()
    session.run("%slicer config hindsight True")
    session.run(TRAINING)
    assert len(session.runs()) == 1
    session.run("%slicer config hindsight_share 0.5")
    assert session.slicer.hindsight.keeper.policy.share == 0.5
