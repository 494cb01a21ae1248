"""Whether the inputs are still what the session read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from jupyter_slicer.domain import FileUse


def changed_inputs(inputs: Iterable[FileUse]) -> tuple[str, ...]:
    """Names of inputs whose size or content is another now, or that are gone."""
    return tuple(
        dict.fromkeys(os.path.basename(use.path) for use in inputs if _has_changed(use))
    )


def _has_changed(use: FileUse) -> bool:
    try:
        if use.size is not None and os.path.getsize(use.path) != use.size:
            return True
        if use.sha256 is None:
            return not os.path.exists(use.path)
        with open(use.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != use.sha256
    except OSError:
        return True
