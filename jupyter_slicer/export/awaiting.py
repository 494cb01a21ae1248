"""Top-level ``await`` as plain Python: one coroutine, run by one event loop."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from jupyter_slicer.export.binding import at_top, bound_names, used_names

_NEEDS_LOOP = re.compile(
    r"create_task|ensure_future|\bgather\b|get_(running|event)_loop|run_in_executor|aiohttp"
)


def has_await(text: str) -> bool:
    """Whether a statement awaits outside functions."""
    if "await" not in text and "async" not in text:
        return False
    tree = ast.parse(text)
    if any(isinstance(n, ast.Await | ast.AsyncFor | ast.AsyncWith) for n in at_top(tree)):
        return True
    return any(_awaits_inside(n) for n in at_top(tree))


def _awaits_inside(node: ast.AST) -> bool:
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
        return False
    inner = ast.walk(node)
    return any(
        isinstance(n, ast.Await) or (isinstance(n, ast.comprehension) and n.is_async)
        for n in inner
    )


def wrapped(texts: Sequence[str]) -> tuple[int, int, str, str, frozenset[str]]:
    """The first and last text that go into the coroutine, the lines that open it and run
    it, and the texts in between that may not stand in a function.

    Names stay global, so that a value can be read where the program ends.
    """
    awaiting = [i for i, text in enumerate(texts) if has_await(text)]
    first = next(i for i, text in enumerate(texts) if i in awaiting or _needs_loop(text))
    last = awaiting[-1]
    inside = texts[first : last + 1]
    hoisted = frozenset(text for text in inside if _is_star_import(text))
    names = set[str]()
    for text in inside:
        if text not in hoisted:
            names |= bound_names(text)
    taken = frozenset[str]().union(*(bound_names(t) | used_names(t) for t in texts))
    main = "main"
    while main in taken:
        main += "_"
    opening = f"async def {main}():"
    if names:
        opening += f"\n    global {', '.join(sorted(names))}"
    return first, last, opening, f"asyncio.run({main}())", hoisted


def _needs_loop(text: str) -> bool:
    if not _NEEDS_LOOP.search(text):
        return False
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return not all(isinstance(statement, kinds) for statement in ast.parse(text).body)


def _is_star_import(text: str) -> bool:
    nodes = ast.walk(ast.parse(text))
    return any(isinstance(n, ast.alias) and n.name == "*" for n in nodes)
