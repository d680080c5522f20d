"""Forwarding: the same words and files in other conversations, with where they come from; once, whatever happens."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Attachment, Conversation, Message
from chat.services.forwarding import FORWARD_MESSAGES_MAX, FORWARD_TARGETS_MAX, messages_forward
from chat.services.messages import message_edit, message_recall
from tests.factories import NOW, make_direct, make_group, make_request, make_upload, make_user, send

pytestmark = pytest.mark.django_db


def forward(
    user: User, source: Conversation, seqs: list[int], *targets: Conversation, forward_id: str = ""
) -> dict[str, ImError | None]:
    return messages_forward(
        user_id=user.pk,
        conversation=str(source.pk),
        seqs=seqs,
        targets=[str(each.pk) for each in targets],
        forward_id=forward_id or str(uuid.uuid4()),
        now=NOW,
    )


def said(conversation: Conversation) -> list[tuple[str, str, object]]:
    rows = Message.objects.filter(conversation=conversation).exclude(kind="system").order_by("seq")
    return [(row.sender.username, row.content, (row.payload or {}).get("forwarded_from")) for row in rows]


def test_forward__says_it_again_in_order_in_each_and_who_said_it_first() -> None:
    alice, bob, carol = make_user("alice"), make_user("bob"), make_user("carol")
    source, group, direct = make_direct(alice, bob), make_group(alice, carol), make_direct(alice, carol)
    send(bob, source, "one @alice", mentions=["alice"])
    send(alice, source, "two", reply_to=1)
    outcome = forward(alice, source, [2, 1], group, direct)
    assert outcome == {str(group.pk): None, str(direct.pk): None}
    assert said(group) == said(direct) == [("alice", "one @alice", "bob"), ("alice", "two", "alice")]
    copies = Message.objects.filter(conversation=direct)
    assert [(copy.mentions, copy.reply_to) for copy in copies] == [([], None), ([], None)]
    # Forwarded on, it still says who said it first.
    forward(carol, direct, [1], group)
    assert said(group)[-1] == ("carol", "one @alice", "bob")


def test_forward__again_doubles_nothing() -> None:
    alice, bob, carol = make_user(), make_user(), make_user()
    source, target, other = make_direct(alice, bob), make_direct(alice, carol), make_group(alice, carol)
    send(bob, source, "once")
    forward_id = str(uuid.uuid4())
    for _ in range(2):
        assert forward(alice, source, [1], target, forward_id=forward_id) == {str(target.pk): None}
    assert len(said(target)) == 1
    # The same form with one more conversation chosen.
    forward(alice, source, [1], target, other, forward_id=forward_id)
    assert (len(said(target)), len(said(other))) == (1, 1)


def test_forward__brings_files_without_copying_them() -> None:
    alice, bob, carol = make_user(), make_user(), make_user()
    source, target = make_direct(alice, bob), make_direct(alice, carol)
    upload = make_upload(bob)
    send(bob, source, "", kind="file", attachments=[str(upload.pk)])
    assert forward(alice, source, [1], target) == {str(target.pk): None}
    [first, second] = Attachment.objects.filter(message__isnull=False).order_by("message_id")
    assert (first.blob_id, first.name) == (second.blob_id, second.name)
    assert second.message is not None
    assert second.message.conversation_id == target.pk


def test_forward__refuses_what_cannot_be_said_again() -> None:
    alice, bob, carol = make_user(), make_user(), make_user()
    group, target = make_group(alice, bob), make_direct(alice, carol)
    send(alice, group, "gone")  # after the system line about the group
    message_recall(actor_id=alice.pk, conversation=str(group.pk), seq=2, request_id="r", now=NOW)
    send(alice, group, "here")
    for seqs, code in (
        ([1], ErrorCode.NOT_FOUND),  # a system line
        ([2, 3], ErrorCode.NOT_FOUND),  # recalled
        ([9], ErrorCode.NOT_FOUND),
        ([], ErrorCode.EMPTY),
        (list(range(1, FORWARD_MESSAGES_MAX + 2)), ErrorCode.TOO_LARGE),
    ):
        with pytest.raises(ImError) as refused:
            forward(alice, group, seqs, target)
        assert refused.value.code is code
    with pytest.raises(ImError) as refused:
        forward(carol, group, [3], target)  # not in the group
    assert refused.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(ImError) as refused:
        forward(alice, group, [3])
    assert refused.value.code is ErrorCode.EMPTY
    with pytest.raises(ImError) as refused:
        forward(alice, group, [3], *(Conversation(pk=pk) for pk in range(1, FORWARD_TARGETS_MAX + 2)))
    assert refused.value.code is ErrorCode.TOO_LARGE
    with pytest.raises(ImError) as refused:
        forward(alice, group, [3], target, forward_id="not a UUID")
    assert refused.value.code is ErrorCode.BAD_FRAME
    assert said(target) == []


def test_forward__a_refusal_by_one_is_no_matter_of_the_others() -> None:
    alice, bob, carol = make_user(), make_user(), make_user()
    source, foreign, channel = make_direct(alice, bob), make_group(bob, carol), make_group(bob, alice, kind="channel")
    target = make_direct(alice, carol)
    send(alice, source, "news")
    outcome = forward(alice, source, [1], foreign, channel, target)
    codes = {key: refusal and refusal.code for key, refusal in outcome.items()}
    assert codes == {
        str(foreign.pk): ErrorCode.NOT_FOUND,
        str(channel.pk): ErrorCode.FORBIDDEN,
        str(target.pk): None,
    }
    assert len(said(target)) == 1


def test_origin__is_nobodys_to_claim_or_to_put_words_under() -> None:
    alice, bob, carol = make_user(), make_user(), make_user()
    source, target = make_direct(alice, bob), make_direct(alice, carol)
    with pytest.raises(ImError) as refused:
        send(alice, target, "I owe you", kind="card", payload={"forwarded_from": bob.username})
    assert refused.value.code is ErrorCode.BAD_FRAME
    send(bob, source, "I owe nothing")
    forward(alice, source, [1], target)
    with pytest.raises(ImError) as refused:
        message_edit(
            actor_id=alice.pk, conversation=str(target.pk), seq=1, content="I owe all", request_id="e", now=NOW
        )
    assert refused.value.code is ErrorCode.FORBIDDEN
    assert make_request(alice, target).is_forward is False
