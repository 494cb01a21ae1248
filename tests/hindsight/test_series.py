"""Logged numbers as curves."""

import math

from jupyter_slicer.hindsight.runs import AFTER, RECORDED, Logged
from jupyter_slicer.hindsight.series import series_of, thinned


def logged(name, value, iteration, path=(), number=0, verdict=RECORDED):
    return Logged(1, iteration, path, name, value, number, verdict)


def test_numbers_of_an_iteration_share_its_stretch_of_the_axis():
    values = [logged("loss", 10.0 * e + s, e, (), s) for e in range(2) for s in range(4)]
    (found,) = series_of(values)
    assert [x for x, _ in found.points] == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    assert [y for _, y in found.points] == [0, 1, 2, 3, 10, 11, 12, 13]


def test_what_the_run_has_logged_counts_more_than_what_a_replay_gave():
    recorded = [logged("loss", float(e), e) for e in range(3)]
    replayed = [logged("loss", 9.0, e, verdict="different") for e in range(5)]
    (found,) = series_of(recorded + replayed)
    assert [y for _, y in found.points] == [0, 1, 2, 9, 9]


def test_steps_that_nobody_counted_in_the_run_are_the_replays_steps():
    recorded = [logged("loss", 1.0, 0, (), s) for s in range(3)]
    replayed = [logged("loss", 2.0, 0, (s,), verdict="same") for s in range(3)]
    (found,) = series_of(recorded + replayed)
    assert [y for _, y in found.points] == [1, 1, 1]


def test_what_is_no_number_has_no_place_on_a_curve():
    values = [
        logged("text", "a", 0),
        logged("before", 1.0, None),
        logged("after", 1.0, None, AFTER),
        logged("odd", math.nan, 0),
        logged("odd", math.inf, 1),
        logged("odd", 10**400, 2),
        logged("odd", True, 3),
    ]
    (found,) = series_of(values)
    assert found.points == ((0, None), (1, None), (2, None), (3, 1.0))


def test_a_long_curve_is_thinned_and_keeps_its_peaks():
    points = [(float(n), math.sin(n / 1000)) for n in range(100_000)]
    points[54_321] = (54_321.0, 7.0)
    points[77_777] = (77_777.0, None)
    found = thinned(points, 1000)
    assert len(found) <= 1000
    assert (54_321.0, 7.0) in found
    assert [x for x, _ in found] == sorted(x for x, _ in found)
    (series,) = series_of([logged("y", y, int(x)) for x, y in points if y is not None])
    assert len(series.points) <= 1000
    assert series.total == 99_999
