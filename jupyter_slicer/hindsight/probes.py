"""What was added to a recorded text, and where it stands to the recorded loop."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from jupyter_slicer.analysis.facts import PURE_BUILTINS, statement_facts
from jupyter_slicer.hindsight.edits import compare
from jupyter_slicer.hindsight.edits.edit import Added, Changed, Edit
from jupyter_slicer.hindsight.edits.log_calls import (
    is_log,
    is_shown,
    is_wrap,
    own_nodes,
    wraps_of,
)
from jupyter_slicer.hindsight.edits.syntax import (
    MODULE,
    Block,
    Cell,
    header_only,
    local_names,
)
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

    below: tuple[str, ...] = ()
    """Variables that the loop changes below the lines ``at_end``, none of which reads them
    by name."""
    gathers: tuple[str, ...] = ()
    """Those of them that something is put into."""
    early: tuple[int, ...] = ()
    """Statements of the run's cell, by their place in it, that log now and stand before the
    one with the loop: the loop may not need them."""

    def starts(self, recorded: str) -> list[tuple[int, int]]:
        """Line and column of each added statement of a text."""
        return self._starts(recorded, (a.statement for a in self.edits[recorded].added))

    def marks(self, recorded: str) -> list[tuple[int, int]]:
        """Line and column of each statement of a text that was there and logs now."""
        return self._starts(recorded, (c.statement for c in _new_logs(self.edits[recorded])))

    def _starts(self, recorded: str, numbers: Iterable[int]) -> list[tuple[int, int]]:
        cell = Cell(self.texts[recorded])
        nodes = (cell.statements[n].node for n in numbers)
        return [(n.lineno, n.col_offset) for n in nodes]

    def functions(self, recorded: str) -> list[tuple[str, int, int]]:
        """Functions of a text that say something else now: name, and the line in which they
        began and begin."""
        trees = ast.parse(recorded), ast.parse(self.texts[recorded])
        starts = set(self.starts(recorded))
        added = {
            id(inner)
            for node in ast.walk(trees[1])
            if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in starts
            for inner in ast.walk(node)
        }
        was, now = (
            [n for n in ast.walk(t) if isinstance(n, _CODES) and id(n) not in added]
            for t in trees
        )
        if len(was) != len(now):
            return []
        return [
            (getattr(a, "name", "<lambda>"), _first_line(a), _first_line(b))
            for a, b in zip(was, now, strict=True)
            if ast.dump(a) != ast.dump(b)
        ]

    def nodes(self, recorded: str) -> list[ast.stmt]:
        """What logs now, as syntax trees without blocks that were there."""
        cell = Cell(self.texts[recorded])
        edit = self.edits[recorded]
        whole = [cell.statements[a.statement].node for a in edit.added]
        return whole + [header_only(cell.statements[c.statement].node) for c in _new_logs(edit)]


NO_PROBE = Probe({}, {}, False, False)
"""Nothing was added."""


def _new_logs(edit: Edit) -> Iterator[Changed]:
    """Recorded statements that log what they did not: ``loss = log("loss", f(x))``."""
    for change in edit.changed:
        if change.wraps or _is_log(change.text):
            yield change


def _is_log(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return False
    return len(body) == 1 and is_shown(body[0])


def probe_of(run: Run, texts: Mapping[str, str], others: Collection[str] = ()) -> Probe:
    """``texts``: recorded texts and what became of them; ``others``: the run's other texts."""
    changed = {old: new for old, new in texts.items() if old != new}
    edits = {old: compare(old, new) for old, new in changed.items()}
    added = [(old, a) for old, edit in edits.items() for a in edit.added]
    new = added + [(old, c) for old, edit in edits.items() for c in _new_logs(edit)]
    names = tuple(dict.fromkeys(n for edit in edits.values() for n in edit.names_logged))
    reached = _reached_names(run, texts, others, [a.text for _, a in added])
    bodies = _bodies([ast.parse(text) for text in {**dict.fromkeys(others), **texts}])
    for text_now in texts.values():
        bodies.update(_bodies([ast.parse(text_now)]))
    placed: dict[str, list[Added | Changed]] = {place: [] for place in _PLACES}
    ends: list[str | None] = []
    below: dict[str, None] = {}
    gathers: dict[str, None] = {}
    spans, early = [], []
    for old, one in sorted(new, key=lambda n: n[1].line):
        text = _Text.of(run, old, changed[old], edits[old])
        places = _places(run, old, text, one, reached)
        for place in places:
            placed[place].append(one)
        if "inside" in places:
            ends.append(_at_end(text, one, bodies))
            for later in _below(text, one):
                facts = statement_facts(later)
                put_into = dict.fromkeys(_gathered(later))
                gathers |= put_into
                below |= dict.fromkeys(facts.defines | facts.deletes) | put_into
        if places == ("after",):
            spans.append((old, one.line, one.end_line))
        if "before" in places and old == run.source:
            early += _top_level(old, one) if isinstance(one, Changed) else _around(text, one)
    if not all(edit.only_adds for edit in edits.values()):
        ends = []  # the iterations are others now
    around = placed["around"]
    return Probe(
        changed, edits, bool(placed["before"] or around), bool(placed["inside"]),
        cast("tuple[str, ...]", tuple(ends)) if all(ends) else (),
        tuple(a.text for a in (*placed["after"], *around)), tuple(spans), names,
        tuple(below), tuple(gathers), tuple(n for n in early if n < run.position),
    )  # fmt: skip


