"""State as one stream: what the loop can reach, with aliases kept and big buffers apart.

Objects that belong to the notebook's text (its functions, its classes, modules) are
written as their names. What no pickle can hold becomes a ``Lost``, and is named.
"""

from __future__ import annotations

import copyreg
import importlib
import io
import marshal
import pickle
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_slicer.hindsight.lost import Lost, kind_of

APART = 32 << 10
"""Buffers from this size on, in bytes, are kept apart from the stream: a file for each costs
more than what storing a smaller one twice does."""

_FunctionType, _ModuleType, _CellType = types.FunctionType, types.ModuleType, types.CellType


CONSTANT = "constant"
"""Mark before what the loop does not seem to change."""


@dataclass(frozen=True)
class Stream:
    """A picture of some objects; the buffers are views of the live memory."""

    data: bytes
    buffers: tuple[memoryview, ...]
    names: frozenset[str] = frozenset()
    """Functions and classes of the notebook that it refers to."""
    lost: tuple[str, ...] = ()
    """Types of the objects that it could not hold."""
    lost_objects: tuple[object, ...] = field(default=(), repr=False, compare=False)
    """Those objects, in the order in which ``load`` wants to be given others."""
    constant_from: int = 1 << 60
    """Number of the first buffer that only what looks constant leads to."""
    keeps: tuple[object, ...] = field(default=(), repr=False, compare=False)
    """What the buffers belong to."""


class Mark:
    """Tells the pickler where it is; left out of the stream's meaning."""

    def __init__(self, name: str) -> None:
        self.name = name


Cells = Mapping[str, types.CellType]
"""Variables that the loop's frame shares with functions defined in it."""
Codes = Callable[[types.CodeType], types.CodeType]


def dump(value: object, namespace: Mapping[str, Any], cells: Cells = {}) -> Stream:  # noqa: B006
    """Raises what the user's own ``__reduce__`` raises."""
    file = io.BytesIO()
    pickler = _Pickler(file, namespace, cells)
    pickler.dump(value)
    return Stream(
        file.getvalue(),
        tuple(pickler.views),
        frozenset(pickler.names),
        tuple(pickler.lost),
        tuple(pickler.lost_objects),
        pickler.constant_from,
        tuple(pickler.keeps),
    )


def load(
    data: bytes,
    buffers: Iterable[Any],
    namespace: dict[str, Any],
    cells: Cells = {},  # noqa: B006
    lost: Sequence[object] = (),
    edited: Codes = lambda code: code,
) -> Any:
    """Objects anew; the notebook's functions and classes are found in ``namespace``.

    ``lost`` stand for those that the stream could not hold; ``edited`` gives for the code of a
    function without a name of its own what its text says now.
    """
    _Names.current, _Names.cells, _Names.lost = namespace, cells, lost
    _Names.edited = edited
    try:
        return pickle.loads(data, buffers=buffers)
    finally:
        _Names.current, _Names.cells, _Names.lost = {}, {}, ()
        _Names.edited = lambda code: code


class _Names:
    """Where names lead while a stream is loaded."""

    current: dict[str, Any] = {}  # noqa: RUF012
    cells: Cells = {}  # noqa: RUF012
    lost: Sequence[object] = ()
    edited: Codes = lambda code: code


