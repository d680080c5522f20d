"""What the quick switcher looks through."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.services.conversations import conversation_settings_update
from chat.web.pinyin import pinyin_key
from tests.factories import make_direct, make_group, make_user
from tests.web.conftest import SignedIn
from tests.web.plain_browser import PlainBrowser

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("张三", "zhang san"),
        ("曾国藩", "ceng/zeng guo fan"),
        ("重庆 Trip 2026", "zhong/chong/tong qing"),
        ("Alice", ""),
        ("吕", "lv"),
        ("张" * 50, " ".join(["zhang"] * 16)),
    ],
)
def test_pinyin_key(name: str, key: str) -> None:
    assert pinyin_key(name) == key


def test_names__are_every_conversation_and_the_people_of_ones_groups(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    stranger, met = make_user("stranger"), make_user("met", name="李四")
    archived = make_direct(alice, carol)
    conversation_settings_update(user_id=alice.pk, conversation=str(archived.pk), archived=True)
    group = make_group(alice, bob, met, title="Walks")
    myself = make_direct(alice, alice)
    make_group(bob, stranger)
    browser = signed_in(alice)
    with CaptureQueriesContext(connection) as few:
        names = browser.client.get("/names/").json()["names"]
    by_name = {each["name"]: each for each in names}
    assert by_name.keys() == {"王小明", "Walks", "Saved messages", "Bob", "李四"}
    assert by_name["王小明"]["conversation"] == str(archived.pk)
    assert (by_name["王小明"]["username"], by_name["王小明"]["pinyin"]) == ("carol", "wang/yu xiao ming/meng")
    assert by_name["Walks"]["conversation"] == str(group.pk)
    assert by_name["Saved messages"]["conversation"] == str(myself.pk)
    assert (by_name["李四"]["conversation"], by_name["李四"]["username"]) == ("", "met")
    for _ in range(5):
        make_group(alice, make_user())
        make_direct(alice, make_user())
    with CaptureQueriesContext(connection) as many:
        assert len(browser.client.get("/names/").json()["names"]) == 20
    assert len(many) == len(few)


def test_names__are_for_the_signed_in() -> None:
    browser = PlainBrowser()
    browser.visit("/names/")
    assert browser.url.startswith("/signin")
