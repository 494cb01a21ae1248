"""Whether an edit only logs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.edit import Changed, Edit, Moved
from jupyter_slicer.hindsight.edits.effects import Effects, Finding, Frame
from jupyter_slicer.hindsight.edits.log_calls import is_shown, wraps_of
from jupyter_slicer.hindsight.edits.surroundings import Surroundings, surroundings_of
from jupyter_slicer.hindsight.edits.syntax import MODULE, Cell, Function, Statement

_MOST_WALKS = 6


@dataclass(frozen=True, slots=True)
class Offence:
    """Something in an edit that may make training do something else."""

    line: int
    """In the edited text, from 1; for a removed statement, in the recorded one."""
    text: str
    """The line, or the statement that is gone."""
    why: str
    """A sentence that says what to do."""
    severity: Literal["offence", "caution"] = "offence"
    """A caution is not shown to do harm, and not shown to do none."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the text of an edit shows."""

    offences: tuple[Offence, ...]
    """Each makes training do something else."""
    cautions: tuple[Offence, ...]
    """What only the comparison of states can clear."""

    @property
    def log_only(self) -> bool:
        return not self.offences


def offences(
    edit: Edit,
    edited_source: str,
    *,
    definitions: Iterable[str] = (),
    names_elsewhere: Collection[str] = (),
) -> tuple[Offence, ...]:
    """Why an edit is not log-only; empty when nothing shows that it is not.

    ``definitions`` are texts of other cells whose functions, classes and imports the
    edited cell may use; ``names_elsewhere`` the variables that other cells have.
    """
    return judge(
        edit, edited_source, definitions=definitions, names_elsewhere=names_elsewhere
    ).offences


def judge(
    edit: Edit,
    edited_source: str,
    *,
    definitions: Iterable[str] = (),
    names_elsewhere: Collection[str] = (),
) -> Judgement:
    """Offences and cautions; see :func:`offences` for the arguments."""
    edited = Cell(edited_source)
    found = [
        *_of_changes(edit, edited),
        *_of_additions(edit, edited, tuple(definitions), frozenset(names_elsewhere)),
    ]
    found = sorted(dict.fromkeys(found), key=lambda o: o.line)
    return Judgement(
        tuple(o for o in found if o.severity == "offence"),
        tuple(o for o in found if o.severity == "caution"),
    )


# -- what was added --------------------------------------------------------------------------


def _of_additions(
    edit: Edit, edited: Cell, definitions: tuple[str, ...], names_elsewhere: frozenset[str]
) -> Iterator[Offence]:
    roots = [a.statement for a in edit.added] + [
        c.statement for c in edit.changed if _only_shows(c)
    ]
    effects = Effects(surroundings_of(edited, roots, definitions), names_elsewhere)
    runs = list(_runs(edited, sorted(roots)))
    frames: dict[int, Frame] = {MODULE: effects.frames[0]}
    learned = None
    for _ in range(_MOST_WALKS):
        effects.findings = {}
        effects.time = 0
        for run in runs:
            _walk(effects, edited, run, frames)
        now = [dict(f.values) for f in frames.values()]
        if now == learned:
            break
        learned = now
    lines = edited.lines
    for finding in effects.findings:
        yield _offence(finding, lines)
    for change in edit.changed:
        if change.wraps:
            yield from _of_wrap(change, edited, effects.known)


def _of_wrap(change: Changed, edited: Cell, known: Surroundings) -> Iterator[Offence]:
    """Around a value that training uses stands what gives it back: no function of the
    notebook's own that is called ``log``."""
    for call in wraps_of(edited.statements[change.statement].node):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        ours = known.imports.get(name, "jupyter_slicer").startswith("jupyter_slicer")
        if name in known.functions or name in known.origins or not ours:
            line = edited.lines[call.lineno - 1].strip()
            yield Offence(call.lineno, line, messages.other_wrap(name))


def _offence(finding: Finding, lines: list[str]) -> Offence:
    severity: Literal["offence", "caution"] = "offence" if finding.certain else "caution"
    return Offence(finding.line, lines[finding.line - 1].strip(), finding.why, severity)


def _runs(edited: Cell, roots: list[int]) -> Iterator[list[Statement]]:
    """Added statements that follow each other in a block."""
    run: list[Statement] = []
    for statement in (edited.statements[r] for r in roots):
        last = run[-1] if run else None
        follows = (
            last is not None
            and last.block == statement.block
            and last.position + 1 == statement.position
        )
        if run and not follows:
            yield run
            run = []
        run.append(statement)
    if run:
        yield run


def _walk(
    effects: Effects, edited: Cell, run: list[Statement], frames: dict[int, Frame]
) -> None:
    around = [s for s in edited.enclosing(run[0].index) if isinstance(s.node, Function)]
    effects.scope = around[-1].index if around else MODULE
    effects.frames = [frames[MODULE]]
    for function in around:
        if function.index not in frames:
            frames[function.index] = Frame(function.node, edited.locals[function.index])
        effects.frames.append(frames[function.index])
    owner = edited.statements[run[0].parent].node if run[0].parent != MODULE else None
    effects.in_class = owner.name if isinstance(owner, ast.ClassDef) else ""
    effects.run([s.node for s in run])


def _only_shows(change: Changed) -> bool:
    """Whether a statement printed or logged, and still does nothing else."""
    return _is_show(change.recorded_text) and _is_show(change.text)


def _is_show(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return False
    return len(body) == 1 and (is_shown(body[0]) or _says_nothing(body[0]))


def _says_nothing(node: ast.stmt) -> bool:
    """``pass``, or a text that documents."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


# -- what was not added ----------------------------------------------------------------------


def _of_changes(edit: Edit, edited: Cell) -> Iterator[Offence]:
    lines = edited.lines
    for change in edit.changed:
        if not change.wraps and not _only_shows(change):
            yield Offence(change.line, change.text, _why_changed(change))
    for old, new in edit.renamed.items():
        line = next((n for n, text in enumerate(lines, 1) if new in text), 1)
        yield Offence(line, lines[line - 1].strip(), messages.renamed(old, new))
    for move in edit.moved:
        yield _of_move(move, edit, edited)
    for gone in edit.removed:
        harmless = _is_show(gone.text)
        why = (
            messages.removed_log(gone.text) if harmless else messages.removed(_first(gone.text))
        )
        yield Offence(gone.line, gone.text, why, "caution" if harmless else "offence")


def _why_changed(change: Changed) -> str:
    if change.literals:
        was, now = change.literals[0]
        return messages.hyperparameter(was, now, change.text)
    return messages.changed(change.recorded_text)


def _of_move(move: Moved, edit: Edit, edited: Cell) -> Offence:
    statement = edited.statements[move.statement]
    added = {a.statement for a in edit.added}
    for around in reversed(list(edited.enclosing(move.statement))):
        if around.index in added:
            why = messages.wrapped(_first(move.text), edited.header(around))
            return Offence(move.line, move.text, why)
    if move.past_definitions or is_shown(statement.node):
        return Offence(
            move.line, move.text, messages.moved_definition(_first(move.text)), "caution"
        )
    return Offence(move.line, move.text, messages.moved(_first(move.text), move.recorded_line))


def _first(text: str) -> str:
    return text.splitlines()[0]
