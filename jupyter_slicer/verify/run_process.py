"""One fresh run, seen from outside: start it, wait, stop it, read what it said."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jupyter_slicer.errors import VerificationError
from jupyter_slicer.values import ValueDigest
from jupyter_slicer.verify.guard import Enforcement
from jupyter_slicer.verify.request import FreshRunRequest
from jupyter_slicer.verify.scratch import Scratch, environment_of, make_scratch, mirrored

_TAIL = 1 << 16
"""Bytes of the program's output that are kept."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of one run."""

    failure: str = ""
    """Why there are no values; empty when there are."""
    values: tuple[ValueDigest | str, ...] = ()
    """One for each expression: a digest, or why it has none."""
    used: tuple[str, ...] = ()
    """Global random generators that have drawn."""
    enforcement: Enforcement = field(default_factory=Enforcement)
    output: str = ""
    """The end of what the program printed."""
    seconds: float = 0.0
    cancelled: bool = False


class RunProcess:
    """A program on its way; always ``close`` it, which kills what is left of it."""

    def __init__(self, request: FreshRunRequest, python: str) -> None:
        self._request = request
        self._started = time.monotonic()
        self._cancelled = False
        self._output = bytearray()
        try:
            self._scratch = make_scratch(request.folder, request.program, request.inputs)
        except OSError as error:
            raise VerificationError(
                f"No scratch folder could be made for a fresh run: {error}. "
                "Free some space, or set TMPDIR to a folder with room."
            ) from error
        try:
            self._process = self._launch(python)
        except BaseException as error:
            self._scratch.remove()
            if isinstance(error, OSError):
                raise VerificationError(
                    f"A fresh Python could not be started: {error}. Is {python} still there?"
                ) from error
            raise
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _launch(self, python: str) -> subprocess.Popen[bytes]:
        scratch, request = self._scratch, self._request
        child = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
        with open(scratch.file("request.json"), "w", encoding="utf-8") as file:
            json.dump(_spelled(request, scratch), file)
        base = os.environ if request.environment is None else request.environment
        return subprocess.Popen(
            [python, child, scratch.file("request.json")],
            cwd=scratch.working,
            env={**environment_of(scratch, base), **_backend(request)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None:
            try:
                piece = os.read(stream.fileno(), _TAIL)
            except (OSError, ValueError):
                return
            if not piece:
                return
            self._output += piece
            del self._output[:-_TAIL]

    def wait(self, progress: Callable[[str], None]) -> RunOutcome:
        """Block until the program has ended; an exception here kills it."""
        said = 0
        try:
            while not self._ended(0.05 if time.monotonic() - self._started < 5 else 0.2):
                seconds = int(time.monotonic() - self._started)
                if seconds > said:
                    said = seconds
                    progress(f"fresh run, {seconds} s")
            self._reader.join(1)
            return self._outcome()
        finally:
            self.close()

    def _ended(self, patience: float) -> bool:
        # The end of the output comes with the end of the processes; waiting for that is
        # quicker than Popen.wait, which sleeps up to 50 ms at a time.
        self._reader.join(patience)
        if not self._reader.is_alive():
            self._process.wait()
        if self._process.poll() is not None:
            return True
        # The child keeps the time itself; this is for a child that was stopped.
        if time.monotonic() - self._started > self._request.timeout + 15:
            self._kill()
        return False

    @property
    def temporary(self) -> str:
        """The program's folder for temporary files; gone when the run is closed."""
        return os.path.join(self._scratch.top, "tmp")

    def cancel(self) -> None:
        self._cancelled = True
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def close(self) -> None:
        if self._process.poll() is None:
            self.cancel()
            try:
                self._process.wait(6)
            except subprocess.TimeoutExpired:
                self._kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._scratch.remove()

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()

    def _outcome(self) -> RunOutcome:
        scratch = self._scratch
        ended = _read_json(scratch.file("ended")) or {"status": self._process.returncode}
        result = _read_json(scratch.file("result.json"))
        fences = _read_json(scratch.file("started"))
        values = tuple(map(_value, (result or {}).get("values", ())))
        return RunOutcome(
            failure=self._failure(ended, result),
            values=values,
            used=tuple((result or {}).get("used", ())),
            enforcement=Enforcement(*fences) if fences else Enforcement(),
            output=self._output.decode("utf-8", "replace"),
            seconds=time.monotonic() - self._started,
            cancelled=self._cancelled,
        )

    def _failure(self, ended: dict[str, Any], result: dict[str, Any] | None) -> str:
        if self._cancelled or ended.get("why") == "cancelled":
            return "it was interrupted"
        refused = _first_line(self._scratch.file("refused"))
        if refused:
            return refused.removeprefix("jupyter_slicer ")
        if ended.get("why") == "timeout":
            return f"did not finish within {self._request.timeout:g} s"
        if result is None:
            return self._death(int(ended["status"] or 0))
        return str(result.get("error", ""))

    def _death(self, status: int) -> str:
        tail = self._output.decode("utf-8", "replace").strip().splitlines()
        last = f"; its last line: {tail[-1][:200]}" if tail else ""
        if status == -9:
            return f"it was killed, most likely because memory ran out{last}"
        if status < 0:
            return f"it died from signal {signal.Signals(-status).name}{last}"
        return f"it ended with exit status {status} before its values could be read{last}"


def _spelled(request: FreshRunRequest, scratch: Scratch) -> dict[str, Any]:
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return {
        "package": package,
        "scratch": scratch.top,
        "root": scratch.root,
        "working": scratch.working,
        "folder": scratch.folder,
        "program": scratch.program,
        "expressions": _named(request, scratch),
        "kinds": request.kinds or ["value"] * len(request.expressions),
        "shown_from": request.shown_from,
        "cell_ends": request.cell_ends,
        "inline": dict(request.inline or {}),
        "timeout": request.timeout,
        "memory_bytes": request.memory_bytes,
        "kernel_guard": request.kernel_guard,
        "started": scratch.file("started"),
        "ended": scratch.file("ended"),
        "refused": scratch.file("refused"),
        "result": scratch.file("result.json"),
    }


def _backend(request: FreshRunRequest) -> dict[str, str]:
    inline = request.inline is not None
    return {"MPLBACKEND": "module://matplotlib_inline.backend_inline"} if inline else {}


def _named(request: FreshRunRequest, scratch: Scratch) -> list[str]:
    """A file lies in the scratch folder where the program thinks that it writes it."""
    names = request.names or request.expressions
    kinds = request.kinds or ("value",) * len(names)
    return [
        mirrored(scratch.root, name) if kind == "file" else name
        for name, kind in zip(names, kinds, strict=True)
    ]


def _value(said: dict[str, Any]) -> ValueDigest | str:
    if "error" in said:
        return str(said["error"])
    return ValueDigest(
        said["digest"], said["summary"], tuple(said["opaque"]), tuple(said["sample"])
    )


def _read_json(path: str) -> Any:
    try:
        with open(path, encoding="utf-8", errors="surrogatepass") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


@lru_cache(maxsize=1)
def enforcement() -> tuple[str, ...]:
    """How fresh runs are fenced in on this system, in words."""
    run = RunProcess(FreshRunRequest("", (), (), timeout=30), sys.executable)
    return run.wait(lambda words: None).enforcement.words()
