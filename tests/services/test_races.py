"""Many at once: real threads on real transactions, on whichever database this run has.

SQLite lets one writer in at a time, so there the races are fewer; the same promises must hold.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import Contact, ContactRequest, User
from chat.errors import ErrorCode, ImError
from chat.events import AckObject
from chat.models import Conversation, Inbox, Membership, Message
from chat.selectors.audit import log_breaches
from chat.selectors.conversations import get_conversation
from chat.selectors.messages import list_messages
from chat.services.blocks import block_add
from chat.services.contacts import contact_request
from chat.services.conversations import direct_get_or_create
from chat.services.invites import Admission, invite_accept, invite_create
from chat.services.memberships import member_add, member_leave, member_remove
from chat.services.messages import (
    SendRequest,
    SendResult,
    message_edit,
    message_react,
    message_recall,
    message_send,
    messages_send,
)
from chat.services.receipts import read_advance, received_advance, received_advance_many, unread_mark
from tests.factories import NOW, make_group, make_request, make_user, send
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

IS_POSTGRES = connection.vendor == "postgresql"
SENDERS, EACH = (20, 50) if IS_POSTGRES else (8, 25)
ROUNDS = 6


def outcome(request: SendRequest) -> SendResult | ErrorCode:
    try:
        return message_send(request, now=NOW)
    except ImError as refusal:
        return refusal.code


def check_log() -> None:
    assert list(log_breaches()) == []


# --- one order ---------------------------------------------------------------


def test_many_senders_to_one_conversation__number_it_without_a_gap() -> None:
    users = [make_user() for _ in range(SENDERS)]
    group = make_group(*users)

    def send_all(user: User) -> list[AckObject]:
        return [send(user, group, str(number)) for number in range(EACH)]

    acks = at_once([partial(send_all, user) for user in users])
    numbers = sorted(ack.seq for mine in acks for ack in mine)
    assert numbers == list(range(2, SENDERS * EACH + 2))
    for user, mine in zip(users, acks, strict=True):
        assert [ack.seq for ack in mine] == sorted(ack.seq for ack in mine)
        stored = Message.objects.filter(sender=user, kind="text").order_by("seq")
        expected = [(ack.seq, ack.version, ack.id, str(number)) for number, ack in enumerate(mine)]
        assert list(stored.values_list("seq", "version", "client_id", "content")) == expected
    check_log()


def test_batches_over_the_same_places__neither_gap_nor_wait_for_each_other() -> None:
    users = [make_user() for _ in range(6)]
    groups = [make_group(*users) for _ in range(4)]

    def send_batches(seed: int) -> list[SendResult | ImError]:
        draw = random.Random(seed)
        results: list[SendResult | ImError] = []
        for _ in range(10):
            # Conversations and people in any order; the first messages between people begin conversations.
            requests = [make_request(draw.choice(users), draw.choice([*groups, *users])) for _ in range(12)]
            results += messages_send(requests, now=NOW)
        return results

    results = [result for mine in at_once([partial(send_batches, seed) for seed in range(4)]) for result in mine]
    acks = [result.ack for result in results if isinstance(result, SendResult)]
    assert len(acks) == len(results)
    assert max(Counter((ack.conversation, ack.seq) for ack in acks).values()) == 1
    assert Message.objects.exclude(kind="system").count() == len(acks)
    check_log()


def test_different_changes_at_once__each_take_a_version() -> None:
    users = [make_user() for _ in range(8)]
    group = make_group(*users)
    for user in users:
        send(user, group)
    pk = str(group.pk)
    actions: list[Callable[[], object]] = []
    for number, user in enumerate(users):
        common = {"actor_id": user.pk, "conversation": pk, "request_id": "r", "now": NOW}
        actions += [
            partial(message_react, **common, seq=2, emoji="👍", remove=False),
            partial(message_edit, **common, seq=number + 2, content=f"edited {number}"),
            partial(send, user, group),
        ]
    at_once(actions)
    group.refresh_from_db()
    assert (group.last_seq, group.version) == (17, 33)
    [reacted] = [each for each in list_messages(user_id=users[0].pk, conversation=pk) if each.reactions]
    assert sorted((reacted.reactions or {})["👍"]) == sorted(user.username for user in users)
    check_log()


def test_edit_against_recall__ends_recalled_and_empty() -> None:
    alice = make_user()
    for _ in range(ROUNDS):
        ack = send(alice, alice)
        common = {"actor_id": alice.pk, "conversation": ack.conversation, "seq": ack.seq, "request_id": "r", "now": NOW}

        def edit(common: dict[str, object] = common) -> None:
            try:
                message_edit(**common, content="edited")
            except ImError as refusal:
                assert refusal.code == ErrorCode.FORBIDDEN

        at_once([edit, partial(message_recall, **common)])
        assert list_messages(user_id=alice.pk, conversation=ack.conversation)[-1].content == ""
    check_log()


# --- retries are free --------------------------------------------------------


def test_same_id_at_once__is_one_message_with_equal_acks() -> None:
    alice, bob = make_user(), make_user()
    request = make_request(alice, bob, client_id="m1")
    results = at_once([partial(message_send, request, now=NOW + timedelta(seconds=n)) for n in range(20)])
    assert len({(result.ack.seq, result.ack.version, result.ack.timestamp) for result in results}) == 1
    assert sum(result.created for result in results) == 1
    assert Message.objects.count() == 1
    assert Conversation.objects.count() == 1
    check_log()


def test_same_id_with_another_content_at_once__is_one_message_and_conflicts() -> None:
    alice, bob = make_user(), make_user()
    results = at_once([partial(outcome, make_request(alice, bob, str(n), client_id="m1")) for n in range(8)])
    assert Counter(result if isinstance(result, ErrorCode) else "sent" for result in results) == {
        "sent": 1,
        ErrorCode.CONFLICT: 7,
    }
    assert Message.objects.count() == 1


def test_same_id_into_two_conversations_at_once__is_one_message_and_one_conflict() -> None:
    alice = make_user()
    groups = [make_group(alice), make_group(alice)]
    for number in range(ROUNDS):
        requests = [make_request(alice, group, client_id=f"m{number}") for group in groups]
        results = at_once([partial(outcome, request) for request in requests])
        assert sorted(isinstance(result, SendResult) for result in results) == [False, True]
        assert ErrorCode.CONFLICT in results
        assert Message.objects.filter(client_id=f"m{number}").count() == 1
    check_log()


def test_batch_with_a_lost_race__loses_only_that_message() -> None:
    alice, bob = make_user(), make_user()
    groups = [make_group(alice, bob), make_group(alice, bob)]
    for number in range(ROUNDS):
        batches = [
            [make_request(alice, group, client_id=f"m{number}"), make_request(bob, group), make_request(alice, group)]
            for group in groups
        ]
        first, second = at_once([partial(messages_send, batch, now=NOW) for batch in batches])
        assert all(isinstance(result, SendResult) for result in (*first[1:], *second[1:]))
        assert sorted(isinstance(results[0], SendResult) for results in (first, second)) == [False, True]
    check_log()


# --- conversations begin once ------------------------------------------------


def test_first_messages_both_ways_at_once__meet_in_one_conversation() -> None:
    for _ in range(ROUNDS):
        alice, bob = make_user(), make_user()
        acks = at_once([partial(send, alice, bob), partial(send, bob, alice)])
        assert acks[0].conversation == acks[1].conversation
        assert sorted(ack.seq for ack in acks) == [1, 2]
        assert Inbox.objects.get(user=alice).version == Inbox.objects.get(user=bob).version == 1
    check_log()


def test_opening_a_direct_conversation_at_once__makes_it_once() -> None:
    for _ in range(ROUNDS):
        alice, bob = make_user(), make_user()
        results = at_once(
            [
                partial(direct_get_or_create, user_id=alice.pk, username=bob.username),
                partial(direct_get_or_create, user_id=bob.pk, username=alice.username),
            ]
        )
        assert len({conversation.pk for conversation, _ in results}) == 1
        assert sorted(created for _, created in results) == [False, True]
    check_log()


# --- membership --------------------------------------------------------------


def test_send_against_removal__is_stored_before_it_or_refused() -> None:
    for _ in range(ROUNDS):
        alice, bob = make_user(), make_user()
        group = make_group(alice, bob)
        pk = str(group.pk)

        def send_until_refused(bob: User = bob, group: Conversation = group) -> ErrorCode:
            while isinstance(result := outcome(make_request(bob, group)), SendResult):
                pass
            return result

        def remove(alice: User = alice, bob: User = bob, pk: str = pk) -> ErrorCode:
            member_remove(actor_id=alice.pk, conversation=pk, username=bob.username, now=NOW)
            return ErrorCode.NOT_FOUND

        assert at_once([send_until_refused, remove]) == [ErrorCode.NOT_FOUND] * 2
        newest = list_messages(user_id=alice.pk, conversation=pk)[-1]
        assert newest.payload == {"event": "removed", "actor": alice.username, "subject": bob.username}
    check_log()


def test_leaving_at_once__leaves_one_owner() -> None:
    for _ in range(ROUNDS):
        users = [make_user() for _ in range(5)]
        group = make_group(*users)
        at_once([partial(member_leave, user_id=user.pk, conversation=str(group.pk), now=NOW) for user in users[:4]])
        live = Membership.objects.filter(conversation=group, left_at=None)
        assert list(live.values_list("user_id", "role")) == [(users[4].pk, "owner")]
    check_log()


def test_adding_at_once__never_overfills(settings: Any) -> None:
    settings.IM_GROUP_MAX_MEMBERS = 4
    alice, others = make_user(), [make_user() for _ in range(8)]
    group = make_group(alice)

    def add(other: User) -> bool:
        try:
            return member_add(actor_id=alice.pk, conversation=str(group.pk), username=other.username, now=NOW)
        except ImError as refusal:
            assert refusal.code == ErrorCode.TOO_LARGE
            return False

    assert sum(at_once([partial(add, other) for other in others])) == 3
    assert Membership.objects.filter(conversation=group, left_at=None).count() == 4
    group.refresh_from_db()
    assert group.members_version == 4
    check_log()


def test_adding_the_same_one_at_once__adds_once() -> None:
    alice, bob = make_user(), make_user()
    group = make_group(alice)
    add = partial(member_add, actor_id=alice.pk, conversation=str(group.pk), username=bob.username, now=NOW)
    assert sorted(at_once([add] * 6)) == [False] * 5 + [True]
    group.refresh_from_db()
    assert (group.members_version, Inbox.objects.get(user=bob).version) == (2, 1)


def test_joining_at_once__takes_exactly_the_uses_there_are() -> None:
    alice, others = make_user(), [make_user() for _ in range(6)]
    group = make_group(alice)
    invite, token = invite_create(actor_id=alice.pk, conversation=str(group.pk), max_uses=3, now=NOW)

    def join(other: User) -> bool:
        try:
            return invite_accept(user_id=other.pk, token=token, now=NOW)[1] is Admission.JOINED
        except ImError as refusal:
            assert refusal.code == ErrorCode.NOT_FOUND
            return False

    # Everybody twice: a second try of one who is in is neither refused nor counted.
    assert sum(at_once([partial(join, other) for other in others * 2])) == 3
    invite.refresh_from_db()
    group.refresh_from_db()
    assert (invite.uses, group.members_version) == (3, 4)
    assert Membership.objects.filter(conversation=group, left_at=None).count() == 4
    check_log()


def test_groups_of_the_same_people_at_once__count_every_inbox() -> None:
    users = [make_user() for _ in range(6)]
    orders = [random.Random(seed).sample(users, len(users)) for seed in range(8)]
    at_once([partial(make_group, *order) for order in orders])
    assert set(Inbox.objects.values_list("version", flat=True)) == {8}


# --- receipts ----------------------------------------------------------------


def test_two_readers_of_one_user__end_at_the_highest() -> None:
    alice, bob = make_user(), make_user()
    for number in range(3):
        group = make_group(alice, bob)
        messages_send([make_request(alice, group) for _ in range(20)], now=NOW)
        pk = str(group.pk)
        orders = [random.Random(seed).sample(range(1, 22), 6) for seed in range(number * 2, number * 2 + 2)]

        def read(order: list[int], pk: str = pk) -> None:
            for seq in order:
                read_advance(user_id=bob.pk, conversation=pk, seq=seq)
                received_advance(user_id=bob.pk, conversation=pk, seq=seq)

        at_once([partial(read, order) for order in orders])
        highest = max(map(max, orders))
        row = Membership.objects.get(conversation=group, user=bob)
        assert (row.read_seq, row.seen_seq, row.received_seq) == (highest,) * 3
        assert get_conversation(user_id=bob.pk, conversation=pk).unread == 21 - highest


def test_reading_marking_and_writing_at_once__keep_the_receipts_in_bounds() -> None:
    alice, bob = make_user(), make_user()
    group = make_group(alice, bob)
    pk = str(group.pk)
    messages_send([make_request(alice, group) for _ in range(20)], now=NOW)

    def repeat(act: Callable[[int], object]) -> None:
        for seq in range(1, 21):
            act(seq)

    at_once(
        [
            partial(repeat, lambda seq: read_advance(user_id=bob.pk, conversation=pk, seq=seq)),
            partial(repeat, lambda seq: unread_mark(user_id=bob.pk, conversation=pk, seq=seq)),
            partial(repeat, lambda seq: received_advance_many({(bob.pk, pk): seq, (alice.pk, pk): seq}, now=NOW)),
            partial(repeat, lambda seq: send(bob, group)),
        ]
    )
    row = Membership.objects.get(conversation=group, user=bob)
    assert (row.seen_seq, row.received_seq) == (41, 41)
    check_log()


# --- what two people are to each other -----------------------------------------


def test_block_and_first_message_at_once__never_miss_each_other() -> None:
    for _ in range(ROUNDS):
        alice, bob = make_user(), make_user()
        at_once(
            [
                partial(block_add, user_id=alice.pk, username=bob.username, now=NOW),
                partial(outcome, make_request(bob, alice)),
                partial(outcome, make_request(alice, bob)),
            ]
        )
        assert outcome(make_request(bob, alice)) is ErrorCode.BLOCKED
    check_log()


def test_both_ask_at_once__are_contacts() -> None:
    for _ in range(ROUNDS):
        alice, bob = make_user(), make_user()
        at_once(
            [
                partial(contact_request, user_id=one.pk, username=other.username, now=NOW)
                for one, other in ((alice, bob), (bob, alice))
            ]
        )
        assert set(Contact.objects.filter(user__in=(alice, bob)).values_list("user", "contact")) == {
            (alice.pk, bob.pk),
            (bob.pk, alice.pk),
        }
    assert not ContactRequest.objects.exists()
