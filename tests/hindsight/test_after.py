"""Lines after the loop, and lines that name what no checkpoint holds."""

import pytest

from tests.hindsight.session import logged

SETUP = """
import time
import numpy as np
rng = np.random.default_rng()
"""

TRAINING = """
w = np.zeros(5)
for epoch in range(5):
    w += rng.random(5)
    time.sleep(0.02)
score = float(w.sum()) + float(rng.random())
best = score
"""


def test_a_line_after_the_loop_sees_the_state_at_its_end(session):
    session.run(SETUP)
    session.run(TRAINING)
    probe, found = session.replay(
        {"best = score": "log('score', score)\nbest = score\nprint('best', best)"}
    )
    assert not probe.inside
    assert found.seconds == {}  # no iteration ran
    assert logged(found, "score") == {(None, -1): session["score"]}
    assert found.around == {"after": f"best {session['best']}\n"}
    assert [v.verdict for v in found.logged] == ["restored"]


def test_a_line_after_the_loop_and_one_in_it(session):
    session.run(SETUP)
    session.run(TRAINING)
    edits = {
        "    time.sleep(0.02)": "    time.sleep(0.02)\n    log('v', float(w.sum()))",
        "best = score": "best = score\nlog('best', best)",
    }
    _, found = session.replay(edits, workers=2)
    assert found.divergent == {}
    assert logged(found, "best") == {(None, -1): session["best"]}
    assert sorted(logged(found, "v")) == list(range(5))


def test_a_line_after_the_loop_in_its_function(session):
    session.run(SETUP)
    session.run("""
    def train(epochs):
        w = np.zeros(3)
        for epoch in range(epochs):
            w += rng.random(3)
            time.sleep(0.02)
        total = float(w.sum())
        return total * 2
    """)
    session.run("last = train(4)\nlast += float(rng.random())")
    _, found = session.replay({"    return total": "    log('total', total)\n    return total"})
    assert logged(found, "total")[None, -1] * 2 < session["last"]
    _, found = session.replay({"float(rng.random())": "float(rng.random())\nlog('last', last)"})
    assert logged(found, "last") == {(None, -1): session["last"]}
    assert found.divergent == {}


@pytest.mark.parametrize("ending", ["if w > 2:\n        break", "pass"])
def test_without_the_state_at_the_end_iterations_run_again(session, ending):
    session.run(SETUP)
    session.run(f"""
w = turns = 0
while (turns := turns + 1) < 9:
    w += float(rng.random())
    time.sleep(0.02)
    {ending}
last = w
""")
    run = session.runs()[-1]
    store = session.slicer.hindsight.store
    numbers = [(c.number, c.ending) for c in session.checkpoints(run) if c.number >= 2]
    store.drop_checkpoints(run.id, numbers)
    _, found = session.replay({"last = w": "last = w\nlog('last', (w, turns))"})
    assert logged(found, "last") == {(None, -1): (session["last"], session["turns"])}


def test_what_follows_needs_things_that_the_loop_did_not_read(session):
    session.run(SETUP)
    session.run("""
    held_out = np.arange(5.0)
    def evaluate(w):
        return float((w * held_out).sum())
    """)
    session.run(TRAINING)
    session.run("score = None")
    _, found = session.replay({"best = score": "best = score\nlog('e', evaluate(w))"})
    session.run("e = evaluate(w)")
    assert logged(found, "e") == {(None, -1): session["e"]}


def test_what_the_run_itself_logs_after_the_loop_is_kept_and_compared(session):
    session.run(SETUP)
    session.run("from jupyter_slicer import log")
    session.run(TRAINING + "log('score', score)\n")
    kept = session.slicer.hindsight.store.logged(session.runs()[-1].id)
    assert [(v.after, v.value) for v in kept] == [(True, session["score"])]
    _, found = session.replay({"log('score', score)": "log('score', score)\nlog('b', best)"})
    assert found.divergent == {}
    _, found = session.replay(
        {"log('score', score)": "score += 1\nlog('score', score)\nlog('b', best)"}
    )
    assert found.divergent == {None: ["log score"]}


def test_rows_from_after_the_loop_come_last_and_have_no_epoch(session):
    session.run(SETUP)
    session.run(TRAINING)
    text = session.runs()[-1].source
    edited = text.replace("    time", "    log('v', 1)\n    time").replace(
        "w = np", "log('first', 0)\nw = np"
    )
    said = session.run("%%hindsight replay --workers 1\n" + edited + "log('best', best)\n")
    assert "runs what follows the loop" in said
    table = session.slicer.hindsight_frame()
    assert [e is not None and str(e) for e in table["epoch"]] == ["<NA>", *"01234", "<NA>"]
    assert list(table["first"].notna()) == [True] + [False] * 6
    assert table["best"].iloc[-1] == session["best"]


