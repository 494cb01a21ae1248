"""Ambient state: what programs read and write without naming it.

Each probe tells the state of one piece, as tokens by part, and which statements read it.
Third parties add probes through the entry point group ``jupyter_slicer.probes``: objects
with the attributes of ``AmbientProbe``.
"""

from __future__ import annotations

import base64
import builtins
import decimal
import locale
import logging
import os
import pickle
import random
import struct
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jupyter_slicer.recording.describe import is_class, is_library_module_name, module_name
from jupyter_slicer.recording.identity import SIMPLE, Table
from jupyter_slicer.recording.memory import Reader, place_of, reader
from jupyter_slicer.values.look import address, remembered

State = Mapping[str, Hashable]


@dataclass(frozen=True, slots=True)
class StatementUse:
    """What decides whether a statement reads ambient state."""

    mentions: frozenset[str]
    """Identifiers in its text and in the code of the user's functions that it reaches."""
    libraries: frozenset[str]
    """Top-level packages of the objects that it reaches."""
    makes_text: bool
    """Whether values may be turned into text: printed, displayed, formatted."""
    imports: bool
    starts_process: bool


@dataclass(frozen=True, slots=True)
class AmbientProbe:
    """One piece of ambient state."""

    name: str
    state: Callable[[], State]
    reads: Callable[[StatementUse], bool | Iterable[str]]
    """True for all parts, else the parts that are read."""
    library: str | None = None
    """The module that must be imported for the state to exist."""
    chained: bool = False
    """Whether a change goes on from the state before, as drawing a number does."""
    always: bool = True
    """Whether to look after every statement, or only after those that reach the library."""
    fresh: Callable[[State], bool] | None = None
    """Whether the state is one that only seeding leaves behind."""
    holds: Callable[[str], object] | None = None
    """What a part holds, where that may be the user's own code."""


def _python_random() -> State:
    """Read where it lies, if it lies as it does in CPython: else its tuple of 625 numbers."""
    generator, read = random._inst, reader()  # type: ignore[attr-defined]
    if read is None or not _lies_plain():
        return {"": hash(random.Random.getstate(generator))}
    # ``gauss`` makes two numbers at once: the second draw moves nothing else.
    return {"": (_words_of(read, generator), generator.gauss_next)}  # type: ignore[attr-defined]


def _words_of(read: Reader, generator: random.Random) -> bytes:
    """Where the Mersenne Twister stands and its 624 words (``RandomObject`` in C)."""
    return read(place_of(generator) + object.__basicsize__, 4 * 625)


@cache
def _lies_plain() -> bool:
    read, sample = reader(), random.Random(1)
    assert read is not None
    *words, index = sample.getstate()[1]
    lying = struct.pack("=i624I", index, *words)
    large_enough = random.Random.__basicsize__ >= object.__basicsize__ + len(lying)
    return large_enough and _words_of(read, sample) == lying


def _python_fresh(state: State) -> bool:
    return bool(random.Random.getstate(random._inst)[1][-1] == 624)  # type: ignore[attr-defined]


def _numpy_generator() -> Any:
    return sys.modules["numpy.random"].mtrand._rand._bit_generator  # type: ignore[attr-defined]


_STATE_BYTES = 2500
"""Of numpy's MT19937: 624 words and where it stands in them."""
_numpy_place: tuple[object, int] | None = None


def _numpy_random() -> State:
    """Read where it lies: to ask numpy for it takes forty times as long."""
    global _numpy_place
    generator, read = _numpy_generator(), reader()
    if read is None:
        return _asked_numpy(generator)
    if _numpy_place is None or _numpy_place[0] is not generator:
        kind = f"{type(generator).__module__}.{type(generator).__qualname__}"
        if kind != "numpy.random._mt19937.MT19937":
            return _asked_numpy(generator)
        _numpy_place = generator, generator.ctypes.state_address
    return {"": read(_numpy_place[1], _STATE_BYTES)}


def _asked_numpy(generator: Any) -> State:
    state = generator.state
    inner = state["state"]
    return (
        {"": (hash(inner["key"].tobytes()), inner["pos"])}
        if "key" in inner
        else {"": repr(state)}
    )


