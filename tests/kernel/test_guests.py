"""The user's cells behave the same with us and without us."""

import pytest

HOSTILE = """
class Hostile:
    log = []
    def __init__(self): object.__setattr__(self, "inner", [1])
    def __getattribute__(self, name):
        Hostile.log.append(name)
        return object.__getattribute__(self, name)
    def __eq__(self, other): Hostile.log.append("eq"); raise RuntimeError("eq")
    def __hash__(self): Hostile.log.append("hash"); raise RuntimeError("hash")
    def __repr__(self): Hostile.log.append("repr"); return "shown"
    def __reduce_ex__(self, protocol): Hostile.log.append("reduce"); raise RuntimeError
    def __sizeof__(self): Hostile.log.append("sizeof"); raise RuntimeError
    def __len__(self): Hostile.log.append("len"); raise RuntimeError
    def __iter__(self): Hostile.log.append("iter"); raise RuntimeError
    def __bool__(self): Hostile.log.append("bool"); raise RuntimeError
    def __copy__(self): Hostile.log.append("copy"); raise RuntimeError
    @property
    def costly(self): Hostile.log.append("costly"); raise RuntimeError
class Meta(type):
    def __getattribute__(cls, name):
        Hostile.log.append("meta")
        return super().__getattribute__(name)
    def __instancecheck__(cls, other): Hostile.log.append("instancecheck"); raise RuntimeError
    def __eq__(cls, other): Hostile.log.append("metaeq"); raise RuntimeError
    def __hash__(cls): Hostile.log.append("metahash"); return 1
class Strange(metaclass=Meta): pass
h = Hostile(); s = Strange()
"""

