"""A message that was given to the outbox, as its sender sees it."""

from __future__ import annotations

import asyncio

from lian_client.frames import Ack
from lian_client.outbox import Refusal


class SendError(Exception):
    """The server refused the message for good. `code`: one of docs/protocol.md §5."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class ClientClosedError(Exception):
    """The client was closed before there was an answer. The message stays in the outbox."""


class Sending:
    """`id`: that of the message, for ever."""

    def __init__(self, id: str) -> None:
        self.id = id
        self._outcome: asyncio.Future[Ack | Refusal | None] = asyncio.get_running_loop().create_future()

    async def answer(self) -> Ack:
        """Wait until the server has it, however long that takes.

        Raises:
            SendError: it never will.
            ClientClosedError: nobody waits for it any more.
        """
        outcome = await asyncio.shield(self._outcome)
        if outcome is None:
            raise ClientClosedError
        if isinstance(outcome, Refusal):
            raise SendError(outcome.code, outcome.detail)
        return outcome

    def settle(self, outcome: Ack | Refusal | None) -> None:
        """None: there will be no answer here."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)
