"""What a group keeps for its admins or its owner: every right, every level, every role."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MessageChanged, PermissionsObject
from chat.models import Conversation, Membership
from chat.selectors.conversations import get_conversation
from chat.services.conversations import conversation_rename
from chat.services.group_profile import group_describe, group_set_picture
from chat.services.invites import invite_create
from chat.services.memberships import member_add
from chat.services.messages import message_edit
from chat.services.permissions import permissions_update
from chat.services.pins import message_pin
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing
from tests.support.pictures import picture

pytestmark = pytest.mark.django_db

ROLES = ("member", "admin", "owner")
#: Who may, by what is set.
LEVELS = {"everybody": ROLES, "admins": ("admin", "owner"), "owner": ("owner",)}


@pytest.fixture
def people() -> dict[str, User]:
    return {name: make_user(name) for name in (*ROLES, "guest")}


@pytest.fixture
def group(people: dict[str, User]) -> Conversation:
    made = make_group(people["owner"], people["admin"], people["member"])
    Membership.objects.filter(user=people["admin"]).update(role="admin")
    return made


def set_permissions(actor: User, group: Conversation, **changes: str) -> None:
    permissions_update(actor_id=actor.pk, conversation=str(group.pk), changes=changes, now=NOW)


def code_of(act: Callable[[], object]) -> str:
    """`done`, or the code it was refused with."""
    try:
        act()
    except ImError as refusal:
        return refusal.code.value
    return "done"


@pytest.mark.parametrize("level", LEVELS)
def test_every_right__is_for_those_of_its_level(level: str, people: dict[str, User], group: Conversation) -> None:
    said = send(people["owner"], group)
    set_permissions(people["owner"], group, send=level, add=level, edit=level, pin=level)
    for role in ROLES:
        to: dict[str, Any] = {"actor_id": people[role].pk, "conversation": str(group.pk), "now": NOW}
        found = {
            "send": code_of(lambda role=role: send(people[role], group)),
            "add": code_of(lambda to=to: member_add(username="guest", **to)),
            "invite": code_of(lambda to=to: invite_create(**to)),
            "rename": code_of(lambda to=to, role=role: conversation_rename(title=role, **to)),
            "describe": code_of(lambda to=to, role=role: group_describe(description=role, **to)),
            "picture": code_of(lambda to=to: group_set_picture(picture=None, **to)),
            "pin": code_of(lambda to=to: message_pin(seq=said.seq, pinned=True, request_id="1", **to)),
        }
        assert set(found.values()) == {"done" if role in LEVELS[level] else "forbidden"}, (role, found)


def test_edit__needs_the_right_to_write(people: dict[str, User], group: Conversation) -> None:
    ack = send(people["member"], group, "hello")
    set_permissions(people["owner"], group, send="admins")
    with pytest.raises(ImError) as refusal:
        message_edit(
            actor_id=people["member"].pk,
            conversation=str(group.pk),
            seq=ack.seq,
            content="hallo",
            request_id="1",
            now=NOW,
        )
    assert (refusal.value.code, refusal.value.detail) == (
        ErrorCode.FORBIDDEN,
        "Only the owner and admins may do this here.",
    )


def test_admin__gives_and_takes_only_what_they_have(people: dict[str, User], group: Conversation) -> None:
    set_permissions(people["admin"], group, send="admins", pin="everybody")
    assert code_of(lambda: set_permissions(people["admin"], group, send="owner")) == "forbidden"
    assert code_of(lambda: set_permissions(people["admin"], group, send="everybody", pin="owner")) == "forbidden"
    set_permissions(people["owner"], group, send="owner")
    assert code_of(lambda: set_permissions(people["admin"], group, send="everybody")) == "forbidden"
    assert code_of(lambda: set_permissions(people["member"], group, pin="admins")) == "forbidden"
    assert code_of(lambda: set_permissions(people["guest"], group, pin="admins")) == "not_found"
    seen = get_conversation(user_id=people["member"].pk, conversation=str(group.pk))
    assert seen.permissions == PermissionsObject(send="owner", add="admins", edit="admins", pin="everybody")


@pytest.mark.parametrize("changes", [{"fly": "everybody"}, {"send": "friends"}, {"send": ""}], ids=str)
def test_what_does_not_exist__is_named(changes: dict[str, str], people: dict[str, User], group: Conversation) -> None:
    with pytest.raises(ImError) as refusal:
        set_permissions(people["owner"], group, **changes)
    assert (refusal.value.code, set(refusal.value.fields or ())) == (ErrorCode.BAD_FRAME, set(changes))


def test_change__is_said_once_and_shown_to_everybody(
    people: dict[str, User], group: Conversation, published: Publishing
) -> None:
    with published() as heard:
        set_permissions(people["owner"], group, send="admins")
        set_permissions(people["owner"], group, send="admins")
    message, *views = heard.events
    assert isinstance(message, MessageChanged)
    assert message.message.payload == {"event": "permissions", "actor": "owner", "send": "admins"}
    assert {view.user_id for view in views if isinstance(view, ConversationChanged)} == {
        people[role].pk for role in ROLES
    }


def test_channel__is_never_written_by_everybody(alice: User, bob: User) -> None:
    channel = make_group(alice, bob, kind="channel")
    assert code_of(lambda: set_permissions(alice, channel, send="everybody")) == "bad_frame"
    assert code_of(lambda: send(bob, channel)) == "forbidden"
    set_permissions(alice, channel, send="owner")
    Membership.objects.filter(user=bob).update(role="admin")
    assert code_of(lambda: send(bob, channel)) == "forbidden"
    seen = get_conversation(user_id=bob.pk, conversation=str(channel.pk))
    assert seen.permissions is not None and seen.permissions.send == "owner"


def test_direct_conversation__has_nothing_to_set(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    assert code_of(lambda: set_permissions(alice, direct, send="owner")) == "forbidden"
    assert get_conversation(user_id=alice.pk, conversation=str(direct.pk)).permissions is None


def test_picture_and_description__are_seen_by_everybody_and_go_again(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    to: dict[str, Any] = {"actor_id": alice.pk, "conversation": str(group.pk), "now": NOW}

    def seen() -> tuple[str | None, str | None]:
        shown = get_conversation(user_id=bob.pk, conversation=str(group.pk))
        return shown.avatar, shown.description

    group_describe(description="  Every\tTuesday \n\n at eight ", **to)
    group_set_picture(picture=io.BytesIO(picture()), **to)
    avatar, description = seen()
    assert description == "Every Tuesday\n\nat eight"
    assert avatar is not None and avatar.endswith(".webp")
    storage = Conversation.objects.get().avatar.storage
    first = Conversation.objects.get().avatar.name
    assert storage.exists(first)
    group_describe(description="", **to)
    group_set_picture(picture=None, **to)
    group_set_picture(picture=None, **to)
    assert seen() == (None, None)
    events = [message.payload["event"] for message in group.messages.order_by("seq") if message.payload]
    assert events == ["created", "described", "picture", "described", "picture"]


def test_picture__that_is_none_is_refused_before_anything_changes(alice: User) -> None:
    group = make_group(alice)
    with pytest.raises(ImError) as refusal:
        group_set_picture(actor_id=alice.pk, conversation=str(group.pk), picture=io.BytesIO(b"GIF89a"), now=NOW)
    assert (refusal.value.code, set(refusal.value.fields or ())) == (ErrorCode.BAD_FRAME, {"avatar"})
    assert group.messages.count() == 1


@pytest.mark.parametrize(("text", "code"), [("x" * 301, "too_large"), ("a\x07b", "bad_frame")])
def test_description__that_cannot_be_is_refused(alice: User, text: str, code: str) -> None:
    group = make_group(alice)
    to: dict[str, Any] = {"actor_id": alice.pk, "conversation": str(group.pk), "now": NOW}
    assert code_of(lambda: group_describe(description=text, **to)) == code
