"""What no checkpoint can hold is named, and a replay begins where it can."""

from tests.hindsight.session import logged

SETUP = """
import time
import numpy as np
rng = np.random.default_rng()
truth = []
"""
LOOP = """
v = 0.0
for epoch in range(5):
    v += next(source) * float(rng.random())
    time.sleep(0.02)
    truth.append(v)
"""
ADD = {"v += next": "log('before', v)\n    v += next", "truth.append(v)": "truth.append(v)\n    log('v', v)"}  # fmt: skip


def test_a_generator_half_way_is_led_there_from_the_beginning(session):
    session.run(SETUP)
    session.run("""
    def numbers():
        n = 1
        while True:
            yield n
            n *= 3
    source = numbers()
    first = next(source)
    """)
    session.run(LOOP)
    run = session.runs()[-1]
    assert run.notes == ("source (generator)",)
    probe, found = session.replay(ADD, [3])
    assert logged(found, "v") == {3: session["truth"][3]}
    assert found.divergent == {}
    plan = str(session.slicer.replays.plan(run, probe, [3]))
    assert "half-way was source (generator)" in plan


def test_a_generator_that_the_loop_itself_begins(session):
    session.run(SETUP)
    session.run("""
    v, source = 0.0, None
    for epoch in range(6):
        if epoch % 3 == 0:
            source = iter(n for n in range(10))
        v += next(source) * float(rng.random())
        time.sleep(0.02)
        truth.append(v)
    """)
    _, found = session.replay(ADD, [1, 2, 4])
    assert logged(found, "v") == {k: session["truth"][k] for k in (1, 2, 4)}
    assert found.divergent == {}


def test_a_lock_in_an_object_that_is_trained_is_that_of_the_surroundings(session):
    session.run(SETUP)
    session.run("""
    import threading
    class Model:
        def __init__(self):
            self.parts = {"lock": threading.Lock(), "w": np.zeros(3)}
        def step(self):
            with self.parts["lock"]:
                self.parts["w"] += rng.random(3)
            return float(self.parts["w"].sum())
    model = Model()
    """)
    session.run("""
    for epoch in range(5):
        v = model.step()
        time.sleep(0.02)
        truth.append(v)
    """)
    checkpoint = session.checkpoints(session.runs()[-1])[-1]
    assert [str(p) for p in checkpoint.lost] == ["model.parts['lock'] (_thread.lock)"]
    edits = {
        "v = model": "log('n', epoch)\n    v = model",
        "truth.append(v)": "truth.append(v)\n    log('v', v)",
    }
    _, found = session.replay(edits, [1, 3])
    assert logged(found, "v") == {1: session["truth"][1], 3: session["truth"][3]}
    assert found.divergent == {}


def test_an_open_socket_is_named_and_the_rest_goes_on(session):
    session.run(SETUP)
    session.run("""
    import socket
    here, there = socket.socketpair()
    v = 0.0
    """)
    session.run("""
    for epoch in range(5):
        v += float(rng.random())
        here.send(b"tick")
        time.sleep(0.02)
        truth.append(v)
    here.close()
    there.close()
    """)
    run = session.runs()[-1]
    assert any("socket" in note for note in run.notes)
    assert "socket" in session.run("%hindsight status")
    edits = {"v += float": "log('n', epoch)\n    v += float", "truth.append(v)": "truth.append(v)\n    log('v', v)"}  # fmt: skip
    probe, found = session.replay(edits, [2, 4])
    assert "socket" in str(session.slicer.replays.plan(run, probe, [2]))
    assert logged(found, "v") == {2: session["truth"][2], 4: session["truth"][4]}


def test_what_goes_over_something_lost_and_who_passes_questions_on(session):
    session.run(SETUP)
    session.run("""
    class Wrapped:
        def __init__(self, inner):
            self.inner = inner
        def __getattr__(self, name):
            return getattr(self.inner, name)
    def numbers():
        for n in range(5):
            yield n * float(rng.random())
    held, v = Wrapped([1]), 0.0
    """)
    session.run("""
    for n, x in enumerate(numbers()):
        v += x
        held.append(n)
        time.sleep(0.02)
        truth.append((v, len(held.inner)))
    """)
    last = "    truth.append((v, len(held.inner)))"
    edits = {
        last: last + "\n    log('v', truth[-1])",
        "    v += x": "    log('x', x)\n    v += x",
    }
    _, found = session.replay(edits, [1, 3])
    assert {k: tuple(v) for k, v in logged(found, "v").items()} == {
        k: session["truth"][k] for k in (1, 3)
    }
    assert found.divergent == {}
