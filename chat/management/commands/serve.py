"""`manage.py serve`: the site, the REST API and the gateway in one process and one event loop."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Any

from channels.routing import get_default_application
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Serve the site, WebSocket and raw TCP until SIGTERM or Ctrl-C, then drain."

    def add_arguments(self, parser: CommandParser) -> None:
        environment = os.environ
        parser.add_argument("--host", default=environment.get("HOST", "127.0.0.1"), help="default: $HOST or 127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=int(environment.get("PORT", "8000")), help="default: $PORT or 8000"
        )
        parser.add_argument(
            "--tcp-port",
            type=int,
            default=int(environment.get("TCP_PORT", "9100")),
            help="of the raw TCP transport, 0 for none; default: $TCP_PORT or 9100",
        )

        parser.add_argument(
            "--server",
            choices=("daphne", "uvicorn"),
            default=environment.get("IM_SERVER", "daphne"),
            help="the ASGI server; default: $IM_SERVER or daphne",
        )

    def handle(self, *args: Any, host: str, port: int, tcp_port: int, **options: Any) -> None:
        from chat.gateway import database
        from chat.gateway.runtime import drain, get_gateway
        from chat.transports import tcp

        listener: asyncio.Server | None = None

        async def start() -> None:
            nonlocal listener
            gateway = await get_gateway()
            if tcp_port:
                listener = await tcp.listen(gateway, host=host, port=tcp_port, tls=_tls_context())

        async def stop() -> None:
            if listener is not None:
                listener.close()
            await drain()

        server = _server_class(options["server"])(
            # By the setting's name: wiring is above this package.
            application=get_default_application(),
            host=host,
            port=port,
            start=start,
            drain=stop,
        )
        shown = f"[{host}]" if ":" in host else host
        also = f" and tcp://{shown}:{tcp_port}" if tcp_port else ""
        self.stdout.write(f"Serving on http://{shown}:{port}{also} (Ctrl-C stops)")
        self.stdout.flush()
        server.run()
        database.shut_down()
        if server.failure is not None:
            raise CommandError(
                f"Cannot serve: {server.failure} "
                "(if another server is running there, set PORT and TCP_PORT to choose other ports)"
            )


def _server_class(name: str) -> Any:
    # Imported only when chosen: daphne installs Twisted's reactor by being imported.
    if name == "uvicorn":
        from chat.gateway.uvicorn_server import UvicornServer

        return UvicornServer
    from chat.gateway.daphne_server import DaphneServer

    return DaphneServer


def _tls_context() -> ssl.SSLContext | None:
    """For raw TCP, when a certificate is configured."""
    if not settings.IM_TLS_CERTIFICATE:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.IM_TLS_CERTIFICATE, settings.IM_TLS_KEY or None)
    return context