def _taken(buffer: pickle.PickleBuffer, views: list[memoryview]) -> bool:
    """True for what is small enough to go into the stream itself."""
    view = buffer.raw()
    if view.nbytes < APART:
        return True
    views.append(view)
    return False


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, namespace: Mapping[str, Any], cells: Cells) -> None:
        views: list[memoryview] = []
        # Not a method: a circle would keep all of the state until the next collection.
        super().__init__(file, protocol=5, buffer_callback=lambda b: _taken(b, views))
        self._namespace = namespace
        self._cells = {id(cell): name for name, cell in cells.items()}
        self._storages: dict[int, _Storage] = {}
        self.views = views
        self.keeps: list[object] = []
        self.names: set[str] = set()
        self.lost: dict[str, None] = {}
        self.lost_objects: list[object] = []
        self.constant_from = 1 << 60
        self.mark = ""

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        try:
            special = _SPECIAL.get(kind)
            if special is not None:
                return special(self, value)
            if issubclass(kind, type):
                return self._class(value)
            module = kind.__module__
            if module == "numpy":
                return _array(value) if kind.__name__ == "ndarray" else NotImplemented
            if module.startswith("torch") or _is_torchs(value):
                return _torch(self, value)
            if kind in copyreg.dispatch_table:
                return NotImplemented
            reduced = value.__reduce_ex__(5)
            if type(reduced) is str and getattr(value, "__module__", "") == "__main__":
                return self._by_name(value, reduced)
            if _holds_pointers(reduced):
                return self._lose(value)
            return _set_plainly(kind, reduced)
        except RecursionError:
            raise
        except Exception:
            return self._lose(value)

    def _lose(self, value: object) -> Any:
        self.lost_objects.append(value)
        name = kind_of(value)
        self.lost[f"{self.mark}{name}"] = None
        return _lost, (name, len(self.lost_objects) - 1)

    def _by_name(self, value: object, name: str) -> Any:
        """What says itself that it is found by its name: one behind ``functools.cache``."""
        if not self._names_it(name, value):
            return self._lose(value)
        self.names.add(name.partition(".")[0])
        return _by_name, (name,)

    def _function(self, value: types.FunctionType) -> Any:
        name = value.__qualname__
        if self._names_it(name, value):
            self.names.add(name.partition(".")[0])
            return _by_name, (name,)
        if _is_importable(value, name):
            return NotImplemented
        return self._function_by_value(value)

    def _function_by_value(self, value: types.FunctionType) -> Any:
        """A lambda, or a function made by a function: its code and what it closes over."""
        home = None if value.__globals__ is self._namespace else value.__module__
        if home is not None and vars(sys.modules[home]) is not value.__globals__:
            return self._lose(value)
        made = (
            marshal.dumps(value.__code__), home, value.__name__, value.__defaults__,
            value.__closure__,
        )  # fmt: skip
        rest = (value.__kwdefaults__, value.__qualname__, value.__dict__)
        return _make_function, made, rest, None, None, _complete_function

    def _class(self, value: type) -> Any:
        name = value.__qualname__
        if value.__module__ == "__main__":
            if "<locals>" in name:
                return self._lose(value)
            self.names.add(name.partition(".")[0])
            return _by_name, (name,)
        if value in _UNNAMED:
            return _type_of_types, (_UNNAMED[value],)
        return NotImplemented

    def _names_it(self, name: str, value: object) -> bool:
        found: Any = self._namespace.get(name.partition(".")[0])
        for part in name.split(".")[1:]:
            found = vars(found).get(part) if isinstance(found, type) else None
            found = getattr(found, "__func__", found)
        return found is value

    def _module(self, value: types.ModuleType) -> Any:
        if vars(value) is self._namespace:
            return _by_name, ("",)
        if sys.modules.get(value.__name__) is not value:
            return self._lose(value)
        return importlib.import_module, (value.__name__,)

    def _cell(self, value: types.CellType) -> Any:
        try:
            held: tuple[object, ...] = (value.cell_contents,)
        except ValueError:
            held = ()
        return _make_cell, (self._cells.get(id(value), ""),), held, None, None, _fill_cell

    def _marked(self, value: Mark) -> Any:
        if value.name == CONSTANT:
            self.constant_from = len(self.views)
        else:
            self.mark = value.name
        return Mark, (value.name,)


_SPECIAL: dict[type, Callable[[_Pickler, Any], Any]] = {
    _FunctionType: _Pickler._function,
    _ModuleType: _Pickler._module,
    _CellType: _Pickler._cell,
    Mark: _Pickler._marked,
}


class LostClass:
    """Stands for a class of a function that does not run: its objects have their attributes."""


def _lost(kind: str, number: int) -> object:
    found = _Names.lost[number] if number < len(_Names.lost) else Lost(kind)
    return LostClass if kind == "type" and type(found) is Lost else found


