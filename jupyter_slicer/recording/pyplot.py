"""The figure that pyplot draws on without being told."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any

from jupyter_slicer.analysis.facts import StatementFacts
from jupyter_slicer.values.look import address

_DRAWING = frozenset(
    "plot hist boxplot scatter bar barh imshow show savefig plotting heatmap pairplot".split()
)


class PyplotWatch:
    """Knows matplotlib's open figures, by identity."""

    def __init__(self) -> None:
        self.before_key: int | None = None
        self._within = False
        self._look = 0

    def before(self, within: bool) -> None:
        """``within``: functions that the statement may call name pyplot."""
        self.before_key = self.active()
        self._within = within
        self._look = self._current_look()

    def changed(self) -> bool:
        """Whether figures differ from when the statement began.

        Of one that does not name pyplot, only what is put on the current figure is seen: a
        library's function may draw there, as ``sklearn.tree.plot_tree`` does.
        """
        return self._look != self._current_look()

    def _current_look(self) -> int:
        return self._appearance() if self._within else self._outline()

    def _outline(self) -> int:
        """What lies on the current figure, at a small part of the price of its appearance."""
        manager = self._current()
        if manager is None:
            return 0
        figure = manager.canvas.figure
        marks = [address(figure), *map(address, figure.get_children())]
        for axes in figure.axes:
            marks += map(address, getattr(axes, "_children", ()))
        return hash(tuple(marks))

    def _appearance(self) -> int:
        """What the figures are made of, by identity: two levels of attributes do."""
        marks: list[object] = [self.active()]
        for figure in self.figures():
            for axes in figure.axes:
                held = vars(axes).values()
                inner = [v for v in held if hasattr(type(v), "stale")]
                artists = [axes, *inner, *getattr(axes, "_children", ())]
                marks += [_mark(artist) for artist in artists]
            marks.append(_mark(figure))
        return hash(tuple(marks))

    def active(self) -> int | None:
        """Identity of the current figure."""
        manager = self._current()
        return address(manager.canvas.figure) if manager is not None else None

    def figures(self) -> list[Any]:
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        if helpers is None:
            return []
        return [m.canvas.figure for m in list(helpers.Gcf.figs.values())]

    def _current(self) -> Any:
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        return helpers.Gcf.get_active() if helpers is not None else None

    def used(
        self, facts: StatementFacts, libraries: set[str], namespace: Mapping[str, object]
    ) -> bool:
        """Whether a statement may have drawn on the current figure."""
        if "matplotlib.pyplot" not in sys.modules:
            return False
        for access in facts.reads:
            if access.name not in facts.callers:
                continue
            if is_pyplot(namespace.get(access.name)):
                return True
        return bool(facts.called & _DRAWING) and bool(
            libraries & {"pandas", "seaborn", "matplotlib"}
        )


def is_pyplot(value: object) -> bool:
    """Whether it is a module that draws on the current figure, or a function of one."""
    if type(value) is types.ModuleType:
        return value.__name__ in ("matplotlib.pyplot", "seaborn", "pylab")
    return type(value) is types.FunctionType and value.__module__ == "matplotlib.pyplot"


def _mark(artist: object) -> int:
    """The identities of what an artist holds; whether it has been drawn does not count."""
    held = dict(vars(artist))
    for name in [name for name in held if "stale" in name]:
        del held[name]
    return hash(tuple(map(address, held.values())))
