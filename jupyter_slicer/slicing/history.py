"""IPython's memory of inputs and outputs, in plain Python.

``_``, ``Out[3]`` and ``Out`` stand for values under the names ``_3`` that the program
gives them; ``_i`` and ``In[2]`` stand for texts that are known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from jupyter_slicer.domain import LocationKind, Replacement, Step
from jupyter_slicer.graph import DependenceGraph
from jupyter_slicer.slicing.text import end_of, place_of, statement_of

_LAST_OUTPUTS = ("_", "__", "___")
_LAST_INPUTS = ("_i", "_ii", "_iii")
_ASKS = re.compile(r"\b(_{1,3}|_i+|_i?\d+|_[io]h|In|Out)\b")


def is_display(name: str) -> bool:
    """``_3`` and the like: the value that cell 3 displayed."""
    return name.startswith("_") and name[1:].isdigit()


def history_replacements(graph: DependenceGraph, step: Step) -> Iterable[Replacement]:
    """What the parts of a statement that ask IPython's memory become."""
    execution = graph.executions[graph.instances[step].execution]
    if not _ASKS.search(execution.source):
        return
    places = [d.location for d in graph.dependences_of(step) if d.location is not None]
    names = {place.name for place in places if place.kind is LocationKind.VARIABLE}
    outputs = sorted((int(name[1:]) for name in names if is_display(name)), reverse=True)
    texts = {0: ""} | {
        e.count: e.raw.rstrip("\n") for e in graph.executions.values() if e.count is not None
    }
    lines = execution.source.split("\n")
    stack: list[ast.AST] = [statement_of(graph, step)]
    names.update(_bound_in(stack[0]))
    while stack:
        node = stack.pop()
        text = None
        if isinstance(node, ast.expr) and _root(node) not in names:  # else it is a variable
            text = _output(node, outputs)
            if text is None and execution.count is not None:
                text = _input(node, texts, execution.count)
        if text is not None and isinstance(node, ast.expr):
            yield Replacement(place_of(node, lines), end_of(node, lines), text)
        else:
            stack.extend(ast.iter_child_nodes(node))


def _bound_in(statement: ast.AST) -> Iterable[str]:
    """Names that it gives a value itself, in whatever scope."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def _root(node: ast.expr) -> str | None:
    node = node.value if isinstance(node, ast.Subscript) else node
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else None


def _output(node: ast.expr, outputs: list[int]) -> str | None:
    root, index = _root(node), _index(node)
    if root in _LAST_OUTPUTS and isinstance(node, ast.Name) and outputs:
        return f"_{outputs[min(len(node.id) - 1, len(outputs) - 1)]}"
    if root in ("Out", "_oh"):
        if index is not None:
            return f"_{index}"
        if isinstance(node, ast.Name):
            return "{" + ", ".join(f"{n}: _{n}" for n in sorted(outputs)) + "}"
    return None


def _input(node: ast.expr, texts: Mapping[int, str], count: int) -> str | None:
    root, index = _root(node), _index(node)
    number: int | None = None
    if isinstance(node, ast.Name) and root in _LAST_INPUTS:
        number = count - len(root) + 1
    elif isinstance(node, ast.Name) and root is not None and root[:2] == "_i":
        number = int(root[2:]) if root[2:].isdigit() else None
    elif root in ("In", "_ih") and index is not None:
        number = index if index >= 0 else count + 1 + index
    elif root in ("In", "_ih") and isinstance(node, ast.Name):
        whole = [texts.get(n) for n in range(count + 1)]
        return None if None in whole else repr(whole)
    found = texts.get(number) if number is not None else None
    return None if found is None else repr(found)


def _index(node: ast.expr) -> int | None:
    """The constant number in ``Out[3]`` or ``In[-2]``."""
    try:
        found = ast.literal_eval(node.slice) if isinstance(node, ast.Subscript) else None
    except ValueError:
        return None
    return found if type(found) is int else None