def _holds_pointers(reduced: object) -> bool:
    """Whether an object is a shell around memory of a C library: ``xgboost.DMatrix``."""
    if type(reduced) is not tuple or len(reduced) < 3 or type(reduced[2]) is not dict:
        return False
    return any(type(type(v)).__module__ == "_ctypes" for v in reduced[2].values())


def _set_plainly(kind: type, reduced: Any) -> Any:
    """Who passes questions on to what it wraps must not be asked while it is empty:

    def __getattr__(self, name):
        return getattr(self._wrapped, name)     # asked for ``__setstate__``, for ever
    """
    if not hasattr(kind, "__getattr__") or hasattr(kind, "__setstate__"):
        return reduced
    plain = type(reduced) is tuple and len(reduced) >= 3 and reduced[0] is copyreg.__newobj__  # type: ignore[attr-defined]
    if not plain or type(reduced[2]) not in (dict, tuple):
        return reduced
    return (*(*reduced, None, None)[:5], _set_state)


def _set_state(value: object, state: Any) -> None:
    own, slots = state if type(state) is tuple else (state, None)
    if own:
        object.__getattribute__(value, "__dict__").update(own)
    for name, held in (slots or {}).items():
        object.__setattr__(value, name, held)


_UNNAMED = {
    kind: name
    for name, kind in vars(types).items()
    if isinstance(kind, type) and kind.__module__ == "builtins"
}
"""Types that ``builtins`` does not have under their name, as ``function``."""


def _type_of_types(name: str) -> type:
    found: type = getattr(types, name)
    return found


def _is_importable(value: types.FunctionType, name: str) -> bool:
    found: Any = sys.modules.get(value.__module__)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is value


def _by_name(name: str) -> Any:
    if not name:
        return sys.modules["__main__"]
    first, *rest = name.split(".")
    found = _Names.current[first]
    for part in rest:
        found = getattr(found, part)
    return found


def _make_function(
    code: bytes,
    home: str | None,
    name: str,
    defaults: tuple[object, ...] | None,
    closure: tuple[types.CellType, ...] | None,
) -> types.FunctionType:
    where = _Names.current if home is None else vars(importlib.import_module(home))
    recorded = marshal.loads(code)
    now = _Names.edited(recorded)
    if now is not recorded:
        cells = dict(zip(recorded.co_freevars, closure or (), strict=True))
        closure = tuple(cells.get(n) or _CellType() for n in now.co_freevars)
    return _FunctionType(now, where, name, defaults, closure or None)


def _complete_function(function: types.FunctionType, rest: tuple[Any, str, Any]) -> None:
    function.__kwdefaults__, function.__qualname__, attributes = rest
    function.__dict__.update(attributes)


def _make_cell(name: str) -> types.CellType:
    return _Names.cells.get(name) or _CellType()


def _fill_cell(cell: types.CellType, held: tuple[object, ...]) -> None:
    if held:
        cell.cell_contents = held[0]


# -- numpy -----------------------------------------------------------------------------


def _array(value: Any) -> Any:
    """A view leads to the array that owns the memory, so that both share it again."""
    owner = value
    while type(owner.base) is type(value):
        owner = owner.base
    if owner is value or owner.dtype.hasobject or not _has_one_block(owner):
        return NotImplemented
    offset = value.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return _view, (owner, value.dtype, value.shape, value.strides, offset)


def _has_one_block(array: Any) -> bool:
    return bool(array.flags.c_contiguous or array.flags.f_contiguous)


def _view(owner: Any, dtype: Any, shape: Any, strides: Any, offset: int) -> Any:
    block = owner if owner.flags.c_contiguous else owner.T
    return type(owner)(shape, dtype, block, offset, strides)


# -- torch -----------------------------------------------------------------------------


class _Storage:
    """One block of a tensor's memory; two tensors on it lead to one of these."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage


def _is_torchs(value: object) -> bool:
    """Also of a class of the user's."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "optim"):
        return False
    return isinstance(value, (torch.Tensor, torch.optim.Optimizer))


