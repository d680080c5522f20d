"""Every page answers the right people, and nobody else: not signed in leads to the door, not a member is a 404."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.views.defaults import permission_denied, server_error

from accounts.models import User
from chat.models import Conversation, Membership, Message
from tests.factories import make_group, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import parse

pytestmark = pytest.mark.django_db

OWN_PAGES = [
    "/c/",
    "/c/?filter=archived",
    "/c/?all=1",
    "/new/",
    "/new/group/",
    "/i/",
    "/settings/profile/",
    "/settings/appearance/",
    "/settings/language/",
    "/settings/privacy/",
    "/settings/blocked/",
    "/contacts/",
    "/contacts/requests/",
    "/people/alice/",
    "/settings/password/",
    "/settings/devices/",
    "/settings/notifications/",
]
MEMBER_PAGES = ["", "?before=2", "?after=1", "m/2/", "m/2/actions/", "m/2/edit/", "info/", "rows/", "rows/?seqs=1,2"]
MEMBER_FORMS = [
    ("", {"content": "hi", "client_id": "x"}),
    ("m/2/react/", {"emoji": "👍"}),
    ("m/2/edit/", {"content": "mine now"}),
    ("m/2/recall/", {}),
    ("m/2/unread/", {}),
    ("settings/", {"pinned": "1"}),
    ("rename/", {"title": "Mine"}),
    ("members/", {"username": "carol"}),
    ("members/alice/", {"do": "remove"}),
    ("leave/", {}),
    ("invites/", {"days": "1"}),
]


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    group = make_group(alice, bob)
    send(alice, group, "a secret")
    group.refresh_from_db()
    return group


@pytest.mark.parametrize("page", OWN_PAGES)
def test_own_pages__open_for_the_signed_in_and_lead_others_to_the_door(
    alice: User, signed_in: SignedIn, page: str
) -> None:
    assert Client().get(page).status_code == 302
    browser = signed_in(alice)
    browser.visit(page)
    assert browser.status == 200
    assert browser.url == page
    assert len(browser.page.all("main")) == 1
    assert len(browser.page.all("h1")) == 1


@pytest.mark.parametrize("page", MEMBER_PAGES)
def test_pages_of_a_conversation__are_for_its_members(
    alice: User, carol: User, group: Conversation, signed_in: SignedIn, page: str
) -> None:
    address = f"/c/{group.pk}/{page}"
    assert Client().get(address).status_code == 302
    browser = signed_in(alice)
    if "rows/" in page:
        assert browser.client.get(address).status_code == 200
    else:
        browser.visit(address)
        assert browser.status == 200
        assert len(browser.page.all("h1")) == 1
    stranger = signed_in(carol)
    stranger.visit(address)
    assert stranger.status == 404
    assert "secret" not in stranger.html
    stranger.visit(address.replace(str(group.pk), "7123456789012345678"))
    assert stranger.status == 404


@pytest.mark.parametrize(("form", "values"), MEMBER_FORMS)
def test_forms_of_a_conversation__are_for_its_members(
    carol: User, group: Conversation, signed_in: SignedIn, form: str, values: dict[str, str]
) -> None:
    before = (Message.objects.count(), Membership.objects.count(), group.version)
    address = f"/c/{group.pk}/{form}"
    assert Client().post(address, values).status_code == 302
    stranger = signed_in(carol)
    token = stranger.page.all("input", name="csrfmiddlewaretoken")[0]["value"]
    response = stranger.client.post(address, {**values, "csrfmiddlewaretoken": token})
    assert response.status_code == 404
    group.refresh_from_db()
    assert (Message.objects.count(), Membership.objects.count(), group.version) == before
    assert group.title == "Team"


@pytest.mark.parametrize(("form", "values"), [*MEMBER_FORMS, ("/new/direct/", {"username": "bob"})])
def test_forms__need_the_csrf_token(
    alice: User, group: Conversation, signed_in: SignedIn, form: str, values: dict[str, str]
) -> None:
    browser = signed_in(alice)
    response = browser.client.post(form if form.startswith("/") else f"/c/{group.pk}/{form}", values)
    assert response.status_code == 403
    assert b"This page was open for too long" in response.content
    assert Message.objects.count() == 2


@pytest.mark.parametrize("spelling", ["0", "01", "-1", "1e3", "９", "9" * 40, "abc", "%00"])
def test_absurd_ids__are_not_found(alice: User, signed_in: SignedIn, spelling: str) -> None:
    browser = signed_in(alice)
    assert browser.client.get(f"/c/{spelling}/").status_code == 404
    assert browser.client.get(f"/c/{spelling}/rows/").status_code == 404


@pytest.mark.parametrize(
    "query", ["before=-1", "before=x", "after=99999999999999999999999", "before=0", "before=1&after=1"]
)
def test_absurd_positions__still_show_a_page(alice: User, group: Conversation, signed_in: SignedIn, query: str) -> None:
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/?{query}")
    assert browser.status == 200


def test_system_lines__have_no_actions(alice: User, group: Conversation, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    for page in ("actions", "edit"):
        assert browser.client.get(f"/c/{group.pk}/m/1/{page}/").status_code == 404


def test_others_messages__are_not_edited(bob: User, group: Conversation, signed_in: SignedIn) -> None:
    browser = signed_in(bob)
    assert browser.client.get(f"/c/{group.pk}/m/2/edit/").status_code == 404
    token = browser.page.all("input", name="csrfmiddlewaretoken")[0]["value"]
    browser.client.post(f"/c/{group.pk}/m/2/edit/", {"content": "mine", "csrfmiddlewaretoken": token})
    assert Message.objects.get(seq=2).content == "a secret"


def test_devices__only_ones_own_are_signed_out(alice: User, bob: User, signed_in: SignedIn) -> None:
    hers, his = signed_in(alice), signed_in(bob)
    second = signed_in(alice)
    bobs = bob.devices.get().pk
    token = hers.visit("/settings/devices/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    refused = hers.client.post(f"/settings/devices/{bobs}/revoke/", {"csrfmiddlewaretoken": token})
    assert refused.status_code == 404
    his.visit("/c/")
    assert his.url == "/c/"
    page = hers.submit("Sign out everywhere else")
    assert page.one("p", css="notice").text == "Every other device was signed out."
    second.visit("/c/")
    assert second.url == "/signin?next=/c/"
    hers.visit("/c/")
    assert hers.url == "/c/"


def test_error_pages__speak_plainly(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    page = browser.visit("/no/such/page/")
    assert browser.status == 404
    assert page.one("h1").text == "There is nothing here"
    alice.language = "zh-hans"
    alice.save()
    assert browser.visit("/no/such/page/").one("h1").text == "这里什么也没有"


def test_error_pages__need_nothing_that_may_be_broken() -> None:
    """The one for faults of the server gets no user, no database and no context at all."""
    page = parse(server_error(RequestFactory().get("/")).content.decode())
    assert page.one("h1").text == "Something went wrong on the server"
    assert page.one("html")["lang"] == "en"
    refused = permission_denied(RequestFactory().get("/"), PermissionDenied())
    assert parse(refused.content.decode()).one("h1").text == "You may not do this"
