"""What was added to a recorded text, and where it stands to the recorded loop."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jupyter_slicer.analysis.facts import PURE_BUILTINS, statement_facts
from jupyter_slicer.hindsight.edits import compare
from jupyter_slicer.hindsight.edits.edit import Added, Edit
from jupyter_slicer.hindsight.edits.syntax import Cell
from jupyter_slicer.hindsight.loops import Loop, loops_of
from jupyter_slicer.hindsight.runs import Run

_SAYING = frozenset(("print", "log", "display"))
_GATHERING = frozenset(("append", "extend", "add", "update", "setdefault"))


@dataclass(frozen=True, slots=True)
class Probe:
    """Log lines added to the texts of a run."""

    texts: Mapping[str, str]
    """Each text that was edited, as it was recorded and as it is now."""
    edits: Mapping[str, Edit]
    before: bool
    """Whether something stands before the loop, in its cell."""
    inside: bool
    at_end: tuple[str, ...] = ()
    """The added statements, where all of them stand at the end of an iteration and need
    only its state."""
    after: tuple[str, ...] = ()
    """Lines after the loop, which are not replayed."""
    names: tuple[str, ...] = field(default=())
    """Names logged."""

    def starts(self, recorded: str) -> list[tuple[int, int]]:
        """Line and column of each added statement of a text."""
        cell = Cell(self.texts[recorded])
        nodes = (cell.statements[a.statement].node for a in self.edits[recorded].added)
        return [(n.lineno, n.col_offset) for n in nodes]


NO_PROBE = Probe({}, {}, False, False)
"""Nothing was added."""


def probe_of(run: Run, texts: Mapping[str, str]) -> Probe:
    """``texts``: recorded texts and what became of them."""
    changed = {old: new for old, new in texts.items() if old != new}
    edits = {old: compare(old, new) for old, new in changed.items()}
    added = [(old, a) for old, edit in edits.items() for a in edit.added]
    names = tuple(dict.fromkeys(n for _, a in added for n in a.names_logged))
    loop = _loop_of(run)
    placed: dict[str, list[Added]] = {"before": [], "after": [], "inside": [], "text": []}
    at_end = []
    for old, one in added:
        place = _place(run, old, new_text=changed[old], added=one)
        placed[place].append(one)
        if place == "inside":
            at_end.append(
                old == run.source and loop is not None
                and _stands_at_end(one, run, changed[old], edits[old])
            )  # fmt: skip
    ends = tuple(a.text for a in placed["inside"]) if at_end and all(at_end) else ()
    return Probe(
        changed, edits, bool(placed["before"]), bool(placed["inside"]), ends,
        tuple(a.text for a in placed["after"]), names,
    )  # fmt: skip


def _loop_of(run: Run) -> Loop | None:
    """The recorded loop, where it stands in its cell's own text."""
    from jupyter_slicer.hindsight.recording import digest_of_text

    tree = ast.parse(run.source)
    if digest_of_text(tree) != run.loop_source:
        return None
    return [loop for loop, _ in loops_of(tree)][run.ordinal]


def _place(run: Run, recorded: str, new_text: str, added: Added) -> str:
    """``before``, ``inside`` or ``after`` the loop; ``text`` for definitions that only
    the others need."""
    if added.path:
        return "inside"
    if recorded != run.source:
        return "text"
    target = ast.parse(recorded).body[run.position]
    cell = Cell(new_text)
    node = cell.statements[added.statement].node
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
        return "text"
    line = compare(recorded, new_text).lines.get(target.lineno, 0)
    return "before" if node.lineno < line else "after"


def _stands_at_end(added: Added, run: Run, text: str, edit: Edit) -> bool:
    """Whether the state after the iteration is what an added statement would see."""
    cell = Cell(text)
    statement = cell.statements[added.statement]
    owner = cell.statements[statement.parent].node if statement.parent >= 0 else None
    if not isinstance(owner, (ast.For, ast.While)) or added.path[-1].kind == "function":
        return False
    numbers = {id(node): n for n, (node, _) in enumerate(loops_of(cell.tree, _ids(cell, edit)))}
    if numbers.get(id(owner)) != run.ordinal or statement.node not in owner.body:
        return False
    if any(isinstance(n, ast.Continue) for s in owner.body for n in _own_level(s)):
        return False
    later = owner.body[statement.position + 1 :]
    ours = {id(cell.statements[a.statement].node) for a in edit.added}
    read = statement_facts(statement.node).mentions
    return all(id(s) in ours or _leaves_alone(s, read) for s in later)


def _ids(cell: Cell, edit: Edit) -> list[int]:
    return [id(cell.statements[a.statement].node) for a in edit.added]


def _own_level(statement: ast.stmt) -> Iterable[ast.AST]:
    """A statement's parts, without those of loops inside it, whose ``continue`` is theirs."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.For, ast.While, ast.AsyncFor)):
            stack.extend(ast.iter_child_nodes(node))


def _leaves_alone(statement: ast.stmt, read: Iterable[str]) -> bool:
    """Whether a statement certainly changes nothing that is read."""
    facts = statement_facts(statement)
    changed = facts.defines | facts.deletes | {a.name for a in facts.stores}
    if changed & set(read) or facts.awaits:
        return False
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.With, ast.FunctionDef)):
            return False
        if isinstance(node, ast.Call) and not _is_harmless(node, set(read)):
            return False
    return True


def _is_harmless(call: ast.Call, read: set[str]) -> bool:
    match call.func:
        case ast.Name(name):
            return name in PURE_BUILTINS or name in _SAYING
        case ast.Attribute(ast.Name(owner), method):
            return method in _GATHERING and owner not in read
    return False
