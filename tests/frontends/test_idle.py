"""What was too costly to look at is looked at while nobody waits."""

import asyncio

import pytest

from jupyter_slicer.frontends.extension import _extensions
from tests.frontends.test_extension import run, shell  # noqa: F401

SETUP = "import numpy as np\nbig = np.ones((2, 300_000))\nodd = big[:, ::2]\nsmall = [1]"


@pytest.fixture
def poor(shell):  # noqa: F811
    """A shell whose recorder can afford no look that costs anything, until it idles."""
    shell.run_line_magic("load_ext", "jupyter_slicer")
    slicer = _extensions[id(shell)].slicer
    budget = slicer.recorder.observer.budget
    budget.each = budget.share = budget.balance = 0.0
    return shell, slicer


def idle(slicer):
    """Nobody runs a cell for as long as it takes."""
    while slicer.hook.idle.take_turn(0.0):
        pass


def kept(slicer, name):
    program = slicer.backward_slice(name, patience=0.0)
    return program.source


def test_a_statement_that_only_read_is_no_suspect_after_a_pause(poor):
    shell, slicer = poor  # noqa: F811
    run(shell, SETUP)
    idle(slicer)
    run(shell, "total = float(big[0].sum())\nlooked = float(np.abs(big).max())")
    assert slicer.recorder.observer.has_put_off()
    assert "looked" in kept(slicer, "big")
    idle(slicer)
    assert not slicer.recorder.observer.has_put_off()
    assert "looked" not in kept(slicer, "big")
    run(shell, "big[1, 2] = 5.0")
    idle(slicer)
    source = kept(slicer, "big")
    assert "big[1, 2] = 5.0" in source
    assert "looked" not in source


def test_a_change_that_was_put_off_is_blamed_on_the_statements_before_the_pause(poor):
    shell, slicer = poor  # noqa: F811
    run(shell, "def change(held):\n    held[0] = 7.0\n" + SETUP)
    idle(slicer)
    run(shell, "change(big)")
    idle(slicer)
    run(shell, "late = float(big[0, 0])")
    idle(slicer)
    source = kept(slicer, "big")
    assert "change(big)" in source
    assert "late" not in source


def test_a_cell_that_comes_between_two_turns_begins_the_look_anew(poor):
    shell, slicer = poor  # noqa: F811
    run(shell, SETUP)
    idle(slicer)
    run(shell, "first = float(big.sum())")
    slicer.hook.idle.take_turn(0.0)  # one piece of it
    run(shell, "big[:] = 3.0")
    assert slicer.recorder.observer.looker.refused is None
    idle(slicer)
    assert not slicer.recorder.observer.has_put_off()
    assert "big[:] = 3.0" in kept(slicer, "big")


def test_memory_is_read_in_pieces_that_no_cell_has_to_wait_for(poor, monkeypatch):
    import jupyter_slicer.recording.describe as describe

    shell, slicer = poor  # noqa: F811
    monkeypatch.setattr(describe, "PIECE", 1 << 20)
    monkeypatch.setattr("jupyter_slicer.recording.observer.A_PIECE", 0.0)
    run(shell, "import numpy as np\nbig = np.ones(1_000_000)")
    turns = 1
    while slicer.hook.idle.take_turn(0.0):
        turns += 1
    assert turns > 8  # eight million bytes, and the names
    assert not slicer.recorder.observer.has_put_off()
    run(shell, "big[999_999] = 2.0")
    idle(slicer)
    assert "big[999_999] = 2.0" in kept(slicer, "big")


def test_nothing_is_looked_at_while_a_cell_runs_or_recording_is_paused(poor):
    shell, slicer = poor  # noqa: F811
    run(shell, SETUP)
    shell.user_ns["turn"] = lambda: slicer.hook.idle.take_turn(1.0)
    run(shell, "more = turn()")
    assert shell.user_ns["more"] is False
    assert slicer.recorder.observer.has_put_off()
    slicer.recorder.pause()
    assert slicer.hook.idle.take_turn(1.0) is False
    assert slicer.recorder.observer.has_put_off()


def test_the_event_loop_of_a_kernel_takes_the_turns_by_itself(poor, monkeypatch):
    shell, slicer = poor  # noqa: F811
    monkeypatch.setattr("jupyter_slicer.recording.idle.PAUSE", 0.0)

    async def kernel():
        run(shell, SETUP)
        assert slicer.recorder.observer.has_put_off()
        while slicer.recorder.observer.has_put_off():
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.001)
        return slicer.hook.idle._handle

    assert asyncio.run(asyncio.wait_for(kernel(), 60)) is None


def test_unloading_ends_it(poor, monkeypatch):
    shell, slicer = poor  # noqa: F811

    async def kernel():
        run(shell, SETUP)
        handle = slicer.hook.idle._handle
        shell.run_line_magic("unload_ext", "jupyter_slicer")
        return handle.cancelled()

    assert asyncio.run(kernel())
