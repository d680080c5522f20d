"""What the session wants from the application. The shell takes them with `events_received()`, in order."""

from __future__ import annotations

import msgspec

from chat.errors import CloseCode
from chat.protocol.frames import ClientFrame, Login


class LoginRequested(msgspec.Struct, frozen=True, gc=False):
    """Check these credentials, then call `accept_login` or `reject_login`."""

    frame: Login


class CommandReceived(msgspec.Struct, frozen=True, gc=False):
    """Do this for the session's user, then `send` the answer. Never a login, heartbeat or logout."""

    frame: ClientFrame


class Closed(msgspec.Struct, frozen=True, gc=False):
    """The session is over. `code` is what to tell the peer, None when it was the peer that left."""

    code: CloseCode | None


Intent = LoginRequested | CommandReceived | Closed
