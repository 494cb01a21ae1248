"""A replay holds few states at a time, however many it compares or restores."""

import pytest

SETUP = """
import time
import numpy as np
rng = np.random.default_rng()
class Model:
    def __init__(self):
        self.w = np.zeros(5_000_000)
        self.owner = self    # a circle: without a collection, it stays
        self.step = 0
"""
LOOPS = {
    "in the cell": """
model = Model()
for epoch in range(12):
    model.step += 1
    time.sleep(0.02)
    done = epoch
""",
    "in a function": """
def train():
    model = Model()
    for epoch in range(12):
        model.step += 1
        time.sleep(0.02)
        done = epoch
train()
""",
}
ALIVE = "log('alive', sum(type(o).__name__ == 'Model' for o in __import__('gc').get_objects()))"


@pytest.mark.parametrize("where", LOOPS)
@pytest.mark.parametrize("at_end", [True, False])
def test_states_that_are_done_with_go(session, where, at_end):
    session.run(SETUP)
    session.run(LOOPS[where])
    assert len(session.checkpoints(session.runs()[-1])) > 10
    line = "done = epoch" if at_end else "model.step += 1"
    margin = "        " if "function" in where else "    "
    probe, found = session.replay({line: f"{line}\n{margin}{ALIVE}"})
    assert bool(probe.at_end) is at_end
    counts = [v.value for v in found.logged if v.name == "alive"]
    assert len(counts) == 12
    assert max(counts) <= 4
    assert found.divergent == {}
