"""An old snapshot, with the pushed events applied, is the fresh snapshot: for every action, after any history.

The client below keeps what a client keeps and knows only the protocol's rules. What it is told goes through the rule of
delivery: a change reaches who is a member as of the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat.errors import ImError
from chat.events import (
    ConversationChanged,
    ConversationObject,
    Event,
    MembersChanged,
    MessageChanged,
    MessageObject,
    ReceiptAdvanced,
)
from chat.models import Conversation
from chat.selectors.conversations import conversation_objects, list_conversations
from chat.selectors.messages import list_messages
from chat.services.conversations import conversation_rename, conversation_settings_update
from chat.services.memberships import member_add, member_leave, member_remove, member_set_role
from chat.services.messages import message_edit, message_react, message_recall
from chat.services.receipts import read_advance, received_advance, unread_mark
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing

PEOPLE = 4


class Client:
    """One user's client: conversations by id, messages by seq."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.conversations: dict[str, ConversationObject] = {}
        self.messages: dict[str, dict[int, MessageObject]] = {}

    def take(self, event: Event) -> None:
        match event:
            case ConversationChanged(conversation=seen) if seen.left:
                self.conversations.pop(seen.conversation, None)
                self.messages.pop(seen.conversation, None)
            case ConversationChanged(conversation=seen):
                self.conversations[seen.conversation] = seen
            case MessageChanged(message=message):
                held = self.messages.setdefault(message.conversation, {})
                if message.seq not in held or held[message.seq].version < message.version:
                    held[message.seq] = message
                self._apply(message)
            case ReceiptAdvanced() if event.conversation in self.conversations:
                self._advance(event.conversation, event.user, event.received_seq or 0, event.read_seq or 0)

    def _apply(self, message: MessageObject) -> None:
        """What a message says about its conversation."""
        seen = self.conversations[message.conversation]
        seen.version = max(seen.version, message.version)
        if message.seq > seen.last_seq and message.sender == self.user.username and message.kind != "system":
            seen.read_seq = message.seq
        elif message.seq > seen.last_seq and message.kind != "system":
            self._advance(message.conversation, message.sender, message.seq, message.seq)
        seen.last_seq = max(seen.last_seq, message.seq)
        if message.payload and message.payload.get("event") == "renamed":
            seen.title = message.payload["title"]
        if seen.last_seq == message.seq:
            seen.last_message = message

    def _advance(self, conversation: str, username: str, received_seq: int, read_seq: int) -> None:
        receipts = self.conversations[conversation].receipts
        if receipts is not None and username in receipts:
            received, read = receipts[username]
            read = max(read, read_seq)
            receipts[username] = (max(received, received_seq, read), read)


def comparable(seen: ConversationObject) -> ConversationObject:
    """Without `unread`, which a client that holds only some messages is told and does not count, and without those
    receipts that one's own client never hears of: who joined, and marks that only members who left had."""
    return msgspec.structs.replace(seen, unread=0, receipts=None)


ACTIONS = (
    ["send"] * 6
    + ["edit", "recall", "react", "unreact", "read", "received", "unread", "settings"]
    + ["add", "leave", "remove", "role", "owner", "rename", "greet"]
)
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.integers(1, 9)),
    max_size=25,
)


def act(group: Conversation, action: str, user: User, other: User, seq: int, number: int) -> None:
    """One action of one user. Raises ImError when it is refused, which is as good as nothing."""
    now = NOW + timedelta(seconds=number)
    place: dict[str, Any] = {"conversation": str(group.pk)}
    mine: dict[str, Any] = {**place, "actor_id": user.pk, "now": now}
    change: dict[str, Any] = {**mine, "seq": seq, "request_id": "r"}
    mark: dict[str, Any] = {**place, "user_id": user.pk, "seq": seq, "now": now}
    match action:
        case "send":
            send(user, group, str(number), now=now, mentions=[other.username])
        case "greet":
            send(user, other, str(number), now=now)
        case "edit":
            message_edit(**change, content=f"edited {number}")
        case "recall":
            message_recall(**change)
        case "react" | "unreact":
            message_react(**change, emoji="👍", remove=action == "unreact")
        case "read":
            read_advance(**mark)
        case "received":
            received_advance(**mark)
        case "unread":
            unread_mark(**mark)
        case "settings":
            conversation_settings_update(**place, user_id=user.pk, pinned=bool(seq % 2), archived=seq > 5, now=now)
        case "add":
            member_add(**mine, username=other.username)
        case "leave":
            member_leave(**place, user_id=user.pk, now=now)
        case "remove":
            member_remove(**mine, username=other.username)
        case "role":
            member_set_role(**mine, username=other.username, role="admin" if seq % 2 else "member")
        case "owner":
            member_set_role(**mine, username=other.username, role="owner")
        case "rename":
            conversation_rename(**mine, title=f"Title {number}")


