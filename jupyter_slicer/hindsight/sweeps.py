"""Loops over whole trainings: each turn of a sweep makes anew what it trains.

    for lr in (0.1, 0.01):              # a sweep
        net = Net()
        for epoch in range(20):         # a run of its own, with lr as a parameter
            ...

What is taken for no sweep, though it is one, is kept as one run; so where it is not certain,
the answer is no.
"""

from __future__ import annotations

import ast
import dis
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jupyter_slicer.analysis.facts import statement_facts
from jupyter_slicer.hindsight.frames import is_module_level, read_locals
from jupyter_slicer.hindsight.loops import Loop, has_loops
from jupyter_slicer.hindsight.roots import changing_names

_HARMLESS = (
    "builtins", "numpy.random", "pandas", "torch.utils.data", "tqdm", "random", "collections",
    "time", "pathlib", "logging", "matplotlib", "functools", "itertools", "io", "datetime",
    "jupyter_slicer",
)  # fmt: skip
"""Modules whose objects carry nothing learned from one turn to the next."""
_PLAIN = (bool, int, float, str, type(None))


def is_sweep(
    outer: Loop, outer_frame: types.FrameType, inner: Loop, frame: types.FrameType
) -> bool:
    """Whether an inner loop, about to begin, trains what this turn of the outer one made."""
    values = _values(frame)
    if frame is outer_frame:
        made = set(_made_before(outer.body, inner)) | _targets(outer)
    else:
        code = frame.f_code
        given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        made = set(read_locals(frame)) - set(given) - set(code.co_freevars)
        around = statement_facts(outer).defines
        if not carries_nothing(outer, outer_frame, around):
            return False
    changing = changing_names(inner)
    stored = _stored(inner)
    trained = any(
        name in made and _is_learned(values[name], name in stored)
        for name in changing
        if name in values
    )
    if not trained:
        return False
    inside = statement_facts(outer).defines if frame is outer_frame else set()
    return _nothing_else(inner, values, made) and (
        frame is not outer_frame or _nothing_else(outer, values, made | set(inside))
    )


def carries_nothing(loop: Loop, frame: types.FrameType, made: Collection[str]) -> bool:
    """Whether a loop changes nothing that learns, except for what it makes itself."""
    return _nothing_else(loop, _values(frame), made)


def loop_variables(loop: Loop, frame: types.FrameType) -> dict[str, Any]:
    """Those of a ``for`` that are plain values, as they are now."""
    values = _values(frame)
    return {
        name: values[name]
        for name in sorted(_targets(loop))
        if name[:1] != "_" and name in values and type(values[name]) in _PLAIN
    }


def made_anew(loop: Loop) -> set[str]:
    """Variables to which each turn of a loop gives a value, come what may, before it reads them:
    what they hold when it begins is the model of the turn before."""
    anew: set[str] = set()
    read: set[str] = set()
    for statement in loop.body:
        facts = statement_facts(statement)
        read |= facts.mentions
        if isinstance(statement, ast.Assign):
            anew |= facts.defines - read
        if has_loops(statement):
            break
    return anew


def _values(frame: types.FrameType) -> Mapping[str, Any]:
    if is_module_level(frame):
        return frame.f_globals
    return {**frame.f_globals, **read_locals(frame)}


def _nothing_else(loop: Loop, values: Mapping[str, Any], made: Collection[str]) -> bool:
    stored = _stored(loop)
    changing = changing_names(loop)
    for name in changing:
        if name in values and name not in made and _is_learned(values[name], name in stored):
            return False
    reached, written = _through_functions(changing, values)
    return not (written - set(made)) and not any(
        _is_learned(values[name], False) for name in reached - set(made) if name in values
    )


def _is_learned(value: object, stored: bool) -> bool:
    """``stored``: whether the loop's text puts something into it, or in its place."""
    kind = type(value)
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "Tensor") and isinstance(value, torch.Tensor):
        return stored or bool(value.requires_grad and value.is_leaf)
    if kind.__module__ == "numpy":
        return stored and kind.__name__ == "ndarray"
    module = kind.__module__
    return not any(module == m or module.startswith(f"{m}.") for m in _HARMLESS)


def _stored(loop: Loop) -> frozenset[str]:
    facts = statement_facts(loop)
    return frozenset(facts.defines | {access.name for access in facts.stores})


def _targets(loop: Loop) -> set[str]:
    if not isinstance(loop, ast.For):
        return set()
    return {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}


def _made_before(block: list[ast.stmt], inner: Loop) -> Iterator[str]:
    """Names that the statements before a loop have bound, from a block's beginning on."""
    for statement in block:
        if statement is inner:
            return
        if any(node is inner for node in ast.walk(statement)):
            for part in ("body", "orelse", "finalbody"):
                held = getattr(statement, part, [])
                if any(node is inner for s in held for node in ast.walk(s)):
                    yield from _made_before(held, inner)
            return
        yield from statement_facts(statement).defines


def _through_functions(
    names: Collection[str], values: Mapping[str, Any]
) -> tuple[set[str], set[str]]:
    """Names that functions of the notebook read when they are called, and those that they
    bind in it."""
    read: set[str] = set()
    written: set[str] = set()
    waiting = [values[n] for n in names if n in values]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if type(value) is not types.FunctionType or id(value) in seen:
            continue
        seen.add(id(value))
        if value.__globals__.get("__name__") != "__main__":
            continue
        for code in _codes(value.__code__):
            read |= set(code.co_names)
            written |= {
                i.argval for i in dis.get_instructions(code) if i.opname == "STORE_GLOBAL"
            }
            waiting += [values[n] for n in code.co_names if n in values]
    return read, written


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
