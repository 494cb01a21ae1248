"""Values saved beside a program that loads them instead of computing them again."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
from typing import Any

from jupyter_slicer.domain import FileUse, Step
from jupyter_slicer.errors import CannotWrite
from jupyter_slicer.export.writing import VALUE_MARK, write_whole


def save_artifact(
    name: str, value: Any, folder: str, *, step: Step, force: bool = False
) -> FileUse:
    """Write a value next to the program that loads it at ``step``.

    Arrays become ``.npy``, everything else a pickle, which is code to whoever loads it:
    the file is readable by its owner only. Raises ``CannotWrite``, ``WouldOverwrite``.
    """
    numpy = sys.modules.get("numpy")
    plain = numpy is not None and type(value) is numpy.ndarray and not value.dtype.hasobject
    path = os.path.abspath(os.path.join(folder, f"{name}.{'npy' if plain else 'pickle'}"))
    content = io.BytesIO()
    try:
        if plain and numpy is not None:
            numpy.save(content, value)
        else:
            pickle.dump(value, content, protocol=5)
    except Exception as error:  # the user's own methods may be part of it
        why = f"{type(error).__name__}: {error}"
        raise CannotWrite(path, f"{name} cannot be saved ({why})") from None
    content.write(VALUE_MARK)
    whole = content.getvalue()
    write_whole(path, whole, force=force, mode=0o600)
    return FileUse(path, step, "r", len(whole), hashlib.sha256(whole).hexdigest())


def load_text(name: str, path: str) -> str:
    """Python that loads what ``save_artifact`` wrote."""
    if path.endswith(".npy"):
        return f"import numpy\n{name} = numpy.load({path!r})"
    return f'import pickle\nwith open({path!r}, "rb") as file:\n    {name} = pickle.load(file)'
