"""For every variable at the end of any session, its slice gives the session's value."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.properties.running import unsound_slices
from tests.properties.sessions import sessions

MANY = int(os.environ.get("PROPERTY_EXAMPLES", "3000"))
_usual = settings(
    max_examples=25, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip


def _check(cells):
    unsound = unsound_slices(cells)
    assert not unsound, str(unsound[0])


@pytest.mark.timeout(0)
@_usual
@given(sessions)
def test_slices_give_the_values_of_the_session(cells):
    _check(cells)


@pytest.mark.exhaustive
@pytest.mark.timeout(0)
@settings(_usual, max_examples=MANY, derandomize=False)
@given(sessions)
def test_slices_of_very_many_sessions(cells):
    _check(cells)
