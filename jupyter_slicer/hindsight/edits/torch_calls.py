"""What functions of torch do."""

from __future__ import annotations

import ast
from dataclasses import replace

from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.call_parts import (
    Call,
    changes_in_place,
    unknown_call,
    writes_file,
)
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.known_calls import (
    ALWAYS_DRAWS,
    DRAWING_LAYERS,
    FUNCTIONAL_DRAWS,
    TORCH_DRAWS,
    TORCH_SAFE,
    TORCH_SETS,
    TORCH_UNKNOWN,
    TORCH_VIEWS,
)
from jupyter_slicer.hindsight.edits.model_calls import evaluates
from jupyter_slicer.hindsight.edits.reach import OWN, Reach, Value, holding

_NN_UTILS = frozenset(
    "parameters_to_vector pad_sequence pack_sequence pack_padded_sequence pad_packed_sequence "
    "get_total_norm".split()
)


def torch_call(effects: Effects, path: str, last: str, call: Call) -> Value:
    """A call of ``torch.…``; ``last`` is the last name of its path."""
    inplace = call.keyword("inplace")
    if call.keyword("out") is not None or not (
        inplace is None or (isinstance(inplace, ast.Constant) and not inplace.value)
    ):
        return changes_in_place(effects, call)
    if path.startswith(TORCH_UNKNOWN):
        return unknown_call(effects, call)
    if path.startswith("torch.nn.functional."):
        return _functional(effects, last, call)
    if path.startswith("torch.nn.init.") or last.endswith("_"):
        return _in_place_function(effects, path, last, call)
    if path.startswith("torch.nn.utils.") and last in ("vector_to_parameters",):
        effects.changes(call.worst, call.text)
        return OWN
    if path.startswith(("torch.nn.utils.", "torch.nn.parallel.")) and last not in _NN_UTILS:
        return unknown_call(effects, call)
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
        writes_file(effects, call)
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
    if last.startswith(TORCH_SETS):
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
        return unknown_call(effects, call)
    if last in TORCH_VIEWS:
        return call.worst
    if path.count(".") == 1:
        return OWN if call.worst.reach == Reach.OWN else Value(Reach.UNKNOWN, call.worst.root)
    return unknown_call(effects, call)


def _functional(effects: Effects, last: str, call: Call) -> Value:
    if last in FUNCTIONAL_DRAWS and not _is_off(effects, last, call):
        effects.disturb("draw", "torch", call.text, messages.functional_draw(call.text))
    elif last in ("batch_norm", "instance_norm"):
        effects.caution(messages.deep_call(call.text))
    elif last.endswith("_"):
        effects.changes(call.worst, call.text)
    return Value(Reach.SHELL, call.worst.root)


def _is_off(effects: Effects, last: str, call: Call) -> bool:
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


def _in_place_function(effects: Effects, path: str, last: str, call: Call) -> Value:
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
