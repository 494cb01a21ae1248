"""What users set in ``ipython_config.py`` or with ``%slicer config``."""

from __future__ import annotations

import os
from typing import Any

from traitlets import Bool, Float, TraitError, Unicode, validate
from traitlets.config import Configurable

from jupyter_slicer.errors import UsageError

STORE_VARIABLE = "JUPYTER_SLICER_STORE"


class Slicer(Configurable):
    """Settings of jupyter_slicer; its name is that of the section, as in ``c.Slicer.store``."""

    store = Unicode(
        "",
        help="File of the history; ':memory:' keeps none. Empty: the user's data folder. "
        "Read when the extension is loaded.",
    ).tag(config=True)
    budget = Float(
        0.05, help="Share of the time that the cells take which recording may add to it."
    ).tag(config=True)
    verify = Bool(True, help="Whether %slice makes a fresh run when not told otherwise.").tag(
        config=True
    )
    verify_timeout = Float(600.0, help="Seconds for each fresh run.").tag(config=True)

    hindsight = Bool(True, help="Whether long loops are recorded, to be replayed.").tag(
        config=True
    )
    hindsight_share = Float(
        0.02, help="Share of a loop's time that recording it may take."
    ).tag(config=True)

    @validate("hindsight_share")
    def _check_hindsight_share(self, proposal: Any) -> float:
        share = float(proposal["value"])
        if not 0 <= share <= 10:
            raise TraitError("hindsight_share is a share: 0.02 is two percent")
        return share

    @validate("budget")
    def _check_budget(self, proposal: Any) -> float:
        share = float(proposal["value"])
        if not 0 <= share <= 10:
            raise TraitError("budget is a share: 0.05 is five percent")
        return share

    @validate("verify_timeout")
    def _check_timeout(self, proposal: Any) -> float:
        seconds = float(proposal["value"])
        if not 0 < seconds < 1e7:
            raise TraitError("verify_timeout is a number of seconds")
        return seconds

    def store_place(self) -> str | None:
        """None where the environment or nobody says it."""
        return None if os.environ.get(STORE_VARIABLE) else self.store or None

    def names(self) -> list[str]:
        return sorted(set(self.class_trait_names(config=True)) - _INHERITED)

    def lines(self) -> list[str]:
        """Each setting, its value, and what it means."""
        traits = self.class_traits()
        return [f"{n} = {getattr(self, n)!r:12} {traits[n].help}" for n in self.names()]

    def check_name(self, name: str) -> None:
        if name not in self.names():
            raise UsageError(
                f"There is no setting {name}. There are {', '.join(self.names())}."
            )

    def set(self, name: str, text: str) -> None:
        """Set from what was typed; raises ``UsageError`` for what cannot be."""
        self.check_name(name)
        try:
            setattr(self, name, self.class_traits()[name].from_string(text))
        except (TraitError, ValueError) as error:
            raise UsageError(f"Cannot set {name} to {text!r}: {error}") from error


_INHERITED = frozenset(Configurable.class_trait_names(config=True))
