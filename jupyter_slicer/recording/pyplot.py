"""The figure that pyplot draws on without being told."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any

from jupyter_slicer.analysis.facts import StatementFacts

_DRAWING = frozenset(
    "plot hist boxplot scatter bar barh imshow show savefig plotting heatmap pairplot".split()
)


class PyplotWatch:
    """Knows matplotlib's open figures, by identity."""

    def __init__(self) -> None:
        self.before_key: int | None = None

    def before(self) -> None:
        self.before_key = self.active()

    def active(self) -> int | None:
        """Identity of the current figure."""
        manager = self._current()
        return id(manager.canvas.figure) if manager is not None else None

    def figures(self) -> list[object]:
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
            value = namespace.get(access.name)
            name = getattr(value, "__name__", "") if type(value) is types.ModuleType else ""
            if name in ("matplotlib.pyplot", "seaborn", "pylab"):
                return True
            if getattr(value, "__module__", "") == "matplotlib.pyplot":
                return True
        return bool(facts.called & _DRAWING) and bool(
            libraries & {"pandas", "seaborn", "matplotlib"}
        )
