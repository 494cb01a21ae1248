"""Calls that are known to do nothing but compute, or to show something."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping

from jupyter_slicer.analysis.tree import nodes_in

ImportedNames = Mapping[str, str]
"""Names bound by imports, as dotted paths: ``np`` is ``numpy``."""

PURE = "pure"
"""Stands for the path of a notebook function that only computes."""

DRAWING = ("matplotlib", "seaborn")
SHOWING = (*DRAWING, "IPython.display", "logging", "tqdm", "pprint")
"""Modules whose functions show something and change nothing that computes."""

COMPUTING = (
    "math", "cmath", "time", "datetime", "numpy", "sklearn.metrics", "os.path",
    "json.dumps", "copy", "textwrap", "string", "psutil", "timeit.default_timer",
)  # fmt: skip

_MUTATORS = frozenset(
    "random put copyto place putmask fill_diagonal at save savez savetxt seterr sleep "
    "set_printoptions".split()
)
_MANY_ARGUMENTS = frozenset(
    "where linspace arange logspace geomspace clip interp full full_like histogram select pad "
    "roll insert isclose allclose swapaxes moveaxis percentile quantile trapz cross choose".split()
)
_BUILTINS = frozenset(
    "abs all any ascii bin bool bytes chr complex dict divmod enumerate float format frozenset "
    "hash hex id int isinstance issubclass len list max min oct ord pow print range repr reversed "
    "round set slice sorted str sum tuple type zip display".split()
)
_METHODS = frozenset(
    "mean sum std var min max argmin argmax item tolist numpy cpu detach float int long bool round "
    "abs sqrt norm format join split strip lower upper startswith endswith replace items keys "
    "values get copy count index size dim numel astype reshape ravel flatten any all head tail "
    "describe info value_counts nunique unique to_string perf_counter time now strftime isoformat "
    "total_seconds debug warning error critical log median quantile corr isna isnull notna dot "
    "score predict predict_proba squeeze unsqueeze exp transpose encode decode title ljust rjust "
    "zfill state_dict tell getvalue namelist".split()
)
_SHOWING_METHODS = frozenset("debug info warning error critical log".split())
_WITH_ARGUMENTS = {"join": (1, 1), "copy": (0, 0), "get": (1, 2), "replace": (2, 3)}
"""How many arguments these take where they only compute: ``thread.join()`` has none."""


def calls_are_harmless(
    call: ast.Call, imports: ImportedNames, figures: bool = False, output: bool = False
) -> bool:
    """Whether a call, its arguments aside, only computes or shows.

    ``figures``: drawing counts as an effect; ``output``: printing and logging do.
    """
    if any(k.arg in ("out", "inplace", "key", "file") for k in call.keywords):
        return False
    path = _dotted(call.func, imports)
    if path is not None:
        if output and (path in ("print", "display") or path.startswith("logging.")):
            return False
        if path in _BUILTINS or path == PURE:
            return True
        parts = path.split(".")
        if any(p in _MUTATORS for p in parts[1:]):
            return False
        if parts[0] == "numpy" and len(call.args) > 2 and parts[-1] not in _MANY_ARGUMENTS:
            return False  # the third argument of a ufunc is written
        if figures and parts[0] in DRAWING:
            return False  # ``plt.title`` is not the ``title`` of a text
        if any(path == m or path.startswith(m + ".") for m in (*COMPUTING, *SHOWING)):
            return True
        if len(parts) > 1:
            return False  # a library's function may do anything, whatever its name
    return isinstance(call.func, ast.Attribute) and _is_harmless_method(call, output)


def _is_harmless_method(call: ast.Call, output: bool) -> bool:
    name = call.func.attr  # type: ignore[attr-defined]
    if output and name in _SHOWING_METHODS:
        return False
    least, most = _WITH_ARGUMENTS.get(name, (0, 99))
    return name in _METHODS and least <= len(call.args) <= most


def _dotted(node: ast.expr, imports: ImportedNames) -> str | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    root = imports.get(node.id)
    if root is None and names:
        return None
    return ".".join([root or node.id, *reversed(names)])


_FRESH_CALLS = frozenset(
    "mean std var argmin argmax item tolist float int len str abs round sqrt norm "
    "format join split strip lower upper range list dict set zeros ones empty arange linspace "
    "full array DataFrame time perf_counter sorted bool repr deepcopy count index".split()
)


def is_fresh(node: ast.expr) -> bool:
    """Whether an expression's value is certainly a new object, or an immutable one."""
    match node:
        case ast.BinOp(op=ast.BitOr()):
            return False  # a merged dictionary holds the values of both
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Constant() | ast.JoinedStr():
            return True
        case ast.List() | ast.Tuple() | ast.Set():
            return all(is_fresh(e) for e in node.elts)
        case ast.Dict():
            return all(is_fresh(v) for v in node.values)
        case ast.ListComp() | ast.SetComp():
            return is_fresh(node.elt)
        case ast.IfExp():
            return is_fresh(node.body) and is_fresh(node.orelse)
        case ast.Call():
            function = node.func
            name = (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")
            )
            holds = name in ("list", "dict", "set", "sorted", "array", "DataFrame")
            return name in _FRESH_CALLS and not (holds and (node.args or node.keywords))
    return False


