"""What methods do, of objects that are not imported."""

from __future__ import annotations

import ast

from jupyter_slicer.analysis.purity import calls_are_harmless
from jupyter_slicer.hindsight.edits import messages
from jupyter_slicer.hindsight.edits.call_parts import (
    Call,
    call_functions,
    last_name,
    unknown_call,
    writes_file,
)
from jupyter_slicer.hindsight.edits.effects import Effects
from jupyter_slicer.hindsight.edits.known_calls import (
    DRAWING_METHODS,
    FRESH_METHODS,
    GENERATOR_MAKERS,
    IN_PLACE_WHEN_ALONE,
    MODULE_CASTS,
    MUTATORS,
    PLOTTING_METHODS,
    SHARING_METHODS,
    TENSOR_DRAWS,
    UPDATES,
    WRITERS,
)
from jupyter_slicer.hindsight.edits.model_calls import instance_call
from jupyter_slicer.hindsight.edits.reach import OWN, UNKNOWN, Reach, Value, holding, joined
from jupyter_slicer.hindsight.edits.surroundings import shown


def method_call(effects: Effects, holder: Value, func: ast.Attribute, call: Call) -> Value:
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
        return _draws(effects, holder, func, name, call)
    if name in WRITERS and not _writes_nothing(name, call):
        writes_file(effects, call)
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
        call_functions(effects, call)
        return OWN
    if name in ("get", "join") and not call.all:
        return unknown_call(effects, call)  # of a queue, of a thread
    if name in SHARING_METHODS or calls_are_harmless(call.node, effects.known.imports):
        call_functions(effects, call)
        return holder.part() if holder.reach == Reach.SHELL else holder | holding(call.all)
    if name == "join":
        return OWN
    if holder.root and effects.known.origins_of(f"{holder.root}.{name}"):
        return instance_call(effects, holder.part(name), call)
    if holder.reach in (Reach.OWN, Reach.SHELL) and _is_plain(name, call):
        return holder.part() if holder.reach == Reach.SHELL else OWN
    return unknown_call(effects, call)


def _is_plain(name: str, call: Call) -> bool:
    """Whether an unknown method of the added code's own object leaves training alone."""
    return call.worst.reach == Reach.OWN or name in PLOTTING_METHODS


def _writes_nothing(name: str, call: Call) -> bool:
    """``rows.remove(x)``, ``frame.rename(columns=…)``, ``frame.to_csv()``."""
    if name == "rename":
        return not call.node.args or call.keyword("columns") is not None
    if name.startswith("to_"):
        return not call.all
    return name in ("remove", "move") and len(call.node.args) == 1


def _is_mode(name: str, call: Call) -> bool:
    """``net.eval()``, ``net.train(False)``; not ``frame.eval("a + b")``."""
    if name == "eval":
        return not call.node.args and not call.node.keywords
    if name != "train" or len(call.node.args) + len(call.node.keywords) > 1:
        return False
    argument = next(iter([*call.node.args, *(k.value for k in call.node.keywords)]), None)
    return argument is None or isinstance(argument, ast.Constant | ast.Name | ast.Attribute)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


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


def _set_mode(effects: Effects, holder: Value, text: str, name: str, call: Call) -> Value:
    if holder.reach == Reach.OWN:
        evaluating = name == "eval" or any(_is_false(a) for a in call.node.args)
        (effects.own_evaluating.add if evaluating else effects.own_evaluating.discard)(
            holder.root
        )
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
    elif before is not None and (before.what, what) == ("eval", "train"):
        # Not the other way round: training may have been in training mode before.
        del effects.disturbed[key]
    else:
        effects.disturb("mode", holder.root, what, messages.mode(text, what))
    return holder


def _methods_of_text(
    effects: Effects, holder: Value, func: ast.Attribute, name: str
) -> list[ast.AST]:
    known = effects.known
    if isinstance(func.value, ast.Call) and last_name(func.value.func) == "super":
        return []
    if holder.reach == Reach.TRAINING and holder.root:
        origins = known.origins_of(holder.root)
        classes = {c for o in origins for c in known.classes_of(o)}
        found = [f for c in classes for f in known.method_of(c, name)]
        if found or (classes and all(classes)):
            return found
    return known.methods(name)


def _draws(
    effects: Effects, holder: Value, func: ast.Attribute, name: str, call: Call
) -> Value:
    text = ast.unparse(func.value)
    seed = call.keywords.get("random_state")
    if (
        name in ("sample", "rsample", "rvs")
        and seed is None
        and not _is_generator(effects, func)
    ):
        effects.caution(messages.may_draw(f"{call.text}(…)"))
        return UNKNOWN
    if holder.reach == Reach.OWN or (seed is not None and seed.reach == Reach.OWN):
        if name == "shuffle" and call.node.args:
            effects.changes(call.arguments[0], ast.unparse(call.node.args[0]))
        return holding(call.all)
    origins = effects.known.origins_of(holder.root)
    makes = {last_name(o.func) for o in origins if isinstance(o, ast.Call)}
    named = any(w in text.lower() for w in ("rng", "random", "generator"))
    if makes & GENERATOR_MAKERS or named or name == "shuffle":
        effects.offence(messages.draws_method(f"{call.text}(…)", text))
    else:
        effects.caution(messages.may_draw(f"{call.text}(…)"))
    return Value(Reach.UNKNOWN)


def _is_generator(effects: Effects, func: ast.Attribute) -> bool:
    """Whether the text shows a method to be a generator's: ``Random(0).sample``."""
    origins = [func.value]
    if isinstance(func.value, ast.Name):
        origins = effects.known.origins_of(f"~{func.value.id}")
    makers = [o for o in origins if isinstance(o, ast.Call)]
    return bool(makers) and all(last_name(o.func) in GENERATOR_MAKERS for o in makers)


def _draws_from_torch(effects: Effects, call: Call) -> None:
    generator = call.keywords.get("generator")
    if generator is None:
        effects.disturb("draw", "torch", call.text, messages.draws("torch"))
    else:
        effects.changes(generator, "generator")


def _mutates(effects: Effects, holder: Value, func: ast.Attribute, call: Call) -> Value:
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
