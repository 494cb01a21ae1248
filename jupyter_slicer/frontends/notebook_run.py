"""A notebook run in a fresh kernel that records, and then asked for a slice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_slicer.errors import Interrupted, NotebookError, SlicerError
from jupyter_slicer.frontends.messages import MIME

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

Reply = dict[str, Any]
"""The JSON object that ``%slice --format json`` displays."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a notebook."""

    kernel: str | None = None
    """Name of a kernelspec; None: the notebook's own."""
    start_timeout: float = 60.0
    """Seconds for the kernel to answer for the first time."""
    allow_errors: bool = False


def slice_notebook(
    path: str, question: str, options: RunOptions, progress: Callable[[str], None]
) -> Reply:
    """Run all cells with recording on, then the ``%slice`` line in ``question``.

    The notebook's file is only read; its kernel is gone when this returns or raises.
    """
    notebook = read_notebook(path)
    return asyncio.run(_slice_notebook(notebook, path, question, options, progress))


def read_notebook(path: str) -> NotebookNode:
    """The notebook in format 4, every cell with an id."""
    import warnings

    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing ids are given below
            notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise NotebookError(f"Cannot read {path}: {error.strerror or error}.") from error
    except Exception as error:
        raise NotebookError(f"{path} is not a notebook: {str(error)[:200]}") from error
    for number, cell in enumerate(notebook.cells, 1):
        cell.setdefault("id", f"cell-{number}")
    return notebook


async def _slice_notebook(
    notebook: NotebookNode,
    path: str,
    question: str,
    options: RunOptions,
    progress: Callable[[str], None],
) -> Reply:
    client = _client(notebook, path, options)
    stop = _Stop()
    try:
        async with client.async_setup_kernel(env=_environment(path)):
            stop.watch()
            progress("kernel started")
            await _load_extension(client)
            await _run_cells(client, notebook, options, progress)
            progress(question)
            return await _ask(client, question)
    except SlicerError:
        raise
    except asyncio.CancelledError:
        raise Interrupted("Interrupted; the kernel was stopped.") from None
    except Exception as error:
        if stop.requested:
            raise Interrupted("Interrupted; the kernel was stopped.") from None
        raise NotebookError(_trouble(error)) from error


class _Stop:
    """Ctrl-C cancels the task, whose way out stops the kernel."""

    def __init__(self) -> None:
        self.requested = False

    def watch(self) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def stop() -> None:
            self.requested = True
            if task is not None:
                task.cancel()

        with suppress(NotImplementedError):  # Windows: Ctrl-C raises by itself
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)


def _client(notebook: NotebookNode, path: str, options: RunOptions) -> NotebookClient:
    import zmq
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class CellIdClient(AsyncKernelClient):
        """Tells the kernel which cell it runs, as JupyterLab does and nbclient does not."""

        cell_id: str | None = None

        def execute(self, code: str, *args: Any, **kwargs: Any) -> str:
            send = self.shell_channel.send

            def send_with_id(message: dict[str, Any]) -> Any:
                message["metadata"]["cellId"] = self.cell_id
                return send(message)

            self.shell_channel.send = send_with_id
            try:
                return str(super().execute(code, *args, **kwargs))
            finally:
                del self.shell_channel.send

    class CellIdManager(AsyncKernelManager):
        client_factory = CellIdClient
        # Else newer kernels warn about plain text on every start.
        transport_encryption = "auto" if zmq.has("curve") else "disabled"

    named: dict[str, Any] = {"kernel_name": options.kernel} if options.kernel else {}
    return NotebookClient(
        notebook,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
        timeout=None,
        startup_timeout=options.start_timeout,
        kernel_manager_class=CellIdManager,
        **named,
    )


def _environment(path: str) -> dict[str, str]:
    """Nothing of this run goes into the user's own history."""
    return {
        **os.environ,
        "JUPYTER_SLICER_STORE": ":memory:",
        "JPY_SESSION_NAME": os.path.abspath(path),
    }


async def _load_extension(client: NotebookClient) -> None:
    outputs = await _run_aside(client, "%load_ext jupyter_slicer")
    for output in outputs:
        if output["output_type"] == "error":
            raise NotebookError(
                f"The notebook's kernel {client.kernel_name!r} cannot load jupyter_slicer "
                f"({output['ename']}: {output['evalue']}). Install jupyter_slicer there, or "
                "choose another kernel with --kernel."
            )


async def _run_cells(
    client: NotebookClient,
    notebook: NotebookNode,
    options: RunOptions,
    progress: Callable[[str], None],
) -> None:
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    for number, cell in enumerate(code, 1):
        begin = time.perf_counter()
        await _run_cell(client, notebook, cell, f"cell {number} of {len(code)}", options)
        progress(f"cell {number} of {len(code)}: {time.perf_counter() - begin:.1f} s")


async def _run_cell(
    client: NotebookClient,
    notebook: NotebookNode,
    cell: NotebookNode,
    name: str,
    options: RunOptions,
) -> None:
    from nbclient.exceptions import CellExecutionError

    _tell_cell(client, cell.id)
    client.allow_errors = options.allow_errors
    try:
        await client.async_execute_cell(cell, notebook.cells.index(cell))
    except CellExecutionError as error:
        first = cell.source.strip().splitlines()[0]
        raise NotebookError(
            f"The run stopped at {name} (id {cell.id}, {first!r}): {error.ename}: "
            f"{error.evalue}. Repair the cell, give it the tag raises-exception, or go on "
            "past it with --allow-errors."
        ) from error


def _tell_cell(client: NotebookClient, cell_id: str | None) -> None:
    kernel_client: Any = client.kc
    kernel_client.cell_id = cell_id


async def _ask(client: NotebookClient, question: str) -> Reply:
    outputs = await _run_aside(client, question)
    for output in outputs:
        if MIME in output.get("data", {}):
            return _checked(output["data"][MIME])
    printed = "".join(o["text"] for o in outputs if o.get("name") == "stdout").strip()
    for line in (printed, *printed.splitlines()):
        try:
            return _checked(json.loads(line))
        except ValueError:
            continue
    errors = [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    raise NotebookError("The kernel gave no slice. " + "; ".join(errors or [printed[:500]]))


def _checked(reply: object) -> Reply:
    if isinstance(reply, dict) and reply.get("kind") in ("slice", "failure"):
        return reply
    raise ValueError("not a reply of %slice")


async def _run_aside(client: NotebookClient, code: str) -> list[dict[str, Any]]:
    """Outputs of code that is no cell of the notebook; errors are among them."""
    import nbformat

    cell = nbformat.v4.new_code_cell(code)  # type: ignore[no-untyped-call]
    client.nb.cells.append(cell)
    _tell_cell(client, None)
    client.allow_errors = True
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()
    return list(cell.outputs)


def _trouble(error: Exception) -> str:
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError

    if isinstance(error, NoSuchKernel):
        return (
            f"There is no kernel {error.name!r} here. Choose one with --kernel, for "
            "example  --kernel python3"
        )
    if isinstance(error, DeadKernelError):
        return "The kernel died. Did it run out of memory, or did a cell end the process?"
    return f"The notebook could not be run: {type(error).__name__}: {error}"


def static_cells(path: str) -> list[tuple[str, str, str]]:
    """Id, text and IPython-transformed text of each code cell, none of them run."""
    from IPython.core.inputtransformer2 import TransformerManager

    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    cells = []
    for cell in read_notebook(path).cells:
        if cell.cell_type == "code":
            transformed = transform(cell.source)
            cells.append((cell.id, cell.source, transformed))
    return cells
