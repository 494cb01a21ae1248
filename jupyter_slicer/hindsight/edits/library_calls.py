"""What functions of other libraries do."""

from __future__ import annotations

import ast
from dataclasses import replace

from jupyter_slicer.analysis.purity import calls_are_harmless
from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.call_parts import (
    Call,
    call_functions,
    call_with_items,
    changes_in_place,
    last_name,
    unknown_call,
    writes_file,
)
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.known_calls import (
    DRAWING_METHODS,
    GENERATOR_MAKERS,
    HARMLESS_PATHS,
    NOT_DRAWING,
    NUMPY_IN_PLACE,
    NUMPY_THREE,
    RESTORES,
    SAVES,
    WRITERS,
)
from jupyter_slicer.hindsight.edits.reach import OWN, Reach, Value, holding, joined
from jupyter_slicer.hindsight.edits.torch_calls import torch_call

_STEPPING_PATHS = ("collections.deque", "collections.Counter", "functools.reduce")


def library_call(effects: Effects, path: str, call: Call) -> Value:
    """A call of something imported, ``np.linalg.norm(x)``."""
    root = path.partition(".")[0]
    last = path.rpartition(".")[2]
    if path in SAVES:
        return OWN
    if path in RESTORES:
        return _restores(effects, RESTORES[path], call)
    if path in ("sys.exit", "os._exit", "os.abort"):
        effects.offence(messages.exits(path))
        return OWN
    if root == "random" or path.startswith(("numpy.random.", "random.")):
        return _random(effects, "numpy" if root == "numpy" else "random", last, call)
    if root == "torch":
        return torch_call(effects, path, last, call)
    if root in ("jupyter_slicer",):
        return OWN
    if call.keyword("inplace") is not None or call.keyword("out") is not None:
        return changes_in_place(effects, call)
    if last in WRITERS and not path.startswith(("copy.", "operator.", "torch.")):
        writes_file(effects, call)
        return OWN
    if root == "numpy":
        return _numpy(effects, path, last, call)
    if root in ("heapq", "bisect") or path in ("operator.setitem", "operator.delitem"):
        return _standard_in_place(effects, path, last, call)
    if path in ("copy.deepcopy", "copy.copy"):
        copied = OWN if last == "deepcopy" else call.worst.copied()
        return replace(copied, is_loader=_is_loader(effects, call.worst))
    if path.startswith("os.environ.") and last in ("update", "pop", "setdefault", "clear"):
        effects.offence(messages.sets_option("os.environ"))
        return OWN
    if root in ("itertools", "tqdm") or path in _STEPPING_PATHS:
        for argument, value in zip(call.node.args, call.arguments, strict=True):
            if not value.functions and value.reach != Reach.OWN:
                effects.step_over(argument)
        call_with_items(effects, call)
        return holding(call.all)
    if root == "sklearn" and not path.startswith("sklearn.metrics"):
        return _sklearn(effects, last, call)
    if path in ("os.chdir", "os.putenv", "os.unsetenv", "os.umask", "locale.setlocale"):
        effects.offence(messages.sets_option(path))
        return OWN
    imports = effects.known.imports
    if any(path == p or path.startswith(f"{p}.") for p in HARMLESS_PATHS) or calls_are_harmless(
        call.node, imports
    ):
        call_functions(effects, call)
        return holding(call.all)
    if last in DRAWING_METHODS:
        effects.caution(messages.may_draw(call.text))
        return holding(call.all)
    return unknown_call(effects, call)


def _is_loader(effects: Effects, value: Value) -> bool:
    origins = effects.known.origins_of(value.root)
    return value.is_loader or any(
        isinstance(o, ast.Call) and last_name(o.func) == "DataLoader" for o in origins
    )


def _restores(effects: Effects, library: str, call: Call) -> Value:
    saved = effects.saved_in(call.node.args[0]) if call.node.args else None
    if saved is None or saved[:2] != ("draw", library):
        effects.offence(messages.seeds(call.text))
        return OWN
    found = effects.disturbed.get(("draw", library))
    if found is not None and found.at > saved[2]:
        del effects.disturbed["draw", library]
    return OWN


def _random(effects: Effects, library: str, last: str, call: Call) -> Value:
    if last in ("seed", "set_state", "setstate", "set_bit_generator"):
        effects.offence(messages.seeds(call.text))
    elif last not in GENERATOR_MAKERS and last not in NOT_DRAWING:
        if last == "shuffle" and call.arguments:
            effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        effects.disturb("draw", library, call.text, messages.draws(library))
    if last in ("choice", "choices", "sample"):
        return holding(call.all)
    return OWN if last not in GENERATOR_MAKERS else call.worst.copied()


def _numpy(effects: Effects, path: str, last: str, call: Call) -> Value:
    if last in NUMPY_IN_PLACE and call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return OWN
    if last in ("seterr", "seterrcall", "setbufsize", "set_printoptions"):
        effects.offence(messages.sets_option(path))
        return OWN
    if last == "at" and call.node.args:  # np.add.at(a, i, v)
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return OWN
    # A third argument is often what is written: np.add(a, b, a), np.clip(a, 0, 1, a).
    first = 3 if last == "clip" else 2
    for argument, value in list(zip(call.node.args, call.arguments, strict=True))[first:]:
        if value.reach >= Reach.UNKNOWN and last not in NUMPY_THREE:
            effects.caution(messages.may_change(ast.unparse(argument)))
    call_functions(effects, call)
    if call.keyword("copy") is not None:
        effects.caution(messages.may_change(call.text))
        return call.worst
    if last in ("array", "mean", "sum", "std", "var", "abs", "exp", "log", "sqrt", "dot", "norm",
                "zeros", "ones", "full", "arange", "linspace", "copy", "concatenate", "stack",
                "max", "min", "argmax", "argmin", "percentile", "quantile", "median", "histogram",
                "isnan", "isfinite", "allclose", "array_equal", "cumsum", "diff", "outer",
                "vstack", "hstack", "float32", "float64", "int64", "all", "any"):  # fmt: skip
        return holding(call.all) if last == "array" else OWN
    return call.worst if call.worst.reach != Reach.SHELL else call.worst.part()


def _standard_in_place(effects: Effects, path: str, last: str, call: Call) -> Value:
    changing = last in ("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort",
                        "insort_left", "insort_right", "setitem", "delitem")  # fmt: skip
    if changing and call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        effects.keep(call.node.args[0], holding(call.arguments[1:]))
    return joined(v.part() for v in call.arguments) if call.arguments else OWN


def _sklearn(effects: Effects, last: str, call: Call) -> Value:
    seed = call.keywords.get("random_state")
    if last in ("train_test_split", "shuffle", "resample") and seed is None:
        if call.keyword("shuffle") is None:
            effects.disturb("draw", "numpy", call.text, messages.draws("numpy"))
    elif last[:1].islower() and last not in ("clone", "make_pipeline"):
        effects.caution(
            messages.may_draw(call.text) if seed is None else messages.deep_call(call.text)
        )
    return holding(call.all)
