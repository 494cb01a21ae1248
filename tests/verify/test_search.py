"""Minimising and repairing are searches over sets; they need no process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_slicer.verify import minimise, repair

NEEDED = st.sets(st.integers(0, 40), max_size=6)


@given(NEEDED)
def test_minimising_keeps_what_is_needed_in_order(needed):
    kept = minimise(range(41), lambda units: needed <= set(units))
    assert kept == tuple(sorted(needed))


@given(
    st.sets(st.frozensets(st.integers(0, 12), min_size=1, max_size=3), min_size=1, max_size=4)
)
def test_no_single_unit_can_be_deleted(ways):
    def is_same(units):
        return any(way <= set(units) for way in ways)

    kept = minimise(range(13), is_same)
    assert is_same(kept)
    assert not any(is_same([u for u in kept if u != unit]) for unit in kept)


def test_minimising_tells_how_far_it_is():
    said = []
    minimise("abcd", lambda units: "c" in units, progress=said.append)
    assert said[0] == "4 of 4 left, fresh run 1"


@given(NEEDED)
def test_repair_finds_the_suspects_that_are_needed(needed):
    base = frozenset({100})
    found = repair(base, range(41), lambda units: needed <= units)
    assert found == base | needed


def test_repair_gives_up_when_all_suspects_together_do_not_help():
    asked = []
    assert repair(frozenset(), range(9), lambda units: bool(asked.append(units))) is None
    assert len(asked) == 1


@pytest.mark.parametrize("needed", [{3}, {500}, {999}, {10, 700}])
def test_repair_takes_few_runs(needed):
    asked = []

    def is_same(units):
        asked.append(units)
        return needed <= units

    assert repair(frozenset(), range(1000), is_same) == needed
    assert len(asked) <= 1 + 11 * len(needed) + len(needed)