def _torch(pickler: _Pickler, value: Any) -> Any:
    torch = sys.modules["torch"]
    if isinstance(value, torch.Tensor):
        return _tensor(torch, value)
    kind = type(value)
    if kind is torch.storage.TypedStorage:
        return _typed_storage, (_block(pickler, value._untyped_storage), value.dtype)
    if kind is torch.storage.UntypedStorage:
        return _same, (_block(pickler, value),)
    if kind is torch.Generator:
        return _generator, (str(value.device), value.get_state())
    if kind in copyreg.dispatch_table:
        return NotImplemented
    if isinstance(value, torch.optim.Optimizer):
        return _optimizer(torch, value)
    return value.__reduce_ex__(5)


def _optimizer(torch: Any, value: Any) -> Any:
    """torch itself keeps three attributes: not ``_params`` of ``LBFGS``, no hooks, and nothing
    that a class of the user's adds."""
    reduced = value.__reduce_ex__(5)
    if type(value).__getstate__ is not torch.optim.Optimizer.__getstate__:
        return reduced
    own = dict(value.__dict__)
    if hasattr(own.get("step"), "_wrapped_by_lr_sched"):
        del own["step"]  # a schedule counts there whether it was called
    return (*reduced[:2], {**own, **reduced[2]}, *reduced[3:])


def _tensor(torch: Any, value: Any) -> Any:
    hooks = list((getattr(value, "_backward_hooks", None) or {}).values())
    late = list((getattr(value, "_post_accumulate_grad_hooks", None) or {}).values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of hooks that torch itself drops
        reduced = value.__reduce_ex__(5)
    if not value.is_leaf or len(reduced) != 2:
        return reduced
    if hooks or late:
        return (*reduced, (value.grad, hooks, late), None, None, _hook)
    if value.grad is not None:
        return _with_grad, (reduced[0], reduced[1], value.grad)
    return reduced


def _with_grad(function: Callable[..., Any], arguments: tuple[Any, ...], grad: Any) -> Any:
    tensor = function(*arguments)
    tensor.grad = grad
    return tensor


def _hook(tensor: Any, kept: tuple[Any, list[Any], list[Any]]) -> None:
    tensor.grad, hooks, late = kept
    for hook in hooks:
        tensor.register_hook(hook)
    for hook in late:
        tensor.register_post_accumulate_grad_hook(hook)


def _block(pickler: _Pickler, storage: Any) -> _Storage:
    key = storage._cdata
    if key not in pickler._storages:
        pickler._storages[key] = _Storage(storage)
        pickler.keeps.append(storage)
    return pickler._storages[key]


def _storage(pickler: _Pickler, value: _Storage) -> Any:
    torch = sys.modules["torch"]
    storage = value.storage
    device = str(storage.device)
    if storage.device.type != "cpu":
        storage = storage.cpu()
        pickler.keeps.append(storage)
    if storage.nbytes() == 0:
        return _empty_storage, (device,)
    block = torch.empty(0, dtype=torch.uint8).set_(storage).numpy()
    return _make_storage, (pickle.PickleBuffer(block), device)


_SPECIAL[_Storage] = _storage


def _make_storage(block: Any, device: str) -> Any:
    torch: Any = importlib.import_module("torch")

    storage = torch.frombuffer(block, dtype=torch.uint8).untyped_storage()
    return storage if device == "cpu" else storage.to(device=device)


def _empty_storage(device: str) -> Any:
    torch: Any = importlib.import_module("torch")

    return torch.UntypedStorage(0, device=device)


def _typed_storage(storage: Any, dtype: Any) -> Any:
    torch: Any = importlib.import_module("torch")

    return torch.storage.TypedStorage(wrap_storage=storage, dtype=dtype, _internal=True)


def _same(value: Any) -> Any:
    return value


def _generator(device: str, state: Any) -> Any:
    torch: Any = importlib.import_module("torch")

    made = torch.Generator(device=device)
    made.set_state(state)
    return made
