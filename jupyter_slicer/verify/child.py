"""The fresh process: ``python child.py scratch/private/request.json``.

It forks. The first process only waits: for the program's end, for its time to run out, or
for its caller to close the pipe at its standard input, which happens when the caller
cancels and when it dies. Then it kills whatever the program has started; as the
"subreaper" of its descendants it finds those that tried to get away. The second process
puts up the fences and runs the program.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this file's folder

import contextlib
import json
import os
import select
import signal
import time
from typing import Any

NOT_ALLOWED = 97
"""Exit status of a process that could not enter namespaces; it ran nothing."""


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    fence, guard, runner = _our_own(request["package"])
    if not hasattr(os, "fork"):
        runner.run(request, guard.Enforcement())
    _adopt_descendants()
    ways = (True, False) if request["kernel_guard"] else (False,)
    for namespaces in ways:
        child = os.fork()
        if child == 0:
            _run_fenced(request, namespaces, fence, guard, runner)
        status, why = _watch(child, time.monotonic() + request["timeout"])
        _kill_descendants()
        if status != NOT_ALLOWED or os.path.exists(request["started"]):
            break
    if why == "cancelled":
        import shutil

        shutil.rmtree(request["scratch"], ignore_errors=True)  # nobody else may be left to
        return 0
    with open(request["ended"], "w", encoding="utf-8") as file:
        json.dump({"status": status, "why": why}, file)
    return 0


def _our_own(package: str) -> tuple[Any, Any, Any]:
    """Import from where the caller runs, and leave the module path as it was.

    Byte code of ours is kept, as for any installed package; the program's is not.
    """
    sys.path.insert(0, package)
    sys.dont_write_bytecode = False
    try:
        from jupyter_slicer.verify import fence, guard, runner
    finally:
        sys.path.remove(package)
        sys.dont_write_bytecode = True
    return fence, guard, runner


def _run_fenced(request: Any, namespaces: bool, fence: Any, guard: Any, runner: Any) -> None:
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    runner.limit(request["memory_bytes"])
    read_only = no_network = False
    if namespaces:
        try:
            read_only, no_network = fence.separate(request["scratch"])
        except OSError:
            os._exit(NOT_ALLOWED)
    landlock = fence.landlock(request["scratch"]) if request["kernel_guard"] else 0
    runner.run(request, guard.Enforcement(True, landlock, read_only, no_network))


def _watch(child: int, deadline: float) -> tuple[int, str]:
    """Exit status (negative: a signal), and why it ended if it was not by itself."""
    ending = None
    with contextlib.suppress(AttributeError, OSError):  # not Linux, or an old one
        ending = os.pidfd_open(child)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), ""
        if time.monotonic() > deadline:
            return -signal.SIGKILL, "timeout"
        if _caller_is_gone(ending):
            return -signal.SIGKILL, "cancelled"


def _caller_is_gone(ending: int | None) -> bool:
    """Waits a little; for less if the program ends meanwhile."""
    watched = [0] if ending is None else [0, ending]
    readable, _, _ = select.select(watched, [], [], 0.01 if ending is None else 0.1)
    return 0 in readable and not os.read(0, 1)


def _adopt_descendants() -> None:
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _kill_descendants() -> None:
    """Children of a killed process become ours, until none is left."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            done, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if done:
            continue
        for number in _children():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.001)


def _children() -> list[int]:
    ours = os.getpid()
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == ours:
            found.append(int(name))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
