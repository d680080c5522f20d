"""Messages for later: sent once, in their order, when they are due; what cannot be sent stays and says why."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from accounts.services import user_deactivate
from chat.errors import ErrorCode, ImError
from chat.events import MessageChanged
from chat.models import Conversation, Message, ScheduledMessage
from chat.selectors.audit import log_breaches
from chat.selectors.messages import list_messages
from chat.selectors.scheduled import ScheduledObject, list_due_conversations, list_scheduled, next_scheduled
from chat.services.blocks import block_add
from chat.services.memberships import member_leave
from chat.services.scheduling import (
    AHEAD_MAX,
    SCHEDULED_MAX,
    scheduled_change,
    scheduled_create,
    scheduled_delete,
    scheduled_send_due,
    scheduled_send_now,
)
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send
from tests.services.conftest import Publishing
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def schedule(user: User, where: Conversation, scheduled: str = "s1", seconds: float = 60, **fields: Any) -> Any:
    common: dict[str, Any] = {"user_id": user.pk, "conversation": str(where.pk), "send_at": after(seconds), "now": NOW}
    return scheduled_create(**common | {"scheduled": scheduled, "content": f"about {scheduled}"} | fields)


def refusal_of(call: Any) -> ErrorCode:
    with pytest.raises(ImError) as refused:
        call()
    return refused.value.code


def said_in(user: User, where: Conversation) -> list[str]:
    return [each.content for each in list_messages(user_id=user.pk, conversation=str(where.pk)) if each.content]


def waiting(user: User) -> list[ScheduledObject]:
    return list_scheduled(user_id=user.pk)


def send_due(seconds: float) -> int:
    return sum(
        scheduled_send_due(conversation_id=pk, now=after(seconds)) for pk in list_due_conversations(now=after(seconds))
    )


def test_scheduled__are_sent_when_due_in_their_order_as_any_message(
    alice: User, bob: User, published: Publishing
) -> None:
    group = make_group(alice, bob)
    schedule(alice, group, "s2", 120, silent=True, mentions=["bob", "nobody"], reply_to=1)
    schedule(bob, group, "s1", 60)
    schedule(alice, group, "s3", 180)
    assert next_scheduled() == after(60)
    assert send_due(59.9) == 0
    with published() as heard:
        assert send_due(150) == 2
    first, second = [event.message for event in heard.events if isinstance(event, MessageChanged)]
    assert (first.id, first.sender, first.seq, first.timestamp) == (
        "s1",
        "bob",
        2,
        round(after(150).timestamp() * 1000),
    )
    assert (second.id, second.silent, second.mentions, second.reply_to) == ("s2", True, ["bob"], 1)
    assert first.silent is None
    [left] = waiting(alice)
    assert (left.id, left.refused) == ("s3", None)
    assert (send_due(150), next_scheduled()) == (0, after(180))


def test_what_was_sent_before_the_crash__is_not_sent_again(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    schedule(alice, direct)
    # As if a server had stored it, and its row were back: only the id tells.
    send(alice, direct, "about s1", client_id="s1")
    assert send_due(60) == 1
    assert said_in(bob, direct) == ["about s1"]
    assert waiting(alice) == []
    assert refusal_of(partial(schedule, alice, direct)) is ErrorCode.CONFLICT


def test_who_may_not_write_any_more__is_told_and_can_try_again(alice: User, bob: User, carol: User) -> None:
    direct, group = make_direct(alice, bob), make_group(bob, alice, carol)
    schedule(alice, direct, "blocked")
    schedule(alice, group, "left")
    schedule(carol, group, "closed", 61)
    schedule(bob, group, "good", 62)
    block_add(user_id=bob.pk, username="alice", now=NOW)
    member_leave(user_id=alice.pk, conversation=str(group.pk), now=NOW)
    user_deactivate(user=carol)
    assert send_due(90) == 4
    assert {each.id: each.refused for each in waiting(alice)} == {"blocked": "blocked", "left": "not_found"}
    assert [each.refused for each in waiting(carol)] == ["forbidden"]
    assert said_in(bob, group) == ["about good"]
    assert (send_due(90), next_scheduled()) == (0, None)
    assert (
        refusal_of(partial(scheduled_send_now, user_id=alice.pk, scheduled="left", now=after(90)))
        is ErrorCode.NOT_FOUND
    )
    again = scheduled_change(user_id=alice.pk, scheduled="blocked", send_at=after(120), now=after(90))
    assert again.refused is None


def test_scheduled__are_changed_deleted_and_sent_before_their_time(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    made, is_new = schedule(alice, direct, mentions=["bob"])
    assert (schedule(alice, direct), is_new) == ((made, False), True)
    assert refusal_of(partial(schedule, alice, direct, content="else")) is ErrorCode.CONFLICT
    mine: Any = {"user_id": alice.pk, "scheduled": "s1"}
    changed = scheduled_change(**mine, content="new", silent=True, send_at=after(300), now=NOW)
    assert (changed.content, changed.silent, changed.mentions) == ("new", True, ["bob"])
    assert send_due(200) == 0
    assert scheduled_send_now(**mine, now=after(1)) == 1
    assert said_in(bob, direct) == ["new"]
    for gone in (scheduled_send_now, scheduled_change):
        assert refusal_of(partial(gone, **mine, now=NOW)) is ErrorCode.NOT_FOUND
    schedule(alice, direct, "s2")
    assert refusal_of(partial(scheduled_delete, user_id=bob.pk, scheduled="s2")) is ErrorCode.NOT_FOUND
    scheduled_delete(user_id=alice.pk, scheduled="s2")
    assert send_due(500) == 0


def test_scheduled__has_bounds(alice: User, bob: User) -> None:
    direct, stranger = make_direct(alice, bob), make_user()
    year = AHEAD_MAX.total_seconds()
    for seconds in (-1, 0, year + 1):
        assert refusal_of(partial(schedule, alice, direct, seconds=seconds)) is ErrorCode.BAD_FRAME
    refusals: dict[ErrorCode, dict[str, Any]] = {
        ErrorCode.EMPTY: {"content": " "},
        ErrorCode.TOO_LARGE: {"content": "x" * 10_001},
        ErrorCode.BAD_FRAME: {"scheduled": "a/b"},
        ErrorCode.NOT_FOUND: {"reply_to": 1},
    }
    for code, fields in refusals.items():
        assert refusal_of(partial(schedule, alice, direct, **fields)) is code
    assert refusal_of(partial(schedule, stranger, direct)) is ErrorCode.NOT_FOUND
    assert refusal_of(partial(schedule, alice, make_group(bob, alice, kind="channel"))) is ErrorCode.FORBIDDEN
    schedule(alice, direct, seconds=year)
    row = ScheduledMessage.objects.get()
    more = [ScheduledMessage(user=alice, conversation=direct, client_id=f"{n}", send_at=row.send_at) for n in range(99)]
    ScheduledMessage.objects.bulk_create(more)
    assert len(waiting(alice)) == SCHEDULED_MAX
    assert refusal_of(partial(schedule, alice, direct, "one more")) is ErrorCode.TOO_LARGE
    schedule(bob, direct)


@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once__send_each_once_and_in_order() -> None:
    alice, bob = make_user(), make_user()
    group = make_group(alice, bob)
    ids = [f"s{number:03}" for number in range(80)]  # more than one transaction takes
    for number, each in enumerate(ids):
        schedule((alice, bob)[number % 2], group, each, 60 + number)

    def send_all() -> None:
        while next_scheduled() is not None:
            scheduled_send_due(conversation_id=group.pk, now=after(500))

    at_once([send_all] * 4)
    sent = Message.objects.filter(kind="text").order_by("seq").values_list("client_id", flat=True)
    assert list(sent) == ids
    assert not ScheduledMessage.objects.exists()
    assert list(log_breaches()) == []


def test_silent__is_kept_told_and_another_message_under_the_same_id(
    alice: User, bob: User, published: Publishing
) -> None:
    direct = make_direct(alice, bob)
    with published() as heard:
        send(alice, direct, silent=True, client_id="m1")
    [event] = [event for event in heard.events if isinstance(event, MessageChanged)]
    [read] = list_messages(user_id=bob.pk, conversation=str(direct.pk))
    assert (event.message.silent, read.silent) == (True, True)
    send(alice, direct, silent=True, client_id="m1")
    assert refusal_of(partial(send, sender=alice, to=direct, client_id="m1")) is ErrorCode.CONFLICT
    assert make_request(alice, direct).silent is False
