"""What a call in added code may do, by what it calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_slicer.analysis.purity import calls_are_harmless
from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.known_calls import (
    ALWAYS_DRAWS,
    DRAWING_LAYERS,
    DRAWING_METHODS,
    FRESH_METHODS,
    FUNCTIONAL_DRAWS,
    GENERATOR_MAKERS,
    HARMLESS_PATHS,
    IN_PLACE_WHEN_ALONE,
    MODE_LAYERS,
    MODULE_CASTS,
    MUTATORS,
    NOT_DRAWING,
    NUMPY_IN_PLACE,
    RESTORES,
    SAVES,
    SHARING_METHODS,
    TENSOR_DRAWS,
    TORCH_DRAWS,
    TORCH_SAFE,
    TORCH_SETS,
    TORCH_UNKNOWN,
    TORCH_VIEWS,
    UPDATES,
    WRITERS,
)
from jupyter_slicer.hindsight.edits.reach import OWN, UNKNOWN, Reach, Value, holding, joined
from jupyter_slicer.hindsight.edits.surroundings import UNSEEN, shown

_STEPPING = frozenset(
    "list tuple set frozenset dict sorted sum min max any all enumerate zip map filter reversed "
    "iter bytes bytearray".split()
)
_COMPUTING = frozenset(
    "abs ascii bin bool callable chr complex divmod float format hasattr hash hex id int "
    "isinstance issubclass len oct ord pow print range repr round slice str type display "
    "memoryview object Exception ValueError RuntimeError KeyError TypeError StopIteration "
    "AssertionError super property staticmethod classmethod".split()
)
_STEPPING_PATHS = ("collections.deque", "collections.Counter", "functools.reduce")
_NN_UTILS = frozenset(
    "parameters_to_vector pad_sequence pack_sequence pack_padded_sequence pad_packed_sequence "
    "get_total_norm".split()
)
_SPECIAL = {
    "len": ("__len__",), "str": ("__str__", "__repr__"), "repr": ("__repr__",),
    "print": ("__str__", "__repr__"), "format": ("__format__", "__str__"),
    "float": ("__float__",), "int": ("__int__", "__index__"), "abs": ("__abs__",),
    "bool": ("__bool__", "__len__"), "round": ("__round__",), "hash": ("__hash__",),
    "display": ("__repr__", "_repr_html_"),
}  # fmt: skip
"""Methods that builtins call."""
_CALLS_FIRST = frozenset(
    ("map", "filter", "reduce", "takewhile", "dropwhile", "starmap", "accumulate")
)


@dataclass
class _Call:
    """A call with what its parts are."""

    node: ast.Call
    text: str
    arguments: list[Value]
    keywords: dict[str, Value]
    alone: bool

    @property
    def all(self) -> list[Value]:
        return [*self.arguments, *self.keywords.values()]

    @property
    def worst(self) -> Value:
        return joined(self.all)

    def keyword(self, name: str) -> ast.expr | None:
        return next((k.value for k in self.node.keywords if k.arg == name), None)


def call_value(
    effects: Effects, node: ast.Call, alone: bool, given: Sequence[Value] | None = None
) -> Value:
    """Note what a call does; gives whose its value is.

    ``given`` are its arguments where no text shows them.
    """
    path = effects.path(node.func)
    if path is None and isinstance(node.func, ast.Name):
        name = node.func.id
        value = effects.named(name)
        if not _is_builtin(effects, name, value):
            return _called_value(effects, node, value, _read(effects, node, alone, given))
        stepping = name in _STEPPING and given is None
        return _builtin(effects, name, _read(effects, node, alone, given, stepping))
    if path is not None:
        return _library(effects, path, _read(effects, node, alone, given))
    if isinstance(node.func, ast.Attribute):
        holder = effects.value(node.func.value)
        return _method(effects, holder, node.func, _read(effects, node, alone, given))
    value = effects.value(node.func)
    return _called_value(effects, node, value, _read(effects, node, alone, given))


def _is_builtin(effects: Effects, name: str, value: Value) -> bool:
    if not hasattr(builtins, name) and name != "display":
        return False
    known = effects.known
    return (
        value.reach == Reach.TRAINING
        and not value.functions
        and name not in known.classes
        and not known.origins_of(value.root)
    )


def _read(
    effects: Effects,
    node: ast.Call,
    alone: bool,
    given: Sequence[Value] | None = None,
    stepping: bool = False,
) -> _Call:
    if given is not None:
        return _Call(node, ast.unparse(node.func), list(given), {}, alone)
    arguments: list[Value] = []
    for argument in node.args:
        arguments.append(
            effects.step_over(argument)
            if stepping
            and not isinstance(argument, ast.Starred | ast.Constant | ast.Lambda)
            and not _may_be_function(effects, argument)
            else effects.value(argument)
        )
    keywords = {k.arg or "*": effects.value(k.value) for k in node.keywords}
    return _Call(node, ast.unparse(node.func), arguments, keywords, alone)


def _may_be_function(effects: Effects, argument: ast.expr) -> bool:
    if not isinstance(argument, ast.Name):
        return False
    value = effects.named(argument.id)
    return bool(value.functions) or (
        hasattr(builtins, argument.id) and _is_builtin(effects, argument.id, value)
    )


# -- functions of the text, and unknown ones ----------------------------------------------


def _called_value(effects: Effects, node: ast.Call, value: Value, call: _Call) -> Value:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in effects.known.classes:
        return _made(effects, name, call)
    if value.functions:
        results = [
            effects.look_through(f, call.arguments, call.keywords) for f in value.functions
        ]
        if name and value.reach == Reach.TRAINING and effects.known.origins_of(value.root):
            effects.caution(messages.deep_call(call.text))
        return joined(results)
    if name == "log" and value.reach == Reach.TRAINING:
        return OWN  # of jupyter_slicer, or the notebook's own way to log
    if name == "param":
        return OWN
    if value.reach == Reach.TRAINING:
        return _instance(effects, value, call)
    if value.reach == Reach.OWN and call.worst.reach == Reach.OWN:
        return OWN
    return _unknown(effects, call)


def _unknown(effects: Effects, call: _Call) -> Value:
    _callbacks(effects, call)
    effects.caution(messages.deep_call(call.text))
    return UNKNOWN


def _callbacks(effects: Effects, call: _Call) -> None:
    """Functions that are handed on may be called with anything that training has."""
    for value in call.all:
        for function in value.functions:
            anything = dict.fromkeys(_parameters(function), UNKNOWN)
            effects.look_through(function, [], anything)


def _parameters(function: ast.AST) -> list[str]:
    spec: ast.arguments = function.args  # type: ignore[attr-defined]
    return [a.arg for a in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]]


def _made(effects: Effects, name: str, call: _Call) -> Value:
    """A new instance of a class of the text."""
    instance = holding(call.all)
    for initializer in effects.known.method_of(name, "__init__"):
        effects.look_through(initializer, [instance, *call.arguments], call.keywords)
    return instance


def _instance(effects: Effects, value: Value, call: _Call) -> Value:
    """``net(x)``, where ``net`` is no function of the text."""
    origins = effects.known.origins_of(value.root)
    results = [_forward(effects, value, origin, call) for origin in origins or [UNSEEN]]
    return joined(results)


def _forward(effects: Effects, value: Value, origin: ast.expr, call: _Call) -> Value:
    known = effects.known
    classes = list(known.classes_of(origin))
    if classes:
        found = [
            f
            for c in classes
            for f in (known.method_of(c, "forward") or known.method_of(c, "__call__"))
        ]
        if not found:
            return _unknown(effects, call)
        return joined(
            effects.look_through(f, [value, *call.arguments], call.keywords) for f in found
        )
    if isinstance(origin, ast.Lambda):
        return effects.look_through(origin, call.arguments, call.keywords)
    layers = _layers(effects, origin)
    if layers is None:
        effects.caution(messages.may_act_in_mode(call.text))
        return UNKNOWN
    sensitive = next((x for x in layers if x.startswith(MODE_LAYERS)), None)
    if sensitive is not None and not evaluates(effects, value.root):
        effects.disturb(
            "mode-call",
            value.root,
            call.text,
            messages.acts_in_mode(shown(value.root).partition(".")[0], sensitive),
        )
    return Value(Reach.SHELL, value.root)


def _layers(effects: Effects, origin: ast.expr) -> list[str] | None:
    """Names of the layers of torch that a value was made of; None if there is more in it."""
    while (
        isinstance(origin, ast.Call)
        and isinstance(origin.func, ast.Attribute)
        and origin.func.attr in ("to", "cuda", "cpu", "double", "float", "train", "eval")
    ):
        origin = origin.func.value
    if not isinstance(origin, ast.Call):
        return None
    path = effects.known.dotted(origin.func) or ""
    if not path.startswith("torch.nn."):
        return None
    found = [path.rpartition(".")[2]]
    if any(k.arg == "dropout" for k in origin.keywords):
        found.append("Dropout")
    for argument in [*origin.args, *(k.value for k in origin.keywords)]:
        if isinstance(argument, ast.Call):
            inner = _layers(effects, argument)
            if inner is None and "Sequential" in found[0]:
                return None
            found += inner or []
        elif isinstance(argument, ast.Starred | ast.Name) and "Sequential" in found[0]:
            return None
    return found


def evaluates(effects: Effects, root: str) -> bool:
    """Whether a model, or what it is a part of, has been put into evaluation mode."""
    return any(
        kind == "mode" and (root == which or root.startswith(f"{which}.")) and d.what == "eval"
        for (kind, which), d in effects.disturbed.items()
    )


# -- builtins ------------------------------------------------------------------------------


def _builtin(effects: Effects, name: str, call: _Call) -> Value:
    node = call.node
    match name:
        case "setattr" | "delattr" if node.args:
            effects.changes(call.arguments[0], ast.unparse(node.args[0]))
            effects.keep(node.args[0], call.worst)
            return OWN
        case "getattr" if node.args:
            return call.arguments[0].part() | holding(call.arguments[2:])
        case "next" if node.args:
            return _next(effects, node.args[0], call.arguments[0])
        case "open":
            _opens(effects, call)
            return OWN
        case "exec" | "eval" | "compile" | "__import__" | "input" | "breakpoint":
            effects.caution(messages.deep_call(name))
            return UNKNOWN
        case "globals" | "locals" | "vars":
            return Value(Reach.TRAINING, f"{name}()")
        case "exit" | "quit":
            effects.offence(messages.exits(name))
            return OWN
        case "print" if call.keyword("file") is not None:
            _prints_to(effects, call)
            return OWN
    if name in _STEPPING:
        _callbacks_on(effects, call)
        return holding(call.all)
    if name == "super":
        return UNKNOWN
    for value in call.arguments:
        effects.special(value, *_SPECIAL.get(name, ()))
    if name in _COMPUTING or calls_are_harmless(node, {}):
        return OWN
    effects.caution(messages.deep_call(name))
    return UNKNOWN


def _callbacks_on(effects: Effects, call: _Call) -> None:
    """``map(f, xs)`` and ``sorted(xs, key=f)`` call ``f`` with what the others hold."""
    function = call.keyword("key")
    if function is None and call.text.rpartition(".")[2] in _CALLS_FIRST and call.node.args:
        function = call.node.args[0]
    if function is None or isinstance(function, ast.Constant):
        return
    others = [
        v for n, v in zip(call.node.args, call.arguments, strict=False) if n is not function
    ]
    given = holding(others).part() if joined(others).reach else OWN
    value = effects.value(function)
    if value.functions and not isinstance(function, ast.Name):
        for each in value.functions:
            effects.look_through(each, [], dict.fromkeys(_parameters(each), given))
        return
    count = 2 if call.text.endswith("reduce") else max(len(others), 1)
    synthetic = ast.Call(function, [ast.Constant(None)] * count, [])
    call_value(effects, synthetic, alone=False, given=[given] * count)


def _next(effects: Effects, node: ast.expr, value: Value) -> Value:
    if value.reach == Reach.TRAINING:
        new = isinstance(node, ast.Call) and effects.gives_new(node)
        if new or (isinstance(node, ast.Call) and _last(node.func) == "iter"):
            return value.part()
        effects.offence(messages.uses_up(ast.unparse(node)))
    elif value.reach == Reach.UNKNOWN and not effects.gives_new(node):
        effects.caution(messages.may_use_up(ast.unparse(node)))
    return value.part()


def _opens(effects: Effects, call: _Call) -> None:
    mode = call.node.args[1] if len(call.node.args) > 1 else call.keyword("mode")
    reads = mode is None or (
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and not set(mode.value) & set("wax+")
    )
    if not reads:
        _writes(effects, call)


def _writes(effects: Effects, call: _Call) -> None:
    texts = [
        n.value
        for n in ast.walk(call.node)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    named = next((t for t in texts if len(t) > 1 and t in effects.known.texts), None)
    if named is not None:
        effects.offence(messages.writes_read_file(named))
    else:
        effects.caution(messages.writes_file(call.text))


def _prints_to(effects: Effects, call: _Call) -> None:
    target = call.keyword("file")
    assert target is not None
    if effects.path(target) in ("sys.stdout", "sys.stderr"):
        return
    if isinstance(target, ast.Constant) and target.value is None:
        return
    effects.changes(call.keywords["file"], ast.unparse(target))


# -- libraries -------------------------------------------------------------------------------


def _library(effects: Effects, path: str, call: _Call) -> Value:
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
        return _torch(effects, path, last, call)
    if root in ("jupyter_slicer",):
        return OWN
    if call.keyword("inplace") is not None or call.keyword("out") is not None:
        return _in_place(effects, call)
    if last in WRITERS and not path.startswith(("copy.", "operator.", "torch.")):
        _writes(effects, call)
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
        _callbacks_on(effects, call)
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
        _callbacks(effects, call)
        return holding(call.all)
    if last in DRAWING_METHODS:
        effects.caution(messages.may_draw(call.text))
        return holding(call.all)
    return _unknown(effects, call)


def _is_loader(effects: Effects, value: Value) -> bool:
    origins = effects.known.origins_of(value.root)
    return value.is_loader or any(
        isinstance(o, ast.Call) and _last(o.func) == "DataLoader" for o in origins
    )


def _restores(effects: Effects, library: str, call: _Call) -> Value:
    saved = effects.saved_in(call.node.args[0]) if call.node.args else None
    if saved is None or saved[:2] != ("draw", library):
        effects.offence(messages.seeds(call.text))
        return OWN
    found = effects.disturbed.get(("draw", library))
    if found is not None and found.at > saved[2]:
        del effects.disturbed["draw", library]
    return OWN


def _random(effects: Effects, library: str, last: str, call: _Call) -> Value:
    if last in ("seed", "set_state", "setstate", "set_bit_generator"):
        effects.offence(messages.seeds(call.text))
    elif last not in GENERATOR_MAKERS and last not in NOT_DRAWING:
        if last == "shuffle" and call.arguments:
            effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        effects.disturb("draw", library, call.text, messages.draws(library))
    if last in ("choice", "choices", "sample"):
        return holding(call.all)
    return OWN if last not in GENERATOR_MAKERS else call.worst.copied()


def _torch(effects: Effects, path: str, last: str, call: _Call) -> Value:
    inplace = call.keyword("inplace")
    if call.keyword("out") is not None or not (
        inplace is None or (isinstance(inplace, ast.Constant) and not inplace.value)
    ):
        return _in_place(effects, call)
    if path.startswith(TORCH_UNKNOWN):
        return _unknown(effects, call)
    if path.startswith("torch.nn.functional."):
        return _functional(effects, last, call)
    if path.startswith("torch.nn.init.") or last.endswith("_"):
        return _in_place_function(effects, path, last, call)
    if path.startswith("torch.nn.utils.") and last in ("vector_to_parameters",):
        effects.changes(call.worst, call.text)
        return OWN
    if path.startswith(("torch.nn.utils.", "torch.nn.parallel.")) and last not in _NN_UTILS:
        return _unknown(effects, call)
    if path.startswith("torch.nn."):
        if last.startswith(DRAWING_LAYERS):
            effects.disturb("draw", "torch", call.text, messages.draws("torch"))
        return holding(call.all)
    if path.startswith("torch.optim.lr_scheduler.") or path == "torch.optim.swa_utils.SWALR":
        effects.changes(call.worst, ast.unparse(call.node.args[0]) if call.node.args else path)
        return holding(call.all)
    if path == "torch.autograd.grad":
        keeps = call.keyword("retain_graph")
        kept = isinstance(keeps, ast.Constant) and keeps.value is True
        if not kept and call.worst.reach != Reach.OWN:
            effects.offence(messages.frees_graph(call.text))
        return OWN
    if path == "torch.autograd.backward":
        effects.offence(messages.UPDATE_WORDS["backward"])
        return OWN
    if path == "torch.save":
        _writes(effects, call)
        return OWN
    if last in TORCH_DRAWS:
        generator = call.keywords.get("generator")
        if generator is None:
            effects.disturb("draw", "torch", call.text, messages.draws("torch"))
        else:
            effects.changes(generator, ast.unparse(call.keyword("generator") or call.node))
        return holding(call.all) if last == "random_split" else OWN
    if path == "torch.Generator" or path.startswith("torch.optim."):
        return holding(call.all)
    if last in TORCH_SAFE:
        return OWN
    if last.startswith(TORCH_SETS) or (
        last in ("fork", "compile") and path.startswith("torch.m")
    ):
        effects.offence(messages.sets_option(path))
        return OWN
    if path in ("torch.random.fork_rng", "torch.compile"):
        return holding(call.all)
    if last == "DataLoader":
        own = call.keywords.get("generator")
        return replace(holding(call.all), is_loader=own is None or own.reach != Reach.OWN)
    if path.startswith(("torch.utils.data.", "torch.linalg.", "torch.fft.", "torch.special.",
                        "torch.nested.", "torch.sparse.", "torch.distributions.")):  # fmt: skip
        return holding(call.all)
    if path.startswith(("torch.cuda.", "torch.backends.", "torch.utils.", "torch.autograd.",
                        "torch.profiler.", "torch.func.", "torch.ao.")):  # fmt: skip
        return _unknown(effects, call)
    if last in TORCH_VIEWS:
        return call.worst
    if path.count(".") == 1:
        return OWN if call.worst.reach == Reach.OWN else Value(Reach.UNKNOWN, call.worst.root)
    return _unknown(effects, call)


def _functional(effects: Effects, last: str, call: _Call) -> Value:
    if last in FUNCTIONAL_DRAWS and not _is_off(effects, last, call):
        effects.disturb("draw", "torch", call.text, messages.functional_draw(call.text))
    elif last in ("batch_norm", "instance_norm"):
        effects.caution(messages.deep_call(call.text))
    elif last.endswith("_"):
        effects.changes(call.worst, call.text)
    return Value(Reach.SHELL, call.worst.root)


def _is_off(effects: Effects, last: str, call: _Call) -> bool:
    """Whether a dropout is not in training mode."""
    if last in ALWAYS_DRAWS:
        return False
    training = call.keyword("training")
    if last == "scaled_dot_product_attention":
        rate = call.keyword("dropout_p")
        return rate is None or (isinstance(rate, ast.Constant) and not rate.value)
    if training is None and last != "dropout" and len(call.node.args) > 2:
        return False
    if training is None and len(call.node.args) > 2:
        training = call.node.args[2]
    match training:
        case ast.Constant(value=False):
            return True
        case ast.Attribute(attr="training"):
            return evaluates(effects, effects.value(training.value).root)
    return last == "rrelu" and training is None


def _in_place_function(effects: Effects, path: str, last: str, call: _Call) -> Value:
    """``torch.nn.utils.clip_grad_norm_(…)``, ``torch.nn.init.zeros_(…)``."""
    limit = call.node.args[1] if len(call.node.args) > 1 else call.keyword("max_norm")
    if last == "clip_grad_norm_" and limit is not None and _is_infinite(limit):
        effects.caution(messages.clips_by_infinity(call.text))
        return OWN
    if call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
    if path.startswith("torch.nn.init.") and last not in (
        "zeros_",
        "ones_",
        "constant_",
        "eye_",
    ):
        effects.disturb("draw", "torch", call.text, messages.draws("torch"))
    return call.worst


def _is_infinite(node: ast.expr) -> bool:
    text = ast.unparse(node).replace('"', "'")
    return text in ("float('inf')", "math.inf", "np.inf", "numpy.inf", "torch.inf", "inf")


def _in_place(effects: Effects, call: _Call) -> Value:
    """``out=`` names what is written; ``inplace=True`` the first argument."""
    out = call.keyword("out")
    if out is not None:
        effects.changes(call.keywords["out"], ast.unparse(out))
        return call.keywords["out"]
    if call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
    return call.worst


def _numpy(effects: Effects, path: str, last: str, call: _Call) -> Value:
    if last in NUMPY_IN_PLACE and call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return OWN
    if last in ("seterr", "seterrcall", "setbufsize", "set_printoptions"):
        effects.offence(messages.sets_option(path))
        return OWN
    if last == "at" and call.node.args:  # np.add.at(a, i, v)
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return OWN
    if not calls_are_harmless(call.node, effects.known.imports):
        # The third argument of a ufunc is written.
        for argument, value in list(zip(call.node.args, call.arguments, strict=True))[2:]:
            if value.reach == Reach.TRAINING:
                effects.caution(messages.may_change(ast.unparse(argument)))
    _callbacks(effects, call)
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


def _standard_in_place(effects: Effects, path: str, last: str, call: _Call) -> Value:
    changing = last in ("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort",
                        "insort_left", "insort_right", "setitem", "delitem")  # fmt: skip
    if changing and call.node.args:
        effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        effects.keep(call.node.args[0], holding(call.arguments[1:]))
    return joined(v.part() for v in call.arguments) if call.arguments else OWN


def _sklearn(effects: Effects, last: str, call: _Call) -> Value:
    seed = call.keywords.get("random_state")
    if last in ("train_test_split", "shuffle", "resample") and seed is None:
        if call.keyword("shuffle") is None:
            effects.disturb("draw", "numpy", call.text, messages.draws("numpy"))
    elif last[:1].islower() and last not in ("clone", "make_pipeline"):
        effects.caution(
            messages.may_draw(call.text) if seed is None else messages.deep_call(call.text)
        )
    return holding(call.all)


# -- methods ---------------------------------------------------------------------------------


def _method(effects: Effects, holder: Value, func: ast.Attribute, call: _Call) -> Value:
    """A method of something that is not imported, ``loss.item()``."""
    name, text = func.attr, ast.unparse(func.value)
    found = _methods_of_text(effects, holder, func, name)
    if _is_mode(name, call) and all(_only_sets_mode(f) for f in found):
        return _set_mode(effects, holder, text, name, call)
    if found:
        return joined(
            effects.look_through(f, [holder, *call.arguments], call.keywords) for f in found
        )
    if name in UPDATES:
        if holder.reach != Reach.OWN or name == "backward":
            effects.offence(messages.UPDATE_WORDS[name])
        return OWN
    if call.keyword("inplace") is not None or call.keyword("out") is not None:
        changed = holder if call.keyword("inplace") is not None else call.keywords["out"]
        effects.changes(changed, text)
        return changed
    if name in TENSOR_DRAWS and (name.endswith("_") or holder.reach != Reach.OWN):
        _draws_from_torch(effects, call)
    if name.endswith("_") and not name.endswith("__"):
        effects.changes(holder, text)
        return holder
    if name in DRAWING_METHODS and name not in FRESH_METHODS:
        return _draws(effects, holder, text, name, call)
    if name in WRITERS and not _writes_nothing(name, call):
        _writes(effects, call)
        return OWN
    if name in IN_PLACE_WHEN_ALONE and not call.alone and not effects.is_list(holder):
        if name == "sort" and not effects.known.origins_of(holder.root) and holder.reach > 1:
            effects.caution(messages.may_change(text))
        return OWN if holder.reach == Reach.OWN else holder.copied()
    if name in MUTATORS or name in IN_PLACE_WHEN_ALONE or name == "remove":
        return _mutates(effects, holder, func, call)
    if name in MODULE_CASTS and _is_module(effects, holder, text):
        if holder.reach == Reach.TRAINING:
            effects.offence(messages.casts(text, name))
        return holder
    if name in FRESH_METHODS:
        _callbacks(effects, call)
        return OWN
    if name in ("get", "join") and not call.all:
        return _unknown(effects, call)  # of a queue, of a thread
    if name in SHARING_METHODS or calls_are_harmless(call.node, effects.known.imports):
        _callbacks(effects, call)
        return holder.part() if holder.reach == Reach.SHELL else holder | holding(call.all)
    if name == "join":
        return OWN
    if holder.reach in (Reach.OWN, Reach.SHELL) and not _touches_training(call):
        return holder.part() if holder.reach == Reach.SHELL else OWN
    if holder.reach == Reach.TRAINING and effects.known.origins_of(f"{holder.root}.{name}"):
        return _instance(effects, holder.part(name), call)
    return _unknown(effects, call)


def _writes_nothing(name: str, call: _Call) -> bool:
    """``rows.remove(x)``, ``frame.rename(columns=…)``, ``frame.to_csv()``."""
    if name == "rename":
        return not call.node.args or call.keyword("columns") is not None
    if name.startswith("to_"):
        return not call.all
    return name in ("remove", "move") and len(call.node.args) == 1


def _touches_training(call: _Call) -> bool:
    return call.worst.reach != Reach.OWN


def _is_mode(name: str, call: _Call) -> bool:
    """``net.eval()``, ``net.train(False)``; not ``frame.eval("a + b")``."""
    if name == "eval":
        return not call.node.args and not call.node.keywords
    if name != "train" or len(call.node.args) + len(call.node.keywords) > 1:
        return False
    argument = next(iter([*call.node.args, *(k.value for k in call.node.keywords)]), None)
    return argument is None or isinstance(argument, ast.Constant | ast.Name | ast.Attribute)


def _only_sets_mode(function: ast.AST) -> bool:
    """Whether a user's ``train`` or ``eval`` does what that of torch does."""
    return all(_is_mode_line(s) for s in getattr(function, "body", ()))


