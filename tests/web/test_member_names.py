"""Whom the pages' script offers after “@”."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.services.memberships import member_leave
from chat.web import mention_views
from chat.web.name_search import name_rank
from tests.factories import NOW, make_group, make_user
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


def test_members__are_the_others_who_are_there(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    gone, banned = make_user("gone"), make_user("banned")
    group = make_group(alice, bob, carol, gone, banned)
    banned.is_active = False
    banned.save()
    member_leave(user_id=gone.pk, conversation=str(group.pk), now=NOW)
    browser = signed_in(alice)
    answer = browser.client.get(f"/c/{group.pk}/names/").json()
    assert (answer["is_all"], answer["everyone"]) == (True, ["bob", "carol"])
    by_name = {each["username"]: each for each in answer["names"]}
    assert by_name["carol"]["pinyin"] == "wang/yu xiao ming/meng"
    assert signed_in(make_user()).client.get(f"/c/{group.pk}/names/").status_code == 404


def test_members__of_a_large_group_are_looked_for(
    alice: User, carol: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mention_views, "ALL_MAX", 5)
    group = make_group(alice, carol, *(make_user(f"anna{number:02}") for number in range(12)))
    browser = signed_in(alice)

    def found(query: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            answer = browser.client.get(f"/c/{group.pk}/names/", {"q": query}).json()
        assert len(captured) < 12
        assert (answer["is_all"], answer["everyone"]) == (False, [])
        return [each["username"] for each in answer["names"]]

    assert found("wxm") == found("小明") == found("@CAR") == ["carol"]
    assert found("ann") == [f"anna{number:02}" for number in range(8)]
    assert found("nobody") == found("x" * 1_000) == []


@pytest.mark.parametrize(
    ("query", "name", "username", "rank"),
    [
        ("zs", "张三", "", 1),
        ("zhang san", "张三", "", 1),
        ("san", "张三", "", 2),
        ("张", "张三", "", 0),
        ("cgf", "曾国藩", "", 1),
        ("zgf", "曾国藩", "", 1),
        ("chen", "Alice Chen", "", 1),
        ("ｂｏｏｋ", "Book club", "", 0),
        ("lic", "Alice", "", 3),
        ("@ali", "Somebody", "Alice", 0),
        ("zsx", "张三", "", None),
        ("", "Anybody", "", 0),
        ("x" * 100, "x" * 100, "", None),
        ("h" * 16 + "x", "和" * 16, "", None),  # he, hu or huo: to try all ways would take years
    ],
)
def test_name_rank__is_what_the_script_finds(query: str, name: str, username: str, rank: int | None) -> None:
    assert name_rank(query, name, username) == rank
