"""Frame to service: what each command of a live session does."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.selectors import presence_subjects
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, Typing
from chat.gateway import database
from chat.gateway.connection import Connection
from chat.gateway.syncing import send_sync
from chat.protocol import frames
from chat.services.messages import SendRequest, SendResult, message_edit, message_react, message_recall
from chat.services.receipts import read_advance, unread_mark

if TYPE_CHECKING:
    from chat.gateway.runtime import Gateway


async def dispatch(gateway: Gateway, connection: Connection, frame: frames.ClientFrame) -> None:
    """Carry out a command and answer it.

    Raises:
        ImError: the command was refused.
    """
    if isinstance(frame, frames.SendMessage):
        _send(gateway, connection, frame)
        return
    if connection.sends:
        # A command may rest on the messages sent before it.
        await asyncio.wait(list(connection.sends))
    await _HANDLERS[type(frame)](gateway, connection, frame)


def _send(gateway: Gateway, connection: Connection, frame: frames.SendMessage) -> None:
    """Hand a message to the writer and go on: the next one may join the same commit."""
    local = connection.live
    request = SendRequest(
        sender_id=local.user_id,
        client_id=frame.id or str(uuid.uuid4()),
        conversation=frame.conversation,
        receiver=frame.receiver,
        content=frame.content,
        kind=frame.kind,
        reply_to=frame.reply_to,
        attachments=frame.attachments,
        mentions=frame.mentions,
        payload=frame.payload,
        silent=frame.silent,
        origin=connection.id,
    )
    future = gateway.writer.submit(request)
    connection.sends.add(future)
    future.add_done_callback(partial(_sent, connection, request.client_id))


def _sent(connection: Connection, request_id: str, future: asyncio.Future[SendResult]) -> None:
    connection.sends.discard(future)
    if future.cancelled():
        return
    error = future.exception()  # taken even if nobody is there to be told, or the loop would log it as forgotten
    if not connection.is_open:
        return
    if isinstance(error, ImError):
        connection.refuse(request_id, error)
    elif error is not None:
        connection.refuse(request_id, ImError(ErrorCode.SERVER_ERROR))
    elif not future.result().created:
        # The first time, the hub acknowledges in the order of the log; a repeat has no place in it.
        connection.reply(_ack(future.result().ack))


def _ack(ack: AckObject) -> frames.Ack:
    return frames.Ack(
        id=ack.id, conversation=ack.conversation, seq=ack.seq, version=ack.version, timestamp=ack.timestamp
    )


async def _edit(gateway: Gateway, connection: Connection, frame: frames.Edit) -> None:
    result = await database.run(
        message_edit,
        actor_id=connection.live.user_id,
        conversation=frame.conversation,
        seq=frame.seq,
        content=frame.content,
        request_id=frame.id,
        now=timezone.now(),
    )
    connection.reply(_ack(result))


async def _recall(gateway: Gateway, connection: Connection, frame: frames.Recall) -> None:
    result = await database.run(
        message_recall,
        actor_id=connection.live.user_id,
        conversation=frame.conversation,
        seq=frame.seq,
        request_id=frame.id,
        now=timezone.now(),
    )
    connection.reply(_ack(result))


async def _react(gateway: Gateway, connection: Connection, frame: frames.React) -> None:
    result = await database.run(
        message_react,
        actor_id=connection.live.user_id,
        conversation=frame.conversation,
        seq=frame.seq,
        emoji=frame.emoji,
        remove=frame.remove,
        request_id=frame.id,
        now=timezone.now(),
    )
    connection.reply(_ack(result))


async def _read(gateway: Gateway, connection: Connection, frame: frames.Read) -> None:
    await database.run(
        read_advance,
        user_id=connection.live.user_id,
        conversation=frame.conversation,
        seq=frame.seq,
        origin=connection.id,
    )


async def _unread(gateway: Gateway, connection: Connection, frame: frames.Unread) -> None:
    await database.run(
        unread_mark,
        user_id=connection.live.user_id,
        conversation=frame.conversation,
        seq=frame.seq,
        origin=connection.id,
    )


async def _received(gateway: Gateway, connection: Connection, frame: frames.Received) -> None:
    _check_member(gateway, connection, frame.conversation)
    gateway.received.add(connection.live.user_id, frame.conversation, frame.seq)


async def _typing(gateway: Gateway, connection: Connection, frame: frames.TypingNotice) -> None:
    _check_member(gateway, connection, frame.conversation)
    local = connection.live
    gateway.delivery.accept([Typing(conversation=frame.conversation, user_id=local.user_id, sender=local.username)])


async def _sync(gateway: Gateway, connection: Connection, frame: frames.SyncRequest) -> None:
    await send_sync(
        connection,
        connection.live.user_id,
        frame.id,
        frame.cursors,
        changed_since=connection.synced_at,
    )


async def _presence(gateway: Gateway, connection: Connection, frame: frames.PresenceQuery) -> None:
    local = connection.live
    subjects = await database.run(presence_subjects, frame.users, viewer_id=local.user_id)
    if not connection.is_open:
        return  # meanwhile: whoever looks now would look for ever
    for subject in subjects:
        gateway.delivery.presence.watch(
            local, subject.user_id, subject.username, subject.last_seen_ms, is_visible=subject.is_visible
        )
    known = {subject.username.lower() for subject in subjects}
    for username in dict.fromkeys(frame.users):
        if username.lower() not in known:
            connection.reply(frames.Presence(user=username, state="offline", last_seen=None))


def _check_member(gateway: Gateway, connection: Connection, conversation: str) -> None:
    """Beats and typing cost no database work, so the hub's own knowledge has to do."""
    if not gateway.delivery.hub.is_member(connection.live.user_id, conversation):
        raise ImError(ErrorCode.NOT_FOUND)


_HANDLERS: dict[type, Callable[[Any, Connection, Any], Awaitable[None]]] = {
    frames.Edit: _edit,
    frames.Recall: _recall,
    frames.React: _react,
    frames.Read: _read,
    frames.Unread: _unread,
    frames.Received: _received,
    frames.TypingNotice: _typing,
    frames.SyncRequest: _sync,
    frames.PresenceQuery: _presence,
}
