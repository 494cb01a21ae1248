"""Where a module would be imported from, found out without importing it."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

from jupyter_slicer.recording.ambient import finders_of_users
from jupyter_slicer.recording.describe import is_library_file, is_library_module_name


def is_installed(root: str) -> bool:
    """Whether a module with this first name is Python's own or an installed package's."""
    if root in sys.modules:
        return is_library_module_name(root)
    if root in sys.stdlib_module_names:
        return True
    if not root or finders_of_users():
        return False
    try:
        spec = PathFinder.find_spec(root)
    except Exception:  # the import itself will say why
        return False
    return spec is not None and spec.origin is not None and is_library_file(spec.origin)
