"""CPython's own tests as notebook cells: the same tests pass, recorded or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.peers.outcomes import Comparison, Run, read_run

ROOT = Path(__file__).resolve().parents[3]

FILES = (
    "abc array ast asyncgen atexit audit augassign binop bisect bool buffer builtin bytes call "
    "class cmath code codecs collections compare compile complex context contextlib "
    "contextlib_async copy copyreg coroutines csv dataclasses decimal decorators defaultdict "
    "deque descr dict dictcomps dictviews difflib dis dynamic dynamicclassattribute enum "
    "enumerate except_star exception_group exception_hierarchy exceptions extcall fileinput "
    "finalization float fractions frame fstring funcattrs functools future gc generator_stop "
    "generators genexps genericalias glob global graphlib hash heapq index inspect int io isinstance "
    "iter iterlen itertools json keywordonlyarg linecache list listcomps locale logging "
    "long memoryview metaclass named_expressions numeric_tower opcodes operator "
    "ordered_dict os pathlib patma pickle pickletools pkgutil pow pprint property queue random "
    "range re reprlib richcmp runpy scope sched select selectors set setcomps shelve shutil "
    "signal slice sqlite3 statistics string string_literals struct structseq "
    "subclassinit super symtable sys sys_setprofile sys_settrace syntax tempfile "
    "textwrap thread threading threading_local threadsignals time traceback tracemalloc "
    "tuple type_annotations type_comments typechecks types typing unary unicode unpack unpack_ex "
    "userdict userlist userstring uuid warnings weakref weakset with yield_from zipfile "
    "asyncio/test_base_events asyncio/test_events asyncio/test_futures asyncio/test_locks "
    "asyncio/test_queues asyncio/test_runners asyncio/test_streams asyncio/test_subprocess "
    "asyncio/test_taskgroups asyncio/test_tasks asyncio/test_timeouts asyncio/test_waitfor"
).split()
"""Those of Python's core and of what notebooks live on; a version may lack some."""

ALONE = frozenset(("gc", "asyncio/test_subprocess", "threadsignals", "time", "signal"))
"""Tests of time that fail beside others on a busy machine."""


def compare_cpython(
    folder: Path, names: Sequence[str], timeout: float, say: Callable[[str], None]
) -> Comparison:
    """All files, each in a fresh process, plain and recorded."""
    paths = dict(_present(names or FILES))
    plain: dict[str, Run] = {}
    ours: dict[str, Run] = {}

    def judge(name: str) -> None:
        plain[name] = _run(paths[name], folder, False, timeout)
        ours[name] = _run(paths[name], folder, True, timeout)
        if plain[name].outcomes != ours[name].outcomes:
            say(f"cpython {name}: once more, since it differs")
            second = _run(paths[name], folder, False, timeout)
            again = _run(paths[name], folder, True, timeout)
            if second.outcomes == again.outcomes:
                plain[name], ours[name] = second, again
        differ = plain[name].outcomes != ours[name].outcomes
        say(
            f"cpython {'BAD' if differ else 'ok '} {name}: {plain[name].counts()}"
            + (f" plain, {ours[name].counts()} with the extension" if differ else "")
            + f", {ours[name].recorded} cells recorded"
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(judge, (name for name in paths if name not in ALONE)))
    for name in ALONE & set(paths):
        judge(name)
    comparison = Comparison("cpython", _together(plain), _together(ours))
    for words in comparison.told():
        say(words)
    for name, run in plain.items():
        failed = [t for t in run.outcomes if t.startswith(("cell ", "running "))]
        if failed:
            say(f"cpython {name}: cannot run as cells, plain or recorded: {', '.join(failed)}")
    return comparison


def _present(names: Iterable[str]) -> Iterable[tuple[str, Path]]:
    import test

    for name in names:
        folder, _, last = name.rpartition("/")
        last = last.removeprefix("test_")
        place = Path(test.__path__[0], f"test_{folder}" if folder else "", f"test_{last}")
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield name, path
                break


def _run(path: Path, folder: Path, recorded: bool, timeout: float) -> Run:
    home = Path(tempfile.mkdtemp(prefix="cells-", dir=folder))
    out, store = home / "outcomes.jsonl", home / "store" / "history.sqlite"
    environment = {
        **os.environ, "HOME": str(home), "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_SLICER_STORE": str(store), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    how = "recorded" if recorded else "plain"
    command = [sys.executable, "-m", "tests.benchmarks.peers.cells", how, str(path), str(out)]
    (home / "work").mkdir()
    try:
        with open(home / "log.txt", "wb") as log:
            subprocess.run(
                command, cwd=home / "work", env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, timeout=min(timeout, 600),
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        pass  # "to the end" is not among its outcomes then
    found = read_run(out, store)
    kept = folder / f"cells-{path.stem}-{how}.txt"
    shutil.copy(home / "log.txt", kept)
    shutil.rmtree(home, ignore_errors=True)
    return found


def _together(runs: dict[str, Run]) -> Run:
    return Run(
        {f"{n}: {t}": o for n, r in runs.items() for t, o in r.outcomes.items()},
        sum(r.recorded for r in runs.values()),
        sum(r.kernels for r in runs.values()),
        sum((Counter(r.incomplete) for r in runs.values()), Counter()),
    )
