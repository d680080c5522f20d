"""The servers of an installation that many tests share: each kind is started when the first test wants it."""

from __future__ import annotations

from tests.support.remote import RemoteServer, RemoteTown
from tests.support.server import ServerProcess
from tests.support.town import Town


class Servers:
    """One server of each kind. Somewhere else there is only that one, whatever it is."""

    def __init__(self, town: Town | RemoteTown) -> None:
        self._town = town
        self._processes: dict[str, ServerProcess] = {}

    def of_kind(self, kind: str) -> ServerProcess | RemoteServer:
        """A server of `tests.support.server.COMMANDS`."""
        if isinstance(self._town, RemoteTown):
            return self._town.server
        if kind not in self._processes:
            self._processes[kind] = self._town.site.server(kind)
        return self._processes[kind]

    def log_texts(self) -> dict[str, str]:
        """What each has written, by kind; nothing of a server somewhere else."""
        return {kind: process.log_text() for kind, process in self._processes.items()}
