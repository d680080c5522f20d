"""Commands that are answered once, by id: edit, recall, react. They are worth a few seconds, not an outbox.

One that is under way when the connection drops is sent again after the next login: each leaves the same state when it
is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lian_client.connection import FrameTooLargeError
from lian_client.frames import Ack, ClientFrame, Error

#: Long enough for a reconnect in between, short enough that whoever asked still waits.
REQUEST_TIMEOUT_S = 20.0


class RequestError(Exception):
    """Why it was not done. `code`: one of docs/protocol.md §5, or `timeout`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Requests:
    """Those that are under way."""

    def __init__(self, send: Callable[[ClientFrame], bool]) -> None:
        self._send = send
        self._pending: dict[str, tuple[ClientFrame, asyncio.Future[Ack]]] = {}

    async def request(self, frame: ClientFrame) -> Ack:
        """Raises RequestError. The frame has an id."""
        assert frame.id is not None
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._pending[frame.id] = (frame, answer)
        try:
            self._send(frame)
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                return await answer
        except TimeoutError:
            raise RequestError("timeout") from None
        except FrameTooLargeError as error:
            raise RequestError("too_large", str(error)) from error
        finally:
            del self._pending[frame.id]

    def on_login(self) -> None:
        for frame, answer in self._pending.values():
            try:
                if not answer.done():
                    self._send(frame)
            except FrameTooLargeError as error:
                answer.set_exception(RequestError("too_large", str(error)))

    def on_ack(self, ack: Ack) -> bool:
        """Whether it answered a request."""
        answer = self._waiting(ack.id)
        if answer is not None:
            answer.set_result(ack)
        return answer is not None

    def on_error(self, error: Error) -> bool:
        """Whether it answered a request."""
        answer = self._waiting(error.id)
        if answer is not None:
            answer.set_exception(RequestError(error.code, error.detail))
        return answer is not None

    def _waiting(self, id: str | None) -> asyncio.Future[Ack] | None:
        _, answer = self._pending.get(id or "", (None, None))
        return answer if answer is not None and not answer.done() else None
