"""For every variable at the end of any session, its slice gives the session's value."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.running import unsound_slices
from tests.properties.sessions import sessions

MANY = int(os.environ.get("PROPERTY_EXAMPLES", "3000"))
_usual = settings(
    max_examples=25, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip


class Told:
    """Cells that are not printed: hypothesis would go through all that they were made of,
    which takes minutes, and the failure shows them anyway."""

    def __init__(self, cells):
        self.cells = cells

    def __repr__(self):
        return f"{len(self.cells)} cells"


@st.composite
def told(draw):
    return Told(draw(sessions))


def _check(cells):
    unsound = unsound_slices(cells)
    assert not unsound, str(unsound[0])


@pytest.mark.timeout(0)
@_usual
@given(told())
def test_slices_give_the_values_of_the_session(session):
    _check(session.cells)


@pytest.mark.exhaustive
@pytest.mark.timeout(0)
@settings(_usual, max_examples=MANY, derandomize=False)
@given(told())
def test_slices_of_very_many_sessions(session):
    _check(session.cells)
