"""Contacts, requests and blocks in the admin site: seen and searched, and changed by nobody there."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import Block, Contact, ContactRequest, User
from tests.admin.staff import signed_in


def test_relations__are_shown_and_searched(root_client: Client, alice: User, bob: User) -> None:
    rows = [
        Block.objects.create(user=alice, blocked=bob),
        Contact.objects.create(user=alice, contact=bob),
        ContactRequest.objects.create(sender=alice, receiver=bob, note="We met on the jetty."),
    ]
    for row in rows:
        name = row._meta.model_name
        listed = root_client.get(reverse(f"admin:accounts_{name}_changelist"), {"q": "alice"}).content.decode()
        assert "alice → bob" in listed
        assert (
            "alice → bob"
            not in root_client.get(reverse(f"admin:accounts_{name}_changelist"), {"q": "carol"}).content.decode()
        )
        page = root_client.get(reverse(f"admin:accounts_{name}_change", args=[row.pk])).content.decode()
        assert 'name="_save"' not in page
    assert "We met on the jetty." in page


def test_relations__need_their_right_and_cannot_be_made(
    make_staff: Callable[..., User], alice: User, bob: User
) -> None:
    client = signed_in(make_staff("view_block"))
    assert client.get(reverse("admin:accounts_block_changelist")).status_code == 200
    assert client.get(reverse("admin:accounts_contactrequest_changelist")).status_code == 403
    assert client.post(reverse("admin:accounts_block_add"), {"user": alice.pk, "blocked": bob.pk}).status_code == 403
    assert not Block.objects.exists()
