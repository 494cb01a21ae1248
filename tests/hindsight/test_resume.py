"""A run that was cut short goes on from its latest checkpoint, as if nothing had happened."""

import os
import signal
import subprocess
import sys

from jupyter_slicer.hindsight.runs import RunStore
from tests.hindsight.session import Session, plain_session

SETUP = """
import time
import numpy as np
def check(epoch):
    pass
def step(w):
    return w * 0.9 + rng.random(500)
"""
TRAINING = """
w, seen = np.zeros(500), []
for epoch in range(12):
    check(epoch)
    w = step(w)
    time.sleep(0.02)
    seen.append(float(w.sum()))
"""


def test_a_run_goes_on_in_the_same_kernel(session):
    session.run(SETUP)
    session.run("rng = np.random.default_rng(7)")
    session.run("def check(epoch):\n    if epoch == 9:\n        raise RuntimeError('power')\n")
    session.run(TRAINING, fails=True)
    session.runs()
    session.run("w = seen = None\ndef check(epoch):\n    pass\n")
    assert "run 1 went on from iteration" in session.run("%hindsight resume 1")
    again = plain_session()
    again.run(SETUP)
    again.run("rng = np.random.default_rng(7)")
    again.run(TRAINING)
    assert session["seen"] == again["seen"]


def test_a_run_that_came_to_its_end_is_not_begun_again(session):
    session.run(SETUP)
    session.run("rng = np.random.default_rng(7)")
    session.run(TRAINING)
    assert "came to its end" in session.run("%hindsight resume 1")


def test_items_that_come_in_another_order_are_refused(session):
    session.run(SETUP)
    session.run("def items():\n    yield from range(10, 22)\n")
    session.run("def check(x):\n    if x == 19:\n        raise RuntimeError('power')\n")
    session.run("""
    seen = []
    for x in items():
        check(x)
        time.sleep(0.02)
        seen.append(x)
    """, fails=True)  # fmt: skip
    session.runs()
    session.run("def check(x):\n    pass\ndef items():\n    yield from range(22, 10, -1)\n")
    assert "gives other items" in session.run("%hindsight resume 1")
    session.run("def items():\n    yield from range(10, 22)\n")
    assert "went on from iteration" in session.run("%hindsight resume 1")
    assert session["seen"] == list(range(10, 22))


def test_a_loop_in_a_function_goes_on_after_the_kernel_was_killed(tmp_path, monkeypatch):
    train = (
        "def train(w, epochs):\n"
        "    seen = []\n"
        "    for epoch in range(epochs):\n"
        "        w = step(w)\n"
        "        time.sleep(0.02)\n"
        "        seen.append(float(w.sum()))\n"
        "        if told: print(epoch, file=sys.__stdout__, flush=True)\n"
        "    return seen\n"
    )
    setup = SETUP + "import sys\ntold = True\nrng = np.random.default_rng(7)\n"
    script = tmp_path / "life.py"
    script.write_text(
        "from tests.hindsight.session import Session\n"
        "s = Session.begin()\n"
        f"for cell in ({setup!r}, {train!r}, 'seen = train(np.zeros(500), 150)'):\n"
        "    s.run(cell)\n"
    )
    store = str(tmp_path / "data" / "history.sqlite")
    monkeypatch.setenv("JUPYTER_SLICER_STORE", store)
    life = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    for line in life.stdout:
        if line.strip().isdigit() and int(line) >= 10:
            break
    os.kill(life.pid, signal.SIGKILL)
    life.wait()
    assert RunStore(store).runs()[0].outcome == "running"
    after = Session.begin()
    said = after.run("%hindsight resume 1")
    assert "run 1 went on from iteration" in said
    truth = plain_session()
    truth.run(setup.replace("told = True", "told = False"))
    truth.run(train)
    truth.run("seen = train(np.zeros(500), 150)")
    assert after["seen"] == truth["seen"]
    after.end()
