"""Attributes set on library modules and classes (monkeypatching).

Libraries are not looked at as a whole. When a statement could set an attribute on one,
the modules and classes that the notebook's names lead to are compared before and after.
"""

from __future__ import annotations

import builtins
import sys
import types
from dataclasses import dataclass

from jupyter_slicer.analysis.facts import StatementFacts
from jupyter_slicer.domain.dependence import Voucher
from jupyter_slicer.domain.step import Step
from jupyter_slicer.recording.describe import (
    is_class,
    is_library_file,
    is_library_module_name,
    module_name,
)
from jupyter_slicer.recording.heap import Source

_PATCH_WORDS = frozenset(
    "setattr delattr patch object __dict__ vars reload exec register update import_module "
    "modules __import__".split()
)


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
        self._before: dict[str, tuple[object, dict[str, int]]] = {}

    def before(self, facts: StatementFacts, mentions: set[str]) -> None:
        self._before = {}
        imports_unknown = any(
            name.partition(".")[0] not in sys.modules
            and name.partition(".")[0] not in sys.stdlib_module_names
            for name in facts.imports
        )
        on_library = any(
            issubclass(type(self.ns.get(access.name)), type | types.ModuleType)
            for access in facts.stores
        )
        if on_library or imports_unknown or mentions & _PATCH_WORDS:
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
            if value is builtins:
                continue  # a probe watches those
            if type(value) is types.ModuleType and is_library_file(
                getattr(value, "__file__", None)
            ):
                owners[id(value)] = value
            elif is_class(value) and is_library_module_name(module_name(value)):
                owners[id(value)] = value
        for access in facts.stores:
            value = self.ns.get(access.name)
            for _, item in access.path[:-1]:
                value = vars(value).get(str(item)) if type(value) is types.ModuleType else None
                if issubclass(type(value), type | types.ModuleType):
                    owners[id(value)] = value
        return list(owners.values())

    def _counts(self, owner: object, attribute: str) -> bool:
        """A submodule that an import put there, or a library's cache, is no patch."""
        value = vars(owner).get(attribute)  # type: ignore[arg-type]
        if type(value) is types.ModuleType and value.__name__.endswith(attribute):
            return False
        return not attribute.startswith("_") or attribute.startswith("__")


def _attributes(owner: object) -> dict[str, int]:
    return {k: id(v) for k, v in list(vars(owner).items())}  # type: ignore[arg-type]


def _name_of(owner: object) -> str:
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}"
    return str(getattr(owner, "__name__", "?"))
