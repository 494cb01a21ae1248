"""Marks of variables whose origins were run again, edited or deleted."""

from jupyter_slicer.domain import (
    CellExecution,
    Dependence,
    DependenceKind,
    ExecutionId,
    StatementInstance,
    Step,
)
from jupyter_slicer.domain import location as locations
from jupyter_slicer.graph import Ancestry, Document
from jupyter_slicer.store.records import ExecutionRecord, LocationWrite, WriteKind


class Session:
    """Records of one-statement cells, each defining ``name`` from some others."""

    def __init__(self):
        self.ancestry = Ancestry()
        self.last = {}
        self.steps = 0

    def run(self, cell, name, *uses, update=False, writes=True, text=None):
        step = Step(self.steps)
        self.steps += 1
        text = text or f"{name} = {' + '.join(uses) or '1'}"
        before = [*uses, *([name] if update else [])]
        kind = WriteKind.UPDATE if update else WriteKind.DEFINITION
        place = locations.variable(name)
        seeds = (*(self.last.get(name, ()) if update else ()), step)
        if writes:
            self.last[name] = seeds
        self.ancestry.add(
            ExecutionRecord(
                CellExecution(ExecutionId(step), text, text, cell, step + 1),
                (StatementInstance(step, ExecutionId(step), 0),),
                tuple(
                    Dependence(source, step, DependenceKind.DATA, locations.variable(used))
                    for used in before
                    for source in self.last.get(used, ())
                    if source != step
                ),
                (LocationWrite(step, place, kind, (name,)),) if writes else (),
                seeds={name: seeds} if writes else {},
            )
        )

    def marks(self, edited=None, gone=()):
        found = self.ancestry.marks(
            sorted(self.ancestry.seeds), Document(edited or {}, frozenset(gone))
        )
        return {n: (m.stale is not None, m.orphaned is not None) for n, m in found.items()}


FRESH = (False, False)


def test_nothing_is_marked_at_first():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    assert session.marks() == {"x": FRESH, "y": FRESH}


def test_what_comes_from_a_cell_that_ran_again_is_stale_also_far_away():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    session.run("c", "z", "y")
    session.run("a", "x")
    assert session.marks() == {"x": FRESH, "y": (True, False), "z": (True, False)}
    session.run("b", "y", "x")
    assert session.marks() == {"x": FRESH, "y": FRESH, "z": (True, False)}
    session.run("c", "z", "y")
    assert set(session.marks().values()) == {FRESH}


def test_a_run_that_wrote_nothing_makes_nothing_stale():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    session.run("a", "x", writes=False)
    assert session.marks()["y"] == FRESH


def test_a_cell_that_adds_to_its_own_work_is_not_stale():
    session = Session()
    session.run("a", "x")
    for _ in range(3):
        session.run("b", "x", update=True)
    assert session.marks() == {"x": FRESH}


def test_edits_are_told_by_statement_not_by_cell():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    assert session.marks(edited={"a": "# now with a comment\nx = 1"})["y"] == FRESH
    assert session.marks(edited={"a": "x = 2"}) == {"x": (False, True), "y": (True, False)}


def test_a_cell_that_was_edited_and_run_orphans_what_it_no_longer_defines():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    session.run("a", "other", text="other = 1")
    assert session.marks() == {"other": FRESH, "x": (False, True), "y": (True, False)}


def test_deleted_cells_orphan_and_make_stale():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    assert session.marks(gone=["a"]) == {"x": (False, True), "y": (True, False)}
    assert session.marks(gone=["b"]) == {"x": FRESH, "y": (False, True)}


def test_a_console_has_no_cell_and_makes_nothing_stale():
    session = Session()
    session.run(None, "x")
    session.run("b", "y", "x")
    session.run(None, "x")
    assert session.marks()["y"] == FRESH


def test_marks_say_which_statement_it_is():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    session.run("a", "x")
    found = session.ancestry.marks(["y"])["y"].stale
    assert found == "x = 1 of In[1] was run again as In[3]"


def test_dependences_that_proved_unfounded_do_not_count():
    session = Session()
    session.run("a", "x")
    session.run("b", "y", "x")
    session.run("a", "x")
    assumed = Dependence(Step(0), Step(1), DependenceKind.DATA, locations.variable("x"))
    again = Ancestry()
    for step, name, cell in ((0, "x", "a"), (1, "y", "b"), (2, "x", "a")):
        again.add(
            ExecutionRecord(
                CellExecution(ExecutionId(step), f"{name} = 1", f"{name} = 1", cell, step + 1),
                (StatementInstance(Step(step), ExecutionId(step), 0),),
                (assumed,) if step == 1 else (),
                (
                    LocationWrite(
                        Step(step), locations.variable(name), WriteKind.DEFINITION, (name,)
                    ),
                ),
                seeds={name: (Step(step),)},
            ),
            without={assumed},
        )
    assert session.marks()["y"] == (True, False)
    assert again.marks(["y"])["y"].stale is None
