"""Raw TCP behind a balancer that says whose connection it hands on (`IM_TCP_PROXY_PROTOCOL`).

The header comes before everything, TLS included, so it is read from the socket itself, exactly to its last byte, and
only then asyncio gets the socket. Only trusted proxies are listened to: from anybody else the header would be a way to
be whoever one likes.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from accounts.addresses import is_trusted_proxy
from chat.gateway.admission import Refusal, refused
from chat.transports.proxy_header import V2_BYTES_MAX, BadProxyHeaderError, parse

logger = logging.getLogger(__name__)

#: A balancer sends the header first thing; three seconds are one lost packet, sent again twice.
HEADER_TIMEOUT_S = 3.0
#: Connections whose header is being read. Each takes a task for a round trip; beyond this somebody plays with us.
READING_MAX = 1024
#: After a failed accept (out of file descriptors): as long as asyncio's own servers wait.
ACCEPT_RETRY_S = 1.0

Serve = Callable[[socket.socket, str], Awaitable[object]]


class ProxiedListener:
    """Accepts connections on a listening socket and hands each to `serve`, with the address of its client."""

    def __init__(self, listening: socket.socket, serve: Serve) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._serve = serve
        self._reading: set[asyncio.Task[None]] = set()
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Take no more connections."""
        for task in (self._accepting, *self._reading):
            task.cancel()
        self._listening.close()

    async def _accept(self) -> None:
        while True:
            try:
                accepted, _ = await self._loop.sock_accept(self._listening)
            except ConnectionError:
                continue  # the peer left before we came to it
            except OSError as error:
                logger.warning("tcp.cannot_accept", extra={"reason": error.strerror})
                await asyncio.sleep(ACCEPT_RETRY_S)
                continue
            if len(self._reading) >= READING_MAX:
                refused(Refusal.FULL, "", "too many connections at once")
                accepted.close()
                continue
            task = self._loop.create_task(self._admit(accepted))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _admit(self, accepted: socket.socket) -> None:
        peer = ""
        is_ours = True
        try:
            peer = accepted.getpeername()[0]
            if not is_trusted_proxy(peer):
                refused(Refusal.NOT_A_PROXY, peer, "not in IM_TRUSTED_PROXIES")
                return
            async with asyncio.timeout(HEADER_TIMEOUT_S):
                source = await self._read_header(accepted)
            is_ours = False
            await self._serve(accepted, source or peer)
        except (BadProxyHeaderError, TimeoutError) as error:
            refused(Refusal.BAD_PROXY_HEADER, peer, str(error) or "not complete in time")
        except OSError:
            pass  # gone again, as a health check that only connects, or no TLS
        finally:
            if is_ours:
                accepted.close()

    async def _read_header(self, accepted: socket.socket) -> str | None:
        """Take the header from the socket, and not a byte more; the client's address, if it says one."""
        head = b""
        while True:
            await self._readable(accepted)
            seen = accepted.recv(V2_BYTES_MAX, socket.MSG_PEEK)
            if not seen:
                raise BadProxyHeaderError("cut off") if head else ConnectionResetError
            header = parse(head + seen)
            if header is not None:
                accepted.recv(header.length - len(head))
                return header.source
            # All of it belongs to the header: taken, so that the next wait is for what is still to come.
            head += accepted.recv(len(seen))

    async def _readable(self, accepted: socket.socket) -> None:
        ready = asyncio.Event()
        self._loop.add_reader(accepted, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_reader(accepted)