_PLACES = ("before", "inside", "after", "around", "text")


def _top_level(recorded: str, change: Changed) -> list[int]:
    """The statement of a cell in which a recorded statement stands."""
    line = change.recorded_line
    return [
        n
        for n, s in enumerate(ast.parse(recorded).body)
        if s.lineno <= line <= (s.end_lineno or 0)
    ]


def _around(text: _Text, added: Added) -> list[int]:
    """The recorded statement of a cell in which an added one stands."""
    node = text.cell.statements[added.statement].node
    recorded = [s for s in text.cell.tree.body if id(s) not in text.added]
    return [n for n, s in enumerate(recorded) if any(inner is node for inner in ast.walk(s))]


def _reached_names(
    run: Run, texts: Mapping[str, str], others: Collection[str], added: Iterable[str]
) -> frozenset[str] | None:
    """Names that the loop's body mentions, or what it may call; None where nobody knows
    the text of the loop."""
    trees = [ast.parse(text) for text in {**dict.fromkeys(others), **texts}]
    loop = next((_loop_of(run, t) for t in trees if digest_of_text(t) == run.loop_source), None)
    if loop is None:
        return None
    bodies = _bodies([*trees, *(ast.parse(text) for text in texts.values())])
    found: set[str] = set()
    waiting = [n for node in (loop, *map(ast.parse, added)) for n in _mentioned(node)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (n for body in bodies.get(name, ()) for n in _mentioned(body))
    return frozenset(found)


def _bodies(trees: Iterable[ast.Module]) -> dict[str, list[ast.AST]]:
    """Functions and classes of some texts, by name."""
    found: dict[str, list[ast.AST]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                found.setdefault(node.name, []).append(node)
    return found


def _reads(said: str, bodies: Mapping[str, Iterable[ast.AST]]) -> set[str]:
    """Variables that a line reads, and those that functions read which it may call."""
    found = set(statement_facts(ast.parse(said).body).mentions)
    waiting, seen = list(_mentioned(ast.parse(said))), set[str]()
    while waiting:
        name = waiting.pop()
        for body in bodies.get(name, ()) if name not in seen else ():
            own = local_names(body) if isinstance(body, _FUNCTIONS) else frozenset[str]()
            found |= {n.id for n in ast.walk(body) if isinstance(n, ast.Name)} - own
            waiting += _mentioned(body)
        seen.add(name)
    return found


def _loop_of(run: Run, tree: ast.Module, added: Collection[int] = ()) -> Loop | None:
    loops = [loop for loop, _ in loops_of(tree, added)]
    return loops[run.ordinal] if run.ordinal < len(loops) else None


def _mentioned(node: ast.AST) -> Iterable[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


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


def _places(
    run: Run,
    recorded: str,
    text: _Text,
    one: Added | Changed,
    reached: frozenset[str] | None,
) -> tuple[str, ...]:
    """Where what is new is run."""
    node = text.cell.statements[one.statement].node
    if isinstance(one, Changed):
        if _is_put_off(node):
            return ("inside", "around")
        if node is text.loop:
            # What it goes over is asked for once, a test at each turn.
            return ("before",) if isinstance(node, ast.For) else ("inside",)
        if text.loop is None or not any(n is text.loop for n in ast.walk(node)):
            target = Cell(recorded).blocks[_BODY][run.position].index
            if recorded == run.source and one.recorded_statement == target:
                return _beside_a_call(node)
    return (_place(run, recorded, text, node, isinstance(one, Added), reached),)


_BODY = Block(MODULE, "body")


def _beside_a_call(node: ast.stmt) -> tuple[str, ...]:
    """In the statement that leads to the loop by one of its calls: ``log`` around all of
    them comes after it, one that is inside all of them before."""
    calls = {id(n) for n in own_nodes(node) if isinstance(n, ast.Call) and not is_wrap(n)}
    found = set()
    for wrap in wraps_of(node):
        inside = {id(n) for n in ast.walk(wrap)} & calls
        around = {id(n) for n in own_nodes(node) if id(n) in calls and _holds(n, wrap)}
        if inside != calls:
            found.add("before")
        if around != calls:
            found.add("after")
    return tuple(sorted(found))


def _holds(node: ast.AST, inner: ast.AST) -> bool:
    return any(n is inner for n in ast.walk(node))


def _is_put_off(node: ast.stmt) -> bool:
    """Whether it is not the statement that runs a call which is new in it, but what calls a
    function without a name."""
    late = [n for n in own_nodes(node) if isinstance(n, (ast.Lambda, ast.GeneratorExp))]
    return any(is_wrap(inner) for one in late for inner in ast.walk(one))


def _place(
    run: Run,
    recorded: str,
    text: _Text,
    node: ast.stmt,
    is_new: bool,
    reached: frozenset[str] | None,
) -> str:
    """``before``, ``inside`` or ``after`` the loop; ``text`` for definitions that only
    the others need. A function that the loop may call counts as inside; one that it does
    not is ``around``: nobody can tell when it is called."""
    loop = text.loop
    if loop is not None and any(inner is node for inner in ast.walk(loop)):
        return "inside"
    function = text.function_of(node)
    if loop is not None and function is text.function_of(loop):
        if is_new and function is None and isinstance(node, _DEFINITIONS):
            return "text"
        return "before" if node.lineno < loop.lineno else "after"
    if function is not None:
        name = getattr(function, "name", "")
        called = reached is None or name in reached or name.startswith("__")
        return "inside" if called else "around"
    if recorded != run.source or (is_new and isinstance(node, _DEFINITIONS)):
        return "text"
    target = ast.parse(recorded).body[run.position]
    line = compare(recorded, text.cell.source).lines.get(target.lineno, 0)
    return "before" if node.lineno < line else "after"


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CODES = (*_FUNCTIONS, ast.Lambda)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)


def _first_line(function: ast.AST) -> int:
    """As its code counts: with its decorators."""
    parts: list[ast.expr] = getattr(function, "decorator_list", [])
    return min([int(getattr(function, "lineno", 0)), *(part.lineno for part in parts)])


def _below(text: _Text, one: Added | Changed) -> list[ast.stmt]:
    """Recorded statements that follow in an iteration."""
    statement = text.cell.statements[one.statement]
    if text.loop is None or not any(statement.node is s for s in text.loop.body):
        return []
    later = text.loop.body[statement.position + 1 :]
    return [s for s in later if id(s) not in text.added]


def _at_end(
    text: _Text, one: Added | Changed, bodies: Mapping[str, Iterable[ast.AST]]
) -> str | None:
    """What gives the same in the state after the iteration, if anything does."""
    statement = text.cell.statements[one.statement]
    loop = text.loop
    if loop is None or not any(statement.node is s for s in loop.body):
        return None
    if any(isinstance(n, ast.Continue) for s in loop.body for n in _own_level(s)):
        return None
    said = one.text if isinstance(one, Added) else _said_again(statement.node)
    if said is None:
        return None
    read = _reads(said, bodies)
    return said if all(_leaves_alone(s, read) for s in _below(text, one)) else None


def _said_again(node: ast.stmt) -> str | None:
    """What ``loss = log("loss", f(x))`` logs is in ``loss`` afterwards; a log line reads
    variables anyway."""
    if is_shown(node):
        return ast.unparse(node)
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
            pass
        case _:
            return None
    alone = is_wrap(call) and is_log(call) and len(wraps_of(node)) == 1
    return f"log({ast.unparse(call.args[0])}, {name})" if alone else None


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


def _gathered(statement: ast.stmt) -> Iterable[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(ast.Name(owner), method)) if method in _GATHERING:
                yield owner


def _is_harmless(call: ast.Call, read: set[str]) -> bool:
    match call.func:
        case ast.Name(name):
            return name in PURE_BUILTINS or name in _SAYING
        case ast.Attribute(ast.Name(owner), method):
            return method in _GATHERING and owner not in read
    return False
