"""Going on in the live kernel from where a run was saved last."""

from __future__ import annotations

import ast
import pickle
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.errors import CannotReplay
from jupyter_slicer.hindsight.frames import (
    is_module_level,
    read_locals,
    shared_cells,
    write_locals,
)
from jupyter_slicer.hindsight.generators import restore_ambient
from jupyter_slicer.hindsight.held_by_text import put_back
from jupyter_slicer.hindsight.loops import Loop, loops_of
from jupyter_slicer.hindsight.lost import Lost, whole
from jupyter_slicer.hindsight.recording import digest_of_text
from jupyter_slicer.hindsight.replays import restored
from jupyter_slicer.hindsight.runs import Checkpoint, Run, RunStore
from jupyter_slicer.hindsight.surroundings import Piece, SurroundingsProgram
from jupyter_slicer.values import value_digest


@dataclass
class Resume:
    """A loop that, when it is come to, begins at a checkpoint."""

    store: RunStore
    run: Run
    checkpoint: Checkpoint
    first: Checkpoint
    """What the statement with the loop finds when it begins."""
    turns: dict[tuple[str, int], int]
    """Of the loops around it, which are gone on with from there."""
    loop: str
    """What the loop says, as a dump of its syntax tree."""

    def is_for(self, loop: Loop) -> bool:
        return ast.dump(loop) == self.loop

    @property
    def keeps_iterator(self) -> bool:
        return bool(self.run.names.get("iterator", True))

    def before_items(self) -> None:
        """Generators as they were when the loop asked for its items."""
        kept = self.run.surroundings.get("generators")
        if kept and not self.keeps_iterator:
            restore_ambient(pickle.loads(self.store.blobs.get(*kept)))

    def _compare(self, loop: Loop, last: object, state: Mapping[str, Any]) -> None:
        """The item that the loop's variable held must have come again."""
        if self.checkpoint.number and last is _NOTHING:
            raise CannotReplay(_ANOTHER_WAY.format(run=self.run.id))
        rebound = statement_facts(loop.body).defines
        for name, item in _items_of(loop, last).items():
            kept = state.get(name, last)
            if name in rebound or type(kept) is Lost:
                continue
            a, b = value_digest(kept), value_digest(item)
            if a.digest != b.digest:
                raise CannotReplay(_ANOTHER_WAY.format(run=self.run.id))

    def take_over(
        self, frame: types.FrameType, items: Iterator[Any], loop: Loop
    ) -> Iterator[Any]:
        """Put the state into the frame; gives the iterator, standing where it stood."""
        namespace = frame.f_globals
        last: Any = _NOTHING
        if not self.keeps_iterator:
            for _ in range(self.checkpoint.number):
                last = next(items, _NOTHING)
        scopes = {"globals": namespace}
        if not is_module_level(frame):
            scopes["locals"] = read_locals(frame)
        state = restored(self.store, self.checkpoint, namespace, shared_cells(frame), scopes)
        if not self.keeps_iterator:
            self._compare(loop, last, {**state["globals"], **state["locals"]})
        namespace.update(whole(state["globals"]))
        if not is_module_level(frame):
            write_locals(frame, whole(state["locals"]))
        put_back(state.get("held", {}), namespace)
        restore_ambient(state["ambient"])
        found: Iterator[Any] = state["iterator"] if self.keeps_iterator else items
        return found


def _items_of(loop: Loop, item: Any) -> dict[str, Any]:
    """What a loop's variables hold of an item, as far as that is plain to see."""
    target = loop.target if isinstance(loop, ast.For) else None
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple) and type(item) in (list, tuple):
        pairs = zip(target.elts, item, strict=False)
        return {n.id: value for n, value in pairs if isinstance(n, ast.Name)}
    return {}


_NOTHING = object()
_ANOTHER_WAY = (
    "What the loop of run {run} goes over cannot be kept, and begun again it gives other items "
    "than it gave in the run. Going on would not be the same run."
)


def resume_of(store: RunStore, run: Run, texts: Sequence[str]) -> Resume:
    """From the latest checkpoint. Raises ``CannotReplay`` where there is nothing to do."""
    if run.outcome == "done":
        raise CannotReplay(f"Run {run.id} came to its end; there is nothing to go on with.")
    found = [c for c in store.checkpoints(run.id) if not c.ending]
    if not found:
        raise CannotReplay(f"Run {run.id} has no checkpoint to go on from.")
    if run.entry:
        raise CannotReplay(
            f"The statement of run {run.id} came to its loop {run.entry + 1} times; only the "
            "first time can be gone on with."
        )
    around = run.surroundings.get("around", ())
    if not all(kept for *_, kept in around):
        raise CannotReplay(
            f"Run {run.id} is one turn of a loop in a function, whose variables are not kept."
        )
    turns = {(digest, ordinal): index for digest, ordinal, index, _ in around}
    first = found[-1] if run.names.get("iterator", True) else found[0]
    return Resume(store, run, found[-1], first, turns, ast.dump(_loop(run, texts)))


def _loop(run: Run, texts: Sequence[str]) -> Loop:
    for text in (run.source, *texts):
        tree = ast.parse(text)
        if digest_of_text(tree) == run.loop_source:
            return [loop for loop, _ in loops_of(tree)][run.ordinal]
    raise CannotReplay(f"The text of the loop of run {run.id} is not known any more.")


def statement_text(program: SurroundingsProgram, piece: Piece) -> str:
    """The text of a piece of the program, to be run as a cell."""
    text = program.texts[piece.text]
    if piece.position is None:
        return text
    statement = ast.parse(text).body[piece.position]
    first = min(
        [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))]
    )
    lines = text.split("\n")[first - 1 : statement.end_lineno]
    alone = "\n".join(lines)
    try:
        if len(ast.parse(alone).body) == 1:
            return alone
    except SyntaxError:
        pass
    return ast.unparse(statement)
