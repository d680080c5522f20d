"""`manage.py serve`: the site, the REST API and the gateway in one process and one event loop."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import get_default_application
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Serve the site and the gateway until SIGTERM or Ctrl-C, then drain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="default: $HOST or 127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("PORT", "8000")), help="default: $PORT or 8000"
        )

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        # Daphne installs its reactor when it is imported: only where it serves.
        from chat.gateway import database
        from chat.gateway.daphne_server import GatewayServer
        from chat.gateway.runtime import drain

        # By the setting's name: wiring is above this package.
        application = get_default_application()
        server = GatewayServer(application=application, host=host, port=port, drain=drain)
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Serving on http://{shown}:{port} (Ctrl-C stops)")
        self.stdout.flush()
        server.run()
        database.shut_down()
        if server.failed:
            raise CommandError(
                f"Cannot listen on {shown}:{port}. Is another server running there? Set PORT to choose another."
            )
