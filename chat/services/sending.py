"""Group commit: many sends in one transaction, with one query for each step whatever their number.

`Batch` decides every request in turn under the locks of all conversations concerned, as if each were alone, and then
writes what was decided. Numbers are given in the order of the requests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Q

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, ConversationChanged, Event, MembersChanged, MessageChanged, ReceiptAdvanced
from chat.models import Conversation, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.selectors.conversations import conversation_views, show_receipts
from chat.selectors.messages import receiver_of
from chat.selectors.people import Directory, get_directory
from chat.selectors.wire import message_object
from chat.services import log
from chat.services.directs import direct_key, insert_directs
from chat.services.roles import may_write
from chat.services.validation import check_client_id, check_content, check_kind, check_lists, check_payload


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """One message to send: to a `conversation` or to a `receiver`, never both.

    `client_id` is the `id` of the frame; the edge makes one up when the client sent none.
    `origin` is the session that asked, which gets the ack from delivery instead of the message.
    """

    sender_id: int
    client_id: str
    content: str
    conversation: str | None = None
    receiver: str | None = None
    kind: str = "text"
    reply_to: int | None = None
    attachments: list[str] | None = None
    mentions: list[str] | None = None
    payload: dict[str, Any] | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """`created` False: the id was known, nothing was stored and no event follows."""

    ack: AckObject
    created: bool


def check(request: SendRequest) -> None:
    """Everything that can be refused without a look at the database. Raises ImError."""
    check_client_id(request.client_id)
    if (request.conversation is None) is (request.receiver is None):
        raise ImError(ErrorCode.BAD_FRAME, "A message names either a receiver or a conversation.")
    check_kind(request.kind)
    check_lists(attachments=request.attachments, mentions=request.mentions)
    check_payload(request.payload, kind=request.kind)
    check_content(request.content, kind=request.kind, attachments=request.attachments, payload=request.payload)


def digest_of(request: SendRequest) -> bytes:
    """What tells a retry from another message under the same id. The conversation is compared apart."""
    sent = (
        request.kind,
        request.content,
        request.reply_to,
        request.mentions or [],
        request.attachments or [],
        request.payload,
    )
    return hashlib.blake2b(msgspec.json.encode(sent, order="deterministic"), digest_size=16).digest()


Key = tuple[int, str]  # (sender id, client id): one message for ever


@dataclass(slots=True)
class Batch:
    """The sends of one transaction. `run` once, inside it; IntegrityError means that another one was faster."""

    requests: Sequence[SendRequest]
    now: datetime

    people: Directory = field(init=False)
    conversations: dict[int, Conversation] = field(init=False)
    directs: dict[str, Conversation] = field(init=False)
    stored: dict[Key, Message] = field(init=False)
    members: dict[int, dict[int, Membership]] = field(init=False)  # by conversation, by user
    mentionable: dict[int, Directory] = field(init=False)  # by conversation: its members among those mentioned
    messages: dict[Key, Message] = field(default_factory=dict)
    origins: dict[Key, str | None] = field(default_factory=dict)

    def run(self) -> list[SendResult | ImError]:
        """Store what can be stored; one result for each request."""
        self._read()
        results: list[SendResult | ImError] = []
        for request in self.requests:
            try:
                results.append(self._decide(request))
            except ImError as refusal:
                results.append(refusal)
        if self.messages:
            self._write()
        return results

    # --- reading -------------------------------------------------------------

    def _read(self) -> None:
        requests = self.requests
        self.people = get_directory(
            user_ids={request.sender_id for request in requests},
            usernames={request.receiver for request in requests if request.receiver is not None},
        )
        ids = {pk for request in requests if (pk := parse_conversation_id(request.conversation or "")) is not None}
        keys = {key for request in requests if (key := self._direct_key(request)) is not None}
        locked = log.lock_conversations(ids=ids, direct_keys=keys)
        self.conversations = {conversation.pk: conversation for conversation in locked}
        self.directs = {row.direct_key: row for row in locked if row.direct_key is not None}
        self.stored = self._read_stored()
        self.members = self._read_members()
        self.mentionable = self._read_mentionable()

    def _direct_key(self, request: SendRequest) -> str | None:
        """What the direct conversation with the receiver is found by; None when there is no receiver of that name."""
        receiver = self.people.named(request.receiver) if request.receiver is not None else None
        return None if receiver is None else direct_key(request.sender_id, receiver.pk)

    def _read_stored(self) -> dict[Key, Message]:
        """Messages that already have one of the ids. Under the locks, so that two retries cannot both miss it."""
        rows = Message.objects.filter(
            sender_id__in={request.sender_id for request in self.requests},
            client_id__in={request.client_id for request in self.requests},
        )
        return {(row.sender_id, row.client_id): row for row in rows}

    def _read_members(self) -> dict[int, dict[int, Membership]]:
        """The senders' memberships, and everybody's in direct conversations: the receivers' names are needed."""
        if not self.conversations:
            return {}
        rows = Membership.objects.select_related("user").filter(
            Q(user_id__in={request.sender_id for request in self.requests})
            | Q(conversation__kind=Conversation.Kind.DIRECT),
            conversation_id__in=self.conversations,
            left_at=None,
        )
        members: dict[int, dict[int, Membership]] = {}
        for row in rows:
            members.setdefault(row.conversation_id, {})[row.user_id] = row
        return members

    def _read_mentionable(self) -> dict[int, Directory]:
        names = {name for request in self.requests for name in request.mentions or ()}
        if not names or not self.conversations:
            return {}
        people = get_directory(usernames=names)
        rows = Membership.objects.filter(
            conversation_id__in=self.conversations, user_id__in=people.by_id, left_at=None
        ).values_list("conversation_id", "user_id")
        found: dict[int, list[User]] = {}
        for conversation_id, user_id in rows:
            found.setdefault(conversation_id, []).append(people.by_id[user_id])
        return {conversation_id: Directory(users) for conversation_id, users in found.items()}

    # --- deciding ------------------------------------------------------------

    def _decide(self, request: SendRequest) -> SendResult:
        """One request's result. Raises ImError."""
        key = (request.sender_id, request.client_id)
        conversation = self._find(request)
        known = self.stored.get(key) or self.messages.get(key)
        if known is not None:
            return self._repeat(request, known, conversation)
        if conversation is None:
            conversation = self._new_direct(request)
        self._check_allowed(request, conversation)
        message = self._new_message(request, conversation)
        self.messages[key] = message
        self.origins[key] = request.origin
        return SendResult(_ack(message), created=True)

    def _find(self, request: SendRequest) -> Conversation | None:
        """The existing conversation that is meant, whether or not the sender may see it."""
        if request.conversation is None:
            return self.directs.get(self._direct_key(request) or "")
        return self.conversations.get(parse_conversation_id(request.conversation) or 0)

    def _repeat(self, request: SendRequest, known: Message, conversation: Conversation | None) -> SendResult:
        """The same id again: the same answer, also to somebody who has left since, or `conflict`.

        What was recalled has no digest any more, so any content will do: it is not stored again.
        """
        same_content = known.recalled_at is not None or bytes(known.digest) == digest_of(request)
        if conversation is None or known.conversation_id != conversation.pk or not same_content:
            raise ImError(ErrorCode.CONFLICT)
        return SendResult(_ack(known), created=False)

    def _check_allowed(self, request: SendRequest, conversation: Conversation) -> None:
        membership = self.members.get(conversation.pk, {}).get(request.sender_id)
        if membership is None:
            raise ImError(ErrorCode.NOT_FOUND)
        if not membership.user.is_active:
            raise ImError(ErrorCode.FORBIDDEN)
        if request.receiver is not None:
            self._active_receiver(request)
        if not may_write(conversation, membership):
            raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins write in a channel.")
        if request.attachments:
            raise ImError(ErrorCode.NOT_FOUND, "There is no such attachment.")
        # Numbers have no gap: every one up to the last exists.
        if request.reply_to is not None and not 1 <= request.reply_to <= conversation.last_seq:
            raise ImError(ErrorCode.NOT_FOUND, "There is no message with this number to reply to.")

    def _active_receiver(self, request: SendRequest) -> User:
        receiver = self.people.named(request.receiver or "")
        if receiver is None or not receiver.is_active:
            raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
        return receiver

    def _new_direct(self, request: SendRequest) -> Conversation:
        """A direct conversation that may begin with this message; it is stored only with one."""
        if request.receiver is None:
            raise ImError(ErrorCode.NOT_FOUND)
        receiver = self._active_receiver(request)
        sender = self.people.by_id.get(request.sender_id)
        if sender is None or not sender.is_active:
            raise ImError(ErrorCode.FORBIDDEN)
        key = direct_key(sender.pk, receiver.pk)
        conversation = Conversation(
            kind=Conversation.Kind.DIRECT,
            direct_key=key,
            created_by=sender,
            created_at=self.now,
            last_activity_at=self.now,
        )
        self.directs[key] = self.conversations[conversation.pk] = conversation
        self.members[conversation.pk] = {
            user.pk: Membership(conversation=conversation, user=user, joined_at=self.now, changed_at=self.now)
            for user in (sender, receiver)
        }
        return conversation

    def _new_message(self, request: SendRequest, conversation: Conversation) -> Message:
        message = Message(
            sender_id=request.sender_id,
            client_id=request.client_id,
            digest=digest_of(request),
            kind=request.kind,
            content=request.content,
            reply_to=request.reply_to,
            mentions=self._mentions(request, conversation),
            payload=request.payload,
            created_at=self.now,
        )
        log.append(conversation, message)
        return message

    def _mentions(self, request: SendRequest, conversation: Conversation) -> list[str]:
        """The usernames of those mentioned who are members; the others are dropped."""
        if not request.mentions:
            return []
        members = self.mentionable.get(conversation.pk)
        if conversation.kind == Conversation.Kind.DIRECT:
            # All of them are at hand, those of a conversation that begins now only here.
            members = Directory(row.user for row in self.members[conversation.pk].values())
        users = [members.named(name) for name in request.mentions] if members is not None else []
        return list(dict.fromkeys(user.username for user in users if user is not None))

    # --- writing -------------------------------------------------------------

    def _write(self) -> None:
        """Store the decided messages, in the lock order of chat.services.log."""
        messages = list(self.messages.values())
        told_more = self._advance_senders(messages)
        touched = [self.conversations[pk] for pk in dict.fromkeys(message.conversation_id for message in messages)]
        begun = [conversation for conversation in touched if conversation._state.adding]
        going_on = [conversation for conversation in touched if not conversation._state.adding]
        senders = {(message.conversation_id, message.sender_id) for message in messages}
        advanced = [self.members[pk][user_id] for pk, user_id in sorted(senders)]
        joined = insert_directs(begun, [row for new in begun for row in self.members[new.pk].values()])
        Message.objects.bulk_create(sorted(messages, key=lambda message: (message.sender_id, message.client_id)))
        Conversation.objects.bulk_update(going_on, ["last_seq", "version", "last_activity_at"])
        Membership.objects.bulk_update(
            [row for row in advanced if self.conversations[row.conversation_id] in going_on],
            ["read_seq", "seen_seq", "received_seq", "changed_at"],
        )
        # The message before the conversation object: for the sending session the first answer is the ack.
        views = self._views_of_begun(joined)
        log.publish_on_commit([*joined, *map(self._event, messages), *views, *self._receipts(told_more)])

    def _advance_senders(self, messages: Sequence[Message]) -> list[Membership]:
        """Who writes has read; return those who thereby read more than their own messages say."""
        told_more: dict[int, Membership] = {}
        for message in messages:
            row = self.members[message.conversation_id][message.sender_id]
            if row.seen_seq < message.seq - 1:
                told_more[id(row)] = row
            row.read_seq = row.seen_seq = row.received_seq = message.seq
            row.changed_at = self.now
        return list(told_more.values())

    def _views_of_begun(self, events: Sequence[MembersChanged]) -> list[Event]:
        """The new direct conversations, for the sessions of both."""
        if not events:
            return []
        views = conversation_views(
            conversation_ids=[int(event.conversation) for event in events],
            user_ids={user_id for event in events for user_id in event.joined},
            now=self.now,
        )
        return [ConversationChanged(user_id=view.user_id, conversation=view.conversation) for view in views]

    def _event(self, message: Message) -> MessageChanged:
        members = self.members[message.conversation_id]
        conversation = self.conversations[message.conversation_id]
        sender = members[message.sender_id].user.username
        receiver = None
        if conversation.kind == Conversation.Kind.DIRECT:
            receiver = receiver_of(message.sender_id, {pk: row.user.username for pk, row in members.items()})
        return MessageChanged(
            message=message_object(message, sender=sender, receiver=receiver),
            members_version=conversation.members_version,
            origin=self.origins[message.sender_id, message.client_id],
            request_id=message.client_id,
        )

    def _receipts(self, told_more: Sequence[Membership]) -> list[ReceiptAdvanced]:
        """That senders read what was there before their messages. A message itself says no more than its own seq."""
        shown = show_receipts([self.conversations[pk] for pk in {row.conversation_id for row in told_more}])
        return [
            ReceiptAdvanced(
                conversation=str(row.conversation_id),
                user_id=row.user_id,
                user=row.user.username,
                read_seq=row.seen_seq,
                received_seq=row.received_seq,
            )
            for row in told_more
            if row.conversation_id in shown
        ]


def _ack(message: Message) -> AckObject:
    return log.ack_of(message, request_id=message.client_id, version=message.sent_version)
