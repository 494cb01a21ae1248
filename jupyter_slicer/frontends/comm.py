"""Where sidebars reach the kernel: one comm for each, requests in, messages out.

Where the kernel has subshells a comm's messages are handled in a thread of their own, so
the panel is answered while a cell runs; elsewhere when the cell has ended.
"""

from __future__ import annotations

import contextvars
import os
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_slicer.errors import SlicerError
from jupyter_slicer.frontends.messages import FailureMessage, Message, our_fault
from jupyter_slicer.frontends.requests import (
    CancelRequest,
    Request,
    StatusRequest,
    VerifyRequest,
    request_from_json,
)

if TYPE_CHECKING:
    from jupyter_slicer.frontends.panel import Panel
    from jupyter_slicer.slicer import Slicer

TARGET = "jupyter_slicer"


class PanelComms:
    """The comm target of one kernel, and the sidebars that have opened it."""

    def __init__(self, slicer: Slicer, timeout: Callable[[], float]) -> None:
        self.slicer = slicer
        self._timeout = timeout
        self._open: dict[str, _PanelComm] = {}

    def register(self) -> Callable[[], None]:
        """Be there for sidebars; gives what ends that."""
        from comm import get_comm_manager

        manager = get_comm_manager()
        manager.register_target(TARGET, self._opened)

        def undo() -> None:
            if manager.targets.get(TARGET) == self._opened:
                manager.unregister_target(TARGET, self._opened)
            for panel in list(self._open.values()):
                panel.close()
            self._open.clear()

        return undo

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        from jupyter_slicer.frontends.panel import Panel  # not before somebody looks

        client = str(message["content"].get("data", {}).get("client", comm.comm_id))
        # A page that was loaded again has left its old comm behind.
        before = self._open.pop(client, None)
        if before is not None:
            before.close()
        self._open[client] = _PanelComm(comm, Panel(self.slicer, self._timeout))
        comm.on_close(lambda message: self._closed(client, comm))

    def _closed(self, client: str, comm: Any) -> None:
        panel = self._open.get(client)
        if panel is not None and panel.comm is comm:
            del self._open[client]
            panel.cancel()


class _PanelComm:
    """One sidebar."""

    def __init__(self, comm: Any, panel: Panel) -> None:
        self.comm = comm
        self.panel = panel
        self._verification: _Verification | None = None
        # Not ``on_msg``: that fires IPython's pre_execute and post_execute for each
        # message, and a running cell loses its figures.
        comm.handle_msg = self._heard

    def close(self) -> None:
        self.cancel()
        self.comm.close()

    def cancel(self) -> None:
        if self._verification is not None:
            self._verification.cancelled = True

    def _heard(self, message: dict[str, Any]) -> None:
        told = message["content"].get("data")
        number = told.get("id") if isinstance(told, dict) else None
        try:
            number, request = request_from_json(told)
            self._take(number, request)
        except Exception as error:
            self._say(number, failure(error))

    def _take(self, number: int, request: Request) -> None:
        if isinstance(request, CancelRequest):
            if self._verification is not None and self._verification.number == request.of:
                self.cancel()
            self._say(number, self.panel.answer(number, StatusRequest()))
        elif isinstance(request, VerifyRequest):
            self.cancel()
            self._verification = _Verification(number, request, self.panel, self._say)
            self._verification.start()
        else:
            self._say(number, self.panel.answer(number, request))

    def _say(self, number: int | None, message: Message) -> None:
        self.comm.send({"id": number, "message": message.to_json()})


class _Verification:
    """Fresh runs in a thread, so that the panel can ask other things meanwhile."""

    def __init__(
        self,
        number: int,
        request: VerifyRequest,
        panel: Panel,
        say: Callable[[int, Message], None],
    ) -> None:
        self.number = number
        self.cancelled = False
        self._request, self._panel, self._say = request, panel, say

    def start(self) -> None:
        # The thread's messages belong to the one that asked.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), daemon=True).start()

    def _run(self) -> None:
        try:
            answer: Message = self._panel.verify(
                self._request,
                lambda message: self._say(self.number, message),
                lambda: self.cancelled,
            )
        except Exception as error:
            answer = failure(error)
        self._say(self.number, answer)


def failure(error: Exception) -> FailureMessage:
    """What the panel is told instead of a traceback."""
    if isinstance(error, SlicerError):
        return FailureMessage.of(error)
    if os.environ.get("JUPYTER_SLICER_DEBUG"):
        traceback.print_exception(error)
    return FailureMessage.of(our_fault(error))
