"""People, conversations and messages for tests, made by the services that make the real ones."""

from __future__ import annotations

import io
import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from chat.events import AckObject
from chat.models import Attachment, Conversation
from chat.services.attachments import attachment_upload
from chat.services.conversations import direct_get_or_create, group_create
from chat.services.messages import SendRequest, message_send

#: The moment at which tests happen, unless they say otherwise.
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)

_numbers = itertools.count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """An active user without a password."""
    user = User(username=username or f"user{next(_numbers)}", **fields)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def make_direct(first: User, second: User, *, now: datetime = NOW) -> Conversation:
    """The direct conversation of two users, or of one with themself."""
    conversation, _ = direct_get_or_create(user_id=first.pk, username=second.username, now=now)
    return conversation


def make_group(
    owner: User, *members: User, title: str = "Team", kind: str = "group", now: datetime = NOW
) -> Conversation:
    """A group (or channel). Its first message is the system message about its creation."""
    usernames = [member.username for member in members]
    return group_create(creator_id=owner.pk, kind=kind, title=title, usernames=usernames, now=now)


def make_upload(
    owner: User, content: bytes = b"a plan", name: str = "plan.txt", *, client_id: str = "", now: datetime = NOW
) -> Attachment:
    """A file that waits to be sent."""
    row, _ = attachment_upload(
        owner_id=owner.pk,
        client_id=client_id or str(uuid.uuid4()),
        name=name,
        source=io.BytesIO(content),
        size=len(content),
        now=now,
    )
    return row


def make_request(sender: User, to: Conversation | User, content: str = "Hello!", **fields: Any) -> SendRequest:
    """A send to a conversation, or to a user by name, under a new id unless one is given."""
    fields["receiver" if isinstance(to, User) else "conversation"] = to.username if isinstance(to, User) else str(to.pk)
    fields.setdefault("client_id", str(uuid.uuid4()))
    return SendRequest(sender_id=sender.pk, content=content, **fields)


def send(
    sender: User, to: Conversation | User, content: str = "Hello!", *, now: datetime = NOW, **fields: Any
) -> AckObject:
    """Send one message."""
    return message_send(make_request(sender, to, content, **fields), now=now).ack
