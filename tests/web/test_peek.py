"""What a link to a message says to whom."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_direct, make_group, send
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


def test_D07_peek__is_for_members_only(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob, title="Walks")
    send(alice, group, "the **plan**\nfor Sunday")

    def seen(user: User, conversation: object, seq: object) -> dict[str, str]:
        answer = signed_in(user).client.get("/peek/", {"c": str(conversation), "m": str(seq)})
        assert answer.status_code == 200
        return answer.json()

    assert seen(bob, group.pk, 2) == {"name": "Alice Chen", "title": "Walks", "text": "the plan for Sunday"}
    # Who is not in it learns no more than of what is not there.
    assert seen(carol, group.pk, 2) == seen(bob, group.pk, 9) == seen(bob, group.pk, 1) == seen(bob, "x", "y") == {}
    direct = make_direct(bob, carol)
    send(carol, direct, "hello")
    assert seen(bob, direct.pk, 1) == {"name": "王小明", "title": "王小明", "text": "hello"}
