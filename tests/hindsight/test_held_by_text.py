"""What hangs on functions and classes is state, though these are kept as text."""

import pytest

from tests.hindsight.session import logged

SETUP = """
import time
rows = []
def step(x, seen=[], *, of=rows):
    seen.append(x)
    of.append(x * 2)
    step.calls = getattr(step, "calls", 0) + 1
    return sum(seen)
class Model:
    steps = 0
    kept = []
    def train(self, x):
        Model.steps += 1
        self.kept.append(x)
        return Model.steps
model = Model()
truth = []
"""
LOOP = """
for epoch in range(6):
    for x in (epoch, epoch + 1):
        total = step(x) + model.train(x)
    time.sleep(0.02)
    truth.append((total, len(rows), step.calls, len(Model.kept)))
"""


@pytest.mark.parametrize("epochs", [[4], [0, 3, 5], None])
def test_what_functions_and_classes_hold_is_put_back(session, epochs):
    session.run(SETUP)
    session.run(LOOP)
    line = "        total = step(x) + model.train(x)\n"
    _, found = session.replay(
        {line: line + "        log('all', (total, len(rows), step.calls, len(Model.kept)))\n"},
        epochs,
    )
    for (epoch, turn), value in logged(found, "all").items():
        if turn == 1:
            assert tuple(value) == session["truth"][epoch]
    assert found.divergent == {}
    assert {v.verdict for v in found.logged} == {"same"}


def test_a_look_at_a_past_state_changes_nothing_that_lives(session):
    session.run(SETUP)
    session.run(LOOP)
    before = (list(session["step"].__defaults__[0]), session["Model"].steps)
    session.run("%hindsight load 1:0 truth")
    assert (list(session["step"].__defaults__[0]), session["Model"].steps) == before


def test_a_counter_in_a_file_of_the_users(session, tmp_path, monkeypatch):
    (tmp_path / "mine_counting.py").write_text(
        "steps = 0\nseen = []\n"
        "def step(x):\n    global steps\n    steps += 1\n    seen.append(x)\n    return steps\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    session.run("import time, mine_counting\nfrom mine_counting import step\ntruth = []\n")
    session.run("""
    for epoch in range(6):
        for x in range(2):
            now = step(x)
        time.sleep(0.02)
        truth.append((now, len(mine_counting.seen)))
    """)
    line = "        now = step(x)\n"
    _, found = session.replay(
        {line: line + "        log('all', (now, len(mine_counting.seen)))\n"}, [1, 4]
    )
    values = logged(found, "all")
    assert [tuple(values[k, 1]) for k in (1, 4)] == [session["truth"][1], session["truth"][4]]
    assert found.divergent == {}


def test_large_data_in_files_of_the_users(session, tmp_path, monkeypatch):
    """Also where nothing of the file has a name in the notebook, and in what it imports."""
    (tmp_path / "mine_tables.py").write_text(
        "import numpy as np\nimport pandas as pd\n"
        "table = list(range(20_000))\ngrid = np.zeros(200_000)\nhuge = [0] * 100_001\n"
        "frame = pd.DataFrame({'x': []})\n"
    )
    (tmp_path / "mine_model.py").write_text(
        "import mine_tables as t\n"
        "class Model:\n"
        "    def step(self, x):\n"
        "        t.table.append(x)\n        t.grid[x] += x\n"
        "        t.frame.loc[len(t.frame)] = [x]\n        t.huge[0] += x\n"
        "        return self.told()\n"
        "    def told(self):\n"
        "        return sum(t.table), float(t.grid.sum()), float(t.frame['x'].sum())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    session.run("import time\nfrom mine_model import Model\nmodel, truth = Model(), []\n")
    session.run("""
    for epoch in range(6):
        truth.append(model.step(epoch))
        time.sleep(0.02)
    """)
    end = "time.sleep(0.02)\n"
    step = "truth.append(model.step(epoch))\n"
    for edit in ({end: end + "    log('v', model.told())\n"},
                 {step: step + "    log('v', truth[-1])\n    model\n"}):  # fmt: skip
        probe, found = session.replay(edit, [2, 4])
        assert logged(found, "v") == {k: session["truth"][k] for k in (2, 4)}
        assert found.divergent == {}
    plan = session.slicer.replays.plan(session.runs()[-1], probe, [4])
    assert "mine_tables.huge (list, too large to be kept" in str(plan)


def test_lines_in_a_decorated_function_and_in_one_that_a_function_made(session):
    session.run("""
    import functools, time
    def counted(f):
        n = 0
        @functools.wraps(f)
        def inner(*given):
            nonlocal n
            n += 1
            return f(*given) + n
        return inner
    @counted
    def add(x):
        return x * 2
    def make(total):
        def step(x):
            nonlocal total
            total += add(x)
            return total
        return step
    truth = []
    """)
    session.run("""
    step = make(1)
    for epoch in range(6):
        truth.append(step(epoch))
        time.sleep(0.02)
    """)
    edits = {"    return x * 2": "    log('x', x)\n    return x * 2",
             "        return total": "        log('total', total)\n        return total"}  # fmt: skip
    _, found = session.replay(edits, [2, 4])
    assert logged(found, "x") == {2: 2, 4: 4}
    assert logged(found, "total") == {k: session["truth"][k] for k in (2, 4)}
    assert found.divergent == {}


def test_objects_of_a_class_that_a_function_defines_and_functions_behind_a_cache(session):
    session.run("""
    import functools, time
    truth = []
    @functools.lru_cache(None)
    def rate(n):
        return n / 2
    def experiment():
        class Agent:
            t = 0
            def act(self, x):
                self.t += x
                return self.t
        agent = Agent()
        for epoch in range(5):
            total = agent.act(epoch) + rate(epoch)
            time.sleep(0.02)
            truth.append((total, agent.t))
    """)
    session.run("experiment()")
    last = "        truth.append((total, agent.t))"
    edits = {last: last + "\n        log('v', truth[-1])"}
    for edit in (edits, {**edits, "self.t += x": "self.t += x\n            log('x', x)"}):
        _, found = session.replay(edit, [1, 3])
        values = {k: tuple(v) for k, v in logged(found, "v").items()}
        assert values == {k: session["truth"][k] for k in (1, 3)}
        assert found.divergent == {}
    assert logged(found, "x") == {1: 1, 3: 3}
