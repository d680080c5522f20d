"""What people write stays text: in pages, fragments and JSON blocks, and under a strict content security policy."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from tests.factories import make_direct, make_group, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element, parse

pytestmark = pytest.mark.django_db

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "[click](javascript:alert(1))",
    "'; alert(1); '",
    "</textarea><script>alert(1)</script>",
    "{{ 7|add:7 }}{% load i18n %}",
    "\u202egnp.exe",
]


def handlers(page: Element) -> list[str]:
    """Everything on a page that would run, were it not for the policy: inline scripts, handlers and styles."""
    found = []
    for element in page.walk():
        found += [name for name in element.attributes if name.startswith("on") or name == "style"]
        if element.tag == "script" and not element.has("src") and element.get("type") != "application/json":
            found.append("script")
        if element.get("href").strip().lower().startswith("javascript:"):
            found.append("javascript:")
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_write__is_text_everywhere(alice: User, bob: User, signed_in: SignedIn, attack: str) -> None:
    bob.name = attack[:64].replace("\u202e", "")
    bob.save()
    direct = make_direct(alice, bob)
    group = make_group(bob, alice, title=attack[:100])
    for conversation in (direct, group):
        send(bob, conversation, attack)
        send(bob, conversation, "answer", reply_to=1)
    browser = signed_in(alice)
    pages = [
        "/c/",
        f"/c/{direct.pk}/",
        f"/c/{group.pk}/",
        f"/c/{group.pk}/info/",
        f"/c/{group.pk}/m/2/actions/",
        f"/c/{direct.pk}/?reply=1",
        f"/new/?q={attack[:3]}",
        "/new/group/",
    ]
    for address in pages:
        page = browser.visit(address)
        assert browser.status == 200
        assert handlers(page) == []
        assert {image["src"] for image in page.all("img")} <= {f"/c/{each.pk}/seen/2.gif" for each in (direct,)} | {
            f"/c/{group.pk}/seen/3.gif"
        }
    # The words themselves are there, for people to read.
    if "javascript:" not in attack:
        assert browser.visit(f"/c/{direct.pk}/").one(id="m1").one(css="body").text == " ".join(attack.split())
    fragment = parse(browser.client.get(f"/c/{direct.pk}/rows/").content.decode())
    assert handlers(fragment) == []
    page = browser.visit(f"/c/{direct.pk}/")
    boots = [script for script in page.all("script") if script.get("type") == "application/json"]
    assert {script["id"] for script in boots} == {"boot", "text"}


def test_typed_text__comes_back_as_text(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/")
    attack = "</textarea><script>alert(1)</script>" + "x" * 10_000
    page = browser.submit("Send", content=attack)
    assert page.one(id="message").raw_text == attack
    assert handlers(page) == []


@pytest.mark.parametrize("address", ["/signin", "/signup", "/c/", "/new/", "/settings/profile/", "/nothing/"])
def test_policy__allows_nothing_inline_and_no_other_host(alice: User, signed_in: SignedIn, address: str) -> None:
    browser = signed_in(alice)
    response = browser.client.get(address)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)
    page = parse(browser.visit(address) and browser.html)
    assert handlers(page) == []
    for element in page.walk():
        for name in ("src", "href", "action", "formaction"):
            target = element.get(name)
            assert not re.match(r"[a-z]+:|//", target), target


def test_pages__are_kept_by_no_shared_cache(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    assert "private" in browser.client.get("/c/")["Cache-Control"]
