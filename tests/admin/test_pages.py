"""Every page of the admin site: it renders for who may see it, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin import site
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import Block, Contact, ContactRequest, User
from chat.services import conversations, messages
from tests.admin.staff import PASSWORD, signed_in

NOW = datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)
OURS = [model for model in site._registry if model._meta.app_label in {"accounts", "chat", "admin"}]

models = pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    # Counted now: the next request empties the record.
    return len(captured)


def populate(username: str, count: int, client: Client) -> None:
    """Somebody with `count` groups and direct chats, messages and reactions in them, and a look at each."""
    user = services.user_create(username=username, password=PASSWORD)
    for number in range(count):
        friend = services.user_create(username=f"{username}-{number}", password=PASSWORD)
        services.device_sign_in(user=friend, client_id="phone", platform="ios", now=NOW)
        direct, _ = conversations.direct_get_or_create(user_id=user.pk, username=friend.username, now=NOW)
        group = conversations.group_create(
            creator_id=user.pk, kind="group", title=f"Group {number}", usernames=[friend.username], now=NOW
        )
        for conversation in (direct, group):
            wire_id = str(conversation.pk)
            request = messages.SendRequest(
                sender_id=friend.pk, client_id=f"to-{wire_id}", conversation=wire_id, content="hello"
            )
            seq = messages.message_send(request, now=NOW + timedelta(minutes=number)).ack.seq
            messages.message_react(
                actor_id=user.pk, conversation=wire_id, seq=seq, emoji="👍", remove=False, request_id="r", now=NOW
            )
            message = conversation.messages.get(seq=seq)
            client.get(reverse("admin:chat_message_change", args=[message.pk]))
        Contact.objects.create(user=user, contact=friend)
        ContactRequest.objects.create(sender=user, receiver=friend)
        Block.objects.create(user=user, blocked=friend)


@models
def test_list__takes_the_same_queries_for_more_rows(root_client: Client, model: type[Model]) -> None:
    url = list_of(model)
    populate("one", 1, root_client)
    root_client.get(url)  # content types and the like are remembered from now on
    few = queries_of(root_client, url)
    populate("many", 6, root_client)
    assert 0 < queries_of(root_client, url) == few


@models
def test_pages__render_for_staff_who_may_view_and_nobody_else(
    root_client: Client, make_staff: Callable[..., User], alice: User, model: type[Model]
) -> None:
    populate("one", 1, root_client)
    row = model._default_manager.first()
    assert row is not None
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
    allowed = signed_in(make_staff(f"view_{model._meta.model_name}"))
    others = [name for name in ("view_user", "view_message") if name != f"view_{model._meta.model_name}"]
    refused = signed_in(make_staff(*others, username="other"))
    for url in (list_of(model), page, page.replace("change", "history")):
        assert allowed.get(url).status_code == 200
        assert refused.get(url).status_code == 403
        assert signed_in(alice).get(url).status_code == 302
        assert Client().get(url).status_code == 302


def test_site__carries_the_products_name_and_no_inline_script(root_client: Client) -> None:
    response = root_client.get(reverse("admin:index"))
    page = response.content.decode()
    assert f"{site.site_title} · Administration" in page
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "<script>" not in page
    assert "<style>" not in page


def test_own_password__is_changed_on_the_page_about_oneself(root_client: Client) -> None:
    # Django's own page would leave the other devices signed in.
    assert root_client.get(reverse("admin:password_change")).headers["Location"] == reverse("password")


def test_lists__count_no_further_than_anybody_reads(root_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.admin.paginator.LISTED_ROWS_MAX", 3)
    User.objects.bulk_create(User(username=f"user{number}") for number in range(10))
    listed = root_client.get(list_of(User)).context["cl"]
    assert listed.result_count == 3
