"""Puts the sidebar into the wheel: built where there is node, left out where there is none.

An editable install takes what has been built already and never builds, so it stays quick:
``cd labextension && jlpm && jlpm build`` builds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "jupyter_slicer/labextension"
SHARED = "share/jupyter/labextensions/jupyter-slicer"
SOURCES = ("src", "style", "schema", "package.json", "tsconfig.json", "yarn.lock")


class SidebarHook(BuildHookInterface[Any]):
    """Builds the sidebar when that is needed and possible."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """``jlpm`` and the bundler come from PyPI, only for who builds."""
        wanted = not self._is_built() and self._node() is not None
        return ["jupyter-builder>=1.3,<2"] if wanted else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable" and not self._is_built():
            self._build()
        if not (Path(self.root) / BUILT / "package.json").exists():
            self.app.display_warning(self._why_not())
            return
        if self.target_name == "sdist":
            build_data["artifacts"].append(BUILT)
        else:
            build_data["shared_data"][BUILT] = SHARED
            build_data["shared_data"]["labextension/install.json"] = f"{SHARED}/install.json"

    def _is_built(self) -> bool:
        """Whether what was built is as new as what it is built from."""
        built = Path(self.root) / BUILT / "package.json"
        sources = self._sources()
        if not built.exists() or not sources:
            return built.exists()
        return built.stat().st_mtime >= max(p.stat().st_mtime for p in sources)

    def _sources(self) -> list[Path]:
        folder = Path(self.root) / "labextension"
        found: list[Path] = []
        for name in SOURCES:
            path = folder / name
            found += [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
        return [p for p in found if p.exists() and "__tests__" not in p.parts]

    def _node(self) -> str | None:
        return None if os.environ.get("JUPYTER_SLICER_NO_SIDEBAR") else shutil.which("node")

    def _build(self) -> None:
        jlpm = shutil.which("jlpm")
        if self._node() is None or jlpm is None:
            return
        folder = Path(self.root) / "labextension"
        for command in (["install", "--immutable"], ["build:prod"]):
            self.app.display_info(f"jlpm {' '.join(command)}")
            subprocess.run([jlpm, *command], cwd=folder, check=True)

    def _why_not(self) -> str:
        return (
            "jupyter_slicer is installed WITHOUT its JupyterLab sidebar: it is not built, and "
            "there is no node here, or this is an editable install. Everything else works. "
            "To have it: install node 20 and run  pip install .  again; in an editable "
            "checkout:  cd labextension && jlpm && jlpm build  and install once more."
        )
