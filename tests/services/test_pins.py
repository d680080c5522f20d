"""Pinned messages: changes like any other, few, and gone with what they show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ImError
from chat.events import MessageChanged
from chat.models import Conversation, Message
from chat.selectors.pins import list_pins, newest_pin_of
from chat.selectors.wire import unix_ms
from chat.services.messages import message_recall
from chat.services.pins import PINS_MAX, message_pin
from tests.factories import NOW, make_direct, make_group, send
from tests.services.conftest import Publishing

pytestmark = pytest.mark.django_db


def pin(user: User, conversation: Conversation, seq: int, *, pinned: bool = True, after_s: int = 0) -> Any:
    return message_pin(
        actor_id=user.pk,
        conversation=str(conversation.pk),
        seq=seq,
        pinned=pinned,
        request_id=f"pin-{seq}",
        now=NOW + timedelta(seconds=after_s),
    )


def pinned_in(user: User, conversation: Conversation) -> list[int]:
    return [message.seq for message in list_pins(user_id=user.pk, conversation=str(conversation.pk))]


def test_pin__is_one_change_that_everybody_is_told_and_free_to_repeat(
    alice: User, bob: User, published: Publishing
) -> None:
    direct = make_direct(alice, bob)
    for _ in range(2):
        send(alice, direct)
    with published() as heard:
        first, again = pin(bob, direct, 1), pin(bob, direct, 1)
    assert (first.seq, first.version) == (1, 3) == (again.seq, again.version)
    [event] = heard.events
    assert isinstance(event, MessageChanged)
    assert (event.message.version, event.message.pinned_at) == (3, unix_ms(NOW))
    pin(alice, direct, 2, after_s=1)
    assert pinned_in(alice, direct) == [2, 1]
    newest = newest_pin_of(direct)
    assert newest is not None and (newest.message.seq, newest.seqs) == (2, [2, 1])
    pin(bob, direct, 2, pinned=False)
    assert pinned_in(bob, direct) == [1]
    pin(bob, direct, 1, pinned=False)
    assert newest_pin_of(direct) is None


def test_recalled_message__is_taken_down(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    send(alice, direct)
    pin(alice, direct, 1)
    message_recall(actor_id=alice.pk, conversation=str(direct.pk), seq=1, request_id="r", now=NOW)
    assert Message.objects.get().pinned_at is None
    with pytest.raises(ImError, match="forbidden"):
        pin(alice, direct, 1)


def test_what_cannot_be_pinned__is_refused(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    with pytest.raises(ImError, match="forbidden"):
        pin(alice, group, 1)  # that the group was created
    for seq in (0, 2, 2**63 - 1):
        with pytest.raises(ImError, match="not_found"):
            pin(alice, group, seq)
    with pytest.raises(ImError, match="not_found"):
        pin(carol, group, 1)
    with pytest.raises(ImError, match="not_found"):
        pinned_in(carol, group)


def test_too_many__are_refused_until_one_is_taken_down(alice: User) -> None:
    group = make_group(alice)
    send(alice, group)
    send(alice, group)
    numbers = range(100, 100 + PINS_MAX)
    Message.objects.bulk_create(
        Message(
            conversation=group,
            sender=alice,
            seq=number,
            version=number,
            sent_version=number,
            client_id=str(number),
            digest=b"",
            created_at=NOW,
            pinned_at=NOW,
        )
        for number in numbers
    )
    with pytest.raises(ImError, match="too_large"):
        pin(alice, group, 2)
    Message.objects.filter(seq=100).update(pinned_at=None)
    pin(alice, group, 2, after_s=1)
    assert pinned_in(alice, group)[0] == 2
