"""A replay that is not the run again says so; one that is stopped keeps what it has."""

from tests.hindsight.session import logged

SETUP = """
import os
import time
import numpy as np
rng = np.random.default_rng()
"""


def test_what_the_machine_draws_is_a_divergence(session):
    session.run(SETUP)
    cell = """
    v = 0
    for epoch in range(4):
        before = v
        v += int.from_bytes(os.urandom(6), "big")
        time.sleep(0.02)
    """
    session.run(cell)
    _, found = session.replay(
        {"before = v": "before = v\n    log('before', before)"}, [0, 1, 2]
    )
    assert found.divergent
    assert all("v" in names for names in found.divergent.values())
    assert "different" in {v.verdict for v in found.logged}
    assert "same" not in {v.verdict for v in found.logged}


def test_a_value_that_the_run_had_logged_otherwise_is_a_divergence(session):
    session.run(SETUP + "from jupyter_slicer import log\n")
    session.run("""
    v = 1.0
    for epoch in range(4):
        log("tick", time.perf_counter())
        v *= 0.5
        time.sleep(0.02)
    """)
    _, found = session.replay({"v *= 0.5": "log('v', v)\n    v *= 0.5"})
    assert logged(found, "v") == {0: 1.0, 1: 0.5, 2: 0.25, 3: 0.125}
    assert all(names == ["log tick"] for names in found.divergent.values())
    assert sorted(found.divergent) == [0, 1, 2, 3]


def test_a_replay_that_is_stopped_keeps_what_is_done(session):
    session.run(SETUP)
    session.run("""
    v = 1.0
    for epoch in range(200):
        v = v * 0.5 + float(rng.random())
        time.sleep(0.01)
    """)
    run = session.runs()[-1]
    replays = session.slicer.replays
    text = run.source.replace("v = v *", "log('v', v)\n    v = v *")
    probe = replays.probe(run, {run.source: text})

    def stop(states):
        if states[0].iterations:
            raise KeyboardInterrupt

    found = replays.replay(replays.plan(run, probe, workers=1), probe, stop)
    assert found.interrupted
    assert 0 < len(found.seconds) < 200
    kept = session.slicer.hindsight.store.logged(run.id, replayed=True)
    assert len(kept) == len(found.logged) > 0
    assert session.run("print(v == v)") == "True\n"


def test_the_live_kernel_is_not_touched_and_files_are_not_written(session, tmp_path):
    session.run(SETUP)
    session.run("""
    v = [0.0]
    for epoch in range(4):
        v.append(float(rng.random()))
        np.save("last.npy", np.array(v))
        time.sleep(0.02)
    """)
    before = (tmp_path / "last.npy").read_bytes()
    state = session["rng"].bit_generator.state
    values = list(session["v"])
    (tmp_path / "last.npy").write_bytes(b"mine")
    _, found = session.replay({"v.append": "log('n', len(v))\n    v.append"})
    assert logged(found, "n") == {0: 1, 1: 2, 2: 3, 3: 4}
    assert (tmp_path / "last.npy").read_bytes() == b"mine" != before
    assert session["rng"].bit_generator.state == state
    assert session["v"] == values


def test_tab_completes_commands_and_options(session):
    _, found = session.shell.complete("re", "%hindsight re", 13)
    assert {"replay", "resume"} <= set(found)
    _, found = session.shell.complete("--it", "%hindsight replay --it", 22)
    assert "--iterations" in found
