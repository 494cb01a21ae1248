"""Descriptions of torch's tensors, optimizers and generators."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from jupyter_slicer.values.arrays import array_part
from jupyter_slicer.values.builtin import label_of, record
from jupyter_slicer.values.description import Description, Walk
from jupyter_slicer.values.look import (
    attributes,
    is_genuine,
    loaded,
    mro,
    qualified_name,
    remembered,
)


def _tensor(value: Any, walk: Walk) -> Description:
    torch = loaded("torch")
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        fields = {
            "dtype": str(value.dtype),
            "shape": tuple(value.shape),
            "device": value.device.type,
            "requires_grad": value.requires_grad,
            "content": _content(value.detach(), walk),
            "grad": value.grad if value.is_leaf else None,
        }
    return record(value, walk, **fields)


def _content(tensor: Any, walk: Walk) -> object:
    torch = loaded("torch")
    if tensor.is_meta:
        return "meta"
    if tensor.is_quantized:
        return (_content(tensor.int_repr(), walk), str(tensor.qscheme()))
    if tensor.layout != torch.strided:
        entries = tensor.to_sparse_coo().coalesce()
        return (_content(entries.indices(), walk), _content(entries.values(), walk))
    dense = tensor.cpu().resolve_conj().resolve_neg()
    try:
        return array_part(dense.numpy(), walk)
    except TypeError:  # bfloat16 and other kinds that NumPy does not know
        bytes_ = dense.contiguous().reshape(-1).view(torch.uint8)
        return array_part(bytes_.numpy(), walk)


def _optimizer(value: Any, walk: Walk) -> Description:
    state = attributes(value) or {}
    kept = {name: state.get(name) for name in ("defaults", "param_groups", "state")}
    return record(value, walk, **kept)


def _scheduler(value: Any, walk: Walk) -> Description:
    state = attributes(value) or {}
    kept = {name: held for name, held in state.items() if not name.startswith("_get_lr")}
    return record(value, walk, **{name: kept[name] for name in sorted(kept)})


def _generator(value: Any, walk: Walk) -> Description:
    return record(value, walk, device=value.device.type, state=value.get_state())


_WITH_HOOKS = frozenset(("torch.nn.modules.module.Module", "torch.optim.optimizer.Optimizer"))


@remembered
def _has_hooks(cls: type) -> bool:
    return any(qualified_name(base) in _WITH_HOOKS and is_genuine(base) for base in mro(cls))


def without_numbers(cls: type, state: dict[str, Any]) -> dict[str, Any]:
    """A state whose hooks are in their order, without the numbers that torch gives them.

    They are counted over all hooks of a process (``RemovableHandle.next_id``).
    """
    if not _has_hooks(cls):
        return state
    return {name: _in_order(name, held) for name, held in state.items()}


def _in_order(attribute: str, held: Any) -> Any:
    if attribute[:1] != "_" or "_hooks" not in attribute:
        return held
    if type(held) not in (dict, collections.OrderedDict):
        return held
    numbered = all(type(key) is int for key in dict.keys(held))
    return list(dict.values(held)) if numbered else held


def _device(value: Any, walk: Walk) -> Description:
    return Description(label_of(value, str(value).encode()))


DESCRIBERS: dict[str, Callable[[Any, Walk], Description]] = {
    "torch.Tensor": _tensor,
    "torch._tensor.Tensor": _tensor,
    "torch.optim.optimizer.Optimizer": _optimizer,
    "torch.optim.lr_scheduler.LRScheduler": _scheduler,
    "torch._C.Generator": _generator,
    "torch.device": _device,
    "torch.dtype": _device,
}
