"""What users type for iterations, numbers and sizes."""

from __future__ import annotations

from jupyter_slicer.errors import UsageError


def number_of(text: str) -> int:
    if not text.isdigit():
        raise UsageError(f"{text!r} is not a number. Runs and iterations are numbers.")
    return int(text)


def iterations_of(text: str, count: int) -> list[int]:
    """``3,7:12`` is 3 and 7 to 11, as in a slice of Python; ``count`` ends an open one."""
    found: list[int] = []
    for part in text.split(","):
        first, colon, last = part.partition(":")
        if not colon:
            found.append(number_of(first))
            continue
        begin = number_of(first) if first else 0
        found += range(begin, number_of(last) if last else count)
    return found


_UNITS = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "b": 1.0, "": 1.0}


def bytes_of(text: str) -> int:
    lower = text.lower().strip()
    for unit, factor in _UNITS.items():
        digits = lower.removesuffix(unit).strip()
        if lower.endswith(unit) and digits.replace(".", "", 1).isdigit():
            return int(float(digits) * factor)
    raise UsageError(f"{text!r} is not a size. Write 500MB or 2GB.")
