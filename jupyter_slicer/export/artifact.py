"""Values saved beside a program that loads them instead of computing them again."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

from jupyter_slicer.errors import CannotWrite


def save_artifact(name: str, value: Any, folder: str) -> str:
    """Write a value next to the program; gives the file's path.

    Arrays become ``.npy``, everything else a pickle, which is code to whoever loads it:
    the file is readable by its owner only. Raises ``CannotWrite``.
    """
    numpy = sys.modules.get("numpy")
    plain = numpy is not None and type(value) is numpy.ndarray and not value.dtype.hasobject
    path = Path(folder) / f"{name}.{'npy' if plain else 'pickle'}"
    try:
        with open(path, "wb", opener=_private) as file:
            if plain and numpy is not None:
                numpy.save(file, value)
            else:
                pickle.dump(value, file, protocol=5)
    except OSError as error:
        raise CannotWrite(str(path), error.strerror or str(error)) from None
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise CannotWrite(str(path), f"{name} cannot be saved ({error})") from None
    return str(path)


def load_text(name: str, path: str) -> str:
    """Python that loads what ``save_artifact`` wrote."""
    if path.endswith(".npy"):
        return f"import numpy\n{name} = numpy.load({path!r})"
    return f'import pickle\nwith open({path!r}, "rb") as file:\n    {name} = pickle.load(file)'


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
