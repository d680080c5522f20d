"""Group commit: many sends in one transaction, with one query for each step whatever their number.

`Batch` decides every request in turn under the locks of all conversations concerned, as if each were alone, and then
writes what was decided. Numbers are given in the order of the requests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from accounts.models import User
from accounts.privacy import Refusal
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, ConversationChanged, MembersChanged, MessageChanged, ReceiptAdvanced
from chat.models import Conversation, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.selectors.conversations import conversation_views, show_receipts
from chat.selectors.messages import receiver_of
from chat.selectors.people import Directory, get_directory
from chat.selectors.relations import first_message_refusals, raise_refusal
from chat.selectors.rights import Right, check_may
from chat.selectors.wire import message_object
from chat.services import log, statements
from chat.services.attaching import Attaching
from chat.services.directs import direct_key, direct_user_ids, insert_directs
from chat.services.mentions import mentions_write
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
    silent: bool = False
    origin: str | None = None
    is_forward: bool = False  # by chat.services.forwarding: the payload says where it comes from


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
    check_payload(request.payload, kind=request.kind, is_forward=request.is_forward)
    check_content(request.content, kind=request.kind, attachments=request.attachments, payload=request.payload)


def digest_of(request: SendRequest) -> bytes:
    """What tells a retry from another message under the same id. The conversation is compared apart."""
    sent: list[Any] = [
        request.kind,
        request.content,
        request.reply_to,
        request.mentions or [],
        request.attachments or [],
        request.payload,
    ]
    if request.silent:  # only then, for what was stored before there was such a thing must stay what it is
        sent.append("silent")
    return hashlib.blake2b(msgspec.json.encode(sent, order="deterministic"), digest_size=16).digest()


Key = tuple[int, str]  # (sender id, client id): one message for ever
Place = tuple[int, int]  # (conversation id, user id): one membership


class Batch:
    """The sends of one transaction. `run` once, inside it; IntegrityError means that another one was faster."""

    people: Directory  # the senders and the receivers
    conversations: dict[int, Conversation]  # all that are meant, locked
    directs: dict[str, Conversation]  # the direct ones of them by key, with those that begin now
    direct_members: dict[int, dict[int, str]]  # their members' names, by conversation and user
    members: dict[Place, Membership]  # the senders'
    unwanted: dict[tuple[int, int], Refusal]  # by receiver and sender: conversations that may not begin
    mentionable: dict[int, Directory]  # by conversation: its members among those mentioned
    stored: dict[Key, Message]  # what has one of the ids already
    attaching: Attaching  # the files of those that have some

    def __init__(self, requests: Sequence[SendRequest], *, now: datetime) -> None:
        self.requests = requests
        self.now = now
        self.messages: dict[Key, Message] = {}  # what was decided to be stored, in the order of the requests
        self.origins: dict[Key, str | None] = {}

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
        self.people = self._read_receivers()
        ids = {pk for request in self.requests if (pk := parse_conversation_id(request.conversation or "")) is not None}
        keys = {key for request in self.requests if (key := self._direct_key(request)) is not None}
        locked = statements.lock_conversations(ids=ids, direct_keys=keys)
        # All below is read under the locks, so that it holds until the commit.
        self.conversations = {row.pk: row for row in locked}
        self.directs = {row.direct_key: row for row in locked if row.direct_key is not None}
        memberships = statements.read_memberships(self._places())
        self.members = {(row.conversation_id, row.user_id): row for row in memberships}
        self.people = Directory([*self.people.by_id.values(), *(row.user for row in memberships)])
        self.direct_members = self._direct_members()
        self.unwanted = self._read_unwanted()
        self.mentionable = self._read_mentionable()
        stored = statements.read_stored({(request.sender_id, request.client_id) for request in self.requests})
        self.stored = {(row.sender_id, row.client_id): row for row in stored}
        self.attaching = Attaching((each.sender_id, each.attachments) for each in self.requests if each.attachments)

    def _read_receivers(self) -> Directory:
        """Those whom messages are for by name, and who sends them: they may have no conversation yet."""
        named = [request for request in self.requests if request.receiver is not None]
        if not named:
            return Directory([])
        return get_directory(
            user_ids={request.sender_id for request in named},
            usernames={request.receiver for request in named if request.receiver is not None},
        )

    def _direct_key(self, request: SendRequest) -> str | None:
        """What the direct conversation with the receiver is found by; None when there is no receiver of that name."""
        receiver = self.people.named(request.receiver) if request.receiver is not None else None
        return None if receiver is None else direct_key(request.sender_id, receiver.pk)

    def _read_unwanted(self) -> dict[tuple[int, int], Refusal]:
        """Where there is a conversation already, the sender's membership says whether they are blocked."""
        first = [each for each in self.requests if each.receiver is not None and self._find(each) is None]
        receivers = ((self.people.named(each.receiver or ""), each.sender_id) for each in first)
        return first_message_refusals((user, sender_id) for user, sender_id in receivers if user is not None)

    def _places(self) -> set[Place]:
        """Whose memberships matter: the senders', and both in a direct conversation."""
        places = {(found.pk, one.sender_id) for one in self.requests if (found := self._find(one)) is not None}
        for row in self.directs.values():
            places.update((row.pk, user_id) for user_id in direct_user_ids(row))
        return places

    def _direct_members(self) -> dict[int, dict[int, str]]:
        members: dict[int, dict[int, str]] = {row.pk: {} for row in self.directs.values()}
        for (conversation_id, user_id), row in self.members.items():
            if conversation_id in members:
                members[conversation_id][user_id] = row.user.username
        return members

    def _read_mentionable(self) -> dict[int, Directory]:
        names = {name for request in self.requests for name in request.mentions or ()}
        if not names:
            return {}
        people = get_directory(usernames=names)
        places = Membership.objects.filter(
            conversation_id__in=self.conversations, user_id__in=people.by_id, left_at=None
        )
        found: dict[int, list[User]] = {}
        for conversation_id, user_id in places.values_list("conversation_id", "user_id"):
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
        elif request.receiver is not None and not conversation.last_seq:
            # Another one of the batch may have been about to begin it, and was refused: this one would be the first.
            self._check_wanted(request)
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
        membership = self.members.get((conversation.pk, request.sender_id))
        if membership is None:
            raise ImError(ErrorCode.NOT_FOUND)
        if not self.people.by_id[request.sender_id].is_active:
            raise ImError(ErrorCode.FORBIDDEN)
        if request.receiver is not None:
            self._active_receiver(request)
        check_may(conversation, membership, Right.SEND)
        if request.attachments:
            self.attaching.check(request.sender_id, request.attachments)
        # Numbers have no gap: every one up to the last exists.
        if request.reply_to is not None and not 1 <= request.reply_to <= conversation.last_seq:
            raise ImError(ErrorCode.NOT_FOUND, "There is no message with this number to reply to.")

    def _active_receiver(self, request: SendRequest) -> User:
        receiver = self.people.named(request.receiver or "")
        if receiver is None or not receiver.is_active:
            raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
        return receiver

    def _check_wanted(self, request: SendRequest) -> None:
        raise_refusal(self.unwanted.get((self._active_receiver(request).pk, request.sender_id)))

    def _new_direct(self, request: SendRequest) -> Conversation:
        """A direct conversation that may begin with this message; it is stored only with one."""
        if request.receiver is None:
            raise ImError(ErrorCode.NOT_FOUND)
        receiver = self._active_receiver(request)
        sender = self.people.by_id.get(request.sender_id)
        if sender is None:
            raise ImError(ErrorCode.FORBIDDEN)
        self._check_wanted(request)
        key = direct_key(sender.pk, receiver.pk)
        conversation = Conversation(
            kind=Conversation.Kind.DIRECT,
            direct_key=key,
            created_by=sender,
            created_at=self.now,
            last_activity_at=self.now,
        )
        self.directs[key] = self.conversations[conversation.pk] = conversation
        self.direct_members[conversation.pk] = {sender.pk: sender.username, receiver.pk: receiver.username}
        self.mentionable[conversation.pk] = Directory([sender, receiver])
        for user in (sender, receiver):
            self.members[conversation.pk, user.pk] = Membership(
                conversation=conversation, user=user, joined_at=self.now, changed_at=self.now
            )
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
            silent=request.silent,
            created_at=self.now,
        )
        if request.attachments:
            self.attaching.take(message, request.attachments)
        log.append(conversation, message)
        return message

    def _mentions(self, request: SendRequest, conversation: Conversation) -> list[str]:
        """The usernames of those mentioned who are members; the others are dropped."""
        members = self.mentionable.get(conversation.pk)
        if not request.mentions or members is None:
            return []
        users = [members.named(name) for name in request.mentions]
        return list(dict.fromkeys(user.username for user in users if user is not None))

    # --- writing -------------------------------------------------------------

    def _write(self) -> None:
        """Store the decided messages, in the lock order of chat.services.log."""
        messages = list(self.messages.values())
        touched = [self.conversations[pk] for pk in dict.fromkeys(message.conversation_id for message in messages)]
        told_more = self._advance_senders(messages)
        begun = {row.pk: row for row in touched if row._state.adding}
        joined = insert_directs(begun.values(), [row for (pk, _), row in self.members.items() if pk in begun])
        statements.insert_messages(sorted(messages, key=lambda message: (message.sender_id, message.client_id)))
        statements.update_numbers(touched)
        places = dict.fromkeys((message.conversation_id, message.sender_id) for message in messages)
        statements.update_pointers([self.members[place] for place in places])
        if told_more:
            statements.update_steps(told_more)
        self.attaching.write()
        if any(message.mentions for message in messages):
            mentions_write(messages, self.mentionable)
        log.publish_on_commit([*joined, *self._views(joined), *map(self._event, messages), *self._receipts(told_more)])

    def _advance_senders(self, messages: Sequence[Message]) -> list[Membership]:
        """Who writes has read; return those who thereby read more than their own messages say."""
        told_more: dict[Place, Membership] = {}
        for message in messages:
            place = (message.conversation_id, message.sender_id)
            row = self.members[place]
            if row.seen_seq < message.seq - 1:
                told_more[place] = row
                row.seen_from, row.seen_at = row.seen_seq, self.now
            row.read_seq = row.seen_seq = row.received_seq = message.seq
            row.changed_at = self.now
        return list(told_more.values())

    def _views(self, joined: Sequence[MembersChanged]) -> list[ConversationChanged]:
        """The conversations that begin, for the sessions of both."""
        if not joined:
            return []
        views = conversation_views(
            conversation_ids=[int(event.conversation) for event in joined],
            user_ids={user_id for event in joined for user_id in event.joined},
            now=self.now,
        )
        return [ConversationChanged(user_id=view.user_id, conversation=view.conversation) for view in views]

    def _event(self, message: Message) -> MessageChanged:
        return MessageChanged(
            message=message_object(
                message,
                sender=self.people.by_id[message.sender_id].username,
                receiver=receiver_of(message.sender_id, self.direct_members.get(message.conversation_id)),
                attachments=self.attaching.objects(message),
            ),
            members_version=self.conversations[message.conversation_id].members_version,
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
                user=self.people.by_id[row.user_id].username,
                read_seq=row.seen_seq,
                received_seq=row.received_seq,
            )
            for row in told_more
            if row.conversation_id in shown
        ]


def _ack(message: Message) -> AckObject:
    return log.ack_of(message, request_id=message.client_id, version=message.sent_version)
