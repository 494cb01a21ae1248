"""Attributes set on library modules and classes (monkeypatching).

Libraries are not looked at as a whole. When a statement could set an attribute on one,
the modules and classes that the notebook's names lead to are compared before and after.
"""

from __future__ import annotations

import builtins
import sys
import types
from dataclasses import dataclass

from jupyter_slicer.analysis.facts import PathItem, StatementFacts
from jupyter_slicer.domain.dependence import Voucher
from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.describe import (
    STORES_ATTRIBUTES,
    is_class,
    is_library_file,
    is_library_module_name,
    module_name,
)
from jupyter_slicer.recording.heap import Source
from jupyter_slicer.values.look import address

_PATCH_WORDS = frozenset(
    "setattr delattr patch object __dict__ vars reload exec register update import_module "
    "modules __import__".split()
)


_PATCHERS = frozenset("unittest mock pytest".split())
"""Libraries whose objects patch others when they are told to."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One attribute of a library that a statement set."""

    owner: str
    attribute: str
    replaced: bool
    """Whether it was there before, so that the library's own code may use it."""
    step: Step


class PatchWatch:
    """Compares libraries around statements that could patch them."""

    def __init__(self, user_ns: dict[str, object]) -> None:
        self.ns = user_ns
        self.patches: dict[tuple[str, str], Patch] = {}
        self._patched: dict[str, object] = {}
        self._words: set[str] = set()
        self._before: dict[str, tuple[object, dict[str, int]]] = {}

    def before(self, facts: StatementFacts, mentions: set[str], libraries: set[str]) -> None:
        self._before = {}
        self._words = mentions | set(facts.strings)
        imports_unknown = any(
            name.partition(".")[0] not in sys.modules
            and name.partition(".")[0] not in sys.stdlib_module_names
            for name in facts.imports
        )
        # What is stored in may be a library wherever the text does not show that it is not.
        may_be_library = STORES_ATTRIBUTES in mentions or any(
            path[-1][0] == "." and self._leads_to_library(name, path[:-1])
            for name, path in facts.attribute_stores
        )
        patching = bool(mentions & _PATCH_WORDS or libraries & _PATCHERS)
        if may_be_library or imports_unknown or patching:
            for owner in self._owners(facts):
                self._before[_name_of(owner)] = (owner, _attributes(owner))

    def after(self, step: Step, sources: set[Source]) -> None:
        for name, (owner, before) in self._before.items():
            now = _attributes(owner)
            if now == before:
                continue
            for attribute in now.keys() | before.keys():
                if now.get(attribute) != before.get(attribute) and self._counts(
                    owner, attribute
                ):
                    patch = Patch(name, attribute, attribute in before, step)
                    self.patches[name, attribute] = patch
                    self._patched[name] = owner
        self._before = {}

    def read(self, words: set[str], libraries: set[str], sources: set[Source]) -> list[object]:
        """Add the statements behind patches that are in use; gives the values they set."""
        used = []
        for patch in self.patches.values():
            inside = patch.replaced and patch.owner.partition(".")[0] in libraries
            if patch.attribute in words or inside:
                where = f"{patch.owner}.{patch.attribute}"
                sources.add(Source(patch.step, where, Voucher.STATIC))
                owner = self._patched[patch.owner]
                used.append(vars(owner).get(patch.attribute))  # type: ignore[arg-type]
        return used

    def values(self) -> list[object]:
        """What the patches have put there, to be looked at like the user's own."""
        found = []
        for name, attribute in self.patches:
            owner = self._patched.get(name)
            value = vars(owner).get(attribute) if owner is not None else None  # type: ignore[arg-type]
            if value is not None:
                found.append(value)
        return found

    def _owners(self, facts: StatementFacts) -> list[object]:
        """Library modules and classes that the notebook's names lead to."""
        owners: dict[int, object] = {}
        for value in list(self.ns.values()):
            if type(value) is types.ModuleType and is_library_file(
                getattr(value, "__file__", None)
            ):
                owners[address(value)] = value
            elif is_class(value) and is_library_module_name(module_name(value)):
                owners[address(value)] = value
        for access in facts.reads:
            value = self._at(access.name, access.path)
            if is_class(value) and is_library_module_name(module_name(value)):
                owners[address(value)] = value
        for name, path in facts.attribute_stores:
            value = self._at(name, path[:-1])
            if issubclass(type(value), type | types.ModuleType):
                owners[address(value)] = value
            elif value is not None and is_library_module_name(module_name(type(value))):
                owners[address(type(value))] = type(value)
        # A function may import what it patches.
        for text in (*facts.strings, *self._words):
            found = sys.modules.get(text) or sys.modules.get(text.rpartition(".")[0])
            if type(found) is types.ModuleType:
                owners[address(found)] = found
        owners.update({address(owner): owner for owner in self._patched.values()})
        owners.pop(address(builtins), None)  # a probe watches those
        return list(owners.values())

    def _at(self, name: str, path: tuple[PathItem, ...]) -> object:
        """What a constant path leads to, through modules and plain containers."""
        value: object = self.ns.get(name)
        for op, item in path:
            if op == "." and type(value) is types.ModuleType:
                value = vars(value).get(str(item))
            elif op == "[]" and type(value) in (dict, list, tuple):
                try:
                    value = value[item]  # type: ignore[index]
                except LookupError:
                    return None
            else:
                return None
        return value

    def _leads_to_library(self, name: str, path: tuple[PathItem, ...]) -> bool:
        """Whether it is a module or a class, or may be: the path is not plain."""
        if name not in self.ns:
            return True  # a loop's own variable, or the value of a call
        value = self._at(name, path)
        return value is None or issubclass(type(value), type | types.ModuleType)

    def _counts(self, owner: object, attribute: str) -> bool:
        """A submodule that an import put there, or a library's cache, is no patch."""
        value = vars(owner).get(attribute)  # type: ignore[arg-type]
        if type(value) is types.ModuleType and value.__name__.endswith(attribute):
            return False
        private = attribute.startswith("_") and not attribute.startswith("__")
        return not private or attribute in self._words


def _attributes(owner: object) -> dict[str, int]:
    return {k: address(v) for k, v in list(vars(owner).items())}  # type: ignore[arg-type]


def _name_of(owner: object) -> str:
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}"
    return str(getattr(owner, "__name__", "?"))
