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

from jupyter_slicer.errors import ForgottenPlan, SlicerError
from jupyter_slicer.frontends.ahead import WorkAhead
from jupyter_slicer.frontends.messages import (
    FailureMessage,
    Message,
    ProgressMessage,
    our_fault,
)
from jupyter_slicer.frontends.requests import (
    CancelRequest,
    CurvesRequest,
    FollowRequest,
    LogsRequest,
    PlanRequest,
    ReplayRequest,
    Request,
    RunsRequest,
    StatusRequest,
    VariablesRequest,
    VerifyRequest,
    request_from_json,
)
from jupyter_slicer.recording.files import aside

if TYPE_CHECKING:
    from jupyter_slicer.frontends.panel import Panel
    from jupyter_slicer.frontends.run_plans import Proposed
    from jupyter_slicer.frontends.runs_desk import RunsDesk
    from jupyter_slicer.slicer import Slicer

TARGET = "jupyter_slicer"


class PanelComms:
    """The comm target of one kernel, and the sidebars that have opened it."""

    def __init__(self, slicer: Slicer, timeout: Callable[[], float]) -> None:
        self.slicer = slicer
        self._timeout = timeout
        self._open: dict[str, _PanelComm] = {}
        self._desk: RunsDesk | None = None
        self._ahead = WorkAhead(slicer)

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
            self._ahead.stop()
            if self._desk is not None:
                self._desk.close()

        return undo

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        # A cell may run meanwhile: what is imported here is none of its files.
        with self.slicer.aside():
            self._open_panel(comm, message)

    def _open_panel(self, comm: Any, message: dict[str, Any]) -> None:
        # Not before somebody looks.
        from jupyter_slicer.frontends.panel import Panel
        from jupyter_slicer.frontends.runs_desk import RunsDesk

        self._desk = self._desk or RunsDesk(self.slicer)
        client = str(message["content"].get("data", {}).get("client", comm.comm_id))
        # A page that was loaded again has left its old comm behind.
        before = self._open.pop(client, None)
        if before is not None:
            before.close()
        panel = Panel(self.slicer, self._timeout)
        self._open[client] = _PanelComm(comm, panel, self._desk, self._ahead)
        comm.on_close(lambda message: self._closed(client, comm))

    def _closed(self, client: str, comm: Any) -> None:
        panel = self._open.get(client)
        if panel is not None and panel.comm is comm:
            del self._open[client]
            panel.leave()


class _PanelComm:
    """One sidebar."""

    def __init__(self, comm: Any, panel: Panel, desk: RunsDesk, ahead: WorkAhead) -> None:
        self.comm = comm
        self.panel = panel
        self.desk = desk
        self.ahead = ahead
        self._verification: _Errand | None = None
        self._following: _Errand | None = None
        self._proposed: tuple[int, Proposed] | None = None
        # Not ``on_msg``: that fires IPython's pre_execute and post_execute for each
        # message, and a running cell loses its figures.
        comm.handle_msg = self._heard

    def close(self) -> None:
        self.leave()
        self.comm.close()

    def leave(self) -> None:
        """Nobody waits for an answer any more. A replay goes on: another page may ask."""
        for errand in (self._verification, self._following):
            if errand is not None:
                errand.abandoned = True

    def _heard(self, message: dict[str, Any]) -> None:
        told = message["content"].get("data")
        number = told.get("id") if isinstance(told, dict) else None
        with self.panel.slicer.aside():
            try:
                number, request = request_from_json(told)
                self._take(number, request)
            except Exception as error:
                self._say(number, failure(error))

    def _take(self, number: int, request: Request) -> None:
        match request:
            case CancelRequest(of):
                self._cancel(of)
                self._say(number, self.panel.answer(number, StatusRequest()))
            case VerifyRequest():
                if self._verification is not None:
                    self._verification.abandoned = True
                self._verification = _Errand(number, self._say, self._verify(request))
            case RunsRequest():
                self._say(number, self.desk.runs())
            case CurvesRequest(run):
                self._say(number, self.desk.curves(run))
            case LogsRequest(run):
                self._say(number, self.desk.logs(run))
            case PlanRequest():
                _Errand(number, self._say, self._plan(number, request))
            case ReplayRequest(of):
                if self._proposed is None or self._proposed[0] != of:
                    raise ForgottenPlan
                replay = self.desk.start(self._proposed[1])
                self._following = _Errand(number, self._say, replay.follow)
            case FollowRequest():
                self._following = _Errand(number, self._say, self.desk.current().follow)
            case VariablesRequest():
                self._say(number, self.panel.answer(number, request))
                # The list is on its way; what a click needs comes next.
                self.ahead.start()
            case _:
                self._say(number, self.panel.answer(number, request))

    def _cancel(self, of: int) -> None:
        if self._verification is not None and self._verification.number == of:
            self._verification.abandoned = True
        if self._following is not None and self._following.number == of:
            self.desk.current().stop()

    def _verify(self, request: VerifyRequest) -> Work:
        return lambda tell, abandoned: self.panel.verify(request, tell, abandoned)

    def _plan(self, number: int, request: PlanRequest) -> Work:
        def work(tell: Tell, abandoned: Callable[[], bool]) -> Message:
            # It may take a moment, and the kernel is not busy.
            tell(ProgressMessage("planning"))
            proposed = self.desk.plan(request)
            if self._proposed is None or self._proposed[0] < number:
                self._proposed = (number, proposed)
            return proposed.message

        return work

    def _say(self, number: int | None, message: Message) -> None:
        self.comm.send({"id": number, "message": message.to_json()})


Tell = Callable[[ProgressMessage], None]
Work = Callable[[Tell, Callable[[], bool]], Message]
"""Is given whom to tell how it goes on, and whether nobody waits any more."""


class _Errand:
    """Work in a thread, so that the panel can ask other things meanwhile."""

    def __init__(self, number: int, say: Callable[[int, Message], None], work: Work) -> None:
        self.number = number
        self.abandoned = False
        self._say, self._work = say, work
        # The thread's messages belong to the one that asked.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), daemon=True).start()

    def _run(self) -> None:
        with aside():
            try:
                answer = self._work(
                    lambda message: self._say(self.number, message), lambda: self.abandoned
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
