"""Changes to a message: edit, recall, react."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, MessageChanged, MessageObject
from chat.models import Conversation, Membership, Message, Reaction
from chat.selectors.messages import list_messages
from chat.services.messages import REACTIONS_MAX, message_edit, message_react, message_recall
from tests.factories import NOW, make_direct, make_group, send
from tests.services.conftest import Publishing

LATER = NOW + timedelta(seconds=60)
TOO_LATE = NOW + timedelta(seconds=121)


def edit(actor: User, conversation: Conversation, seq: int, content: str, **fields: Any) -> AckObject:
    arguments = {"request_id": "r", "now": LATER, **fields}
    return message_edit(actor_id=actor.pk, conversation=str(conversation.pk), seq=seq, content=content, **arguments)


def recall(actor: User, conversation: Conversation, seq: int, **fields: Any) -> AckObject:
    arguments = {"request_id": "r", "now": LATER, **fields}
    return message_recall(actor_id=actor.pk, conversation=str(conversation.pk), seq=seq, **arguments)


def react(actor: User, conversation: Conversation, seq: int, emoji: str, **fields: Any) -> AckObject:
    arguments = {"remove": False, "request_id": "r", "now": LATER, **fields}
    return message_react(actor_id=actor.pk, conversation=str(conversation.pk), seq=seq, emoji=emoji, **arguments)


def message(viewer: User, conversation: Conversation, seq: int) -> MessageObject:
    return list_messages(user_id=viewer.pk, conversation=str(conversation.pk))[seq - 1]


def version(conversation: Conversation) -> int:
    conversation.refresh_from_db()
    return conversation.version


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    conversation = make_direct(alice, bob)
    send(alice, conversation, "Hello!")
    return conversation


# --- edit --------------------------------------------------------------------


def test_edit__changes_the_content_for_everybody_and_takes_a_version(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    sent = message(bob, direct, 1)
    with published() as heard:
        ack = edit(alice, direct, 1, "Hello, Bob!", request_id="e1", origin="session")
    assert (ack.id, ack.seq, ack.version, ack.timestamp) == ("e1", 1, 2, sent.timestamp)
    edited = message(bob, direct, 1)
    assert (edited.content, edited.version, edited.timestamp) == ("Hello, Bob!", 2, sent.timestamp)
    assert edited.edited_at == round(LATER.timestamp() * 1000)
    [event] = heard.events
    assert event == MessageChanged(message=edited, members_version=1, origin="session", request_id="e1")


def test_same_edit_again__changes_nothing(alice: User, direct: Conversation, published: Publishing) -> None:
    first = edit(alice, direct, 1, "Hi!")
    with published() as heard:
        assert edit(alice, direct, 1, "Hi!", now=TOO_LATE) == first
    assert heard.events == []
    assert version(direct) == 2


def test_edit_to_the_content_it_has__changes_nothing(alice: User, bob: User, direct: Conversation) -> None:
    assert edit(alice, direct, 1, "Hello!").version == 1
    assert message(bob, direct, 1).edited_at is None


@pytest.mark.parametrize(
    ("content", "code"),
    [(" ", ErrorCode.EMPTY), ("x" * 10_001, ErrorCode.TOO_LARGE), ("\0", ErrorCode.BAD_FRAME)],
)
def test_edit_to_what_cannot_be_a_message__is_refused(
    alice: User, direct: Conversation, content: str, code: ErrorCode
) -> None:
    with pytest.raises(ImError) as error:
        edit(alice, direct, 1, content)
    assert error.value.code == code
    assert version(direct) == 1


def test_edit_of_anothers_message__is_forbidden(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    send(bob, group)
    with pytest.raises(ImError, match="forbidden"):
        edit(alice, group, 2, "I said this")


def test_edit_of_a_recalled_or_system_message__is_forbidden(alice: User) -> None:
    group = make_group(alice)
    send(alice, group)
    recall(alice, group, 2)
    for seq in (1, 2):
        with pytest.raises(ImError, match="forbidden"):
            edit(alice, group, seq, "new")


def test_edit_in_a_channel__needs_the_right_to_write(alice: User, bob: User) -> None:
    channel = make_group(alice, bob, kind="channel")
    Membership.objects.filter(user=bob).update(role="admin")
    send(bob, channel)
    Membership.objects.filter(user=bob).update(role="member")
    with pytest.raises(ImError, match="forbidden"):
        edit(bob, channel, 2, "new")


@pytest.mark.parametrize("seq", [0, -1, 2, 2**63, -(2**70)])
def test_change_of_a_message_that_is_not_there__is_not_found(alice: User, direct: Conversation, seq: int) -> None:
    for change in (lambda: edit(alice, direct, seq, "x"), lambda: recall(alice, direct, seq)):
        with pytest.raises(ImError, match="not_found"):
            change()
    with pytest.raises(ImError, match="not_found"):
        react(alice, direct, seq, "👍")


def test_change_by_somebody_else__is_not_found(carol: User, direct: Conversation) -> None:
    for change in (lambda: edit(carol, direct, 1, "x"), lambda: recall(carol, direct, 1)):
        with pytest.raises(ImError, match="not_found"):
            change()
    with pytest.raises(ImError, match="not_found"):
        react(carol, direct, 1, "👍")


# --- recall ------------------------------------------------------------------


def test_recall__leaves_the_numbers_and_nothing_else(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    send(alice, direct, "secret", reply_to=1, mentions=["bob"], kind="card", payload={"secret": 1}, client_id="m2")
    edit(alice, direct, 2, "more secret")
    react(bob, direct, 2, "👍")
    with published() as heard:
        ack = recall(alice, direct, 2, request_id="r1")
    assert (ack.seq, ack.version) == (2, 5)
    assert message(bob, direct, 2) == MessageObject(
        conversation=str(direct.pk),
        seq=2,
        version=5,
        id="m2",
        sender="alice",
        receiver="bob",
        kind="card",
        content="",
        timestamp=ack.timestamp,
        recalled_at=round(LATER.timestamp() * 1000),
    )
    row = Message.objects.get(conversation=direct, seq=2)
    assert (bytes(row.digest), row.mentions, row.payload, row.reply_to, row.edited_at) == (b"", [], None, None, None)
    assert not Reaction.objects.exists()
    assert [event.message for event in heard.of(MessageChanged)] == [message(bob, direct, 2)]


def test_recall_again__changes_nothing_even_when_it_is_late(alice: User, direct: Conversation) -> None:
    first = recall(alice, direct, 1)
    assert recall(alice, direct, 1, now=TOO_LATE) == first
    assert version(direct) == 2


def test_recall_by_the_sender__has_a_time_limit(alice: User, direct: Conversation, settings: Any) -> None:
    with pytest.raises(ImError, match="recall_expired"):
        recall(alice, direct, 1, now=TOO_LATE)
    settings.IM_RECALL_SECONDS = 122
    assert recall(alice, direct, 1, now=TOO_LATE).version == 2


def test_recall_of_the_others_message_in_a_direct_conversation__is_forbidden(bob: User, direct: Conversation) -> None:
    with pytest.raises(ImError, match="forbidden"):
        recall(bob, direct, 1)


@pytest.mark.parametrize(("role", "allowed"), [("owner", True), ("admin", True), ("member", False)])
def test_recall_of_anothers_message_in_a_group__is_for_owner_and_admins_at_any_time(
    alice: User, bob: User, role: str, allowed: bool
) -> None:
    group = make_group(alice, bob)
    send(alice, group)
    send(bob, group)
    actor, seq = (alice, 3) if role == "owner" else (bob, 2)
    Membership.objects.filter(user=actor).update(role=role)
    if allowed:
        assert recall(actor, group, seq, now=NOW + timedelta(days=900)).version == 4
    else:
        with pytest.raises(ImError, match="forbidden"):
            recall(actor, group, seq)


def test_recall_of_a_system_message__is_forbidden(alice: User) -> None:
    with pytest.raises(ImError, match="forbidden"):
        recall(alice, make_group(alice), 1)


# --- react -------------------------------------------------------------------


def test_reactions__show_who_in_the_order_in_which_they_came(
    alice: User, bob: User, direct: Conversation, published: Publishing
) -> None:
    with published() as heard:
        acks = [react(bob, direct, 1, "👍"), react(alice, direct, 1, "👍"), react(alice, direct, 1, "❤️")]
    assert [ack.version for ack in acks] == [2, 3, 4]
    shown = message(bob, direct, 1)
    assert shown.reactions == {"👍": ["bob", "alice"], "❤️": ["alice"]}
    assert shown.edited_at is None
    assert heard.events[-1].message == shown


def test_taking_a_reaction_back__removes_only_that_one(alice: User, bob: User, direct: Conversation) -> None:
    react(bob, direct, 1, "👍")
    react(alice, direct, 1, "👍")
    assert react(bob, direct, 1, "👍", remove=True).version == 4
    assert message(bob, direct, 1).reactions == {"👍": ["alice"]}
    react(alice, direct, 1, "👍", remove=True)
    assert message(bob, direct, 1).reactions is None


def test_same_reaction_again__changes_nothing(alice: User, direct: Conversation, published: Publishing) -> None:
    first = react(alice, direct, 1, "👍")
    with published() as heard:
        assert react(alice, direct, 1, "👍") == first
        assert react(alice, direct, 1, "👎", remove=True) == first
    assert heard.events == []
    assert version(direct) == 2


def test_readers_of_a_channel__may_react(alice: User, bob: User) -> None:
    channel = make_group(alice, bob, kind="channel")
    send(alice, channel)
    react(bob, channel, 2, "👏")
    assert message(alice, channel, 2).reactions == {"👏": ["bob"]}


def test_reaction_to_a_recalled_or_system_message__is_forbidden(alice: User) -> None:
    group = make_group(alice)
    send(alice, group)
    recall(alice, group, 2)
    for seq in (1, 2):
        with pytest.raises(ImError, match="forbidden"):
            react(alice, group, seq, "👍")


@pytest.mark.parametrize("emoji", ["👍", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "1️⃣", "赞", "+1", "x" * 32])
def test_emoji__may_be_any_visible_sequence(alice: User, direct: Conversation, emoji: str) -> None:
    react(alice, direct, 1, emoji)
    assert message(alice, direct, 1).reactions == {emoji: ["alice"]}


@pytest.mark.parametrize(
    "emoji",
    ["", " ", "👍 ", "a b", "\u200d", "a\u202eb", "a\u2028b", "\u200b", "a\0", "\ud83d", "\ue000"[:0], "x" * 33],
)
def test_what_is_no_emoji__is_refused(alice: User, direct: Conversation, emoji: str) -> None:
    with pytest.raises(ImError, match="bad_frame"):
        react(alice, direct, 1, emoji)
    assert version(direct) == 1


def test_different_emoji__are_limited_and_people_are_not(alice: User, bob: User, direct: Conversation) -> None:
    for number in range(REACTIONS_MAX):
        react(alice, direct, 1, chr(0x1F600 + number))
    with pytest.raises(ImError, match="too_large"):
        react(bob, direct, 1, "👍")
    react(bob, direct, 1, chr(0x1F600))
    assert len(message(bob, direct, 1).reactions or {}) == REACTIONS_MAX
