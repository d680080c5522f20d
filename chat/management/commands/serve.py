"""`manage.py serve`: the site, the REST API and the gateway in one process and one event loop, or a part of them."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
from typing import Any

from channels.routing import get_default_application
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.gateway.listening import allow_open_files, bind
from chat.gateway.roles import Role
from chat.gateway.tls import Certificate, CertificateError

#: Open files that are no connections: the database pool, Redis, requests and held long polls.
OTHER_FILES = 512


class Command(BaseCommand):
    help = "Serve until SIGTERM or Ctrl-C, then drain. SIGHUP reads the TLS certificate anew."

    def add_arguments(self, parser: CommandParser) -> None:
        environment = os.environ
        parser.add_argument(
            "--role",
            choices=[*Role],
            default=settings.IM_ROLE,
            help="web: pages, admin and REST; gateway: WebSocket and raw TCP; default: $IM_ROLE or all",
        )
        parser.add_argument("--host", default=environment.get("HOST", "127.0.0.1"), help="default: $HOST or 127.0.0.1")
        parser.add_argument(
            "--port", type=_port, default=environment.get("PORT", "8000"), help="of HTTP; default: $PORT or 8000"
        )
        parser.add_argument(
            "--tcp-port",
            type=_port,
            default=environment.get("TCP_PORT", "9100"),
            help="of raw TCP, 0 for none; default: $TCP_PORT or 9100",
        )
        parser.add_argument(
            "--server",
            choices=("daphne", "uvicorn"),
            default=settings.IM_SERVER,
            help="the ASGI server; default: $IM_SERVER or daphne",
        )

    def handle(self, *args: Any, role: str, host: str, port: int, tcp_port: int, **options: Any) -> None:
        from chat.gateway import database
        from chat.gateway.runtime import drain, get_gateway
        from chat.transports import tcp

        certificate = _certificate()
        http_certificate = certificate if settings.IM_TLS_HTTP else None
        http_sockets = _bound(host, port, "PORT")
        tcp_sockets = _bound(host, tcp_port, "TCP_PORT") if tcp_port and role != Role.WEB else []
        # Before the application is loaded, which is put together by them.
        settings.IM_ROLE = role
        settings.IM_CONNECTIONS_MAX = self._connections_max()
        listeners: list[tcp.Listener] = []

        async def start() -> None:
            gateway = await get_gateway()
            for listening in tcp_sockets:
                listener = await tcp.listen(gateway, listening, certificate, proxied=settings.IM_TCP_PROXY_PROTOCOL)
                listeners.append(listener)
            if certificate is not None:
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificate.reload)
            self.stdout.write(f"Serving on {' and '.join(places)} (Ctrl-C stops)")
            self.stdout.flush()

        async def stop() -> None:
            for listener in listeners:
                listener.close()
            await drain()

        places = [
            *(_place("http" if http_certificate is None else "https", made) for made in http_sockets),
            *(_place("tcp" if certificate is None else "tls", made) for made in tcp_sockets),
        ]
        server = _server_class(options["server"])(
            # By the setting's name: wiring is above this package.
            application=get_default_application(),
            sockets=http_sockets,
            certificate=http_certificate,
            start=start,
            drain=stop,
        )
        server.run()
        database.shut_down()
        if server.failure is not None:
            raise CommandError(f"Cannot serve: {server.failure}")

    def _connections_max(self) -> int:
        """As many as are set, or as there are open files for: else the database would be the first to get none."""
        wanted: int = settings.IM_CONNECTIONS_MAX
        files = allow_open_files(wanted + OTHER_FILES)
        allowed = min(wanted, max(files - OTHER_FILES, files // 2))
        if allowed < wanted and "IM_CONNECTIONS_MAX" in os.environ:  # somebody counts on it
            self.stderr.write(
                f"IM_CONNECTIONS_MAX is lowered from {wanted} to {allowed}: this process may have no more than {files} "
                f"open files. Raise that limit (ulimit -Hn, systemd: LimitNOFILE)."
            )
        return allowed


def _server_class(name: str) -> Any:
    # Imported only when chosen: daphne installs Twisted's reactor by being imported.
    if name == "uvicorn":
        from chat.gateway.uvicorn_server import UvicornServer

        return UvicornServer
    from chat.gateway.daphne_server import DaphneServer

    return DaphneServer


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: say a number from 0 to 65535")
    return int(text)


def _bound(host: str, port: int, variable: str) -> list[socket.socket]:
    try:
        return bind(host, port)
    except OSError as error:
        raise CommandError(
            f"Cannot serve: cannot listen on {_shown(host)}:{port}: {error.strerror} "
            f"(if another server is running there, set {variable} to choose another port)"
        ) from error


def _place(scheme: str, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://{_shown(host)}:{port}"


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _certificate() -> Certificate | None:
    if not settings.IM_TLS_CERTIFICATE:
        return None
    try:
        return Certificate(settings.IM_TLS_CERTIFICATE, settings.IM_TLS_KEY)
    except CertificateError as error:
        raise CommandError(f"Cannot serve TLS: {error}") from error
