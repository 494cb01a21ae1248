"""What programs depend on without naming it: generators, thread counts, options of arithmetic."""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_slicer.values.look import is_genuine, qualified_name, remembered


def ambient_state() -> dict[str, Any]:
    """States of the global generators, how many threads compute, and ``arithmetic_options``."""
    found: dict[str, Any] = {"random": random.Random.getstate(random._inst)}  # type: ignore[attr-defined]
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        found["numpy.random"] = numpy.get_state(legacy=False)
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        found["torch"] = torch.get_rng_state().numpy().copy()
        found["torch.threads"] = torch.get_num_threads()
        if torch.cuda.is_initialized():
            found["torch.cuda"] = [s.numpy().copy() for s in torch.cuda.get_rng_state_all()]
    found["arithmetic"] = arithmetic_options()
    return found


def arithmetic_options() -> dict[str, Any]:
    """Those that a loop may change between two iterations."""
    found: dict[str, Any] = {}
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        context = decimal.getcontext()
        found["decimal"] = {name: getattr(context, name) for name in _OF_CONTEXT}
        found["decimal"]["traps"] = [s.__name__ for s, on in context.traps.items() if on]
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "geterr"):
        found["numpy"] = dict(numpy.geterr())
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "is_grad_enabled"):
        dtype = str(torch.get_default_dtype()).rpartition(".")[2]
        found["torch"] = {"grad": torch.is_grad_enabled(), "dtype": dtype}
    return found


_OF_CONTEXT = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def set_arithmetic_options(found: Mapping[str, Any]) -> None:
    if "decimal" in found:
        decimal: Any = importlib.import_module("decimal")
        context = decimal.getcontext()
        for name in _OF_CONTEXT:
            setattr(context, name, found["decimal"][name])
        for signal in context.traps:
            context.traps[signal] = signal.__name__ in found["decimal"]["traps"]
    if "numpy" in found:
        importlib.import_module("numpy").seterr(**found["numpy"])
    if "torch" in found:
        torch: Any = importlib.import_module("torch")
        torch.set_grad_enabled(found["torch"]["grad"])
        torch.set_default_dtype(getattr(torch, found["torch"]["dtype"]))


def restore_ambient(state: dict[str, Any]) -> None:
    random.Random.setstate(random._inst, state["random"])  # type: ignore[attr-defined]
    if "numpy.random" in state:
        numpy: Any = importlib.import_module("numpy")

        numpy.random.set_state(state["numpy.random"])
    if "torch" in state:
        torch: Any = importlib.import_module("torch")

        torch.set_rng_state(torch.from_numpy(state["torch"].copy()))
        if "torch.cuda" in state:
            states = [torch.from_numpy(s.copy()) for s in state["torch.cuda"]]
            torch.cuda.set_rng_state_all(states)
    set_arithmetic_options(state.get("arithmetic", {}))


NAMED = "named"


def states_at_cell(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The same, and of generators that are variables of the notebook."""
    found = {}
    for name, value in list(namespace.items()):
        state = _state_of(value)
        if state is not None:
            found[name] = state
    return {**ambient_state(), NAMED: found}


def restore_named(state: Mapping[str, Any], namespace: Mapping[str, Any]) -> None:
    """On the generators that have those names now."""
    for name, (kind, kept) in state.get(NAMED, {}).items():
        value = namespace.get(name)
        if value is None or _kind_of(value) != kind:
            continue
        if kind == "random.Random":
            random.Random.setstate(value, kept)
        elif kind == "numpy.random._generator.Generator":
            value.bit_generator.state = kept
        elif kind == "numpy.random.mtrand.RandomState":
            value.set_state(kept)
        else:
            value.set_state(importlib.import_module("torch").from_numpy(kept.copy()))


def _state_of(value: Any) -> tuple[str, Any] | None:
    kind = _kind_of(value)
    if kind == "random.Random":
        return kind, random.Random.getstate(value)
    if kind == "numpy.random._generator.Generator":
        return kind, value.bit_generator.state
    if kind == "numpy.random.mtrand.RandomState":
        return kind, value.get_state(legacy=False)
    if kind == "torch._C.Generator":
        return kind, value.get_state().numpy().copy()
    return None


def _kind_of(value: object) -> str | None:
    return _generator(type(value))


@remembered
def _generator(kind: type) -> str | None:
    """Which of those that are known it is, without asking a class of the user's."""
    name = qualified_name(kind)
    return name if name in _GENERATORS and is_genuine(kind) else None


_GENERATORS = frozenset(
    (
        "random.Random", "numpy.random._generator.Generator", "numpy.random.mtrand.RandomState",
        "torch._C.Generator",
    )
)  # fmt: skip


def threads() -> dict[str, int]:
    """Thread counts that change what is computed in the last digits."""
    found = {}
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_num_threads"):
        found["torch"] = torch.get_num_threads()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            found[name] = int(os.environ[name])
    return found