SHARED = "*"
"""Among the names that may lead to one object: something that no name tells."""
_MAKERS = frozenset(
    "numpy pandas sklearn scipy torch math random collections itertools time datetime re json "
    "pathlib statistics copy string operator functools xgboost lightgbm statsmodels".split()
)
"""Libraries whose functions give new objects, or lead to their arguments."""


def alias_groups(
    body: list[ast.stmt], imports: ImportedNames | None = None
) -> dict[str, frozenset[str]]:
    """Names bound in statements, each with all that may lead to the same object."""
    imports = imports or {}
    groups: dict[str, set[str]] = {}

    def join(targets: set[str], others: set[str]) -> None:
        merged = set(targets) | others
        for name in list(merged):
            merged |= groups.get(name, set())
        for name in merged:
            groups[name] = merged

    for node in (n for s in body for n in nodes_in(s)):
        bound: ast.expr | None = None
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            for target in node.targets:
                join(
                    _plain_names(target),
                    set() if is_fresh(node.value) else _led_to(node.value, imports),
                )
            continue
        if isinstance(node, ast.AnnAssign | ast.NamedExpr):
            bound, value = node.target, node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            bound, value = node.target, node.iter
        elif isinstance(node, ast.withitem):
            bound, value = node.optional_vars, node.context_expr
        elif isinstance(node, ast.Try):
            caught = {h.name for h in node.handlers if h.name}
            raised = (n for s in node.body for n in nodes_in(s) if isinstance(n, ast.Raise))
            join(
                caught,
                {n for r in raised if r.exc is not None for n in _led_to(r.exc, imports)},
            )
        elif isinstance(node, ast.Match):
            captured = {
                getattr(p, "name", None) for c in node.cases for p in nodes_in(c.pattern)
            }
            join({str(n) for n in captured if n}, _led_to(node.subject, imports))
        if bound is not None and value is not None:
            join(_plain_names(bound), set() if is_fresh(value) else _led_to(value, imports))
    return {name: frozenset(group) for name, group in groups.items()}


def _plain_names(target: ast.expr) -> set[str]:
    return {
        n.id
        for n in nodes_in(target)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _led_to(value: ast.expr, imports: ImportedNames) -> set[str]:
    """Names that an expression's value may share objects with; not plain functions."""
    shared = any(
        isinstance(n, ast.Call) and _may_give_what_others_have(n, imports)
        for n in nodes_in(value)
    )
    called = {
        n.func.id
        for n in nodes_in(value)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    names = {n.id for n in nodes_in(value) if isinstance(n, ast.Name)} - called
    return names | {SHARED} if shared else names


def _may_give_what_others_have(call: ast.Call, imports: ImportedNames) -> bool:
    """``store()`` may give the one store that there is; a class gives a new object."""
    path = _dotted(call.func, imports)
    if path is None:
        return not isinstance(call.func, ast.Attribute)
    parts = path.split(".")
    if len(parts) == 1 and (path in _BUILTINS or hasattr(builtins, path)):
        return False
    return parts[0] not in _MAKERS and not parts[-1].lstrip("_")[:1].isupper()
