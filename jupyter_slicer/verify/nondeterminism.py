"""Where two runs of the same program can have gone apart: guesses from its text."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, Sequence

_CLOCK = {"time", "time_ns", "perf_counter", "monotonic", "process_time", "ctime", "localtime"}
_NOW = {"now", "utcnow", "today"}
_PARALLEL = {"threading", "concurrent", "multiprocessing", "joblib", "asyncio"}
_DRAWS = {"uuid1", "uuid4", "urandom", "getpid", "SystemRandom"}
_NETWORK = {"requests", "urllib", "httpx", "socket", "aiohttp"}


def sources(
    program: str, used: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """In words, most telling first. ``used`` are global generators that have drawn."""
    try:
        tree = ast.parse(program)
    except SyntaxError:
        return ()
    calls = _calls(tree)
    names = [name for name, _ in calls]
    found = [*_unseeded(calls, names, used), *_outside(names)]
    modules = set(_imported(tree))
    found += [f"threads or processes ({name})" for name in sorted(modules & _PARALLEL)]
    seed = (os.environ if environment is None else environment).get("PYTHONHASHSEED", "random")
    if seed == "random" and _looks_at_hash_order(tree, names):
        found.append("the order of sets of strings (PYTHONHASHSEED is not set)")
    return tuple(dict.fromkeys(found))


def calendar(program: str) -> tuple[str, ...]:
    """Calls that give the date: two runs on one day may agree, and not on the next."""
    try:
        names = [name for name, _ in _calls(ast.parse(program))]
    except SyntaxError:
        return ()
    return tuple(dict.fromkeys(name for name in names if name.rpartition(".")[2] in _NOW))


def _calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    return [(_dotted(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _unseeded(
    calls: list[tuple[str, ast.Call]], names: list[str], used: Sequence[str]
) -> Iterator[str]:
    seeds = [name for name in names if "seed" in name.rpartition(".")[2]]
    if "random" in used and not any("np." not in s and "numpy" not in s for s in seeds):
        yield "the unseeded random module"
    if "numpy.random" in used and not any("np." in s or "numpy" in s for s in seeds):
        yield "the unseeded numpy.random"
    for name, call in calls:
        last = name.rpartition(".")[2]
        if last in ("default_rng", "RandomState", "Random") and not call.args + call.keywords:
            yield f"{last}() without a seed"


def _outside(names: list[str]) -> Iterator[str]:
    for name in names:
        owner, _, last = name.rpartition(".")
        if (owner == "time" and last in _CLOCK) or (last in _NOW and "date" in owner.lower()):
            yield f"the clock ({name})"
        elif owner == "secrets" or last in _DRAWS:
            yield name
        elif name == "id":
            yield "id()"
        elif owner.partition(".")[0] in _NETWORK:
            yield f"the network ({name})"


def _looks_at_hash_order(tree: ast.AST, names: list[str]) -> bool:
    return bool({"set", "frozenset", "hash"} & set(names)) or any(
        isinstance(node, (ast.Set, ast.SetComp)) for node in ast.walk(tree)
    )


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))