def _numpy_fresh(state: State) -> bool:
    # 624 after seeding with a number, 623 after seeding from the operating system.
    return bool(_numpy_generator().state["state"].get("pos") in (623, 624))


def _torch_random() -> State:
    torch = sys.modules["torch"]
    states: dict[str, Hashable] = {"": hash(torch.get_rng_state().numpy().tobytes())}
    if torch.cuda.is_initialized():
        for i, cuda in enumerate(torch.cuda.get_rng_state_all()):
            states[f"cuda:{i}"] = hash(cuda.numpy().tobytes())
    return states


def _environ() -> State:
    return dict(dict.items(os.environ._data))  # type: ignore[attr-defined]


def _working_folder() -> State:
    try:
        return {"": os.getcwd()}
    except OSError:
        return {"": None}


def _module_path() -> State:
    """Where imports look, and finders of the notebook's own."""
    return {"": tuple(map(str, sys.path)), "finders": finders_of_users()}


def finders_of_users() -> tuple[int, ...]:
    """Identities of what imports ask that no library has brought."""
    return _users(tuple(map(address, sys.meta_path)))


@lru_cache(1)
def _users(finders: tuple[int, ...]) -> tuple[int, ...]:
    kinds = {address(f): f if is_class(f) else type(f) for f in sys.meta_path}
    return tuple(f for f in finders if f in kinds and not _is_of_a_library(kinds[f]))


@remembered
def _is_of_a_library(kind: type) -> bool:
    return is_library_module_name(module_name(kind))


def _warning_filters() -> State:
    """Only filters that turn warnings into errors change what a program computes."""
    return {"": tuple(repr(f) for f in warnings.filters if f[0] == "error")}


_decimal_state: tuple[str, State] = "", {}


def _decimal_context() -> State:
    """The flags tell what has happened, and are read by few."""
    global _decimal_state
    current = decimal.getcontext()
    text = decimal.Context.__repr__(current)  # all of it, at the price of one part
    if text != _decimal_state[0]:
        rest = (current.prec, current.rounding, current.Emin, current.Emax, current.clamp)
        state = {"": (*rest, str(current.traps)), "flags": str(current.flags)}
        _decimal_state = text, state
    return _decimal_state[1]


def _numpy_errors() -> State:
    numpy = sys.modules["numpy"]
    return {k: v if v in ("raise", "call") else None for k, v in numpy.geterr().items()}


def _numpy_print() -> State:
    return {k: repr(v) for k, v in sys.modules["numpy"].get_printoptions().items()}


def _options_of_pandas(options: dict[str, Any]) -> State:
    found: dict[str, Hashable] = {}

    def walk(prefix: str, node: Any) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(f"{prefix}{key}.", value)
            else:
                found[prefix + key] = repr(value) if type(value) in SIMPLE else address(value)

    walk("", options)
    return found


_pandas = Table(_options_of_pandas)


def _pandas_options() -> State:
    return _pandas.state(sys.modules["pandas._config.config"]._global_config)  # type: ignore[attr-defined]


def _pandas_reads(use: StatementUse) -> bool | Iterable[str]:
    if "pandas" not in use.libraries:
        return False
    options = sys.modules["pandas._config.config"]._global_config  # type: ignore[attr-defined]
    rest = [f"{group}." for group in options if group != "display"]
    asks = use.mentions & {"get_option", "options", "option_context", "describe_option"}
    return True if use.makes_text or asks else rest


# What shows figures sets itself up when the first is drawn, and is no part of them.
_SCREEN = ("backend", "interactive")
_matplotlib = Table(
    lambda settings: {k: repr(v) for k, v in dict.items(settings) if not k.startswith(_SCREEN)}
)


def _matplotlib_settings() -> State:
    return _matplotlib.state(sys.modules["matplotlib"].rcParams)  # type: ignore[attr-defined]


def _sklearn_settings() -> State:
    return {k: repr(v) for k, v in sys.modules["sklearn"].get_config().items()}  # type: ignore[attr-defined]


