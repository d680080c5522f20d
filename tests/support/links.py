"""The table of the contract suite: which ways to speak to which server it runs over, and when.

Each row runs every scenario that its link is able to (`tests.support.wire.Ability`). The rows are divided over the two
passes of `make test`, so that all of them are green before a commit and none costs its time twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.polling import POLLING
from tests.support.wire import TCP_JSON, TCP_PROTOBUF, WEBSOCKET_JSON, WEBSOCKET_PROTOBUF, Link


@dataclass(frozen=True)
class Row:
    """A way to speak to one kind of server."""

    link: Link
    server: str  # of tests.support.server.COMMANDS; "" for one somewhere else
    is_real: bool  # in the pass on PostgreSQL and Redis; else in the one on SQLite

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.server, self.link.name)))


EMBEDDED, REAL = False, True

LINKS: tuple[Row, ...] = (
    Row(WEBSOCKET_JSON, "daphne", EMBEDDED),
    Row(WEBSOCKET_PROTOBUF, "daphne", EMBEDDED),
    Row(TCP_JSON, "daphne", EMBEDDED),
    Row(POLLING, "daphne", EMBEDDED),
    Row(WEBSOCKET_JSON, "uvicorn", REAL),
    Row(WEBSOCKET_PROTOBUF, "uvicorn", REAL),
    Row(TCP_PROTOBUF, "uvicorn", REAL),  # on uvloop
    Row(POLLING, "uvicorn", REAL),
    Row(WEBSOCKET_JSON, "granian", REAL),
)
