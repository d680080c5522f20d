"""Invite links without JavaScript: making, giving, following, and what a dead one says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Invite
from chat.services.invites import invite_create
from tests.factories import make_direct, make_group, send
from tests.web.conftest import PASSWORD, SignedIn
from tests.web.plain_browser import Element, PlainBrowser

pytestmark = pytest.mark.django_db


def new_link(owner: User, group: Conversation, **limits: Any) -> str:
    _invite, token = invite_create(actor_id=owner.pk, conversation=str(group.pk), now=timezone.now(), **limits)
    return f"/i/{token}/"


def links(page: Element) -> Element:
    return page.one("section", aria_labelledby="invite-links")


def test_owner__makes_a_link_gives_it_and_revokes_it(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, title="Climbing")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/info/")
    page = browser.submit("Create a link", days="1", uses="10")
    assert browser.status == 201
    field = page.one("input", id="invite-link")
    assert field.has("readonly")
    [code] = links(page).one("div", role="img").all("svg")
    assert code["class"] == "qr" and not any(each.has("style") for each in [code, *code.walk()])
    assert links(page).one("li").one("b").text == "0 of 10 joined"
    invite = Invite.objects.get()
    assert invite.expires_at is not None and invite.expires_at - invite.created_at == timedelta(days=1)
    visitor = signed_in(bob)
    page = visitor.visit(field["value"].removeprefix("http://testserver"))
    assert page.one("h1").text == "Climbing"
    assert page.one("p", css="facts").text == "Group · 1 memberAlice Chen invites you."
    page = visitor.submit("Join")
    assert visitor.url == f"/c/{group.pk}/"
    assert page.all("li", css="system")[-1].one("span", data_slot="body").text == "You joined by an invite link"
    page = browser.visit(f"/c/{group.pk}/invites/")  # a reload of the address: the list, and no second link
    assert browser.url == f"/c/{group.pk}/info/"
    assert page.all("input", id="invite-link") == []
    assert links(page).one("li").one("b").text == "1 of 10 joined"
    page = browser.submit("Revoke")
    assert page.one("p", css="success").text == "The link does not work any more."
    assert links(page).all("li") == []


def test_link_without_limits__says_so(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    browser.visit(f"/c/{make_group(alice).pk}/info/")
    page = browser.submit("Create a link", days="", uses="")
    row = links(page).one("li")
    assert (row.one("b").text, row.one("p").text) == ("0 joined", "Without an end · by Alice Chen")


def test_links__are_not_for_plain_members_nor_in_direct_conversations(
    alice: User, bob: User, signed_in: SignedIn
) -> None:
    group, direct = make_group(alice, bob), make_direct(alice, bob)
    new_link(alice, group)
    browser = signed_in(bob)
    for conversation in (group, direct):
        page = browser.visit(f"/c/{conversation.pk}/info/")
        assert page.all("section", aria_labelledby="invite-links") == []
        token = page.all("input", name="csrfmiddlewaretoken")[0]["value"]
        browser.client.post(f"/c/{conversation.pk}/invites/", {"csrfmiddlewaretoken": token})
        revoke = f"/c/{conversation.pk}/invites/{Invite.objects.get().pk}/revoke/"
        browser.client.post(revoke, {"csrfmiddlewaretoken": token})
    assert Invite.objects.get().revoked_at is None


def test_signed_out_visitor__sees_what_it_is_and_returns_to_it_after_sign_up(alice: User, bob: User) -> None:
    group = make_group(alice, bob, title="Climbing")
    send(bob, group, "a secret")
    link = new_link(alice, group)
    browser = PlainBrowser()
    page = browser.visit(link)
    assert page.one("h1").text == "Climbing"
    assert "secret" not in browser.html and "Bob" not in browser.html
    browser.follow("Create an account")
    page = browser.submit("Create the account", username="mei", name="梅", password=PASSWORD)
    assert browser.url == link
    browser.submit("Join")
    assert browser.url == f"/c/{group.pk}/"


def test_signed_out_visitor__joins_nothing_by_a_form_and_returns_after_sign_in(alice: User, bob: User) -> None:
    group = make_group(alice)
    bob.set_password(PASSWORD)
    bob.save()
    link = new_link(alice, group)
    assert Client().post(link).headers["Location"] == f"/signin?next={link}"
    browser = PlainBrowser()
    browser.visit(link)
    browser.follow("Sign in to join")
    browser.submit("Sign in", username="bob", password=PASSWORD)
    assert browser.url == link
    assert Invite.objects.get().uses == 0


def test_member__goes_straight_in_even_by_a_dead_link(alice: User, signed_in: SignedIn) -> None:
    group = make_group(alice)
    link = new_link(alice, group)
    Invite.objects.update(revoked_at=timezone.now())
    browser = signed_in(alice)
    browser.visit(link)
    assert browser.url == f"/c/{group.pk}/"


def test_dead_links__say_so_plainly_to_everybody(alice: User, bob: User, signed_in: SignedIn) -> None:
    link = new_link(alice, make_group(alice, title="Climbing"))
    visitor = signed_in(bob)
    visitor.visit(link)
    join = visitor.page.all("button")[0]
    Invite.objects.update(revoked_at=timezone.now())
    page = visitor.press(join)
    assert (visitor.status, page.one("h1").text) == (404, "This link does not work")
    for browser in (visitor, PlainBrowser()):
        for dead in (link, "/i/never-was/", "/i/%00/"):
            page = browser.visit(dead)
            assert (browser.status, page.one("h1").text) == (404, "This link does not work")
            assert "Climbing" not in browser.html


def test_full_group__says_so(alice: User, bob: User, signed_in: SignedIn, settings: Any) -> None:
    settings.IM_GROUP_MAX_MEMBERS = 1
    browser = signed_in(bob)
    browser.visit(new_link(alice, make_group(alice)))
    page = browser.submit("Join")
    assert browser.status == 413
    assert page.one("p", css="notice").text == "There is no room for another member."


def test_too_many_links__says_what_to_do(alice: User, signed_in: SignedIn) -> None:
    group = make_group(alice)
    Invite.objects.bulk_create(Invite(conversation=group, token_digest=str(number)) for number in range(50))
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/info/")
    page = browser.submit("Create a link")
    assert page.one("p", css="error").text == "There are too many links. Revoke one first."


def test_landing_page__is_neither_found_nor_kept_nor_told_to_other_sites(alice: User) -> None:
    link = new_link(alice, make_group(alice))
    for address in (link, "/i/never-was/"):
        headers = Client().get(address).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "same-origin"


def test_guessing__is_stopped(settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"general": "3/min"}}
    settings.IM_RATE_LIMITS = True
    answers = [Client().get(f"/i/guess-{number}/") for number in range(4)]
    # The window may turn in between: what is asked is that there is a limit at all.
    statuses = [answer.status_code for answer in answers + [Client().get("/i/guess/") for _ in range(4)]]
    assert statuses[:3] == [404] * 3 and 429 in statuses


@pytest.mark.parametrize("pasted", ["http://testserver{}", "testserver{}?utm=1", "{}", " {} "])
def test_pasted_link__leads_to_what_it_is(alice: User, bob: User, signed_in: SignedIn, pasted: str) -> None:
    link = new_link(alice, make_group(alice))
    browser = signed_in(bob)
    browser.follow("Join by linkWhen somebody sent you an invite")
    browser.submit("Go on", link=pasted.format(link))
    assert browser.url == link
    browser.visit("/i/")
    browser.submit("Go on", link=link.removeprefix("/i/").removesuffix("/"))
    assert browser.url == link


@pytest.mark.parametrize("pasted", ["hello", "http://[", "https://elsewhere.example/i/Vd3kX9_qT1mZ0cR5uYb7Ew/", "/i/"])
def test_what_is_no_link_of_this_site__is_said_and_kept(bob: User, signed_in: SignedIn, pasted: str) -> None:
    browser = signed_in(bob)
    browser.visit("/i/")
    page = browser.submit("Go on", link=pasted)
    assert (browser.status, page.one("input", id="link")["value"]) == (400, pasted)
    assert page.one(id="link-error").text.startswith("This is no invite link of this site.")
