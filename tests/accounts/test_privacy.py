"""Who sees whose presence: one answer for both, whatever each of them chose."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, Contact, User
from accounts.privacy import see_each_other
from accounts.services import user_update
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("are_contacts", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        ("everyone", "everyone", "always"),
        ("everyone", "contacts", "as contacts"),
        ("contacts", "contacts", "as contacts"),
        ("nobody", "everyone", "never"),
        ("nobody", "contacts", "never"),
    ],
)
def test_who_hides__does_not_see(first: str, second: str, seen: str, are_contacts: bool) -> None:
    alice, bob = make_user(presence_to=first), make_user(presence_to=second)
    if are_contacts:
        Contact.objects.create(user=alice, contact=bob)
        Contact.objects.create(user=bob, contact=alice)
    both = {(alice.pk, bob.pk), (bob.pk, alice.pk)}
    expected = both if seen == "always" or (seen == "as contacts" and are_contacts) else set()
    assert see_each_other(both) == expected


def test_blocks_hide_both__and_one_sees_oneself() -> None:
    alice, bob = make_user(), make_user(presence_to="nobody")
    Block.objects.create(user=alice, blocked=bob)
    user_update(user=bob, presence_to="everyone")
    assert see_each_other({(alice.pk, bob.pk), (bob.pk, alice.pk), (bob.pk, bob.pk)}) == {(bob.pk, bob.pk)}


def test_queries__do_not_grow_with_the_pairs() -> None:
    people: list[User] = [make_user(presence_to="contacts") for _ in range(20)]
    pairs = {(one.pk, other.pk) for one in people for other in people}
    with CaptureQueriesContext(connection) as captured:
        see_each_other(pairs)
    assert len(captured) <= 3