def test_another_name_of_what_the_loop_changes_is_not_made_anew(session):
    session.run(SETUP.replace("default_rng()", "default_rng(3)"))
    session.run("w = np.zeros(5)\nheld = [w]")
    session.run("""
    for epoch in range(4):
        w += rng.random(5)
        time.sleep(0.02)
    """)
    session.run("end = float(w.sum())")
    edits = {"    time.sleep": "    log('v', float(held[0].sum()))\n    time.sleep"}
    probe, found = session.replay(edits)
    assert logged(found, "v")[3] == session["end"]
    plan = session.slicer.replays.plan(session.runs()[-1], probe)
    assert "held leads to what the loop changes" in str(plan)


def test_a_value_that_only_the_new_line_reads_is_that_of_the_run(session):
    session.run(SETUP)
    session.run("""
    held_out = rng.random(5)    # no seed: computing it again would give another
    scale = {"by": 2.0, "with": held_out}
    def evaluate(w):
        return float((w * scale["with"]).sum() * scale["by"])
    """)
    session.run(TRAINING)
    truth = session.run("print(repr(evaluate(w)), repr(float(held_out.sum())))").split()
    edits = {
        "best = score": "best = score\nlog('e', evaluate(w))\nlog('h', float(held_out.sum()))"
    }
    _, found = session.replay(edits)
    assert [
        repr(v) for v in (*logged(found, "e").values(), *logged(found, "h").values())
    ] == truth


@pytest.mark.parametrize(
    ("helper", "line"),
    [
        ("other = seen", "log('n', len(other))"),
        ("held = {'in': [seen]}", "log('n', len(held['in'][0]))"),
        ("count = lambda: len(seen)", "log('n', count())"),
        ("def count():\n    return len(seen)", "log('n', count())"),
        ("def count(of=seen):\n    return len(of)", "log('n', count())"),
    ],
)
def test_what_the_loop_changes_below_the_line_is_not_read_too_late(session, helper, line):
    session.run(SETUP.replace("default_rng()", "default_rng(3)"))
    session.run("seen = []\n" + helper)
    session.run("""
    for epoch in range(4):
        w = float(rng.random())
        time.sleep(0.02)
        seen.append(w)
    """)
    edits = {"time.sleep(0.02)": f"time.sleep(0.02)\n    {line}"}
    _, found = session.replay(edits)
    assert logged(found, "n") == {k: k for k in range(4)}
    assert {v.verdict for v in found.logged} == {"same"}
    assert found.divergent == {}


def test_a_value_that_was_changed_since_is_computed_again_and_that_is_said(session):
    session.run(SETUP)
    session.run("offset = [1]")
    session.run("offset.append(2)")
    session.run(TRAINING)
    session.run("offset.append(3)")
    edits = {"best = score": "best = score\nlog('n', len(offset))"}
    probe, found = session.replay(edits)
    assert logged(found, "n") == {(None, -1): 2}
    plan = session.slicer.replays.plan(session.runs()[-1], probe)
    assert "offset is computed again" in str(plan)


def test_a_file_that_the_run_wrote_is_not_as_it_was(session):
    session.run("import time\ntruth = []")
    session.run("""
    with open("log.csv", "w") as file:
        for epoch in range(4):
            print(epoch, file=file, flush=True)
            truth.append(len(open("log.csv").readlines()))
            time.sleep(0.02)
    """)
    line = "        print(epoch, file=file, flush=True)\n"
    read = "        log('n', len(open('log.csv').readlines()))\n"
    _, found = session.replay({line: line + read}, [2])
    assert {v.verdict for v in found.logged} <= {"not checked", "different"}
    assert "log.csv is read, which the run itself wrote" in " ".join(found.notes)
    assert len(found.notes) == 1
    # Written again from the beginning on, it is what it was.
    _, found = session.replay({line: line + read})
    assert logged(found, "n") == dict(enumerate(session["truth"]))
    assert {v.verdict for v in found.logged} == {"same"}


def test_an_iteration_that_raises_as_it_did_is_no_failure(session):
    session.run("import time\ntruth = []")
    session.run("""
    for epoch in range(9):
        truth.append(epoch)
        time.sleep(0.02)
        if epoch == 3:
            raise ValueError("enough")
    """, fails=True)  # fmt: skip
    line = "    time.sleep(0.02)\n"
    _, found = session.replay({line: line + "    log('n', len(truth))\n"})
    assert logged(found, "n") == {k: k + 1 for k in range(4)}
    assert any("ended as it did in the run: ValueError: enough" in n for n in found.notes)


def test_options_of_a_block_around_the_loop_end_with_it(session):
    session.run("import time\nimport numpy as np\nother = [1]")
    session.run("""
    w = 0
    with np.errstate(divide="raise"):
        for epoch in range(3):
            w += 1
            time.sleep(0.02)
    done = w
    """)
    edits = {"time.sleep(0.02)\n": "time.sleep(0.02)\n        log('in', np.geterr()['divide'])\n",
             "done = w": "done = w\nlog('out', np.geterr()['divide'])",
             "with np": "log('before', other)\nwith np"}  # fmt: skip
    _, found = session.replay(edits)
    assert [v.value for v in found.logged if v.name == "in"] == ["raise"] * 3
    assert [v.value for v in found.logged if v.name == "out"] == ["warn"]
    assert [v.value for v in found.logged if v.name == "before"] == [[1]]
    assert found.divergent == {}
