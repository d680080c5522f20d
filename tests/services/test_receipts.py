"""Read, unread, received: what grows, what others are told, and what a late or wild number does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ImError
from chat.events import ConversationChanged, ReceiptAdvanced
from chat.models import Conversation, Membership
from chat.selectors.conversations import get_conversation
from chat.services.blocks import block_add
from chat.services.receipts import read_advance, received_advance, received_advance_many, unread_mark
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    """Five messages of alice's."""
    conversation = make_direct(alice, bob)
    for _ in range(5):
        send(alice, conversation)
    return conversation


def marks(user: User) -> tuple[int, int, int]:
    row = Membership.objects.get(user=user)
    return row.read_seq, row.seen_seq, row.received_seq


def unread(user: User, conversation: Conversation) -> int:
    return get_conversation(user_id=user.pk, conversation=str(conversation.pk)).unread


def test_read__advances_all_marks_and_tells_the_other(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    with published() as heard:
        read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=3, origin="session", now=NOW)
    assert marks(bob) == (3, 3, 3)
    assert unread(bob, direct) == 2
    view, receipt = heard.events
    assert isinstance(view, ConversationChanged)
    assert (view.user_id, view.origin, view.conversation.read_seq, view.conversation.unread) == (
        bob.pk,
        "session",
        3,
        2,
    )
    assert receipt == ReceiptAdvanced(
        conversation=str(direct.pk), user_id=bob.pk, user="bob", read_seq=3, received_seq=3
    )
    assert get_conversation(user_id=alice.pk, conversation=str(direct.pk)).receipts == {"bob": (3, 3)}


def test_read_after_received__tells_only_of_reading(bob: User, direct: Conversation, published: Publishing) -> None:
    received_advance(user_id=bob.pk, conversation=str(direct.pk), seq=5)
    with published() as heard:
        read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=3)
    [receipt] = heard.of(ReceiptAdvanced)
    assert (receipt.read_seq, receipt.received_seq) == (3, None)
    assert marks(bob) == (3, 3, 5)


def test_read_never_goes_back(bob: User, direct: Conversation, published: Publishing) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=3)
    with published() as heard:
        for seq in (3, 2, 0):
            read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=seq)
    assert heard.events == []
    assert marks(bob) == (3, 3, 3)


@pytest.mark.parametrize("seq", [6, 2**62, 2**80])
def test_mark_beyond_the_end__is_the_end(bob: User, direct: Conversation, seq: int) -> None:
    received_advance(user_id=bob.pk, conversation=str(direct.pk), seq=seq)
    assert marks(bob) == (0, 0, 5)
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=seq)
    assert marks(bob) == (5, 5, 5)


def test_received__tells_the_others_and_nobody_else(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    with published() as heard:
        for seq in (2, 2, 1):
            received_advance(user_id=bob.pk, conversation=str(direct.pk), seq=seq)
    assert heard.events == [
        ReceiptAdvanced(conversation=str(direct.pk), user_id=bob.pk, user="bob", read_seq=None, received_seq=2)
    ]
    assert get_conversation(user_id=alice.pk, conversation=str(direct.pk)).receipts == {"bob": (2, 0)}
    assert unread(bob, direct) == 5


def test_unread_mark__is_ones_own_affair(alice: User, bob: User, direct: Conversation, published: Publishing) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=5)
    with published() as heard:
        unread_mark(user_id=bob.pk, conversation=str(direct.pk), seq=4, origin="session")
    assert marks(bob) == (3, 5, 5)
    assert unread(bob, direct) == 2
    [view] = heard.events
    assert (view.user_id, view.origin, view.conversation.unread) == (bob.pk, "session", 2)
    assert get_conversation(user_id=alice.pk, conversation=str(direct.pk)).receipts == {"bob": (5, 5)}


def test_reading_again_what_others_know_was_read__tells_them_nothing(
    bob: User, direct: Conversation, published: Publishing
) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=5)
    unread_mark(user_id=bob.pk, conversation=str(direct.pk), seq=2)
    with published() as heard:
        read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=4)
    assert [type(event) for event in heard.events] == [ConversationChanged]
    assert marks(bob) == (4, 5, 5)


def test_unread_mark_of_what_is_unread__does_nothing(bob: User, direct: Conversation, published: Publishing) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=2)
    with published() as heard:
        for seq in (3, 5, 6, 2**80):
            unread_mark(user_id=bob.pk, conversation=str(direct.pk), seq=seq)
    assert heard.events == []
    assert marks(bob) == (2, 2, 2)


def test_unread_mark_beyond_the_end__does_nothing_even_when_all_is_read(bob: User, direct: Conversation) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=5)
    unread_mark(user_id=bob.pk, conversation=str(direct.pk), seq=6)
    assert marks(bob) == (5, 5, 5)


