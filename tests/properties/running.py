"""Runs a session, slices every variable, runs every slice.

In: cells. Out: the variables whose slices gave something else. Never: runs here.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from tests.pictures.child import _program, allow, forked
from tests.pictures.values import value_text


@dataclass(frozen=True)
class Sliced:
    """One variable at the end of a session."""

    expression: str
    value: str
    program: str


@dataclass(frozen=True)
class Unsound:
    """A slice that gave another value than the session."""

    sliced: Sliced
    got: str
    cells: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        session = "\n".join(f"# %% [{name}]\n{text}" for name, text in self.cells)
        return (
            f"the slice of {self.sliced.expression} gives\n{self.got}\n    not\n"
            f"{self.sliced.value}\nprogram:\n{self.sliced.program}\nsession:\n{session}"
        )


def unsound_slices(cells: Sequence[tuple[str, str]]) -> list[Unsound]:
    """Every variable whose slice does not give the session's value."""
    found = []
    slices = forked(_slices, cells, heavy=True)
    for sliced, got in zip(slices, forked(_values, slices, heavy=True), strict=True):
        if got != sliced.value:
            # The programs ran in one process, one after the other: this one again, alone.
            alone = forked(_value, sliced, heavy=True)
            if alone != sliced.value:
                found.append(Unsound(sliced, alone, tuple(cells)))
    return found


def _values(slices: Sequence[Sliced]) -> list[str]:
    random_state, numpy_state = random.getstate(), numpy.random.get_state()
    values = []
    main = sys.modules["__main__"]
    for sliced in slices:
        random.setstate(random_state)
        numpy.random.set_state(numpy_state)
        values.append(_value(sliced))
        sys.modules["__main__"] = main
    return values


def _value(sliced: Sliced) -> str:
    allow(20)
    text = _program(sliced.program, sliced.expression)
    return _short(text) if sliced.value.startswith("no value") else text


def _short(text: str) -> str:
    """Of an error only its kind."""
    return "no value: " + text.rstrip().splitlines()[-1].partition(":")[0].split(".")[-1]


def _slices(cells: Sequence[tuple[str, str]]) -> list[Sliced]:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("load_ext", "jupyter_slicer")
    log = io.StringIO()
    found = []
    signal.signal(signal.SIGPROF, _too_long)
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        shell.run_line_magic("xmode", "Minimal")
        warnings.simplefilter("ignore")
        for cell_id, source in cells:
            allow(5)
            shell.run_cell(source, store_history=True, cell_id=cell_id)
            allow(30)
        if "was not recorded" in log.getvalue():
            raise RuntimeError(log.getvalue())
        for name in [n for n in shell.user_ns if _is_criterion(n, shell)]:
            found.append(_slice(name, shell))
    return found


def _too_long(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _is_criterion(name: str, shell: Any) -> bool:
    value = shell.user_ns[name]
    if name in shell.user_ns_hidden or name[-1] not in "012":
        return False
    return not isinstance(value, types.ModuleType)


def _slice(name: str, shell: Any) -> Sliced:
    from jupyter_slicer import backward_slice

    value = shell.user_ns[name]
    expression = name
    if isinstance(value, types.FunctionType | types.MethodType):
        expression = _CALLED.format(name=name)
    elif hasattr(type(value), "__next__"):
        expression = f"[str(v) for _, v in zip(range(4), {name})]"
    elif isinstance(value, numpy.random.Generator):
        expression = f"{name}.bit_generator.state"
    program = backward_slice(name).source
    if expression in (name, f"{name}.bit_generator.state"):
        return Sliced(expression, value_text(eval(expression, dict(shell.user_ns))), program)
    return Sliced(expression, _value_aside(expression, shell), program)


def _value_aside(expression: str, shell: Any) -> str:
    """What an expression gives whose evaluation changes things."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            text = value_text(eval(expression, dict(shell.user_ns)))
        except BaseException as error:
            text = f"no value: {type(error).__name__}"
        with os.fdopen(write, "wb") as stream:
            stream.write(text.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        text = stream.read().decode()
    os.waitpid(child, 0)
    return text


_CALLED = "[str({name}(3)) for _ in range(2)]"
