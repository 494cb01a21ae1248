"""State that libraries keep where nobody can look.

A statement that calls into a library, throws the result away and leaves no visible trace
must have left an invisible one: ``socket.setdefaulttimeout(3)``. So must one that calls a
setter, or stores into a library's own containers. That is assumed, not seen.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jupyter_slicer.analysis.facts import Access, StatementFacts
from jupyter_slicer.domain.dependence import Voucher
from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.describe import is_class, is_library_module_name, module_name
from jupyter_slicer.recording.heap import Source

if TYPE_CHECKING:
    from jupyter_slicer.recording.observer import Observation

_SETTERS = (
    "set", "register", "unregister", "add", "enable", "disable", "install", "configure", "use",
    "activate", "push", "init", "signal", "patch", "umask", "field_size_limit", "pickle",
)  # fmt: skip
CALLBACKS = "callbacks"
"""Stands for what runs the user's functions later, and by itself."""
_RUN_LATER = frozenset(
    "threading _thread weakref signal asyncio _asyncio sched concurrent multiprocessing atexit gc "
    "tornado".split()
)
_SHOWS = frozenset(
    "print display show sleep info debug warning error critical exception log collect warn "
    "pprint figure plot title xlabel ylabel legend tight_layout close subplot subplots".split()
)
_SHOWING = ("print_", "show_", "plot_", "display_", "draw_", "report_")
_SHOWING_LIBRARIES = frozenset(
    "matplotlib seaborn IPython builtins tqdm time pprint plotly altair bokeh".split()
)


@dataclass(slots=True)
class HiddenState:
    """Which statements may have written a library's hidden state."""

    writers: dict[str, dict[Step, None]] = field(default_factory=dict)

    def after(self, seen: Observation, namespace: Mapping[str, object]) -> None:
        facts = seen.facts
        if "__future__" in facts.imports:
            self._write("__future__", seen.step)
        if facts.is_import:
            for name in _set_by_importing(facts.imports):
                self._write(name, seen.step)
        if any(name.startswith("register") for name in facts.called):
            self._registered(facts, seen, namespace)
        for name in facts.callers:
            if root_module(namespace.get(name)) in _RUN_LATER:
                self._write(CALLBACKS, seen.step)
        if facts.is_import or facts.compound or seen.ambient or seen.files.written:
            return
        if seen.files.process:
            return  # another program cannot write this one's state
        visible = bool(seen.changed)
        if facts.discards and not visible and not any(map(_shows, facts.called)):
            names = facts.callers
        elif any(name.startswith(_SETTERS) for name in facts.called) and not visible:
            names = facts.callers
        else:
            names = frozenset(a.name for a in facts.stores if len(a.path) > 1)
        for name in names:
            library = _library(namespace.get(name))
            if library is not None and library not in _SHOWING_LIBRARIES:
                self._write(library, seen.step)
                for access in facts.stores:
                    for _, item in access.path:
                        self._write(str(item), seen.step)

    def _registered(
        self, facts: StatementFacts, seen: Observation, namespace: Mapping[str, object]
    ) -> None:
        """What is registered with a library under a name is found under that name."""
        if any(_library(namespace.get(name)) for name in facts.callers):
            for word in facts.strings:
                if word.isidentifier():
                    self._write(word, seen.step)

    def _write(self, word: str, step: Step) -> None:
        self.writers.setdefault(word, {})[step] = None

    def steps(self, word: str) -> Iterable[Step]:
        """The writers of one library or name."""
        return self.writers.get(word, ())

    def read(self, words: set[str] | frozenset[str], sources: set[Source]) -> None:
        """Add the writers of the libraries and names that a statement mentions."""
        for word, steps in self.writers.items():
            if word in words:
                for step in steps:
                    sources.add(Source(step, f"{word} (hidden state)", Voucher.ASSUMED))


@dataclass(slots=True)
class Submodules:
    """What an import does besides binding a name.

    ``import a.b`` sets ``b`` on ``a``, though ``a`` was bound before.
    """

    writers: dict[str, Step] = field(default_factory=dict)
    imported: dict[str, Step] = field(default_factory=dict)
    """Which statement put each module into ``sys.modules``."""

    def after(self, step: Step, facts: StatementFacts) -> None:
        if facts.is_import:
            for name in facts.imports:
                self.imported.setdefault(name, step)
                if "." in name:
                    self.writers.setdefault(name, step)

    def named(self, facts: StatementFacts, sources: set[Source]) -> None:
        """``del sys.modules["a"]`` needs that ``a`` is there."""
        if "modules" in facts.mentions:
            for name in facts.strings:
                if name in self.imported:
                    sources.add(Source(self.imported[name], name))

    def read(self, access: Access, module: object, sources: set[Source]) -> None:
        if not self.writers or type(module) is not types.ModuleType:
            return
        dotted = module.__name__
        for op, item in access.path:
            if op != ".":
                return
            dotted = f"{dotted}.{item}"
            if dotted in self.writers:
                sources.add(Source(self.writers[dotted], access.name))


def _shows(function: str) -> bool:
    """Whether a function is one that shows something, by its name: ``print_header``."""
    return function in _SHOWS or function.startswith(_SHOWING)


def _set_by_importing(names: Iterable[str]) -> Iterable[str]:
    """Attributes that imported modules of libraries set on other modules.

    from sklearn.experimental import enable_halving_search_cv
    from sklearn.model_selection import HalvingGridSearchCV
    """
    dotted = {f"{a}.{b}" for a in names for b in names}.union(names)
    for module in (sys.modules.get(name) for name in dotted):
        if type(module) is types.ModuleType and is_library_module_name(module.__name__):
            others = [v for v in vars(module).values() if type(v) is types.ModuleType]
            for word in _set_by(module.__name__):
                if any(word in vars(other) for other in others):
                    yield word


@lru_cache(1000)
def _set_by(module: str) -> frozenset[str]:
    """What the text of a module may set on others when it is imported."""
    loader: Any = getattr(sys.modules[module].__spec__, "loader", None)
    try:
        code = loader.get_code(module)
    except Exception:  # it has no text, or what loads it does not give it
        return frozenset()
    if code is None or "setattr" not in code.co_names:
        return frozenset()
    return frozenset(c for c in code.co_consts if type(c) is str and c.isidentifier())


def root_module(value: object) -> str:
    """The package of a module, function or class; else that of a value's own class."""
    if type(value) is types.ModuleType:
        name: object = value.__name__
    elif type(value) is types.FunctionType or type(value) is types.BuiltinFunctionType:
        name = value.__module__
    else:
        name = module_name(value if is_class(value) else type(value))
    return str(name).partition(".")[0]


def _library(value: object) -> str | None:
    """The top-level package of a library module, function or class."""
    named = type(value) in (types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    if not named and not is_class(value):
        return None
    root = root_module(value)
    return root if is_library_module_name(root) else None
