"""Inside the fence: run the program as ``__main__``, digest what it made, say so."""

from __future__ import annotations
import __future__

import ast
import contextlib
import json
import os
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from jupyter_slicer.values import ValueDigest, value_digest
from jupyter_slicer.values.outcomes import NO_ERROR, error_digest, file_digest
from jupyter_slicer.verify import guard
from jupyter_slicer.verify.screen import ScreenWatch

_exit, _getpid, _open, _write, _replace = os._exit, os.getpid, os.open, os.write, os.replace
_encode = json.JSONEncoder().encode
_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


def limit(memory_bytes: int | None) -> None:
    """No core dumps; a bound on data; and the first to go when the machine has no more."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        most = min(memory_bytes or machine, machine)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def run(request: dict[str, Any], fences: guard.Enforcement) -> None:
    """Never returns: what the program left running must not go on after its end."""
    ours = _getpid()
    with open(request["started"], "w", encoding="utf-8") as file:
        json.dump(
            [fences.audit_hook, fences.landlock, fences.read_only, fences.no_network], file
        )
    record = _open(request["refused"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    refusals = guard.Refusals(record, request["scratch"])
    hook = guard.Hook(request["scratch"], refusals, fences.by_kernel, _materialise)
    said = _run(request, hook)
    if _getpid() != ours:  # the program forked, and the child came to the end too
        _exit(0)
    _say(request["result"], said)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    _exit(0)


def _run(request: dict[str, Any], hook: guard.Hook) -> dict[str, Any]:
    path = request["program"]
    with open(path, encoding="utf-8", errors="surrogatepass") as file:
        text = file.read()
    watch = ScreenWatch(request) if "shown" in request["kinds"] else None
    namespace = _become_main(path, request)
    sys.addaudithook(hook)
    ended: BaseException | None = None
    try:
        lines = (request["shown_from"], request["cell_ends"]) if watch is not None else ()
        for line, code in _parts(text, path, lines):
            if watch is not None and line:
                watch.end_cell() if line == request["cell_ends"] else watch.begin()
            exec(code, namespace)
    except SystemExit as error:
        ended = error if error.code not in (None, 0) else None
    except BaseException as error:
        ended = error
    if ended is not None and "error" not in request["kinds"]:
        return {"error": _explain(ended, path, text)}
    home = {request["root"]: ""}
    values = []
    for kind, name in zip(request["kinds"], request["expressions"], strict=True):
        if kind == "file":
            values.append(_file(name))
        elif kind == "error":
            values.append(_said(_error(ended, home)))
        elif kind == "shown" and watch is not None:
            values.append(_said(watch.digest(home)))
        else:
            values.append(_value(name, namespace, home))
    return {"values": values, "used": _generators_used()}


def _parts(text: str, path: str, lines: Iterable[int]) -> Iterator[tuple[int, types.CodeType]]:
    """The program in parts: what stands before a line, and from that line on.

    Given with each part is the line that it begins with, 0 for the first.
    """
    tree = ast.parse(text, path)
    rest, flags, begin = tree.body, 0, 0
    for line in (*(line for line in lines if line), None):
        part = [s for s in rest if line is None or (s.end_lineno or 0) < line]
        rest = rest[len(part) :]
        module = ast.Module(part, [])
        code = compile(module, path, "exec", flags=flags, dont_inherit=True)
        flags |= code.co_flags & _FUTURE
        yield begin, code
        begin = line or 0


def _file(path: str) -> dict[str, Any]:
    try:
        return _said(file_digest(path))
    except OSError as error:
        return {"error": f"it did not write the file ({error.strerror})"}


def _error(ended: BaseException | None, home: dict[str, str]) -> ValueDigest:
    if ended is None:
        return NO_ERROR
    try:
        message = str(ended)
    except Exception:
        message = ""
    return error_digest(type(ended).__name__, message, home)


def _become_main(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Classes of the program belong to ``__main__``, so pickling and workers find them."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    sys.argv[:] = [path]
    sys.path[:0] = [request["working"], request["folder"]]
    return main.__dict__


def _materialise(link: str) -> bool:
    """A large input is a link until the program writes to it; then it is a copy."""
    import shutil

    try:
        target = os.path.realpath(link)
        shutil.copy2(target, link + ".copying")
        _replace(link + ".copying", link)
    except OSError:
        return False
    return True


def _value(expression: str, namespace: dict[str, Any], home: dict[str, str]) -> Any:
    try:
        value = eval(compile(expression, "<criterion>", "eval", dont_inherit=True), namespace)
    except BaseException as error:
        return {"error": f"{_explain(error, '', '')}, asked for {expression}"}
    return _said(value_digest(value, home=home))


def _said(found: ValueDigest) -> dict[str, Any]:
    return {
        "digest": found.digest,
        "summary": found.summary,
        "opaque": found.opaque,
        "sample": found.sample,
    }


def _explain(error: BaseException, path: str, text: str) -> str:
    try:
        message = str(error)
    except BaseException:
        message = ""
    said = type(error).__name__ + (f": {message}" if message else "")
    line = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
    lines = text.splitlines()
    if line is None or not 0 < line <= len(lines):
        return said
    return f"{said} (line {line}: {lines[line - 1].strip()})"


def _line(error: BaseException, path: str) -> int | None:
    found = None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == path:
            found = step.tb_lineno
        step = step.tb_next
    return found


def _generators_used() -> list[str]:
    """Global generators that have drawn: a fresh Mersenne twister stands at 624."""
    used = []
    with contextlib.suppress(Exception):
        state = sys.modules["random"].getstate()
        if state[1][-1] != 624 or state[2] is not None:
            used.append("random")
    with contextlib.suppress(Exception):
        state = sys.modules["numpy.random"].get_state(legacy=False)
        if state["state"]["pos"] != 624 or state["has_gauss"]:
            used.append("numpy.random")
    return used


def _say(path: str, said: dict[str, Any]) -> None:
    whole = memoryview(_encode(said).encode("utf-8", "surrogatepass"))
    file = _open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    while whole:
        whole = whole[_write(file, whole) :]
    os.close(file)
    _replace(path + ".part", path)
