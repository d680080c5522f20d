"""Blocking: what the blocked one can no longer do, what nobody is told, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, User
from accounts.services import user_deactivate
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, PrivacyChanged, ReceiptAdvanced
from chat.models import Conversation, Membership
from chat.selectors.audit import log_breaches
from chat.selectors.delivery_feed import audience, conversation_states
from chat.selectors.messages import list_messages
from chat.selectors.sync import sync
from chat.services import blocks
from chat.services.blocks import block_add, block_remove
from chat.services.conversations import direct_get_or_create, group_create
from chat.services.memberships import member_add
from chat.services.messages import message_edit, message_react, message_recall, messages_send
from chat.services.pins import message_pin
from chat.services.receipts import read_advance, received_advance
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send
from tests.services.conftest import Publishing


def block(user: User, other: User) -> None:
    block_add(user_id=user.pk, username=other.username, now=NOW)


def unblock(user: User, other: User) -> None:
    block_remove(user_id=user.pk, username=other.username, now=NOW)


def refusal(call: Callable[[], Any]) -> ErrorCode:
    with pytest.raises(ImError) as caught:
        call()
    return caught.value.code


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    """Alice and bob, after a message of each."""
    conversation = make_direct(alice, bob)
    send(alice, conversation)
    send(bob, conversation)
    return conversation


def test_blocked_one__can_neither_send_nor_edit_nor_react_nor_pin(alice: User, bob: User, direct: Conversation) -> None:
    block(alice, bob)
    place: dict[str, Any] = {"actor_id": bob.pk, "conversation": str(direct.pk), "request_id": "r", "now": NOW}
    assert refusal(lambda: send(bob, direct)) is ErrorCode.BLOCKED
    assert refusal(lambda: send(bob, alice)) is ErrorCode.BLOCKED
    assert refusal(lambda: message_edit(**place, seq=2, content="Worse")) is ErrorCode.BLOCKED
    assert refusal(lambda: message_react(**place, seq=1, emoji="👎", remove=False)) is ErrorCode.BLOCKED
    assert refusal(lambda: message_pin(**place, seq=1, pinned=True)) is ErrorCode.BLOCKED
    assert message_recall(**place, seq=2).seq == 2  # to take something back is always right


def test_who_blocks__may_still_write__and_the_other_hears_nothing(alice: User, bob: User, direct: Conversation) -> None:
    block(alice, bob)
    assert send(alice, direct).seq == 3
    assert audience(user_ids=[alice.pk, bob.pk]) == {alice.pk: {direct.pk}, bob.pk: set()}
    state = conversation_states(conversation_ids=[direct.pk], user_ids=[alice.pk, bob.pk])[direct.pk]
    assert state.member_ids == {alice.pk}
    [page] = sync(user_id=bob.pk, cursors={str(direct.pk): 2}, changed_since=None, include_all=True)
    assert (page.conversations, page.messages) == ([], [])


def test_what_was_said__can_still_be_read(alice: User, bob: User, direct: Conversation) -> None:
    block(alice, bob)
    assert len(list_messages(user_id=bob.pk, conversation=str(direct.pk), limit=50)) == 2
    [page] = sync(user_id=bob.pk, cursors={}, changed_since=None, include_all=True)
    assert [message.seq for message in page.messages] == [1, 2]
    existing, created = direct_get_or_create(user_id=bob.pk, username="alice", now=NOW)
    assert (existing, created) == (direct, False)


def test_a_retry__of_what_was_sent_before__is_still_acknowledged(alice: User, bob: User) -> None:
    request = make_request(bob, alice)
    [first] = messages_send([request], now=NOW)
    block(alice, bob)
    [again] = messages_send([request], now=NOW)
    assert not isinstance(first, ImError)
    assert not isinstance(again, ImError)
    assert again.ack == first.ack


def test_in_a_batch__only_the_blocked_one_is_refused(alice: User, bob: User, carol: User) -> None:
    make_direct(alice, bob)
    make_direct(alice, carol)
    block(alice, bob)
    block(carol, bob)
    requests = [
        make_request(bob, alice),
        make_request(carol, alice),
        make_request(bob, carol),
        make_request(alice, bob),
    ]
    results = messages_send(requests, now=NOW)
    codes = [result.code if isinstance(result, ImError) else None for result in results]
    assert codes == [ErrorCode.BLOCKED, None, ErrorCode.BLOCKED, None]


def test_queries__a_block_is_known_from_rows_that_are_read_anyway(alice: User, bob: User, direct: Conversation) -> None:
    with CaptureQueriesContext(connection) as before:
        send(bob, direct)
    block(carol := make_user("carol"), bob)
    make_direct(alice, carol)
    with CaptureQueriesContext(connection) as after:
        send(bob, direct)
    assert len(after) == len(before)
    assert not any("accounts_block" in query["sql"] for query in after)


def test_no_conversation_yet__the_blocked_one_cannot_begin_it(alice: User, bob: User) -> None:
    block(alice, bob)
    assert refusal(lambda: send(bob, alice)) is ErrorCode.BLOCKED
    assert refusal(lambda: make_direct(bob, alice)) is ErrorCode.BLOCKED
    assert not Conversation.objects.exists()


def test_conversation_begun_by_who_blocks__reaches_nobody_else(alice: User, bob: User, published: Publishing) -> None:
    block(alice, bob)
    with published() as heard:
        direct = make_direct(alice, bob)
    [members] = heard.of(MembersChanged)
    assert members.joined == [alice.pk]
    assert [view.user_id for view in heard.of(ConversationChanged)] == [alice.pk]
    assert refusal(lambda: send(bob, direct)) is ErrorCode.BLOCKED


def test_no_receipts_either_way(alice: User, bob: User, direct: Conversation, published: Publishing) -> None:
    send(alice, direct)
    block(alice, bob)
    with published() as heard:
        for user in (alice, bob):
            received_advance(user_id=user.pk, conversation=str(direct.pk), seq=3)
            read_advance(user_id=user.pk, conversation=str(direct.pk), seq=3)
    assert heard.of(ReceiptAdvanced) == []
    row = Membership.objects.get(user=bob, conversation=direct)
    assert (row.read_seq, row.seen_seq, row.received_seq) == (3, 2, 2)  # read, and nobody is told


def test_delivery__is_told_at_once_and_of_the_end_too(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    with published() as heard:
        block(alice, bob)
        block(alice, bob)
    privacy, members = cast("list[Any]", heard.events)
    assert privacy == PrivacyChanged(user_id=alice.pk)
    assert (members.left, members.joined) == ([bob.pk], [])
    with published() as heard:
        unblock(alice, bob)
        unblock(alice, bob)
    _, members, view = cast("list[Any]", heard.events)
    assert (members.left, members.joined) == ([], [bob.pk])
    assert (view.user_id, view.conversation.conversation) == (bob.pk, str(direct.pk))
    assert send(bob, direct).seq == 3


def test_groups__go_on(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    block(alice, bob)
    assert send(bob, group).seq == 2


def test_blocked_one__cannot_add_who_blocked_them(alice: User, bob: User, carol: User) -> None:
    block(alice, bob)
    group = make_group(bob)
    assert (
        refusal(lambda: member_add(actor_id=bob.pk, conversation=str(group.pk), username="alice", now=NOW))
        is ErrorCode.FORBIDDEN
    )
    assert (
        refusal(lambda: group_create(creator_id=bob.pk, kind="group", title="T", usernames=["carol", "alice"], now=NOW))
        is ErrorCode.FORBIDDEN
    )


def test_whom__must_be_somebody_else(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    user_deactivate(user=bob)
    assert refusal(lambda: block(alice, alice)) is ErrorCode.BAD_FRAME
    assert refusal(lambda: block(alice, User(username="nobody-here"))) is ErrorCode.NOT_FOUND
    block(alice, bob)  # somebody who is banned may come back
    monkeypatch.setattr(blocks, "BLOCKS_MAX", 1)
    assert refusal(lambda: block(alice, make_user())) is ErrorCode.TOO_LARGE
    assert Block.objects.count() == 1


def test_verify_log__finds_marks_that_no_block_stands_for(alice: User, bob: User, direct: Conversation) -> None:
    block(alice, bob)
    assert list(log_breaches()) == []
    Block.objects.all().delete()
    [breach] = log_breaches()
    assert f"user={bob.pk}" in breach
