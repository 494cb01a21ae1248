"""Numbers that libraries count up, as for the names of what they make.

In: the classes of new objects. Out: the statements that an object's number depends on.

    first = control.tf([1], [1, 1])     # ``sys[0]``
    second = control.tf([2], [1, 1])    # ``sys[1]``, because there is a first
"""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.describe import (
    is_library_module_name,
    module_name,
    type_name,
)
from jupyter_slicer.recording.heap import Source
from jupyter_slicer.values.look import address, class_dict, mro

_MOST = 500
"""So many are watched: numbers that never change are among them."""


@dataclass(slots=True)
class _Counter:
    owner: str
    """The class or the module that keeps it."""
    held: Mapping[str, object]
    name: str
    count: int | str
    writers: tuple[Step, ...]
    """Statements that may have counted since an object was last given a number."""


class Counters:
    """Those of all library classes of which the notebook has had an instance, and of the
    modules that define them."""

    def __init__(self) -> None:
        self._watched: list[_Counter] = []
        self._met: set[str] = set()

    def after(self, step: Step, kinds: Iterable[type], sources: set[Source]) -> None:
        """``kinds``: the classes of objects that the statement has made."""
        found = {address(kind): kind for kind in kinds}
        owners = {n: held for kind in found.values() for n, held in _owners(kind)}
        for counter in self._watched:
            count = _count(counter.held.get(counter.name))
            if count is None or count == counter.count:
                continue
            counter.count = count
            if counter.owner in owners:
                where = f"{counter.owner}.{counter.name} (state)"
                sources.update(Source(writer, where) for writer in counter.writers)
                counter.writers = (step,)
            else:
                counter.writers = (*counter.writers, step)
        for owner in owners.keys() - self._met:
            self._met.add(owner)
            self._watch(owner, owners[owner], step)

    def _watch(self, owner: str, held: Mapping[str, object], step: Step) -> None:
        for name, value in list(held.items()):
            count = None if name.isupper() or name[:2] == "__" else _count(value)
            if count is not None and len(self._watched) < _MOST:
                self._watched.append(_Counter(owner, held, name, count, (step,)))


def _owners(kind: type) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The namespaces of a class's library bases and of the modules that define them."""
    for base in mro(kind):
        module = module_name(base)
        if is_library_module_name(module):
            yield f"{module}.{type_name(base)}", class_dict(base)
            found = sys.modules.get(module)
            if type(found) is types.ModuleType:
                yield module, vars(found)


def _count(value: object) -> int | str | None:
    """How far a counter has come; None for what is none."""
    if type(value) is int:
        return value
    if type(value) is types.MethodWrapperType:  # ``itertools.count().__next__``
        value = value.__self__
    return repr(value) if type(value) is itertools.count else None
