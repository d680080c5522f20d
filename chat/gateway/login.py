"""From a `login` frame to a live session: authenticate, listen, then read, then deliver."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.principal import Principal
from accounts.services import device_seen
from chat.delivery.subscriber import LocalSession
from chat.errors import CloseCode, ErrorCode
from chat.events import UserObject
from chat.gateway import database
from chat.gateway.authentication import Credentials, authenticate, begin_session
from chat.gateway.connection import Connection
from chat.gateway.syncing import send_sync
from chat.protocol.frames import Limits, Login, LoginReply
from chat.protocol.heartbeat import heartbeat_policy
from chat.selectors.store import epoch

if TYPE_CHECKING:
    from chat.gateway.runtime import Gateway


async def log_in(gateway: Gateway, connection: Connection, frame: Login) -> None:
    """Check the credentials and, when they are good, make the connection a live session.

    The order is what keeps promise 4: the session listens first (and holds what it hears), then the log is
    read, so that nothing falls between the two.
    """
    now = timezone.now()
    principal, store_epoch = await database.run(_check, connection.credentials, frame.token, now)
    loop_now = gateway.loop.time()
    if principal is None:
        connection.session.reject_login(frame, ErrorCode.BAD_CREDENTIALS, "", now=loop_now)
        connection.step()
        return
    session = connection.session
    local = LocalSession(
        session_id=connection.id,
        user_id=principal.user_id,
        username=principal.username,
        device_id=principal.device_id,
        variant=connection.variant_for(html=frame.html, batch=frame.batch),
        outbox=connection.outbox,
        end=connection.end_soon,
        now=loop_now,
    )
    local.hold()
    await gateway.delivery.hub.attach(local)
    try:
        holds, synced_at = await database.run(begin_session, principal, now)
    except BaseException:
        gateway.delivery.hub.detach(local)  # nobody else knows of it yet
        raise
    if not connection.is_open or not holds:
        gateway.delivery.hub.detach(local)
        connection.close(CloseCode.FORBIDDEN)
        return
    connection.local = local
    if principal.expires_at is not None:
        connection.expires(principal.expires_at, now=now)
    connection.synced_at = synced_at
    config = gateway.config
    reply = LoginReply(
        id=frame.id,
        user=UserObject(username=principal.username, name=principal.name, avatar=principal.avatar),
        session=connection.id,
        epoch=store_epoch,
        heartbeat=heartbeat_policy(frame.device.platform, frame.device.network, config.heartbeats),
        limits=Limits(frame_bytes=config.session.frame_bytes, content_chars=config.session.content_chars),
        timestamp=int(now.timestamp() * 1000),
    )
    session.accept_login(frame, reply, heartbeat=reply.heartbeat, now=gateway.loop.time())
    connection.logged_in()
    gateway.delivery.presence.changed(principal.user_id)
    if frame.cursors is not None:
        await send_sync(connection, principal.user_id, frame.id, frame.cursors, changed_since=synced_at)
    else:
        local.release({}, {})


def _check(credentials: Credentials, token: str | None, now: datetime) -> tuple[Principal | None, str]:
    return authenticate(credentials, token, now), epoch()


async def leave(connection: Connection, gateway: Gateway) -> None:
    """The connection of a live session is over."""
    local = connection.local
    if local is None:
        return
    gateway.delivery.presence.forget(local)
    gateway.delivery.hub.detach(local)
    gateway.delivery.presence.changed(local.user_id)
    await database.run(device_seen, device_id=local.device_id, now=timezone.now())
