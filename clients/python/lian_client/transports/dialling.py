"""From a URL to an open transport."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from lian_client.transports.base import Transport
from lian_client.transports.tcp import TcpTransport
from lian_client.transports.websocket import WebSocketTransport

#: PROTOCOL §3.
TCP_PORT = 9100


def check_url(url: str) -> None:
    """Raise ValueError unless `dial` can make something of it."""
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss", "tcp", "tls") or not parts.hostname:
        raise ValueError("expected ws://, wss://, tcp:// or tls:// and a host")


async def dial(url: str, *, tls: ssl.SSLContext | None = None) -> Transport:
    """Connect to `ws://` or `wss://` (WebSocket), `tcp://` or `tls://` (raw TCP).

    `tls` is for certificates that the system does not know.

    Raises:
        OSError: there is no way to the server.
        TransportClosedError: what answered does not speak this.
    """
    parts = urlsplit(url)
    if parts.scheme in ("ws", "wss"):
        return await WebSocketTransport.dial(url, tls=tls if parts.scheme == "wss" else None)
    context = (tls or ssl.create_default_context()) if parts.scheme == "tls" else None
    return await TcpTransport.dial(parts.hostname or "", parts.port or TCP_PORT, tls=context)
