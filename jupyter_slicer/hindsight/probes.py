"""What was added to a recorded text, and where it stands to the recorded loop."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from jupyter_slicer.analysis.facts import PURE_BUILTINS, statement_facts
from jupyter_slicer.hindsight.edits import compare
from jupyter_slicer.hindsight.edits.edit import Added, Edit
from jupyter_slicer.hindsight.edits.syntax import Cell
from jupyter_slicer.hindsight.loops import Loop, loops_of
from jupyter_slicer.hindsight.recording import digest_of_text
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
    """Added statements that run when the loop has ended."""
    spans: tuple[tuple[str, int, int], ...] = ()
    """Recorded text, first and last line of those that nothing in the loop comes to."""
    names: tuple[str, ...] = field(default=())
    """Names logged."""

    def starts(self, recorded: str) -> list[tuple[int, int]]:
        """Line and column of each added statement of a text."""
        cell = Cell(self.texts[recorded])
        nodes = (cell.statements[a.statement].node for a in self.edits[recorded].added)
        return [(n.lineno, n.col_offset) for n in nodes]


NO_PROBE = Probe({}, {}, False, False)
"""Nothing was added."""


def probe_of(run: Run, texts: Mapping[str, str], others: Collection[str] = ()) -> Probe:
    """``texts``: recorded texts and what became of them; ``others``: the run's other texts."""
    changed = {old: new for old, new in texts.items() if old != new}
    edits = {old: compare(old, new) for old, new in changed.items()}
    added = [(old, a) for old, edit in edits.items() for a in edit.added]
    names = tuple(dict.fromkeys(n for _, a in added for n in a.names_logged))
    reached = _reached_names(run, texts, others, [a.text for _, a in added])
    placed: dict[str, list[Added]] = {place: [] for place in _PLACES}
    at_end, spans = [], []
    for old, one in added:
        text = _Text.of(run, old, changed[old], edits[old])
        place = _place(run, old, text, one, reached)
        placed[place].append(one)
        if place == "inside":
            at_end.append(_stands_at_end(text, one))
        if place == "after":
            spans.append((old, one.line, one.end_line))
    if not all(_only_adds(edit) for edit in edits.values()):
        at_end = []  # the iterations are others now
    ends = tuple(a.text for a in placed["inside"]) if at_end and all(at_end) else ()
    around = placed["around"]
    return Probe(
        changed, edits, bool(placed["before"] or around), bool(placed["inside"]), ends,
        tuple(a.text for a in (*placed["after"], *around)), tuple(spans), names,
    )  # fmt: skip


_PLACES = ("before", "inside", "after", "around", "text")


def _reached_names(
    run: Run, texts: Mapping[str, str], others: Collection[str], added: Iterable[str]
) -> frozenset[str] | None:
    """Names that the loop's body mentions, or what it may call; None where nobody knows
    the text of the loop."""
    trees = [ast.parse(text) for text in {**dict.fromkeys(others), **texts}]
    loop = next((_loop_of(run, t) for t in trees if digest_of_text(t) == run.loop_source), None)
    if loop is None:
        return None
    bodies: dict[str, list[ast.AST]] = {}
    for tree in (*trees, *(ast.parse(text) for text in texts.values())):
        for node in ast.walk(tree):
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                bodies.setdefault(node.name, []).append(node)
    found: set[str] = set()
    waiting = [n for node in (loop, *map(ast.parse, added)) for n in _mentioned(node)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (n for body in bodies.get(name, ()) for n in _mentioned(body))
    return frozenset(found)


def _loop_of(run: Run, tree: ast.Module, added: Collection[int] = ()) -> Loop | None:
    loops = [loop for loop, _ in loops_of(tree, added)]
    return loops[run.ordinal] if run.ordinal < len(loops) else None


def _mentioned(node: ast.AST) -> Iterable[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _only_adds(edit: Edit) -> bool:
    return not (edit.removed or edit.changed or edit.moved or edit.renamed)


@dataclass(frozen=True)
class _Text:
    """An edited text, and where the recorded loop stands in it."""

    cell: Cell
    added: frozenset[int]
    """Ids of the statements that were added."""
    loop: Loop | None

    @staticmethod
    def of(run: Run, recorded: str, text: str, edit: Edit) -> _Text:
        cell = Cell(text)
        added = frozenset(id(cell.statements[a.statement].node) for a in edit.added)
        if digest_of_text(ast.parse(recorded)) != run.loop_source:
            return _Text(cell, added, None)
        return _Text(cell, added, _loop_of(run, cell.tree, added))

    def function_of(self, node: ast.AST) -> ast.AST | None:
        """The innermost function around a node."""
        found = None
        for function in ast.walk(self.cell.tree):  # outer ones come first
            if isinstance(function, _FUNCTIONS) and any(
                inner is node for statement in function.body for inner in ast.walk(statement)
            ):
                found = function
        return found


def _place(
    run: Run, recorded: str, text: _Text, added: Added, reached: frozenset[str] | None
) -> str:
    """``before``, ``inside`` or ``after`` the loop; ``text`` for definitions that only
    the others need. A function that the loop may call counts as inside; one that it does
    not is ``around``: nobody can tell when it is called."""
    node = text.cell.statements[added.statement].node
    loop = text.loop
    if loop is not None and any(inner is node for inner in ast.walk(loop)):
        return "inside"
    function = text.function_of(node)
    if loop is not None and function is text.function_of(loop):
        if function is None and isinstance(node, _DEFINITIONS):
            return "text"
        return "before" if node.lineno < loop.lineno else "after"
    if function is not None:
        name = getattr(function, "name", "")
        called = reached is None or name in reached or name.startswith("__")
        return "inside" if called else "around"
    if recorded != run.source or isinstance(node, _DEFINITIONS):
        return "text"
    target = ast.parse(recorded).body[run.position]
    line = compare(recorded, text.cell.source).lines.get(target.lineno, 0)
    return "before" if node.lineno < line else "after"


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)


def _stands_at_end(text: _Text, added: Added) -> bool:
    """Whether the state after the iteration is what an added statement would see."""
    statement = text.cell.statements[added.statement]
    loop = text.loop
    if loop is None or not any(statement.node is s for s in loop.body):
        return False
    if any(isinstance(n, ast.Continue) for s in loop.body for n in _own_level(s)):
        return False
    read = statement_facts(statement.node).mentions
    later = loop.body[statement.position + 1 :]
    return all(id(s) in text.added or _leaves_alone(s, read) for s in later)


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
