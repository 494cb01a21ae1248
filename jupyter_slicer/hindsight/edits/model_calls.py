"""What calling an object does: ``net(x)``."""

from __future__ import annotations

import ast
from dataclasses import replace

from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.call_parts import Call, unknown_call
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.known_calls import MODE_LAYERS
from jupyter_slicer.hindsight.edits.reach import UNKNOWN, Reach, Value, joined
from jupyter_slicer.hindsight.edits.surroundings import UNSEEN, shown


def instance_call(effects: Effects, value: Value, call: Call) -> Value:
    """``net(x)``, where ``net`` is no function of the text."""
    origins = effects.known.origins_of(value.root)
    if value.reach <= Reach.SHELL and not value.root.startswith("~"):
        func = call.node.func
        name = func.id if isinstance(func, ast.Name) else ""
        origins = effects.known.origins_of(f"~{name}") if name else [func]
        value = replace(value, root=f"~{name}") if value.reach == Reach.OWN else value
    results = [_forward(effects, value, origin, call) for origin in origins or [UNSEEN]]
    return joined(results)


def _forward(effects: Effects, value: Value, origin: ast.expr, call: Call) -> Value:
    known = effects.known
    if value.reach == Reach.OWN and ast.unparse(origin).endswith(".eval()"):
        effects.own_evaluating.add(value.root)
    classes = list(known.classes_of(origin))
    if classes:
        found = [
            f
            for c in classes
            for f in (known.method_of(c, "forward") or known.method_of(c, "__call__"))
        ]
        if not found:
            return unknown_call(effects, call)
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
            messages.acts_in_mode(shown(value.root).partition(".")[0].lstrip("~"), sensitive),
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
    if isinstance(origin, ast.Name):
        known = effects.known.origins.get(origin.id, [])
        return _layers(effects, known[0]) if len(known) == 1 else None
    if not isinstance(origin, ast.Call):
        return None
    path = effects.known.dotted(origin.func) or ""
    if path == "copy.deepcopy" and origin.args:
        return _layers(effects, origin.args[0])
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
    own = effects.own_evaluating
    if any(root == which or root.startswith(f"{which}.") for which in own if which):
        return True
    return any(
        kind == "mode" and (root == which or root.startswith(f"{which}.")) and d.what == "eval"
        for (kind, which), d in effects.disturbed.items()
    )
