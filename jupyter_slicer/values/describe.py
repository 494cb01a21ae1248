"""One description for every kind of object; the first describer that knows it wins."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_slicer.values import arrays, builtin, code, frames, instances, pictures, tensors
from jupyter_slicer.values.description import Description, Part, Walk
from jupyter_slicer.values.look import is_genuine, mro, qualified_name, remembered

Describer = Callable[[object, Walk], Description]

_BY_NAME: dict[str, Describer] = {
    **builtin.DESCRIBERS,
    **code.DESCRIBERS,
    **arrays.DESCRIBERS,
    **frames.DESCRIBERS,
    **tensors.DESCRIBERS,
    **pictures.DESCRIBERS,
}
"""By a base class's qualified name, so that no library need be imported to be known."""


def describe(value: object, walk: Walk) -> Description:
    if type(value) is Part:
        return value.description
    describer = _choose(type(value))
    try:
        return describer(value, walk)
    except (TimeoutError, MemoryError, RecursionError):
        raise
    except Exception as error:  # a library's accessor failed: the part is opaque
        return walk.hide(qualified_name(type(value)), type(error).__name__)


@remembered
def _choose(cls: type) -> Describer:
    for base in mro(cls):
        describer = _BY_NAME.get(qualified_name(base))
        if describer is not None and is_genuine(base):
            return describer
    return instances.describe_instance
