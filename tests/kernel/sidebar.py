"""A sidebar without a browser: a comm, over a subshell where the kernel has them."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import Any

from jupyter_slicer.frontends.messages import message_from_json


class Sidebar:
    """Asks a kernel what the panel asks."""

    def __init__(self, notebook: Any, client: str = "tab", subshell: bool = True) -> None:
        self.notebook = notebook
        self.client = notebook.client
        self.id = uuid.uuid4().hex
        self.subshell = self._make_subshell() if subshell else None
        self.closed = False
        self._numbers = itertools.count(1)
        self._early: list[dict[str, Any]] = []
        self._send("comm_open", {"target_name": "jupyter_slicer", "data": {"client": client}})

    def _make_subshell(self) -> str:
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=20)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        message = self.client.session.msg(kind, {"comm_id": self.id, **content})
        if self.subshell:
            message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)

    def close(self) -> None:
        self._send("comm_close", {"data": {}})

    def start(self, request: str, **fields: Any) -> int:
        number = next(self._numbers)
        self._send("comm_msg", {"data": {"id": number, "request": request, **fields}})
        return number

    def ask(self, request: str, **fields: Any) -> Any:
        return self.answer(self.start(request, **fields))

    def answer(self, number: int, seconds: float = 15) -> Any:
        """The message that answers a request; progress before it is passed over."""
        for told in self.messages(number, seconds):
            if told["kind"] != "progress":
                return message_from_json(told)
        raise AssertionError("no answer")

    def messages(self, number: int, seconds: float = 15) -> Any:
        end = time.monotonic() + seconds
        while True:
            for data in self._early:
                if data["id"] == number:
                    self._early.remove(data)
                    yield data["message"]
                    break
            else:
                self._early.append(self._next(end))

    def _next(self, end: float) -> dict[str, Any]:
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.05, end - time.monotonic()))
            content = message["content"]
            if content.get("comm_id") == self.id:
                if message["msg_type"] == "comm_close":
                    self.closed = True
                    raise ConnectionError("the kernel closed the comm")
                return dict(content["data"])
