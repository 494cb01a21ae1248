"""Run a session of cells, or a program, in a forked child in an empty folder.

In: cell sources or a program. Out: what it left, as text. Never: touches this process.

The fork is one of a process that has imported what sessions need and nothing else: a fork
costs as much as its process is large, and a test run that has torch imported is very large.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import pickle
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupyter_slicer
from tests.pictures.values import value_text

FRESH = bool(os.environ.get("PICTURES_FRESH"))
"""Run exported programs in new interpreters: slower, and nothing is imported before."""
LIMIT = 60
OURS = (
    "IPython.core.application",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.interactiveshell",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.magics.extension",
    "IPython.core.oinspect",
    "IPython.utils.wildcard",
    "libcst",
    "networkx",
    "tests.pictures.values",
)
HEAVY = (
    "numpy",
    "pandas",
    "sklearn.linear_model",
    "sklearn.tree",
    "sklearn.ensemble",
    "sklearn.pipeline",
    "sklearn.model_selection",
    "matplotlib.pyplot",
)
NEEDS_HEAVY = re.compile(r"numpy|pandas|sklearn|matplotlib|scipy|joblib|seaborn")
"""In a text that names none of them, they would be imported for nothing."""


@dataclass(frozen=True)
class SessionRun:
    """What a session left: the value, the errors of its cells, the exported program."""

    value: str
    errors: tuple[str | None, ...]
    program: str | None
    log: str


def run_session(
    cells: Sequence[tuple[str, str]], value: str, slice_of: str | None = None
) -> SessionRun:
    """Run (cell id, source) pairs in a shell; with ``slice_of``, ask for its slice too."""
    heavy = any(NEEDS_HEAVY.search(source) for _, source in cells)
    return forked(_session, cells, value, slice_of, heavy=heavy)


def run_program(source: str, value: str) -> str:
    """The value at the end of a program that runs as ``__main__``."""
    if FRESH:
        return _fresh(source, value)
    return forked(_program, source, value, heavy=bool(NEEDS_HEAVY.search(source)))


def _session(cells: Sequence[tuple[str, str]], value: str, slice_of: str | None) -> SessionRun:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    if slice_of is not None:
        shell.run_line_magic("load_ext", "jupyter_slicer")
    log = io.StringIO()
    errors = []
    program = None
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        for cell_id, source in cells:
            result = shell.run_cell(source, store_history=True, cell_id=cell_id)
            error = result.error_before_exec or result.error_in_exec
            errors.append(None if error is None else f"{type(error).__name__}: {error}")
        try:
            text = value_text(eval(value, shell.user_ns))
        except Exception as error:
            text = f"no value: {type(error).__name__}: {error}"
        if slice_of is not None:
            program = _export(shell, slice_of)
    return SessionRun(text, tuple(errors), program, log.getvalue())


def _export(shell: Any, slice_of: str) -> str | None:
    with tempfile.TemporaryDirectory(prefix="exported") as folder:
        path = Path(folder, "program.py")
        magic = f"%slice {slice_of} --no-verify --export {path}"
        shell.run_cell(magic, store_history=False)
        return path.read_text() if path.exists() else None


def _program(source: str, value: str) -> str:
    with tempfile.TemporaryDirectory(prefix="program") as folder:
        return _run_as_main(source, Path(folder, "program.py"), value)


def _run_as_main(source: str, path: Path, value: str) -> str:
    main = types.ModuleType("__main__")
    path.write_text(source)
    main.__dict__.update(__file__=str(path), __builtins__=__builtins__)
    sys.modules["__main__"] = main
    sys.argv = [str(path)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(source, str(path), "exec", dont_inherit=True), main.__dict__)
            return value_text(eval(value, main.__dict__))
        except BaseException:
            return "no value: " + traceback.format_exc(limit=-3)


def _fresh(source: str, value: str) -> str:
    with tempfile.TemporaryDirectory(prefix="fresh") as folder:
        root = str(Path(__file__).parents[2])
        ask = (
            f"\n\nimport sys as _s; _s.path.insert(0, {root!r})\n"
            "from tests.pictures.values import value_text as _t\n"
            f"open({folder + '/.value'!r}, 'w').write(_t({value}))\n"
        )
        Path(folder, "program.py").write_text(source + ask)
        command = [sys.executable, "program.py"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=LIMIT
        )
        answer = Path(folder, ".value")
        return answer.read_text() if answer.exists() else f"no value: {done.stderr[-600:]}"


def forked(function: Callable[..., Any], *args: Any, heavy: bool) -> Any:
    """What a function gives in a child of its own; it is found there by its name."""
    folder = tempfile.mkdtemp(prefix="picture")
    try:
        answer = _server(heavy).ask((folder, dict(os.environ), function, args))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not answer:
        raise RuntimeError("the child died or took too long")
    result = pickle.loads(answer)
    if isinstance(result, BaseException):
        raise result
    return result


class _Server:
    """The process that forks."""

    def __init__(self, modules: Sequence[str]) -> None:
        begin = (
            "import sys; sys.path[:] = sys.argv[1:]; del sys.argv[1:]; "
            "from tests.pictures.child import serve; serve()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", begin, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._send(modules)

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        pickle.dump(message, self._process.stdin)
        self._process.stdin.flush()

    def ask(self, request: tuple[Any, ...]) -> bytes:
        assert self._process.stdout is not None
        try:
            self._send(request)
            return pickle.load(self._process.stdout)
        except BaseException:
            # The answer to this request is not to be taken for that to the next.
            self._process.kill()
            self._process.wait()
            _server.cache_clear()
            raise


@functools.cache
def _server(heavy: bool) -> _Server:
    return _Server(OURS + HEAVY if heavy else OURS)


def serve() -> None:
    """Answer the requests at the standard input until that ends."""
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for name in pickle.load(asked):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(jupyter_slicer.__path__, "jupyter_slicer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    while True:
        try:
            request = pickle.load(asked)
        except EOFError:
            return
        pickle.dump(_answer(*request), told)
        told.flush()


def _answer(
    folder: str, environment: dict[str, str], function: Callable[..., Any], args: Sequence[Any]
) -> bytes:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.environ.clear()
        os.environ.update(environment)
        _live(folder, write, function, *args)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return answer


def _live(folder: str, write: int, function: Callable[..., Any], *args: Any) -> None:
    """The child's life; it never returns into the test run."""
    # The test runner's own time-outs are for its own process.
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(10 * LIMIT)
    allow(LIMIT)
    os.chdir(folder)
    sys.path.insert(0, folder)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    try:
        result = function(*args)
    except BaseException:
        result = RuntimeError(traceback.format_exc())
    try:
        _send(write, result)
    finally:
        os._exit(0)


def allow(seconds: float) -> None:
    """So much processor time from now on: how busy the machine is does not matter."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _send(write: int, result: Any) -> None:
    with os.fdopen(write, "wb") as stream:
        stream.write(pickle.dumps(result))
