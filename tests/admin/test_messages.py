"""Messages in the admin site: found, looked at with a trace, removed through the service, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chat.models import Conversation, Message
from chat.selectors.sync import sync
from chat.services import conversations, messages
from tests.admin.staff import signed_in
from tests.factories import make_upload, send

MESSAGES = reverse("admin:chat_message_changelist")
NOW = datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)


def say(sender: User, conversation: Conversation, content: str) -> Message:
    number = Message.objects.count()
    request = messages.SendRequest(
        sender_id=sender.pk, client_id=f"m{number}", conversation=str(conversation.pk), content=content
    )
    ack = messages.message_send(request, now=NOW).ack
    return Message.objects.get(conversation=conversation, seq=ack.seq)


def page_of(message: Message) -> str:
    return reverse("admin:chat_message_change", args=[message.pk])


def remove(client: Client, message: Message) -> str:
    url = reverse("admin:chat_message_act", args=[message.pk, "remove"])
    return client.post(url, {"confirmed": "yes"}, follow=True).content.decode()


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    return conversations.group_create(creator_id=alice.pk, kind="group", title="Tea", usernames=["bob"], now=NOW)


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return conversations.direct_get_or_create(user_id=alice.pk, username="bob", now=NOW)[0]


def test_remove__takes_the_text_away_everywhere(
    root_client: Client, bob: User, alice: User, group: Conversation
) -> None:
    message = say(alice, group, "something unkind")
    before = Conversation.objects.get(pk=group.pk).version

    page = remove(root_client, message)

    assert "1 message is removed." in page
    message.refresh_from_db()
    assert message.content == ""
    assert message.recalled_at is not None
    assert LogEntry.objects.filter(object_id=str(message.pk), change_message="Removed.").exists()
    # A device that had everything before gets the removal, and nothing else.
    pages = list(sync(user_id=bob.pk, cursors={str(group.pk): before}, changed_since=None, include_all=False))
    changed = [changed for page in pages for changed in page.messages]
    assert [(changed.seq, changed.content) for changed in changed] == [(message.seq, "")]
    assert changed[0].recalled_at is not None
    assert "(removed)" in root_client.get(MESSAGES).content.decode()


def test_remove__of_several_from_the_list(root_client: Client, alice: User, group: Conversation) -> None:
    spam = [say(alice, group, "spam") for _ in range(3)]
    data = {"action": "remove", "_selected_action": [message.pk for message in spam]}
    assert "Remove these messages" in root_client.post(MESSAGES, data | {"index": "0"}).content.decode()
    page = root_client.post(MESSAGES, data | {"confirmed": "yes"}, follow=True).content.decode()
    assert "3 messages are removed." in page
    assert not Message.objects.filter(content="spam").exists()


def test_remove__twice_and_of_system_lines_does_nothing(root_client: Client, alice: User, group: Conversation) -> None:
    message = say(alice, group, "once")
    remove(root_client, message)
    version = Conversation.objects.get(pk=group.pk).version
    assert "1 was so already" in remove(root_client, message)
    system = Message.objects.filter(conversation=group, kind="system").first()
    assert system is not None
    remove(root_client, system)
    system.refresh_from_db()
    assert system.recalled_at is None
    assert Conversation.objects.get(pk=group.pk).version == version


def test_remove__needs_its_right(make_staff: Callable[..., User], alice: User, group: Conversation) -> None:
    message = say(alice, group, "stays")
    client = signed_in(make_staff("view_message", "change_message"))
    url = reverse("admin:chat_message_act", args=[message.pk, "remove"])
    assert client.post(url, {"confirmed": "yes"}).status_code == 403
    client.post(MESSAGES, {"action": "remove", "_selected_action": [message.pk], "confirmed": "yes"})
    message.refresh_from_db()
    assert message.content == "stays"


def test_rows__cannot_be_added_edited_or_deleted(root_client: Client, alice: User, group: Conversation) -> None:
    message = say(alice, group, "as it was")
    before = Message.objects.filter(pk=message.pk).values().get()
    assert root_client.get(reverse("admin:chat_message_add")).status_code == 403
    assert root_client.post(page_of(message), {"content": "other", "seq": "99", "version": "99"}).status_code == 403
    assert root_client.post(reverse("admin:chat_message_delete", args=[message.pk]), {"post": "yes"}).status_code == 403
    root_client.post(MESSAGES, {"action": "delete_selected", "_selected_action": [message.pk], "post": "yes"})
    assert Message.objects.filter(pk=message.pk).values().get() == before


def test_direct_content__is_for_those_who_hold_the_right(
    make_staff: Callable[..., User], alice: User, direct: Conversation
) -> None:
    message = say(alice, direct, "between us")
    plain = signed_in(make_staff("view_message"))
    trusted = signed_in(make_staff("view_message", "view_direct_content", username="trusted"))

    for client in (plain, trusted):
        assert "between us" not in client.get(MESSAGES).content.decode()
    assert "between us" not in plain.get(page_of(message)).content.decode()
    assert "between us" in trusted.get(page_of(message)).content.decode()

    looks = (
        LogEntry.objects.filter(object_id=str(message.pk))
        .order_by("pk")
        .values_list("user__username", "change_message")
    )
    assert list(looks) == [("moderator", "Viewed without its text."), ("trusted", "Viewed.")]


def test_direct_content__cannot_be_guessed(root_client: Client, alice: User, direct: Conversation) -> None:
    say(alice, direct, "between us")
    for query in ({"q": f"{direct.pk} between"}, {"q": "@alice between"}, {"conversation": direct.pk, "q": "between"}):
        assert "0 messages" in root_client.get(MESSAGES, query).content.decode()
    for lookup in ("content__startswith", "payload__isnull", "mentions__contains", "digest", "client_id__startswith"):
        assert root_client.get(MESSAGES, {"conversation": direct.pk, lookup: "b"}).status_code == 400


def test_every_look__is_in_the_audit_log(root_client: Client, root: User, alice: User, group: Conversation) -> None:
    message = say(alice, group, "hello all")
    assert "hello all" in root_client.get(page_of(message)).content.decode()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (root, str(message.pk), "Viewed.")
    assert entry.object_repr == f"Tea #{message.seq}"
    audit = root_client.get(reverse("admin:admin_logentry_changelist")).content.decode()
    assert "Viewed." in audit
    assert page_of(message) in audit


def test_text__is_shown_as_it_was_typed_and_nothing_of_it_runs(
    root_client: Client, alice: User, group: Conversation
) -> None:
    message = say(alice, group, "if x:\n    <script>alert(1)</script>")
    page = root_client.get(page_of(message)).content.decode()
    assert '<div class="message-text">if x:\n    &lt;script&gt;alert(1)&lt;/script&gt;</div>' in page
    assert "<script>alert(1)</script>" not in root_client.get(MESSAGES).content.decode()


def found(client: Client, **query: object) -> set[str]:
    """The texts of the messages that a list shows."""
    response = client.get(MESSAGES, query)
    return {message.content for message in response.context["cl"].result_list if message.kind == "text"}


def test_search(root_client: Client, alice: User, bob: User, group: Conversation, direct: Conversation) -> None:
    say(alice, group, "green tea")
    say(bob, group, "black tea")
    say(bob, direct, "no tea")

    assert found(root_client, q=str(group.pk)) == {"green tea", "black tea"}
    assert found(root_client, q=f"{direct.pk}#1") == {"no tea"}
    assert found(root_client, q="@BOB") == {"black tea", "no tea"}
    assert found(root_client, q="@bob tea") == {"black tea"}
    assert found(root_client, q=f"{group.pk} green tea") == {"green tea"}
    assert found(root_client, conversation=group.pk, q="black") == {"black tea"}
    assert found(root_client, sender=bob.pk) == {"black tea", "no tea"}
    assert found(root_client, q="@nobody") == set()
    assert found(root_client, q="1" * 19) == set()


def test_words__are_looked_for_in_one_place_only(root_client: Client, alice: User, group: Conversation) -> None:
    say(alice, group, "green tea")
    for query in ("tea", "#1"):
        page = root_client.get(MESSAGES, {"q": query}).content.decode()
        assert "Name a conversation" in page
        assert "green tea" not in page


def test_page__names_the_files_of_a_message(root_client: Client, alice: User, bob: User, group: Conversation) -> None:
    file = make_upload(alice, b"%PDF-1.7", '"><b>plan.pdf')
    ack = send(alice, group, "look", attachments=[str(file.pk)])
    message = Message.objects.get(conversation=group, seq=ack.seq)
    page = root_client.get(page_of(message)).content.decode()
    assert "&quot;&gt;&lt;b&gt;plan.pdf (application/pdf, 8\xa0bytes)" in page
    remove(root_client, message)
    assert "plan.pdf" not in root_client.get(page_of(message)).content.decode()
    assert not message.attachments.exists()
