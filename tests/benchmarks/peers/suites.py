"""Which suites, in which versions, and what each needs to run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """The tests of one project, as its source distribution brings them."""

    name: str
    version: str
    tests: str
    """What pytest is given, seen from the unpacked source distribution."""
    install: tuple[str, ...]
    """Arguments of pip; ``{source}`` is the unpacked source distribution."""
    flags: tuple[str, ...] = ()
    """Pytest's, where the project's own configuration does not do with today's plugins."""

    @property
    def sdist(self) -> str:
        return f"{self.name}-{self.version}"


_LOOPS = ("-o", "asyncio_default_fixture_loop_scope=function")

SUITES = (
    Suite("ipython", "9.18.1", "tests", ("ipython[test]==9.18.1",)),
    Suite(
        "ipykernel", "7.4.0", "tests",
        ("ipykernel==7.4.0", "matplotlib", "--group", "{source}/pyproject.toml:test"), _LOOPS,
    ),
    Suite(
        "nbclient", "0.11.0", "tests", ("nbclient[test]==0.11.0",), (*_LOOPS, "-o", "addopts=")
    ),
    Suite(
        "jupyter_kernel_test", "0.7.0", "test_ipykernel.py",
        ("jupyter_kernel_test==0.7.0", "ipykernel==7.4.0", "pytest"),
    ),
)  # fmt: skip
