"""What a statement reads and does beyond its own text: in functions, strings, namespaces.

``train(3)`` reads the ``lr`` that the body of ``train`` names, ``df.query("a > @lim")``
reads ``lim``, ``locals()`` reads everything, and under ``redirect_stdout`` a ``print`` in
whatever function makes a value.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping

from jupyter_slicer.analysis.tree import DEFINITIONS, kinds, names_in, nodes_in, remembered

ANY = "*"
"""Stands for a function that the text does not name."""

NAMESPACES = frozenset("eval exec locals globals vars".split())
_TAKES_OUTPUT = frozenset(
    "redirect_stdout redirect_stderr capture_output stdout stderr addHandler StreamHandler "
    "FileHandler MemoryHandler QueueHandler".split()
)
_LOGS_TO = frozenset("stream filename handlers".split())
_AT = re.compile(r"@([^\W\d]\w*)")


def names_behind(statements: Iterable[ast.stmt]) -> Mapping[str, frozenset[str]]:
    """For each function, method and class of a session, the globals that running it reads.

    Versions of one name count together, and so do methods of one name; ``ANY`` is all.
    """
    direct: dict[str, set[str]] = {}
    defining = [s for s in statements if kinds(s) & DEFINITIONS]
    for node in (n for s in defining for n in nodes_in(s)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            direct.setdefault(node.name, set()).update(free_names(node))
        elif isinstance(node, ast.ClassDef):
            special = [m for m in node.body if getattr(m, "name", "").startswith("__")]
            direct.setdefault(node.name, set()).update(
                n for m in special for n in free_names(m)
            )
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    direct.setdefault(target.id, set()).update(free_names(node.value))
        elif isinstance(node, ast.Lambda):
            direct.setdefault(ANY, set()).update(free_names(node))
    direct[ANY] = set().union(*direct.values())
    changed = True
    while changed:
        changed = False
        for found in direct.values():
            more = set().union(*(direct.get(n, ()) for n in found)) - found
            changed = changed or bool(more)
            found |= more
    return {name: frozenset(found) for name, found in direct.items()}


@remembered
def free_names(code: ast.AST) -> frozenset[str]:
    """Names that functions in some code, or the function that it is, read from outside.

    A method called in it may be any of its name: attributes count as names.
    """
    free: set[str] = set()
    for node in nodes_in(code) if kinds(code) & DEFINITIONS else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            nodes = list(nodes_in(node))
            used = [n for n in nodes if isinstance(n, ast.Name)]
            shared = {
                g for n in nodes if isinstance(n, ast.Global | ast.Nonlocal) for g in n.names
            }
            own = {n.id for n in used if isinstance(n.ctx, ast.Store)}
            own |= {a.arg for a in nodes_in(node.args) if isinstance(a, ast.arg)}
            free |= {n.id for n in used} - own
            free |= shared
            free |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
            free |= {name for n in nodes for name in names_in_text(n)}
    return frozenset(free)


def names_in_text(node: ast.AST) -> set[str]:
    """Variables that pandas takes from the text of a query."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "@" in node.value:
        return set(_AT.findall(node.value))
    return set()


def reads_namespace(trees: Iterable[ast.AST]) -> bool:
    return any(names_in(tree) & NAMESPACES for tree in trees)


def names_used(nodes: Iterable[ast.AST], behind: Mapping[str, frozenset[str]]) -> set[str]:
    """What some syntax reads through functions and texts, besides the names in it."""
    used: set[str] = set()
    for node in nodes:
        used |= names_in_text(node)
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(node, ast.Name | ast.Attribute) and name in behind:
            used |= behind[str(name)]
        elif isinstance(node, ast.Call) and _is_unknown(node.func, behind):
            used |= behind[ANY]
    return used


def _is_unknown(function: ast.expr, behind: Mapping[str, frozenset[str]]) -> bool:
    """Whether any function of the notebook may be the one that is called."""
    if isinstance(function, ast.Attribute):
        return False  # a method is known by its name
    if isinstance(function, ast.Name):
        return function.id not in behind and not hasattr(builtins, function.id)
    return True


def takes_output(statements: Iterable[ast.stmt]) -> bool:
    """Whether what is printed or logged becomes a value somewhere."""
    return any(map(_takes_output, statements))


def _is_file_input(function: ast.expr) -> bool:
    """``fileinput.input(inplace=True)`` prints into the file that it reads."""
    return "fileinput" in {
        n.id.lower() for n in ast.walk(function) if isinstance(n, ast.Name)
    } or (getattr(function, "attr", "") == "FileInput")


@remembered
def _takes_output(statement: ast.AST) -> bool:
    for node in nodes_in(statement):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(node, ast.Name | ast.Attribute) and name in _TAKES_OUTPUT:
            return True
        if isinstance(node, ast.alias) and node.name in _TAKES_OUTPUT:
            return True
        if isinstance(node, ast.Call):
            named = getattr(node.func, "attr", "")
            given = {k.arg for k in node.keywords}
            if "inplace" in given and _is_file_input(node.func):
                return True
            if named == "basicConfig" and _LOGS_TO & given:
                return True
            if named == "run_cell_magic" and getattr(node.args[0], "value", "") == "capture":
                return True
        if isinstance(node, ast.ClassDef) and any(
            getattr(b, "attr", getattr(b, "id", "")) == "Handler" for b in node.bases
        ):
            return True
    return False