class Delivery:
    """Who is told what: members as of the change, and oneself."""

    def __init__(self, clients: Sequence[Client], members: Mapping[str, set[int]]) -> None:
        self.clients = {client.user.pk: client for client in clients}
        self.members = {conversation: set(ids) for conversation, ids in members.items()}

    def deliver(self, event: Event) -> None:
        for user_id in self._audience(event):
            # As it travels: nobody shares an object with another.
            self.clients[user_id].take(msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event)))

    def _audience(self, event: Event) -> set[int]:
        match event:
            case MembersChanged():
                members = self.members.setdefault(event.conversation, set())
                members |= set(event.joined)
                members -= set(event.left)
            case ConversationChanged():
                return {event.user_id}
            case MessageChanged():
                return self.members[event.message.conversation]
            case ReceiptAdvanced():
                return self.members[event.conversation] - {event.user_id}
        return set()


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(steps=STEPS)
def test_snapshot_and_events__are_the_fresh_snapshot(
    steps: list[tuple[str, int, int, int]], published: Publishing
) -> None:
    people = [make_user() for _ in range(PEOPLE)]
    clients = [Client(user) for user in people]
    delivery = Delivery(clients, {})
    with published() as heard:
        group = make_group(*people[:3])
        make_direct(people[0], people[1])
    for event in heard.events:
        delivery.deliver(event)
    for number, (action, who, whom, seq) in enumerate(steps):
        with published() as heard:
            try:
                act(group, action, people[who], people[whom], seq, number)
            except ImError:
                assert heard.events == []
        for event in heard.events:
            delivery.deliver(event)
        for client in clients:
            check(client)


def check(client: Client) -> None:
    fresh = {each.conversation: each for each in list_conversations(user_id=client.user.pk, now=NOW)}
    assert client.conversations.keys() == fresh.keys()
    for pk, seen in fresh.items():
        told = client.conversations[pk]
        assert comparable(told) == comparable(seen)
        log = {message.seq: message for message in list_messages(user_id=client.user.pk, conversation=pk)}
        held = client.messages.get(pk, {})
        # Who joined later was not told of the beginning; of what was told, everything is as it is now.
        assert {seq: message for seq, message in log.items() if seq in held} == held
    gone = [int(pk) for pk in client.messages.keys() - fresh.keys()]
    assert conversation_objects(user_id=client.user.pk, conversation_ids=gone, now=NOW) == []


def test_receipts_and_events__are_the_fresh_receipts(
    alice: User, bob: User, carol: User, published: Publishing
) -> None:
    group = make_group(alice, bob, carol)
    pk = str(group.pk)
    clients = [Client(user) for user in (alice, bob, carol)]
    for client in clients:
        client.conversations = {each.conversation: each for each in list_conversations(user_id=client.user.pk)}
    delivery = Delivery(clients, {pk: {alice.pk, bob.pk, carol.pk}})
    moves = [
        lambda: send(alice, group),
        lambda: received_advance(user_id=bob.pk, conversation=pk, seq=2),
        lambda: send(carol, group),
        lambda: read_advance(user_id=bob.pk, conversation=pk, seq=3),
        lambda: unread_mark(user_id=bob.pk, conversation=pk, seq=2),
        lambda: send(bob, group),
        lambda: read_advance(user_id=alice.pk, conversation=pk, seq=4),
        lambda: received_advance(user_id=carol.pk, conversation=pk, seq=4),
    ]
    for move in moves:
        with published() as heard:
            move()
        for event in heard.events:
            delivery.deliver(event)
        for client in clients:
            [fresh] = list_conversations(user_id=client.user.pk)
            assert client.conversations[pk].receipts == fresh.receipts