def _torch_defaults() -> State:
    torch = sys.modules["torch"]
    return {
        "dtype": str(torch.get_default_dtype()),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "grad": torch.is_grad_enabled(),
        "device": str(torch.get_default_device())
        if hasattr(torch, "get_default_device")
        else "",
    }


_DIGITS = frozenset(["int", "get_int_max_str_digits"])


def _limits() -> State:
    return {"": sys.getrecursionlimit(), "digits": sys.get_int_max_str_digits()}


def _locale() -> State:
    return {"": locale.setlocale(locale.LC_ALL), "zone": repr(time.tzname)}


_SHELL_BUILTINS = frozenset(
    "_ get_ipython display exit quit __IPYTHON__ __jupyter_slicer_step__ "
    "__jupyter_slicer_loop__".split()
)
"""Put there and taken away around each cell by IPython, or ours."""


_builtins = Table(
    lambda names: {k: address(v) for k, v in names.items() if k not in _SHELL_BUILTINS}
)


def _builtin_names() -> State:
    return _builtins.state(vars(builtins))


def _log_settings() -> State:
    root = logging.getLogger()
    return {"": (root.level, len(root.handlers), logging.root.manager.disable)}


def _uses_numbers(use: StatementUse) -> bool:
    return bool(use.libraries & {"numpy", "pandas", "scipy", "sklearn"})


def _mentions(*words: str) -> Callable[[StatementUse], bool]:
    wanted = frozenset(words)
    return lambda use: bool(use.mentions & wanted)


_FOLDER_WORDS = frozenset(
    "getcwd cwd abspath realpath resolve absolute listdir scandir glob iglob rglob walk iterdir "
    "exists isfile isdir is_file is_dir stat".split()
)

PROBES: tuple[AmbientProbe, ...] = (
    AmbientProbe("random", _python_random, _mentions("getstate"), chained=True, fresh=_python_fresh),
    AmbientProbe(
        "numpy.random", _numpy_random, _mentions("get_state"), "numpy.random",
        chained=True, fresh=_numpy_fresh,
    ),
    AmbientProbe(
        "torch.random", _torch_random,
        _mentions("get_rng_state", "initial_seed", "get_rng_state_all"), "torch", chained=True,
    ),
    AmbientProbe("os.environ", _environ, lambda use: use.starts_process),
    AmbientProbe(
        "working folder", _working_folder,
        lambda use: use.starts_process or bool(use.mentions & _FOLDER_WORDS), chained=True,
    ),
    AmbientProbe("sys.path", _module_path, lambda use: use.imports or "path" in use.mentions, chained=True),
    AmbientProbe("warnings", _warning_filters, lambda use: True),
    AmbientProbe(
        "decimal", _decimal_context,
        lambda use: [
            *([""] if "decimal" in use.libraries or use.mentions & {"Decimal", "getcontext"} else ()),
            *(["flags"] if use.mentions & {"flags", "clear_flags"} else ()),
        ],
    ),
    AmbientProbe("numpy.errstate", _numpy_errors, _uses_numbers, "numpy"),
    AmbientProbe(
        "numpy.printoptions", _numpy_print,
        lambda use: (use.makes_text and _uses_numbers(use)) or "get_printoptions" in use.mentions,
        "numpy", always=False,
    ),
    AmbientProbe("pandas.options", _pandas_options, _pandas_reads, "pandas", always=False),
    AmbientProbe(
        "matplotlib.rcParams", _matplotlib_settings,
        lambda use: bool(use.libraries & {"matplotlib", "seaborn"}), "matplotlib", always=False,
    ),
    AmbientProbe("sklearn.config", _sklearn_settings, lambda use: "sklearn" in use.libraries, "sklearn", always=False),
    AmbientProbe("torch.defaults", _torch_defaults, lambda use: "torch" in use.libraries, "torch", always=False),
    AmbientProbe(
        "sys.limits", _limits,
        lambda use: [
            *([""] if use.mentions & {"getrecursionlimit", "RecursionError"} else ()),
            *(["digits"] if use.makes_text or use.mentions & _DIGITS else ()),
        ],
    ),
    AmbientProbe(
        "locale", _locale,
        lambda use: bool(use.libraries & {"time", "datetime", "locale"})
        or bool(use.mentions & {"strftime", "localtime", "localeconv"}),
    ),
    AmbientProbe("logging", _log_settings, _mentions("getLogger", "logging", "logger", "log")),
    AmbientProbe("builtins", _builtin_names, lambda use: use.mentions, holds=vars(builtins).get),
)  # fmt: skip


