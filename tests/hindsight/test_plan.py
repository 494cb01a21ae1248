"""Plans say what a replay costs; they need no kernel."""

import pytest

from jupyter_slicer.errors import CannotReplay, UnknownRun
from jupyter_slicer.hindsight.plan import Segment, replay_plan
from jupyter_slicer.hindsight.runs import Checkpoint
from tests.hindsight.test_store import a_run


def run(**changed):
    known = {"iterations": 20, "seconds": 200.0, "outcome": "done", "id": 3}
    return a_run(**{**known, **changed})


def checkpoints(*numbers, ending=None):
    found = [Checkpoint(3, n, "s", 1, ()) for n in numbers]
    return found + ([Checkpoint(3, ending, "s", 1, (), ending=True)] if ending else [])


def test_a_line_at_the_end_needs_no_iteration_where_a_state_follows():
    plan = replay_plan(run(), checkpoints(*range(20), ending=20), None, at_end=True)
    assert [s.runs for s in plan.segments] == [0] * 20
    assert plan.lines() == [
        "run 3: for e in range(3), 20 iterations",
        "  restores the state after 20 iterations that need not run",
        "  1 worker, about 2 s (2 s of it to start)",
    ]


def test_an_iteration_that_was_left_half_way_is_run_again():
    left = run(outcome="left")
    plan = replay_plan(left, checkpoints(*range(20), ending=20), [18, 19], at_end=True)
    assert [(s.last, s.skips) for s in plan.segments] == [(18, True), (19, False)]


def test_iterations_begin_at_the_nearest_checkpoint_before_them():
    plan = replay_plan(run(), checkpoints(0, 5, 10, 15), [3, 7, 8, 12], at_end=False)
    assert plan.segments == (
        Segment(0, 0, 4, (3,)),
        Segment(5, 5, 9, (7, 8)),
        Segment(10, 10, 12, (12,)),
    )
    assert plan.unchecked == (12,)
    assert (
        "runs 13 iterations again (9 only to get there or to compare), from 3 checkpoints"
        in (str(plan))
    )
    assert "not checked, as no checkpoint follows: 12" in str(plan)


def test_segments_are_shared_so_that_all_workers_end_together():
    plan = replay_plan(run(), checkpoints(*range(20)), None, at_end=False, workers=4)
    assert [sum(s.runs for s in worker) for worker in plan.workers] == [5, 5, 5, 5]
    assert sorted(k for s in plan.segments for k in s.wanted) == list(range(20))
    assert plan.seconds == pytest.approx(52.1)


def test_a_damaged_checkpoint_is_passed_over():
    plan = replay_plan(run(), checkpoints(0, 5, 10), [7], at_end=False, damaged={5})
    assert plan.segments[0].start == 0


def test_what_comes_before_the_first_checkpoint_is_computed_and_compared():
    plan = replay_plan(run(), checkpoints(9), [2], at_end=False)
    assert plan.segments == (Segment(None, 0, 8, (2,)),)
    assert plan.unchecked == ()


def test_what_no_program_can_lead_to_is_refused():
    with pytest.raises(CannotReplay, match="Iterations 2 of run 3 come before"):
        replay_plan(run(entry=1), checkpoints(9), [2], at_end=False)


def test_iterations_that_there_are_not():
    with pytest.raises(UnknownRun, match="iterations 0 to 19, not 20-21, 25"):
        replay_plan(run(), checkpoints(0), [3, 20, 21, 25], at_end=False)
