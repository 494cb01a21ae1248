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
        self._look: int | None = None

    def before(self, within: bool) -> None:
        """``within``: functions that the statement may call name pyplot."""
        self.before_key = self.active()
        self._look = self._appearance() if within else None

    def changed_within(self) -> bool:
        """Whether the figures differ from when such a statement began."""
        return self._look is not None and self._look != self._appearance()

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
