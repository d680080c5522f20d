"""Sending: what is stored, what is refused, and that a retry is free."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, MessageChanged, ReceiptAdvanced
from chat.models import Conversation, Membership, Message
from chat.selectors.conversations import get_conversation
from chat.selectors.messages import list_messages
from chat.services.memberships import member_remove
from chat.services.messages import SendRequest, SendResult, message_edit, message_recall, message_send, messages_send
from chat.services.receipts import read_advance
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send
from tests.services.conftest import Publishing

MINUTE = timedelta(minutes=1)


def refusal(request: SendRequest) -> ErrorCode:
    """The code with which a send is refused."""
    with pytest.raises(ImError) as error:
        message_send(request, now=NOW)
    return error.value.code


# --- to a person -------------------------------------------------------------


def test_first_message_to_a_person__creates_their_direct_conversation(alice: User, bob: User) -> None:
    ack = send(alice, bob, "Hello!", client_id="m1")
    assert (ack.id, ack.seq, ack.version) == ("m1", 1, 1)
    assert ack.timestamp == round(NOW.timestamp() * 1000)
    [message] = list_messages(user_id=bob.pk, conversation=ack.conversation)
    assert (message.sender, message.receiver, message.content) == ("alice", "bob", "Hello!")
    assert message.timestamp == ack.timestamp
    assert get_conversation(user_id=bob.pk, conversation=ack.conversation).unread == 1


def test_messages_both_ways__are_in_one_conversation(alice: User, bob: User) -> None:
    assert send(bob, alice).conversation == send(alice, bob).conversation == str(make_direct(alice, bob).pk)


def test_receiver_in_other_capitals__is_the_same_person(alice: User, bob: User) -> None:
    assert (
        send(alice, bob).conversation
        == message_send(
            SendRequest(sender_id=alice.pk, client_id="x", receiver="BoB", content="Hello!"), now=NOW
        ).ack.conversation
    )


def test_message_to_oneself__is_saved_in_a_conversation_with_one_member(alice: User) -> None:
    ack = send(alice, alice, "Buy milk")
    conversation = Conversation.objects.get(pk=ack.conversation)
    assert conversation.direct_key == f"{alice.pk}:{alice.pk}"
    assert list(conversation.memberships.values_list("user_id", flat=True)) == [alice.pk]
    [message] = list_messages(user_id=alice.pk, conversation=ack.conversation)
    assert message.receiver == "alice"
    assert get_conversation(user_id=alice.pk, conversation=ack.conversation).title == "Alice"


@pytest.mark.parametrize("receiver", ["nobody", "", "a" * 65, "bo\0b", "bo\ud800b", " bob"])
def test_unknown_receiver__is_not_found_and_nothing_is_created(alice: User, bob: User, receiver: str) -> None:
    request = SendRequest(sender_id=alice.pk, client_id="m1", receiver=receiver, content="Hello!")
    assert refusal(request) == ErrorCode.NOT_FOUND
    assert not Conversation.objects.exists()


def test_inactive_receiver__is_not_found(alice: User) -> None:
    gone = make_user("gone", is_active=False)
    assert refusal(make_request(alice, gone)) == ErrorCode.NOT_FOUND
    assert not Conversation.objects.exists()


def test_receiver_who_was_deactivated_later__is_not_found(alice: User, bob: User) -> None:
    send(alice, bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert refusal(make_request(alice, bob)) == ErrorCode.NOT_FOUND


def test_sender_who_does_not_exist__is_forbidden(bob: User) -> None:
    request = SendRequest(sender_id=bob.pk + 1, client_id="m1", receiver="bob", content="Hello!")
    assert refusal(request) == ErrorCode.FORBIDDEN


def test_inactive_sender__is_forbidden(alice: User, bob: User) -> None:
    conversation = make_direct(alice, bob)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(make_request(alice, conversation)) == ErrorCode.FORBIDDEN
    assert refusal(make_request(alice, bob)) == ErrorCode.FORBIDDEN
    assert refusal(make_request(alice, make_user("new"))) == ErrorCode.FORBIDDEN


# --- to a conversation -------------------------------------------------------


def test_numbers__rise_by_one_with_every_message(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    acks = [send(sender, group, now=NOW + MINUTE * n) for n, sender in enumerate([alice, bob, bob, alice])]
    assert [(ack.seq, ack.version) for ack in acks] == [(2, 2), (3, 3), (4, 4), (5, 5)]
    group.refresh_from_db()
    assert (group.last_seq, group.version, group.last_activity_at) == (5, 5, NOW + MINUTE * 3)


@pytest.mark.parametrize("conversation", ["", "0", "01", "-1", "+1", "1.0", " 1", "1 ", "١", "9" * 20, str(2**63), "x"])
def test_impossible_conversation_id__is_not_found(alice: User, conversation: str) -> None:
    request = SendRequest(sender_id=alice.pk, client_id="m1", conversation=conversation, content="Hello!")
    assert refusal(request) == ErrorCode.NOT_FOUND


def test_conversation_of_others__is_not_found(alice: User, bob: User, carol: User) -> None:
    assert refusal(make_request(carol, make_group(alice, bob))) == ErrorCode.NOT_FOUND
    assert refusal(make_request(carol, make_direct(alice, bob))) == ErrorCode.NOT_FOUND


def test_channel__is_written_by_owner_and_admins_only(alice: User, bob: User, carol: User) -> None:
    channel = make_group(alice, bob, carol, kind="channel")
    Membership.objects.filter(user=bob).update(role="admin")
    assert [send(alice, channel).seq, send(bob, channel).seq] == [2, 3]
    assert refusal(make_request(carol, channel)) == ErrorCode.FORBIDDEN


def test_reply__must_answer_a_message_that_exists(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    assert send(alice, group, reply_to=1).seq == 2
    for reply_to in (0, -1, 3, 2**63):
        assert refusal(make_request(alice, group, reply_to=reply_to)) == ErrorCode.NOT_FOUND
    assert [message.reply_to for message in list_messages(user_id=bob.pk, conversation=str(group.pk))] == [None, 1]


def test_mentions__are_kept_only_of_members_under_their_own_names(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    send(alice, group, "@BOB @carol", mentions=["BOB", "bob", "carol", "nobody", ""])
    assert list_messages(user_id=bob.pk, conversation=str(group.pk))[-1].mentions == ["bob"]


def test_mention_in_the_first_direct_message__is_kept(alice: User, bob: User, carol: User) -> None:
    ack = send(alice, bob, "@bob", mentions=["bob", "carol"])
    assert list_messages(user_id=bob.pk, conversation=ack.conversation)[0].mentions == ["bob"]


def test_card__keeps_its_payload(alice: User, bob: User) -> None:
    payload = {"title": "图书", "price": 12.5, "tags": ["a", None, True], "by": {"id": 7}}
    ack = send(alice, bob, "", kind="card", payload=payload)
    [message] = list_messages(user_id=bob.pk, conversation=ack.conversation)
    assert (message.kind, message.payload) == ("card", payload)


def deep(levels: int) -> dict[str, Any]:
    return {"a": deep(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"content": ""}, ErrorCode.EMPTY),
        ({"content": " \n\t\u200b\u3000"}, ErrorCode.EMPTY),
        ({"content": "", "kind": "card"}, ErrorCode.EMPTY),
        ({"content": "", "kind": "image"}, ErrorCode.EMPTY),
        ({"content": "x" * 10_001}, ErrorCode.TOO_LARGE),
        ({"content": "a\0b"}, ErrorCode.BAD_FRAME),
        ({"content": "a\ud800b"}, ErrorCode.BAD_FRAME),
        ({"kind": "system"}, ErrorCode.FORBIDDEN),
        ({"kind": "poem"}, ErrorCode.BAD_FRAME),
        ({"client_id": ""}, ErrorCode.BAD_FRAME),
        ({"client_id": "x" * 65}, ErrorCode.BAD_FRAME),
        ({"client_id": "a\0b"}, ErrorCode.BAD_FRAME),
        ({"receiver": "bob"}, ErrorCode.BAD_FRAME),
        ({"conversation": None}, ErrorCode.BAD_FRAME),
        ({"attachments": ["1"]}, ErrorCode.NOT_FOUND),
        ({"attachments": ["1"] * 21}, ErrorCode.TOO_LARGE),
        ({"attachments": ["\0"]}, ErrorCode.BAD_FRAME),
        ({"mentions": ["bob"] * 101}, ErrorCode.TOO_LARGE),
        ({"mentions": ["\ud800"]}, ErrorCode.BAD_FRAME),
        ({"payload": {"a": 1}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"a": "\0"}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"\ud800": 1}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"a": float("nan")}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"a": float("inf")}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"a": 2**63}}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": deep(17)}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": [1]}, ErrorCode.BAD_FRAME),
        ({"kind": "card", "payload": {"a": "x" * 16_384}}, ErrorCode.TOO_LARGE),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else value,
)
def test_what_cannot_be_a_message__is_refused_and_takes_no_number(
    alice: User, bob: User, fields: dict[str, Any], code: ErrorCode
) -> None:
    group = make_group(alice, bob)
    assert refusal(replace(make_request(alice, group), **fields)) == code
    group.refresh_from_db()
    assert (group.last_seq, group.version) == (1, 1)


def test_longest_content_and_id__are_stored(alice: User, bob: User) -> None:
    ack = send(alice, bob, "\U0001f600" * 10_000, client_id="i" * 64)
    [message] = list_messages(user_id=bob.pk, conversation=ack.conversation)
    assert (message.content, message.id) == ("\U0001f600" * 10_000, "i" * 64)


# --- the same id again -------------------------------------------------------


def test_same_id_again__is_the_same_message_with_the_same_ack(alice: User, bob: User, published: Publishing) -> None:
    request = make_request(alice, bob, "Hello!", mentions=["bob"], client_id="m1")
    first = message_send(request, now=NOW)
    with published() as heard:
        again = message_send(request, now=NOW + MINUTE)
    assert (first.created, again.created) == (True, False)
    assert again.ack == first.ack
    assert Message.objects.count() == 1
    assert heard.events == []


def test_same_id_by_conversation_instead_of_receiver__is_the_same_message(alice: User, bob: User) -> None:
    first = send(alice, bob, client_id="m1")
    assert send(alice, make_direct(alice, bob), client_id="m1") == first


@pytest.mark.parametrize(
    "fields",
    [{"content": "Bye!"}, {"kind": "image"}, {"reply_to": 1}, {"mentions": ["bob"]}, {"attachments": ["1"]}],
    ids=lambda fields: next(iter(fields)),
)
def test_same_id_with_another_content__is_a_conflict(alice: User, bob: User, fields: dict[str, Any]) -> None:
    group = make_group(alice, bob)
    send(alice, group, "Hello!", client_id="m1")
    request = make_request(alice, group, **{"content": "Hello!", "client_id": "m1", **fields})
    assert refusal(request) == ErrorCode.CONFLICT
    assert Message.objects.exclude(kind="system").count() == 1


def test_same_id_in_another_conversation__is_a_conflict(alice: User, bob: User, carol: User) -> None:
    send(alice, bob, client_id="m1")
    assert refusal(make_request(alice, carol, client_id="m1")) == ErrorCode.CONFLICT
    assert refusal(make_request(alice, make_group(alice), client_id="m1")) == ErrorCode.CONFLICT
    assert Conversation.objects.filter(kind="direct").count() == 1


def test_same_id_of_another_sender__is_another_message(alice: User, bob: User) -> None:
    assert [send(alice, bob, client_id="m1").seq, send(bob, alice, client_id="m1").seq] == [1, 2]


def test_same_id_after_an_edit__says_what_the_first_ack_said(alice: User, bob: User) -> None:
    """With the version of the edit, a client that holds the first content would believe that it is the newest."""
    first = send(alice, bob, "Hello!", client_id="m1")
    message_edit(actor_id=alice.pk, conversation=first.conversation, seq=1, content="Bye!", request_id="e1", now=NOW)
    assert send(alice, bob, "Hello!", client_id="m1") == first
    assert refusal(make_request(alice, bob, "Bye!", client_id="m1")) == ErrorCode.CONFLICT


def test_same_id_after_a_recall__is_not_sent_again(alice: User, bob: User) -> None:
    first = send(alice, bob, "Hello!", client_id="m1")
    message_recall(actor_id=alice.pk, conversation=first.conversation, seq=1, request_id="r1", now=NOW)
    assert send(alice, bob, "Hello!", client_id="m1") == first
    assert list_messages(user_id=bob.pk, conversation=first.conversation)[0].content == ""


def test_same_id_after_leaving__has_the_same_ack(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    first = send(bob, group, client_id="m1")
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=NOW)
    assert send(bob, group, client_id="m1") == first
    assert refusal(make_request(bob, group, client_id="m2")) == ErrorCode.NOT_FOUND


def test_same_id_after_the_receiver_was_deactivated__has_the_same_ack(alice: User, bob: User) -> None:
    first = send(alice, bob, client_id="m1")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert send(alice, bob, client_id="m1") == first


# --- many at once ------------------------------------------------------------


def test_batch__answers_each_request_in_order(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    requests = [
        make_request(alice, group, "one"),
        make_request(carol, group, "not a member"),
        make_request(bob, group, ""),
        make_request(bob, carol, "two"),
        make_request(bob, group, "three"),
        make_request(carol, bob, "four"),
    ]
    results = messages_send(requests, now=NOW)
    told = [result.code if isinstance(result, ImError) else result.ack.seq for result in results]
    assert told == [2, ErrorCode.NOT_FOUND, ErrorCode.EMPTY, 1, 3, 2]
    direct = make_direct(bob, carol)
    contents = [message.content for message in list_messages(user_id=bob.pk, conversation=str(direct.pk))]
    assert contents == ["two", "four"]


def test_same_id_twice_in_a_batch__is_one_message_with_equal_acks(alice: User, bob: User) -> None:
    request = make_request(alice, bob, "Hello!", client_id="m1")
    other = make_request(alice, bob, "Bye!", client_id="m1")
    first, again, conflict = messages_send([request, request, other], now=NOW)
    assert isinstance(first, SendResult) and isinstance(again, SendResult) and isinstance(conflict, ImError)
    assert (first.created, again.created, again.ack) == (True, False, first.ack)
    assert conflict.code == ErrorCode.CONFLICT
    assert Message.objects.count() == 1


def test_refused_first_message__leaves_no_conversation(alice: User, bob: User) -> None:
    results = messages_send(
        [make_request(alice, bob, reply_to=1), make_request(alice, bob, attachments=["1"])], now=NOW
    )
    assert [result.code for result in results if isinstance(result, ImError)] == [ErrorCode.NOT_FOUND] * 2
    assert not Conversation.objects.exists()


def test_empty_batch__is_nothing(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert messages_send([], now=NOW) == []
    assert len(queries) == 0


def queries_of(requests: list[SendRequest]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert all(isinstance(result, SendResult) for result in messages_send(requests, now=NOW))
    return len(captured)


def test_queries__do_not_grow_with_the_batch(alice: User) -> None:
    people = [make_user() for _ in range(50)]
    groups = [make_group(person, alice) for person in people]
    places = list(zip(people, groups, strict=True))
    few = queries_of([make_request(person, group, mentions=["alice"]) for person, group in places[:2]])
    many = queries_of([make_request(person, group, mentions=["alice"]) for person, group in places])
    assert few == many <= 13


def test_queries__do_not_grow_with_the_conversations_that_begin(alice: User) -> None:
    # 28 of them: SQLite takes 999 parameters in a statement, and each begins with two memberships.
    people = [make_user() for _ in range(30)]
    few = queries_of([make_request(person, alice) for person in people[:2]])
    many = queries_of([make_request(person, alice) for person in people[2:]])
    assert few == many <= 20


# --- who writes has read -----------------------------------------------------


def test_own_message__moves_ones_own_pointers(alice: User, bob: User) -> None:
    send(alice, bob)
    send(alice, bob)
    ack = send(bob, alice)
    row = Membership.objects.get(user=bob)
    assert (row.read_seq, row.seen_seq, row.received_seq) == (3, 3, 3)
    assert get_conversation(user_id=bob.pk, conversation=ack.conversation).unread == 0
    assert get_conversation(user_id=alice.pk, conversation=ack.conversation).unread == 1


def test_answering_without_reading__tells_the_others_that_it_was_read(
    alice: User, bob: User, published: Publishing
) -> None:
    direct = make_direct(alice, bob)
    send(alice, direct)
    with published() as heard:
        send(bob, direct)
    [receipt] = heard.of(ReceiptAdvanced)
    assert (receipt.user, receipt.read_seq, receipt.received_seq) == ("bob", 2, 2)


def test_answering_after_reading__tells_no_more_than_the_message(alice: User, bob: User, published: Publishing) -> None:
    direct = make_direct(alice, bob)
    send(alice, direct)
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=1)
    with published() as heard:
        send(bob, direct)
        send(bob, direct)
    assert [type(event) for event in heard.events] == [MessageChanged, MessageChanged]


# --- what is announced -------------------------------------------------------


def test_sent_message__is_announced_as_everybody_sees_it(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    read_advance(user_id=alice.pk, conversation=str(group.pk), seq=1)
    with published() as heard:
        ack = send(alice, group, "@bob", mentions=["bob"], origin="session", client_id="m1")
    [event] = heard.events
    assert isinstance(event, MessageChanged)
    assert [event.message] == list_messages(user_id=bob.pk, conversation=ack.conversation)[-1:]
    assert (event.members_version, event.origin, event.request_id) == (1, "session", "m1")


def test_first_message_to_a_person__is_announced_after_the_conversation(
    alice: User, bob: User, published: Publishing
) -> None:
    with published() as heard:
        ack = send(alice, bob)
    members, *views, message = heard.events
    assert isinstance(members, MembersChanged)
    assert (members.conversation, members.version, members.members_version) == (ack.conversation, 0, 1)
    assert (members.joined, members.left) == (sorted([alice.pk, bob.pk]), [])
    for view in views:
        assert isinstance(view, ConversationChanged)
        assert view.conversation == get_conversation(user_id=view.user_id, conversation=ack.conversation)
    assert {view.user_id for view in views} == {alice.pk, bob.pk}
    assert isinstance(message, MessageChanged) and message.members_version == 1


def test_refused_message__is_not_announced(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice)
    with published() as heard:
        assert refusal(make_request(bob, group)) == ErrorCode.NOT_FOUND
    assert heard.events == []
