"""`verify_log` finds every kind of damage, and only damage; `new_epoch` renews the epoch."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps.registry import Apps
from django.core.management import CommandError, call_command

from accounts.models import User
from chat.models import Attachment, Conversation, Membership, Message, Reaction, Store
from chat.selectors.audit import log_breaches
from chat.selectors.store import epoch
from chat.services.memberships import member_leave
from chat.services.messages import message_edit, message_react, message_recall
from chat.services.receipts import read_advance
from chat.services.store import ensure_epoch
from tests.factories import NOW, make_direct, make_group, make_upload, make_user, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Conversation:
    """A lived-in store; what it holds besides this group must stay without a finding."""
    alice, bob = make_user("alice"), make_user("bob")
    conversation = make_group(alice, bob)
    pk = str(conversation.pk)
    for number in range(5):
        send(alice, conversation, str(number), reply_to=1)
    message_edit(actor_id=alice.pk, conversation=pk, seq=2, content="edited", request_id="e", now=NOW)
    message_react(actor_id=bob.pk, conversation=pk, seq=3, emoji="👍", remove=False, request_id="r", now=NOW)
    message_recall(actor_id=alice.pk, conversation=pk, seq=3, request_id="r", now=NOW)
    read_advance(user_id=bob.pk, conversation=pk, seq=4)
    send(alice, bob)
    make_direct(alice, alice)
    empty = make_group(alice)
    member_leave(user_id=alice.pk, conversation=str(empty.pk), now=NOW)
    return conversation


def verify() -> str:
    output = io.StringIO()
    call_command("verify_log", stdout=output)
    return output.getvalue()


@pytest.mark.usefixtures("group")
def test_sound_log__passes() -> None:
    assert verify() == "The log keeps its rules.\n"


def test_empty_log__passes() -> None:
    assert verify() == "The log keeps its rules.\n"


Damage = Callable[[Conversation], object]


def message(group: Conversation, seq: int) -> Message:
    return Message.objects.get(conversation=group, seq=seq)


def change(group: Conversation, seq: int, **fields: object) -> None:
    Message.objects.filter(conversation=group, seq=seq).update(**fields)


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a message is gone": (lambda group: message(group, 4).delete(), "5 messages up to seq 6, last_seq says 6"),
    "the last message is gone": (lambda group: message(group, 6).delete(), "5 messages up to seq 5, last_seq says 6"),
    "last_seq is too low": (
        lambda group: Conversation.objects.filter(pk=group.pk).update(last_seq=5),
        "last_seq says 5",
    ),
    "version is too high": (
        lambda group: Conversation.objects.filter(pk=group.pk).update(version=50),
        "version says 50",
    ),
    "the versions are out of order": (
        lambda group: change(group, 5, sent_version=6, version=70),
        "not after the message",
    ),
    "a reply to the future": (lambda group: change(group, 4, reply_to=5), "replies to 5"),
    "received beyond the end": (lambda group: Membership.objects.update(received_seq=7), "out of bounds"),
    "joined beyond the end": (lambda group: Membership.objects.update(joined_seq=7), "out of bounds"),
    "mentions of a recalled message": (lambda group: change(group, 3, mentions=["bob"]), "not empty"),
    "a digest of a recalled message": (lambda group: change(group, 3, digest=b"x"), "not empty"),
    "an edit of a recalled message": (lambda group: change(group, 3, edited_at=NOW), "not empty"),
    "a reaction to a recalled message": (
        lambda group: Reaction.objects.create(
            message=message(group, 3), user=User.objects.get(username="bob"), emoji="x"
        ),
        "not empty",
    ),
    "a file of a recalled message": (
        lambda group: Attachment.objects.filter(pk=make_upload(message(group, 3).sender).pk).update(
            message=message(group, 3)
        ),
        "not empty",
    ),
    "no owner": (
        lambda group: Membership.objects.filter(conversation=group, role="owner").update(role="admin"),
        "no owner",
    ),
    "half of a direct conversation left": (
        lambda group: Membership.objects.filter(conversation__kind="direct", user__username="bob").update(
            left_at=NOW + timedelta(days=1)
        ),
        "not those of its key",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage__is_found(group: Conversation, damage: str) -> None:
    do, told = DAMAGES[damage]
    do(group)
    assert any(told in breach for breach in log_breaches())
    with pytest.raises(CommandError, match="broken rules"):
        verify()


@pytest.mark.usefixtures("group")
def test_findings__never_hold_what_people_wrote() -> None:
    Message.objects.filter(content="edited").update(content="a secret", reply_to=50, sent_version=2)
    Membership.objects.update(received_seq=10**6)
    assert "secret" not in " ".join(log_breaches())


def test_store_has_an_epoch_from_its_first_day() -> None:
    assert len(epoch()) == 16


def test_store_of_before_there_were_epochs__is_left_alone() -> None:
    ensure_epoch(apps=Apps(installed_apps=()), using="default")


def test_new_epoch__differs_and_stays() -> None:
    before = epoch()
    output = io.StringIO()
    call_command("new_epoch", stdout=output)
    assert epoch() != before
    assert epoch() == epoch()
    assert epoch() in output.getvalue()
    assert Store.objects.count() == 1