def _is_mode_line(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Return(value=ast.Name() | None) | ast.Pass():
            return True
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(), attr="training")]):
            return isinstance(node.value, ast.Name | ast.Constant)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in ("train", "eval")
        case ast.Return(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in ("train", "eval")
        case ast.For():
            return all(_is_mode_line(s) for s in node.body)
    return False


def _set_mode(effects: Effects, holder: Value, text: str, name: str, call: _Call) -> Value:
    if holder.reach == Reach.OWN:
        return holder
    if holder.reach in (Reach.UNKNOWN, Reach.SHELL) and not holder.root:
        effects.caution(messages.may_change(text))
        return holder
    argument = next(iter([*call.node.args, *(k.value for k in call.node.keywords)]), None)
    what = name
    if isinstance(argument, ast.Constant):
        what = "train" if argument.value else "eval"
    key = ("mode", holder.root)
    saved = effects.saved_in(argument) if argument is not None else None
    before = effects.disturbed.get(key)
    if saved is not None and saved[:2] == key:
        effects.disturbed.pop(key, None)
    elif argument is not None and not isinstance(argument, ast.Constant):
        effects.offence(messages.mode(text, "train"))
    elif before is not None and before.what != what:
        del effects.disturbed[key]
    else:
        effects.disturb("mode", holder.root, what, messages.mode(text, what))
    return holder


def _methods_of_text(
    effects: Effects, holder: Value, func: ast.Attribute, name: str
) -> list[ast.AST]:
    known = effects.known
    if isinstance(func.value, ast.Call) and _last(func.value.func) == "super":
        return []
    if holder.reach == Reach.TRAINING and holder.root:
        origins = known.origins_of(holder.root)
        classes = {c for o in origins for c in known.classes_of(o)}
        found = [f for c in classes for f in known.method_of(c, name)]
        if found or (classes and all(classes)):
            return found
    return known.methods(name)


def _draws(effects: Effects, holder: Value, text: str, name: str, call: _Call) -> Value:
    seed = call.keywords.get("random_state")
    if holder.reach == Reach.OWN or (seed is not None and seed.reach == Reach.OWN):
        if name == "shuffle" and call.node.args:
            effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return holding(call.all)
    origins = effects.known.origins_of(holder.root)
    makes = {_last(o.func) for o in origins if isinstance(o, ast.Call)}
    named = any(w in text.lower() for w in ("rng", "random", "generator"))
    if makes & GENERATOR_MAKERS or named or name == "shuffle":
        effects.offence(messages.draws_method(f"{call.text}(…)", text))
    else:
        effects.caution(messages.may_draw(f"{call.text}(…)"))
    return Value(Reach.UNKNOWN)


def _draws_from_torch(effects: Effects, call: _Call) -> None:
    generator = call.keywords.get("generator")
    if generator is None:
        effects.disturb("draw", "torch", call.text, messages.draws("torch"))
    else:
        effects.changes(generator, "generator")


def _mutates(effects: Effects, holder: Value, func: ast.Attribute, call: _Call) -> Value:
    effects.changes(holder, ast.unparse(func.value))
    effects.keep(func.value, holding(call.all))
    if func.attr in ("fit", "fit_predict", "fit_transform", "partial_fit"):
        if holder.reach == Reach.OWN and "random_state" not in ast.unparse(call.node):
            effects.caution(messages.may_draw(call.text))
        return holder
    return holder.part()


def _is_module(effects: Effects, holder: Value, text: str) -> bool:
    """Whether the text shows that something is a torch module."""
    if holder.reach == Reach.OWN:
        return False
    for origin in effects.known.origins_of(holder.root):
        if list(effects.known.classes_of(origin)):
            return True
        if isinstance(origin, ast.Call):
            path = effects.known.dotted(origin.func) or ""
            if path.startswith("torch.nn.") and not path.startswith("torch.nn.functional"):
                return True
    return shown(holder.root) in effects.known.modules


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


__all__ = ["call_value", "evaluates", "shown"]
