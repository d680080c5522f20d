"""`POST sync/` as one look at the log; what waiting adds is in test_long_poll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Device
from chat.models import Membership
from chat.selectors.store import epoch
from chat.services.memberships import member_remove
from chat.services.receipts import read_advance
from chat.services.store import epoch_renew
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct, make_group, make_user, send


def sync(caller: Caller, cursors: dict[str, int], **fields: Any) -> dict[str, Any]:
    page: dict[str, Any] = good(caller.post("sync/", {"cursors": cursors, **fields}))
    return page


def sync_all(caller: Caller, cursors: dict[str, int]) -> tuple[dict[str, int], list[dict[str, Any]], int]:
    """Ask until there is no more: the cursors, all messages, and how often it took."""
    messages: list[dict[str, Any]] = []
    for times in range(1, 50):
        page = sync(caller, cursors)
        messages += page["messages"]
        cursors = cursors | page["cursors"]
        if not page["more"]:
            return cursors, messages, times
    raise AssertionError("sync does not end")


def long_ago(caller: Caller) -> None:
    """Let the device have been told everything an hour ago, and everything have happened before."""
    past = timezone.now() - timedelta(hours=1)
    Device.objects.filter(pk=caller.device.pk).update(synced_at=past)
    Membership.objects.update(changed_at=past - timedelta(hours=1))


def test_first_sync__brings_conversations_messages_and_cursors(alice: Caller, bob: Caller) -> None:
    conversation = make_direct(alice.user, bob.user)
    send(bob.user, conversation, "**Hello!**")
    page = sync(alice, {}, id="s1")
    assert page.keys() == {"id", "conversations", "messages", "cursors", "more"}
    assert (page["id"], page["more"]) == ("s1", False)
    assert page["cursors"] == {str(conversation.pk): 1}
    assert [each["unread"] for each in page["conversations"]] == [1]
    [message] = page["messages"]
    assert message["content"] == "**Hello!**"
    assert "html" not in message


def test_epoch__comes_with_every_answer__and_changes_with_the_store(alice: Caller) -> None:
    epochs = [alice.post("sync/", {"cursors": {}}).headers["Im-Epoch"] for _ in range(2)]
    assert epochs == [epoch(), epoch()]
    epoch_renew()
    assert alice.post("sync/", {"cursors": {}}).headers["Im-Epoch"] == epoch() != epochs[0]


def test_html__comes_when_it_is_asked_for(alice: Caller, bob: Caller) -> None:
    send(bob.user, make_direct(alice.user, bob.user), "**Hello!**")
    [message] = sync(alice, {}, html=True)["messages"]
    assert "<strong>Hello!</strong>" in message["html"]


def test_many_missing_messages__come_in_answers_that_end(alice: Caller, bob: Caller) -> None:
    conversation = make_direct(alice.user, bob.user)
    send(bob.user, conversation)
    cursors, _messages, _times = sync_all(alice, {})
    for _ in range(450):
        send(bob.user, conversation)
    cursors, messages, times = sync_all(alice, cursors)
    assert [message["seq"] for message in messages] == list(range(2, 452))
    assert times == 3
    assert cursors == {str(conversation.pk): 451}


def test_many_conversations_with_receipts_alone__come_in_one_answer(alice: Caller) -> None:
    """They move no cursor, so an answer that stopped among them would be repeated for ever."""
    conversations = [make_direct(alice.user, make_user()) for _ in range(120)]
    cursors, _messages, _times = sync_all(alice, {})
    Membership.objects.update(changed_at=timezone.now())
    page = sync(alice, cursors)
    assert (len(page["conversations"]), page["more"]) == (len(conversations), False)


def test_receipt__comes_with_the_next_sync_and_then_no_more(alice: Caller, bob: Caller) -> None:
    conversation = make_direct(alice.user, bob.user)
    ack = send(alice.user, conversation)
    cursors, _messages, _times = sync_all(alice, {})
    long_ago(alice)
    assert sync(alice, cursors)["conversations"] == []
    read_advance(user_id=bob.user.pk, conversation=str(conversation.pk), seq=ack.seq)
    [found] = sync(alice, cursors)["conversations"]
    assert found["receipts"] == {"bob": [1, 1]}
    Membership.objects.update(changed_at=timezone.now() - timedelta(minutes=2))
    assert sync(alice, cursors)["conversations"] == []


def test_conversation_that_one_left__says_so_and_nothing_else(alice: Caller, bob: Caller) -> None:
    group = make_group(alice.user, bob.user)
    cursors, _messages, _times = sync_all(bob, {})
    member_remove(actor_id=alice.user.pk, conversation=str(group.pk), username="bob", now=timezone.now())
    send(alice.user, group, "Without Bob")
    page = sync(bob, cursors)
    assert [(each["conversation"], each["left"]) for each in page["conversations"]] == [(str(group.pk), True)]
    assert (page["messages"], page["cursors"]) == ([], {})


def test_far_too_old_cursor__is_reset(alice: Caller, bob: Caller, settings: Any) -> None:
    settings.IM_SYNC_MAX = 10
    conversation = make_direct(alice.user, bob.user)
    for _ in range(60):
        send(bob.user, conversation)
    page = sync(alice, {str(conversation.pk): 1})
    assert page["conversations"][0]["reset"] is True
    assert [message["seq"] for message in page["messages"]] == list(range(11, 61))


@pytest.mark.parametrize("cursors", [{"x": 1}, {"": 1}, {"00": 1}, {"9" * 40: 1}, {"1": 5}, {"\u200b": 2**63 - 1}])
def test_cursor_of_what_is_not_ones_own__is_passed_over(alice: Caller, cursors: dict[str, int]) -> None:
    page = sync(alice, cursors)
    assert (page["conversations"], page["messages"], page["cursors"]) == ([], [], {})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cursors": None},
        {"cursors": []},
        {"cursors": {"1": -1}},
        {"cursors": {"1": 2**63}},
        {"cursors": {"1": "1"}},
        {"cursors": {}, "wait": 31},
        {"cursors": {}, "wait": -1},
        {"cursors": {}, "wait": "1"},
        {"cursors": {}, "id": "x" * 65},
    ],
)
def test_bad_request__is_refused(alice: Caller, body: dict[str, object]) -> None:
    refused(alice.post("sync/", body), 400, "bad_frame")


def test_server_that_cannot_hold_requests__answers_at_once(alice: Caller) -> None:
    """Django's test client is one; so is WSGI."""
    assert sync(alice, {}, wait=30)["messages"] == []


def test_cursors_of_ten_thousand_conversations__are_taken(alice: Caller) -> None:
    page = sync(alice, {str(2**62 + number): 1 for number in range(10_000)})
    assert page["more"] is False
    refused(alice.call("POST", "sync/", b" " * (1024 * 1024 + 1)), 413, "too_large")
