"""One notebook or one program in a fresh process; what it left goes to a file as JSON.

``python -m tests.benchmarks.notebooks.child HOW SOURCE OUT [NAME ...]``, where HOW is one of
``plain``, ``recorded``, ``verified``, ``minimal``, ``ipyflow`` and ``program``.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
import types
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    how, source, out, *names = sys.argv[1:]
    warnings.simplefilter("ignore")
    sys.path[0] = os.getcwd()
    if how == "program":
        said = _program(source, names)
    else:
        from tests.benchmarks.notebooks.corpus import cells_of

        said = _notebook(cells_of(Path(source)), how, names)
    # A C library may have closed or taken over the streams; the file is ours.
    Path(out).write_text(json.dumps(said))
    os._exit(0)


def _program(path: str, names: list[str]) -> dict[str, Any]:
    main_module = types.ModuleType("__main__")
    main_module.__dict__.update(__file__=path)
    sys.modules["__main__"] = main_module
    text = Path(path).read_text(encoding="utf-8", errors="surrogatepass")
    try:
        exec(compile(text, path, "exec", dont_inherit=True), main_module.__dict__)
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    held = vars(main_module)
    return {"values": {n: _digest(held[n]) if n in held else None for n in names}}


def _notebook(cells: list[str], how: str, wanted: list[str]) -> dict[str, Any]:
    shell = _shell(how)
    before = set(shell.user_ns)
    began, processed = time.perf_counter(), time.process_time()
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
        failure = result.error_before_exec or result.error_in_exec
        if failure is not None:
            return {"error": f"{type(failure).__name__}: {failure}"[:300]}
    seconds, until = time.perf_counter() - began, time.process_time()
    names = [
        name
        for name, value in shell.user_ns.items()
        if name not in before and name[:1] != "_" and type(value) is not types.ModuleType
    ]
    values = {name: _digest(shell.user_ns[name]) for name in names}
    said: dict[str, Any] = {"values": values, "seconds": seconds}
    said |= {"processor": until - processed, "whole": until}
    said["statements"] = [shell.transform_cell(cell) for cell in cells]
    if how == "ipyflow":
        said["slices"] = {name: _slice_of_ipyflow(name) for name in names}
    if how == "recorded":
        said["slices"] = {name: _slice(name) for name in names}
        said["recording"] = _cost()
    if how == "verified":
        said["slices"] = {name: _verified(name) for name in wanted}
    if how == "minimal":
        said["slices"] = {name: _minimal(name) for name in wanted}
    return said


def _shell(how: str) -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    kind: Any = InteractiveShell
    if how == "ipyflow":
        from ipyflow.shell.interactiveshell import IPyflowInteractiveShell as kind
    config = Config()
    config.HistoryManager.enabled = False
    shell = kind.instance(config=config)
    # ``%matplotlib inline`` asks for it; there is no event loop to enable.
    shell.enable_gui = lambda gui=None: None
    if how in ("recorded", "verified", "minimal"):
        shell.run_line_magic("load_ext", "jupyter_slicer")
    return shell


def _digest(value: Any) -> list[Any]:
    from jupyter_slicer.values import value_digest

    found = value_digest(value, budget_seconds=20)
    return [found.digest, found.summary, bool(found.opaque)]


def _slice(name: str) -> dict[str, Any]:
    from jupyter_slicer import backward_slice

    began = time.perf_counter()
    try:
        program = backward_slice(name)
        return {
            "source": program.source,
            "kept": _top_level(program),
            "executed": program.slice.executed_statements,
            "seconds": time.perf_counter() - began,
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _verified(name: str) -> dict[str, Any]:
    """What a user gets: run, and repaired where the value differs."""
    from jupyter_slicer import backward_slice

    try:
        program = backward_slice(name)
        verdict = program.verify().verdict
        return {"source": program.source, "verdict": verdict.name, "repaired": program.repaired}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _minimal(name: str) -> dict[str, Any]:
    """What is left when no statement can go without changing the value."""
    from jupyter_slicer import backward_slice

    try:
        program = backward_slice(name)
        before = _top_level(program)
        verdict = program.minimize(timeout=60).verdict
        return {"kept": before, "minimal": _top_level(program), "verdict": verdict.name}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _top_level(program: Any) -> int:
    return len({k.step for k in program.statements if k.step >= 0})


def _slice_of_ipyflow(name: str) -> dict[str, Any]:
    """It answers within a cell only."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    shell.run_cell("from ipyflow import code as _code_of", store_history=True)
    result = shell.run_cell(f"_found = str(_code_of({name}))", store_history=True)
    failure = result.error_before_exec or result.error_in_exec
    if failure is not None:
        return {"error": f"{type(failure).__name__}: {failure}"[:300]}
    source = shell.user_ns["_found"]
    try:
        return {"source": source, "kept": len(ast.parse(source).body)}
    except SyntaxError as error:
        return {"error": f"its slice is no program: {error}"}


def _cost() -> dict[str, Any]:
    from jupyter_slicer.frontends.extension import active

    recorder = active().recorder
    incomplete = [r.execution.incomplete for r in recorder.records if r.execution.incomplete]
    return {"spent": recorder.spent, "ran": recorder.ran, "incomplete": incomplete}


if __name__ == "__main__":
    main()
