"""Forwarding without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from chat.models import Message
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element

pytestmark = pytest.mark.django_db


def offered(page: Element) -> dict[str, bool]:
    """Which conversations can be chosen, and which are."""
    return {choice.one("b").text: choice.one("input").has("checked") for choice in page.one(id="targets").all("label")}


def test_E05_forward__from_the_page_of_a_message_to_several(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    source, direct = make_direct(alice, bob), make_direct(alice, carol)
    group = make_group(alice, carol, title="Walks", now=NOW + timedelta(minutes=1))  # the last active comes first
    make_group(bob, alice, kind="channel", title="News")  # only to read
    send(bob, source, "the **plan**")
    browser = signed_in(alice)
    browser.visit(f"/c/{source.pk}/m/1/actions/")
    page = browser.follow("Forward")
    assert page.one(id="what").text == "One message"
    assert offered(page) == {"Bob": False, "王小明": False, "Walks": False}
    page = browser.submit("Find", q="wxm", to=[str(group.pk)])  # by pinyin; what was chosen stays
    assert offered(page) == {"Walks": True, "王小明": False}
    page = browser.submit("Forward", to=[str(group.pk), str(direct.pk)])
    assert browser.url == f"/c/{source.pk}/"
    assert page.one("p", css="success").text == "Forwarded to Walks and 王小明."
    page = browser.visit(f"/c/{direct.pk}/")
    assert page.one("p", css="origin").text == "Forwarded from Bob"
    assert page.one("li", id="m1").one("strong").text == "plan"
    page = browser.visit(f"/c/{direct.pk}/m/1/actions/")
    assert [link.text for link in page.all("a", css="toggle")] == ["Reply", "Forward", "Link to this message"]
    assert browser.visit(f"/c/{direct.pk}/m/1/edit/") and browser.status == 404


def test_forward__to_one_goes_there__and_the_same_form_again_sends_nothing(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    source, target = make_direct(alice, bob), make_direct(alice, carol)
    send(bob, source, "one")
    send(bob, source, "two")
    browser = signed_in(alice)
    page = browser.visit(f"/c/{source.pk}/forward/?m=1,2")
    assert page.one(id="what").text == "2 messages"
    forward_id = page.one("input", name="forward_id")["value"]
    for _ in range(2):
        browser.visit(f"/c/{source.pk}/forward/?m=1,2")
        browser.submit("Forward", to=[str(target.pk)], forward_id=forward_id)
        assert (browser.status, browser.url) == (200, f"/c/{target.pk}/")
    assert list(Message.objects.filter(conversation=target).order_by("seq").values_list("content", flat=True)) == [
        "one",
        "two",
    ]


def test_forward__says_what_is_wrong(alice: User, bob: User, signed_in: SignedIn) -> None:
    source, foreign = make_direct(alice, bob), make_direct(bob, make_user())
    send(bob, source, "one")
    send(bob, foreign, "secret")
    browser = signed_in(alice)
    browser.visit(f"/c/{source.pk}/forward/?m=1")
    page = browser.submit("Forward")
    assert browser.status == 400
    assert page.one("p", css="error").text == "Choose where to forward to."
    for address in (f"/c/{source.pk}/forward/?m=2", f"/c/{foreign.pk}/forward/?m=1"):
        browser.visit(address)
        assert browser.status == 404
    browser.visit(f"/c/{source.pk}/forward/?m={','.join(map(str, range(1, 40)))}")
    assert "You can forward 20 messages at once." in [each.text for each in browser.page.all("p", css="error")]
