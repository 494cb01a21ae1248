"""Which distributions a program imports."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder


@dataclass(frozen=True, slots=True)
class Requirements:
    """What must be installed for a program, and what must lie beside it."""

    pinned: tuple[str, ...]
    """As in ``numpy==2.4.6``, sorted."""
    local: tuple[str, ...] = ()
    """Modules from the user's folder, as file names."""


def requirements(text: str, folder: str) -> Requirements:
    """Pinned distributions and local modules of the imports anywhere in a program."""
    pinned: set[str] = set()
    local: set[str] = set()
    for module in sorted(imported_modules(text)):
        top = module.split(".")[0]
        if top in sys.stdlib_module_names or top == "__future__":
            continue
        names = _distributions(module)
        if names:
            pinned.update(f"{name}=={importlib.metadata.version(name)}" for name in names)
        elif (path := _beside(top, folder)) is not None:
            local.add(path)
    return Requirements(tuple(sorted(pinned, key=str.lower)), tuple(sorted(local)))


def imported_modules(text: str) -> frozenset[str]:
    """Full names, ``from a.b import c`` giving ``a.b`` and, as it may be one, ``a.b.c``."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names.update(inner & sys.modules.keys() or {node.module})
    return frozenset(names)


@cache
def _by_package() -> dict[str, list[str]]:
    found = importlib.metadata.packages_distributions()
    return {package: sorted(set(names)) for package, names in found.items()}


def _distributions(module: str) -> list[str]:
    """The distributions of a module; of a namespace that several share, those that own it."""
    names = _by_package().get(module.split(".")[0], [])
    if len(names) < 2:
        return names
    path = getattr(sys.modules.get(module), "__file__", None)
    return [name for name in names if path and _owns(name, path)] or names


def _owns(distribution: str, path: str) -> bool:
    files = importlib.metadata.files(distribution) or []
    real = os.path.realpath(path)
    return any(
        file.name == os.path.basename(path) and os.path.realpath(str(file.locate())) == real
        for file in files
    )


def _beside(module: str, folder: str) -> str | None:
    spec = PathFinder.find_spec(module, [folder])
    if spec is None:
        return None
    package = spec.submodule_search_locations is not None
    return f"{module}/" if package else os.path.basename(spec.origin or f"{module}.py")