_CAPTURE: dict[str, Callable[[], object]] = {
    "random": lambda: random.Random.getstate(random._inst),  # type: ignore[attr-defined]
    "numpy.random": lambda: sys.modules["numpy"].random.get_state(),
    "torch.random": lambda: sys.modules["torch"].get_rng_state().numpy(),
}
_RESTORE = {
    "random": "import random\nrandom.setstate({})",
    "numpy.random": "import numpy\nnumpy.random.set_state({})",
    "torch.random": "import torch\ntorch.set_rng_state(torch.from_numpy({}))",
}


class AmbientWatch:
    """The last known state of every probe, and who changed which part."""

    def __init__(self, probes: Iterable[AmbientProbe] = PROBES) -> None:
        self.probes = {p.name: p for p in probes}
        self.last: dict[str, State] = {}
        self.failed: dict[str, str] = {}
        self.started = False
        self._first: dict[str, object] = {}

    def add(self, probe: AmbientProbe) -> None:
        """Watch one more piece of state."""
        self.probes[probe.name] = probe

    def start(self) -> None:
        """Take the state of everything that is there now."""
        self.changes(frozenset(), everything=True)
        self.started = True

    def pinned(self) -> str:
        """Python that sets the global generators as they were when recording met them."""
        lines = []
        for name, state in self._first.items():
            packed = base64.b64encode(zlib.compress(pickle.dumps(state, 5), 9)).decode()
            lines.append(
                _RESTORE[name].format(
                    f"pickle.loads(zlib.decompress(base64.b64decode({packed!r})))"
                )
            )
        return "\n".join(["import base64, pickle, zlib", *lines]) if lines else ""

    def changes(
        self,
        libraries: frozenset[str],
        everything: bool,
        seeding: bool = False,
        imports: bool = False,
    ) -> dict[str, set[str]]:
        """Parts that differ from the last look, by probe.

        ``seeding``: the statement mentions a call that seeds, which matters for a
        generator that did not exist before it. ``imports``: it is an import, which brings
        a generator in whatever state it has.
        """
        found: dict[str, set[str]] = {}
        for probe in self.probes.values():
            if probe.name in self.failed or (
                probe.library and probe.library not in sys.modules
            ):
                continue
            before = self.last.get(probe.name)
            if before is not None and not (
                probe.always or everything or self._reached(probe, libraries)
            ):
                continue
            state = self._state(probe)
            if state is None:
                continue
            self.last[probe.name] = state
            if before is None and probe.name in _CAPTURE:
                self._first[probe.name] = _CAPTURE[probe.name]()
            if before is None:
                if self.started and not imports and self._drawn(probe, state, seeding):
                    found[probe.name] = set(state)
            elif before is not state and before != state:
                found[probe.name] = {
                    os.fsdecode(part) if isinstance(part, bytes) else part
                    for part in before.keys() | state.keys()
                    if before.get(part, _NOTHING) != state.get(part, _NOTHING)
                }
        return found

    def _drawn(self, probe: AmbientProbe, state: State, seeding: bool) -> bool:
        """Whether a generator met for the first time has been seeded or drawn from."""
        return probe.fresh is not None and (seeding or not probe.fresh(state))

    def _reached(self, probe: AmbientProbe, libraries: frozenset[str]) -> bool:
        library = (probe.library or probe.name).partition(".")[0]
        return library in libraries or (library == "matplotlib" and "seaborn" in libraries)

    def _state(self, probe: AmbientProbe) -> State | None:
        try:
            return probe.state()
        except Exception as error:
            self.failed[probe.name] = f"{type(error).__name__}: {error}"
            return None


_NOTHING = object()