def test_unread_mark_of_the_first__makes_all_unread(bob: User, direct: Conversation) -> None:
    read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=5)
    unread_mark(user_id=bob.pk, conversation=str(direct.pk), seq=1)
    assert unread(bob, direct) == 5


Move = Callable[..., None]


@pytest.mark.parametrize("move", [read_advance, received_advance, unread_mark])
def test_negative_mark__is_refused(bob: User, direct: Conversation, move: Move) -> None:
    with pytest.raises(ImError, match="bad_frame"):
        move(user_id=bob.pk, conversation=str(direct.pk), seq=-1)


@pytest.mark.parametrize("move", [read_advance, received_advance, unread_mark])
def test_mark_in_a_conversation_of_others__is_not_found(carol: User, direct: Conversation, move: Move) -> None:
    for conversation in (str(direct.pk), "1", "x", ""):
        with pytest.raises(ImError, match="not_found"):
            move(user_id=carol.pk, conversation=conversation, seq=1)


@pytest.mark.parametrize(
    ("kind", "others", "told"), [("group", 99, True), ("group", 100, False), ("channel", 1, False)]
)
def test_receipts__are_told_in_groups_up_to_a_hundred(
    alice: User, published: Publishing, kind: str, others: int, told: bool
) -> None:
    members = [make_user() for _ in range(others)]
    group = make_group(alice, *members, kind=kind)
    send(alice, group)
    with published() as heard:
        received_advance(user_id=members[0].pk, conversation=str(group.pk), seq=2)
        read_advance(user_id=members[0].pk, conversation=str(group.pk), seq=2)
    assert len(heard.of(ReceiptAdvanced)) == (2 if told else 0)
    assert len(heard.of(ConversationChanged)) == 1
    shown = get_conversation(user_id=alice.pk, conversation=str(group.pk)).receipts
    assert (shown is not None) == told
    if told:
        assert shown is not None and len(shown) == others and shown[members[0].username] == (2, 2)


def test_received_by_many_at_once__is_what_it_is_one_by_one(
    alice: User, bob: User, carol: User, direct: Conversation, published: Publishing
) -> None:
    group, blocked = make_group(alice, bob, carol), make_direct(carol, bob)
    send(alice, group)
    send(carol, blocked)
    received_advance(user_id=carol.pk, conversation=str(group.pk), seq=2)
    block_add(user_id=carol.pk, username="bob", now=NOW)
    marks = {
        (bob.pk, str(direct.pk)): 3,
        (bob.pk, str(group.pk)): 2**80,  # the end
        (bob.pk, str(blocked.pk)): 1,  # nobody is told
        (carol.pk, str(group.pk)): 1,  # was there before
        (carol.pk, str(direct.pk)): 1,  # not hers
        (carol.pk, "x"): 1,
    }
    with published() as heard:
        assert received_advance_many(marks, now=NOW) == {}
        assert received_advance_many(marks, now=NOW) == {}
    told = sorted((receipt.conversation, receipt.user, receipt.received_seq) for receipt in heard.of(ReceiptAdvanced))
    assert told == sorted([(str(direct.pk), "bob", 3), (str(group.pk), "bob", 2)])
    assert len(heard.events) == 2
    rows = Membership.objects.values_list("conversation_id", "user__username", "received_seq")
    assert {row for row in rows if row[1] != "alice" and row[0] != blocked.pk} == {
        (direct.pk, "bob", 3),
        (group.pk, "bob", 2),
        (group.pk, "carol", 2),
    }


def test_queries__of_receipts(alice: User, bob: User, direct: Conversation, django_assert_num_queries: Any) -> None:
    """Savepoint and its release included. What others may know is found out with the member."""
    with django_assert_num_queries(4):
        received_advance(user_id=bob.pk, conversation=str(direct.pk), seq=1)
    with django_assert_num_queries(8):
        read_advance(user_id=bob.pk, conversation=str(direct.pk), seq=1)
    others = [make_user() for _ in range(20)]
    group = make_group(alice, *others)
    marks = {(user.pk, str(group.pk)): 1 for user in others} | {(bob.pk, str(direct.pk)): 4}
    with django_assert_num_queries(8):
        received_advance_many(marks, now=NOW)


@pytest.mark.parametrize("move", [read_advance, unread_mark])
def test_queries__do_not_grow_with_the_members(alice: User, move: Move, django_assert_max_num_queries: Any) -> None:
    group = make_group(alice, *(make_user() for _ in range(60)))
    for _ in range(5):
        send(alice, group)
    reader = Membership.objects.filter(conversation=group).exclude(user=alice).first()
    assert reader is not None
    if move is unread_mark:
        read_advance(user_id=reader.user_id, conversation=str(group.pk), seq=5)
    with django_assert_max_num_queries(10):
        move(user_id=reader.user_id, conversation=str(group.pk), seq=5)
