"""What a process serves: everything, or a part, so that pages and sockets can be deployed and can fail apart."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """`IM_ROLE`."""

    ALL = "all"
    #: Pages, admin, REST with its long poll. No WebSocket, no raw TCP: a deploy of pages disturbs no session.
    WEB = "web"
    #: WebSocket and raw TCP.
    GATEWAY = "gateway"
