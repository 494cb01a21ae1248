"""A real kernel, cell by cell."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import KernelManager

MIME = "application/vnd.jupyter-slicer.slice+json"


@dataclass
class Result:
    """What one cell showed."""

    status: str = ""
    error: str | None = None
    count: int | None = None
    stdout: str = ""
    stderr: str = ""
    value: str | None = None
    """The text of ``Out[n]``."""
    displays: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    """Display ids, of displays and updates in the order of their arrival."""

    @property
    def last(self) -> dict[str, Any]:
        """What the display shows in the end."""
        return (self.displays + self.updates)[-1]

    @property
    def message(self) -> dict[str, Any]:
        return self.last[MIME]


class Notebook:
    """Runs cells and collects what they show."""

    def __init__(self, folder: str) -> None:
        self.manager = KernelManager(kernel_name="python3")
        # The files of the test run, not of whoever runs it.
        self.manager.start_kernel(cwd=folder, env=dict(os.environ))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str, timeout: float = 60, **options: Any) -> Result:
        return self.wait(self.start(code, **options), timeout)

    def start(self, code: str, **options: Any) -> str:
        return self.client.execute(code, **options)

    def wait(self, request: str, timeout: float = 60) -> Result:
        result = Result()
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            self._take(result, kind, content)
        reply = self._reply(request, end)
        result.status, result.count = reply["status"], reply.get("execution_count")
        return result

    def _reply(self, request: str, end: float) -> dict[str, Any]:
        while True:
            message = self.client.get_shell_msg(timeout=max(0.1, end - time.monotonic()))
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def _take(self, result: Result, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            name = content["name"]
            setattr(result, name, getattr(result, name) + content["text"])
        elif kind in ("display_data", "update_display_data"):
            place = result.displays if kind == "display_data" else result.updates
            place.append(content["data"])
            result.ids.append(content.get("transient", {}).get("display_id"))
        elif kind == "execute_result":
            result.value = content["data"]["text/plain"]
        elif kind == "error":
            result.error = f"{content['ename']}: {content['evalue']}"

    def interrupt_when_displayed(self, request: str, timeout: float = 60) -> list[dict]:
        """Interrupt the kernel as soon as the running cell has displayed something."""
        seen = []
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "display_data":
                seen.append(message["content"]["data"])
                time.sleep(1)
                self.manager.interrupt_kernel()
                return seen

    def complete(self, code: str) -> list[str]:
        self.client.complete(code, len(code))
        return self.client.get_shell_msg(timeout=30)["content"]["matches"]

    def help(self, name: str) -> str:
        """What the pager shows for ``name?``."""
        request = self.client.execute(f"{name}?", store_history=False)
        reply = self._reply(request, time.monotonic() + 30)
        return "".join(page["data"]["text/plain"] for page in reply["payload"])