SESSIONS = {
    "values and displays": ["1 + 1", "_ + 1", "x = 3; x", "x;", "None", "[x, _2]"],
    "a cell that raises half-way": ["a = 1\nb = 1 / 0\nc = 2", "a", "c", "'c' in globals()"],
    "a syntax error": ["def f(:\n  pass", "x = 1", "x"],
    "a function that raises deep down": [
        "def f(n):\n    return 1 / n if n == 0 else f(n - 1)",
        "f(3)",
        "import sys; sys.last_type.__name__",
    ],
    "top-level await": [
        "import asyncio\nasync def two():\n    await asyncio.sleep(0)\n    return 2",
        "x = await two()\nx",
        "async for i in (j async for j in two_of()): pass",
        "[await two() for _ in range(2)]",
    ],
    "tasks between cells": [
        "import asyncio\nfound = []\nasync def later():\n    found.append(1)\n    global new\n    new = 5",
        "task = asyncio.ensure_future(later())",
        "await asyncio.sleep(0.1)\nfound, new, task.done()",
    ],
    "threads": [
        "import threading\nrows = []\ndef work():\n    for i in range(200):\n        globals()[f'n{i}'] = i\n        rows.append(i)",
        "threads = [threading.Thread(target=work) for _ in range(4)]\n[t.start() for t in threads]\n[t.join() for t in threads]\nlen(rows)",
        "n199",
    ],
    "forks": [
        "import os\npid = os.fork()\nif pid == 0:\n    os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
        "x = 1\nx",
    ],
    "worker processes": [
        "import multiprocessing as mp\ndef square(v): return v * v",
        "with mp.get_context('fork').Pool(2) as pool:\n    found = pool.map(square, range(5))\nfound",
    ],
    "a patched print": [
        "import builtins\nkept = print\ncalls = []\nbuiltins.print = lambda *a, **k: calls.append(a)",
        "x = 1\nprint(x)",
        "builtins.print = kept\ncalls",
    ],
    "a patched open": [
        "import builtins\nkept = open\ndef refuse(*a, **k): raise PermissionError('no')\nbuiltins.open = refuse",
        "x = 1",
        "open('f')",
        "builtins.open = kept\nx",
    ],
    "a patched random": [
        "import random\nrandom.random = lambda: 4\nrandom.getstate = None\nrandom.setstate = None",
        "random.random()",
        "x = random.randint",
    ],
    "random numbers": [
        "import random, numpy as np\nrandom.seed(1); np.random.seed(1)",
        "random.random(), float(np.random.rand())",
        "rng = np.random.default_rng(3)\nfloat(rng.random())",
        "float(rng.random()), random.getrandbits(20)",
    ],
    "patched library functions that we might call": [
        "import os, time, ast, hashlib, copy, pickle, inspect\ndef no(*a, **k): raise RuntimeError('patched')\nplaces = [(os, 'getcwd'), (os, 'listdir'), (os, 'scandir'), (os.path, 'isfile'), (os.path, 'abspath'), (os.path, 'getsize'), (time, 'perf_counter'), (ast, 'walk'), (ast, 'unparse'), (copy, 'copy'), (copy, 'deepcopy'), (pickle, 'dumps'), (inspect, 'getsource'), (hashlib, 'sha256')]\nkept = [getattr(*p) for p in places]",
        "for p in places: setattr(*p, no)",
        "x = [1]",
        "x.append(2)\nx",
        "for p, k in zip(places, kept): setattr(*p, k)",
        "x",
    ],
    "hostile objects": [HOSTILE, "h.inner.append(2)", "k = [h, s]", "h", "del h, k, s", "Hostile.log"],
    "slow objects": [
        "import time\nclass Slow:\n    def __getattr__(self, name): time.sleep(5)\n    def __eq__(self, o): time.sleep(5)\n    def __repr__(self): time.sleep(5)",
        "s = Slow(); t = [s] * 10",
        "t.append(s); len(t)",
    ],
    "deep objects": [
        "deep = []\nfor _ in range(100_000):\n    deep = [deep]",
        "other = deep\nlen(other)",
        "del deep, other",
    ],
    "cyclic objects": [
        "a = []; b = {'a': a}; a.append(b); a.append(a)\nclass Node: pass\nn = Node(); n.self = n; n.a = a",
        "n.more = 1\nb['n'] = n\nlen(a), n.self is n",
    ],
    "generators and iterators are not consumed": [
        "g = (i for i in range(3)); it = iter([1, 2]); z = zip([1], [2]); f = filter(None, [1])",
        "x = 1",
        "list(g), list(it), list(z), list(f)",
    ],
    "weak references and finalizers": [
        "import gc, weakref\nclass Thing: pass\nt = Thing(); w = weakref.ref(t)\nfin = []\n_ = weakref.finalize(t, fin.append, 1)",
        "del t",
        "gc.collect() >= 0, w() is None, fin",
    ],
    "classes go when their last name goes": [
        "import gc, weakref\nclass Base: pass\nclass Slotted(Base): __slots__ = ('a', '__dict__')",
        "class Later:\n    held = Slotted()\nlater = Later(); later.a = Slotted(); later.a.a = later",
        "seen = weakref.ref(Later)\ndel later, Later",
        "gc.collect() >= 0, seen() is None",
    ],
    "exits and system exits": ["raise SystemExit", "import sys\nsys.exit(3)", "1"],
    "keyboard interrupts raised by code": ["a = 1\nraise KeyboardInterrupt\nb = 2", "a"],
    "names that hide builtins": [
        "len = sorted = isinstance = type = dict = list = id = None",
        "x = 1",
        "del len, sorted, isinstance, type, dict, list, id\nx",
    ],
    "cell magics": [
        "%%capture out\nprint('hidden')\nx = 5",
        "out.stdout, x",
        "%%timeit -n1 -r1 -q\nx + 1",
        "get_ipython().run_cell('y = 6\\ny');",
        "y",
    ],
    "locals and globals": [
        "sorted(n for n in globals() if 'slicer' in n)",
        "import builtins\nx = len([n for n in dir() if not n.startswith('_')])\nx",
        "import warnings\nwith warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    warnings.warn('mine')\nlen(w)",
    ],
    "future imports": [
        "from __future__ import annotations\ndef f(x: Undefined): pass\nf.__annotations__",
        "def g(x: AlsoUndefined): pass",
    ],
    "line numbers": [
        "import sys\ndef where(): return sys._getframe(1).f_lineno\nx = where()\n\ny = where(); z = where()",
        "x, y, z",
    ],
    "recursion to the limit": [
        "def f(n): return f(n + 1)",
        "try:\n    f(0)\nexcept RecursionError as e:\n    found = 'caught'\nfound",
    ],
    "star imports and exec": ["from math import *", "exec('a = 1')\na", "globals()['b'] = 2\nb", "pi > 3"],
    "a module replaced by an object": [
        "import sys\nclass M:\n    def __getattr__(self, n): raise RuntimeError(n)\nsys.modules['strange'] = M()",
        "import strange\nx = 1",
        "del sys.modules['strange']\nx",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SESSIONS)
def test_cells_give_the_same_with_us_and_without_us(two_kernels, name):
    ours, plain = two_kernels
    for code in SESSIONS[name]:
        with_us, without_us = ours.run(code, 20), plain.run(code, 20)
        told = (name, code)
        assert (with_us.status, with_us.error, *told) == (
            without_us.status,
            without_us.error,
            *told,
        )
        assert (with_us.value, *told) == (without_us.value, *told)
        assert (with_us.stdout, *told) == (without_us.stdout, *told)
        # What we cannot record when our own tools are gone, we tell in lines of ours.
        theirs = [line for line in with_us.stderr.splitlines() if line[:14] != "jupyter_slicer"]
        ours_allowed = name == "patched library functions that we might call"
        assert theirs == without_us.stderr.splitlines(), told
        assert ours_allowed or len(theirs) == len(with_us.stderr.splitlines()), with_us.stderr
        assert with_us.displays == without_us.displays
    for notebook in two_kernels:
        notebook.run("%reset -f")


def test_after_all_that_the_recorder_still_records(two_kernels):
    ours, _ = two_kernels
    ours.run("import os, importlib, time, ast, json\nfrom pathlib import Path")
    ours.run("value = [1, 2]\nvalue.append(3)")
    assert "value.append(3)" in ours.run("%slice value --no-verify").last["text/plain"]


def test_a_front_end_with_a_shell_of_its_own_is_not_looked_into():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.magic import Magics

    from jupyter_slicer.recording.describe import describer_for

    class FrontEndsShell(InteractiveShell):
        pass

    class UsersMagics(Magics):
        pass

    assert describer_for(FrontEndsShell) is None
    assert describer_for(UsersMagics) is not None
