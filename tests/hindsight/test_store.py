"""What is kept survives what happens to kernels and disks."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from jupyter_slicer.errors import DamagedCheckpoint, StoreError
from jupyter_slicer.hindsight import recording
from jupyter_slicer.hindsight.blobs import Blobs, digest_of
from jupyter_slicer.hindsight.buffers import Buffers
from jupyter_slicer.hindsight.policy import Account, Policy, is_due
from jupyter_slicer.hindsight.runs import Checkpoint, Run, RunStore
from jupyter_slicer.hindsight.schema import STATE_FORMAT
from jupyter_slicer.hindsight.sweeping import sweep, sweep_plan
from tests.hindsight.session import EAGER, logged

TRAINING = """
import time
import numpy as np
rng = np.random.default_rng()
w = np.zeros(1000)
truth = []
for epoch in range(6):
    w += rng.random(1000)
    time.sleep(0.05)
    truth.append(float(w.sum()))
"""
ADD = {
    "truth.append(float(w.sum()))": "truth.append(float(w.sum()))\n    log('v', float(w.sum()))"
}


def blob_of(session, checkpoint):
    return session.slicer.hindsight.store.blobs.place(checkpoint.stream)


def test_a_damaged_checkpoint_is_not_used_and_named(session):
    session.run(TRAINING)
    run = session.runs()[-1]
    found = session.checkpoints(run)
    middle = found[len(found) // 2]
    with open(blob_of(session, middle), "r+b") as file:
        file.truncate(100)
    said = session.run(f"%%hindsight replay --plan\n{TRAINING}    log('v', w.sum())\n")
    assert f"checkpoint {middle.number} is damaged and is not used" in said
    _, replayed = session.replay(ADD)
    assert logged(replayed, "v") == dict(enumerate(session["truth"]))


def test_a_state_that_takes_long_to_look_through_is_looked_at_again(session, monkeypatch):
    given = []

    def estimate(roots, changing, patience):
        given.append(patience)
        return float("inf") if len(given) < 3 else 0.001

    monkeypatch.setattr(recording, "estimate", estimate)
    session.slicer.hindsight.keeper.policy = replace(EAGER, grace=0.0, little=0.0)
    session.run(TRAINING)
    assert [patience / given[0] for patience in given] == [1, 4, 16]
    assert [c.number for c in session.checkpoints(session.runs()[-1])] == [2, 3, 4, 5, 6]


def test_a_flipped_bit_is_seen_when_the_file_is_read(tmp_path):
    blobs = Blobs(str(tmp_path))
    digest, size = blobs.put(b"x" * 5000)
    with open(blobs.place(digest), "r+b") as file:
        file.seek(2500)
        file.write(b"y")
    with pytest.raises(DamagedCheckpoint):
        blobs.get(digest, size)


def test_the_same_content_is_written_once(tmp_path):
    blobs = Blobs(str(tmp_path))
    assert blobs.put(b"a" * 3000)[1] == 3000
    assert blobs.put(b"a" * 3000)[1] == 0
    assert [size for _, size, _ in blobs.sizes()] == [3000]
    assert bytes(blobs.get(*(blobs.put(b"")[0], 0))) == b""


def test_a_full_disk_ends_checkpoints_and_nothing_else(session, monkeypatch):
    def full(self, path, view):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Blobs, "_write", full)
    session.run(TRAINING)
    session.runs()
    assert len(session["truth"]) == 6
    monkeypatch.undo()
    run = session.runs()[-1]
    assert session.checkpoints(run) == ()
    parts = [n for _, _, names in os.walk(session.slicer.hindsight.store.folder) for n in names]
    assert [n for n in parts if n.endswith(".part")] == []


def test_a_disk_that_is_nearly_full_is_not_filled(session, monkeypatch):
    monkeypatch.setattr("jupyter_slicer.hindsight.recording.FREE", 1 << 60)
    session.run(TRAINING)
    run = session.runs()[-1]
    assert session.checkpoints(run) == ()
    assert any("free on the disk" in note for note in run.notes)


def test_a_killed_kernel_loses_at_most_what_is_not_whole(tmp_path):
    script = tmp_path / "life.py"
    script.write_text(
        "from tests.hindsight.session import Session\n"
        "import sys\n"
        "s = Session.begin()\n"
        f"s.run({TRAINING!r}.replace('range(6)', 'range(1000)')"
        ".replace('time.sleep', 'print(epoch, file=sys.__stdout__, flush=True); time.sleep')"
        ".replace('import time', 'import sys, time'))\n"
    )
    store = str(tmp_path / "data" / "history.sqlite")
    life = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "JUPYTER_SLICER_STORE": store, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    for line in life.stdout:
        if line.strip().isdigit() and int(line) >= 8:
            break
    os.kill(life.pid, signal.SIGKILL)
    life.wait()
    runs = RunStore(store)
    (run,) = runs.runs()
    found = runs.checkpoints(run.id)
    assert run.outcome == "running"
    assert found[-1].number >= 4
    for checkpoint in found:  # each one is whole
        for digest, size in ((checkpoint.stream, checkpoint.stream_size), *checkpoint.buffers):
            runs.blobs.get(digest, size)


def a_run(**changed):
    known = {
        "kernel": "k", "execution": 0, "step": 0, "position": 0, "source": "", "loop_source": "",
        "ordinal": 0, "head": "for e in range(3)", "folder": "/tmp", "iterations": 3,
    }  # fmt: skip
    return Run(**{**known, **changed})


def test_kernels_at_the_same_time_get_numbers_of_their_own(tmp_path):
    path = str(tmp_path / "data" / "history.sqlite")
    numbers = []

    def kernel():
        store = RunStore(path)
        for _ in range(10):
            number = store.begin(a_run())
            store.add_checkpoint(Checkpoint(number, 0, "s", 1, ()))
            numbers.append(number)

    threads = [threading.Thread(target=kernel) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41))
    assert len(RunStore(path).runs()) == 40


def test_what_a_later_version_wrote_is_refused_and_left_alone(tmp_path):
    store = RunStore(str(tmp_path / "data" / "history.sqlite"))
    store.begin(a_run())
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="later version"):
        store.runs()


def test_a_checkpoint_of_a_later_format_is_not_read(session):
    session.run(TRAINING)
    store = session.slicer.hindsight.store
    run = session.runs()[-1]
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE checkpoint SET format = ?", (STATE_FORMAT + 1,))
    assert "later version" in session.run(f"%hindsight load {run.id}:0 w")


def test_a_sweep_keeps_the_newest_and_files_that_others_need(tmp_path):
    store = RunStore(str(tmp_path / "data" / "history.sqlite"))
    shared, _ = store.blobs.put(b"data" * 1000)
    own = []
    for n in range(3):
        run = store.begin(a_run(outcome="done"))
        digest, size = store.blobs.put(bytes([n]) * 5000)
        own.append(digest)
        store.add_checkpoint(Checkpoint(run, 0, digest, size, ((shared, 4000),)))
    runs = [(run, store.checkpoints(run.id)) for run in store.runs()]
    plan = sweep_plan(runs, keep=None, limit=10_000)
    assert plan.runs == (1, 2)
    assert (plan.bytes, plan.left) == (19_000, 9_000)
    assert sweep(store, plan, now=time.time() + 120) == 10_000
    assert os.path.exists(store.blobs.place(shared))
    assert [os.path.exists(store.blobs.place(d)) for d in own] == [False, False, True]
    assert len(store.runs()) == 3  # their logs stay


def test_a_run_of_a_dead_kernel_is_swept_after_a_day():
    runs = [(a_run(id=1, started=1000.0, seconds=50.0), [Checkpoint(1, 0, "s", 10, ())])]
    assert sweep_plan(runs, keep=0, limit=None, now=2000.0).runs == ()
    assert sweep_plan(runs, keep=0, limit=None, now=90_000.0).runs == (1,)


def test_only_their_owner_can_read_the_files(session):
    session.run(TRAINING)
    session.runs()
    store = session.slicer.hindsight.store
    assert os.stat(store.folder).st_mode & 0o077 == 0
    assert os.stat(store.path).st_mode & 0o077 == 0
    for top, _, names in os.walk(store.blobs.folder):
        assert all(os.stat(os.path.join(top, n)).st_mode & 0o077 == 0 for n in names)


def test_a_store_in_memory_has_no_folder_before_a_loop_is_kept():
    store = RunStore(":memory:")
    assert store.runs() == ()
    assert store.references() == set()
    assert not os.path.exists(store.folder)
    store.begin(Run("k", 0, 0, 0, "", "", 0, "", ""))
    assert os.path.exists(store.folder)
    store.close()
    assert not os.path.exists(store.folder)


# -- rules that need no kernel -------------------------------------------------------------


def test_checkpoints_never_cost_more_than_their_share():
    policy, spent, taken = Policy(share=0.02, rest=0.0), 0.0, 0
    for second in range(1, 101):
        account = Account(float(second), spent, 0.3, 5.0, 0.0, busy=False)
        if is_due(account, policy):
            spent += 0.3
            taken += 1
    assert taken == 5
    assert spent + 0.3 <= 2.0, "the state at the loop's end has its share, too"


def test_what_the_other_thread_works_counts(session, monkeypatch):
    put = Blobs.put

    def slow(self, *given):
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return put(self, *given)

    monkeypatch.setattr(Blobs, "put", slow)
    session.run(TRAINING)
    run = session.runs()[-1]
    assert run.cost > 0.05 * len(session.checkpoints(run))


def test_never_two_checkpoints_at_a_time():
    account = Account(1000.0, 0.0, 0.001, 1000.0, 0.1, busy=True)
    assert not is_due(account, Policy())


def test_a_buffer_that_never_changes_is_soon_only_sampled():
    buffers, block = Buffers(), bytearray(os.urandom(1 << 20))
    copied = []
    for number in range(8):
        taken = buffers.take([memoryview(block)], number)
        copied.append(taken[0].copy is not None)
        if copied[-1]:
            taken[0].digest = digest_of(taken[0].copy)
        buffers.learn(taken, number)
    assert copied == [True] + [False] * 7
    assert buffers.doubtful == []


def test_a_change_that_samples_did_not_see_is_told():
    buffers, block = Buffers(), bytearray(os.urandom(1 << 20))
    for number in range(5):
        taken = buffers.take([memoryview(block)], number)
        if taken[0].digest is None:
            taken[0].digest = digest_of(taken[0].copy)
        buffers.learn(taken, number)
    block[70_000] ^= 1  # between two samples
    taken = buffers.take([memoryview(block)], 5, thorough=True)
    assert taken[0].copy is not None
    assert len(buffers.doubtful) == 1


def test_large_data_that_nobody_changes_costs_the_loop_nothing_at_first(session):
    session.run("""
    import time
    import numpy as np
    rng = np.random.default_rng()
    X = rng.normal(size=(100, 20_000))
    w, truth = np.zeros(20_000), []
    """)
    session.run("""
    for epoch in range(4):
        w += X[rng.integers(100)]
        time.sleep(0.1)
        truth.append(float(w.sum()))
    """)
    first = session.checkpoints(session.runs()[-1])[0]
    assert first.number == 0
    assert X_BYTES in [size for _, size in first.buffers]
    _, found = session.replay({"truth.append": "log('v', float(w.sum()))\n    truth.append"})
    assert logged(found, "v") == dict(enumerate(session["truth"]))
    assert found.divergent == {}


def test_large_data_that_does_change_leaves_no_wrong_state(session):
    session.run("""
    import time
    import numpy as np
    rng = np.random.default_rng()
    X = rng.normal(size=(100, 20_000))
    truth = []
    def spoil():
        X[:] *= 0.5
    """)
    session.run("""
    for epoch in range(6):
        spoil()
        time.sleep(0.05)
        truth.append(float(X.sum()))
    """)
    run = session.runs()[-1]
    _, found = session.replay(
        {"truth.append": "log('v', float(X.sum()))\n    truth.append"}, [5]
    )
    assert logged(found, "v") == {5: session["truth"][5]}
    assert found.divergent == {}
    for checkpoint in session.checkpoints(run)[:-1]:
        if not checkpoint.ending and checkpoint.number:
            session.run(f"then = %hindsight load {run.id}:{checkpoint.number} X")
            assert float(session["then"].sum()) == session["truth"][checkpoint.number - 1]


X_BYTES = 100 * 20_000 * 8
