"""Managing groups without JavaScript: permissions, requests to join, pins, what was shared, how they look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, JoinRequest, Membership
from chat.services.conversations import group_create
from chat.services.invites import invite_create
from chat.services.memberships import member_remove
from chat.services.permissions import permissions_update
from chat.services.pins import message_pin
from chat.web.members import PAGE
from tests.factories import make_direct, make_group, make_upload, make_user, send
from tests.support.pictures import picture
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element, PlainBrowser

pytestmark = pytest.mark.django_db


def asking_link(owner: User, group: Conversation) -> str:
    there: dict[str, Any] = {"actor_id": owner.pk, "conversation": str(group.pk), "now": timezone.now()}
    return f"/i/{invite_create(needs_approval=True, **there)[1]}/"


def choices(page: Element) -> dict[str, list[str]]:
    """What the form of permissions offers."""
    return {
        select["name"]: [option["value"] for option in select.all("option")]
        for select in page.one("form", css="permissions").all("select")
    }


def test_permissions__are_said_by_who_has_them(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob, carol)
    Membership.objects.filter(user=bob).update(role="admin")
    owner, member = signed_in(alice), signed_in(carol)
    page = owner.visit(f"/c/{group.pk}/info/")
    assert choices(page)["send"] == ["everybody", "admins", "owner"]
    page = owner.submit("Save", within=page.one("form", css="permissions"), send="admins", pin="owner")
    assert page.one("p", css="success").text == "Saved."
    page = member.visit(f"/c/{group.pk}/")
    assert page.one(id="composer-note").text == "Only the owner and admins write in this group."
    assert page.all(id="message") == []
    assert page.all("li", css="system")[-1].one("span", data_slot="body").text == "Alice Chen changed who may do what"
    admin = signed_in(bob).visit(f"/c/{group.pk}/info/")
    assert choices(admin) == {
        "send": ["everybody", "admins"],
        "add": ["everybody", "admins"],
        "edit": ["everybody", "admins"],
        "pin": ["owner"],
    }
    assert admin.one("select", name="pin").has("disabled")


def test_everybody_may_add__sees_that_and_nothing_else(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob)
    permissions_update(actor_id=alice.pk, conversation=str(group.pk), changes={"add": "everybody"}, now=timezone.now())
    browser = signed_in(bob)
    page = browser.visit(f"/c/{group.pk}/info/?q=carol")
    assert [page.all(id=name) != [] for name in ("add-people", "invite-links", "permissions", "new-title")] == [
        True,
        True,
        False,
        False,
    ]
    browser.submit("Add 王小明")
    assert Membership.objects.filter(user=carol, left_at=None).exists()


def test_description_and_picture__are_shown_and_go_again(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    page = browser.visit(f"/c/{group.pk}/info/")

    def form() -> Element:
        return next(each for each in browser.page.all("form") if each["action"].endswith("/profile/"))

    browser.submit("Save", within=form(), description="Every Tuesday", picture=SimpleUploadedFile("hut.png", picture()))
    shown = signed_in(bob).visit(f"/c/{group.pk}/").one(id="info").one("div", css="portrait")
    assert shown.all("p")[-1].text == "Every Tuesday"
    assert shown.one("img")["src"].endswith(".webp")
    page = browser.submit("Save", within=form(), description="x" * 301)
    assert page.one("p", css="error").text == "This description is too long."
    page = browser.submit("Save", within=form(), picture=SimpleUploadedFile("x.png", b"no picture"))
    assert page.one("p", css="error").text == "This is not a picture that can be read."
    page = browser.submit("Save", within=form(), description="", no_picture=["1"])
    assert page.one("div", css="portrait").all("img") == []


def test_asking_to_join__is_answered_once(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, title="Climbing")
    link = asking_link(alice, group)
    owner = signed_in(alice)
    for user, note in ((bob, "We met on the train"), (carol, "")):
        browser = signed_in(user)
        browser.visit(link)
        page = browser.submit("Ask to join", note=note)
        assert page.one("div", css="info").text.startswith("You have asked to join.")
        assert page.all("button") and [each.text for each in page.all("button", name="withdraw")] != []
    browser.submit("Take the request back")
    browser.submit("Ask to join", note="Again")
    page = owner.visit(f"/c/{group.pk}/info/")
    asking = page.one("section", id="requests")
    assert asking.one("h2").text == "2 requests to join"
    assert [each.all("p")[0].text for each in asking.all("li")] == ["We met on the train", "Again"]
    stale = next(each for each in asking.all("button") if each["aria-label"] == "Let Bob in")
    page = owner.press(stale)
    assert page.one("p", css="success").text == "Bob is now a member."
    page = owner.press(stale)
    assert page.one("p", css="error").text.startswith("This request is not there any more")
    page = owner.submit("Refuse 王小明")
    assert page.all(id="requests") == []
    browser.visit(link)
    page = browser.submit("Ask to join")
    assert (browser.status, page.one("p", css="error").text) == (
        403,
        "Your request was refused. You may ask again tomorrow.",
    )
    JoinRequest.objects.update(refused_at=timezone.now() - timedelta(days=1))
    page = browser.submit("Ask to join", note="x" * 201)
    assert browser.status == 413
    assert page.one("p", css="error").text.startswith("This is too long")
    assert signed_in(bob).visit(link).one("h1").text == "Climbing"  # straight in


def test_removed_member__can_only_ask(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    _invite, token = invite_create(actor_id=alice.pk, conversation=str(group.pk), now=timezone.now())
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=timezone.now())
    page = signed_in(bob).visit(f"/i/{token}/")
    assert [button.text for button in page.one(css="invited").all("button")] == ["Ask to join"]


def test_pin__from_the_actions_of_a_message_and_down_from_the_list(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    send(bob, direct, "The key is under the mat")
    send(bob, direct, "Bring cake")
    browser = signed_in(alice)
    page = browser.visit(f"/c/{direct.pk}/")
    assert page.one(id="pinned").has("hidden")
    for seq in (1, 2):
        browser.visit(f"/c/{direct.pk}/m/{seq}/actions/")
        page = browser.submit("Pin for everybody")
    assert page.one(id="m2").has("data-pinned")
    bar = signed_in(bob).visit(f"/c/{direct.pk}/").one(id="pinned")
    assert (bar.one("b").text, bar.one(css="one-line").text, bar.one(css="all").text) == (
        "Bob",
        "Bring cake",
        "2 pinned",
    )
    page = browser.visit(f"/c/{direct.pk}/pins/")
    assert [body.text for body in page.all("div", css="body")] == ["Bring cake", "The key is under the mat"]
    page = browser.submit("Take down", within=page.all("section", css="card")[0])
    assert browser.url == f"/c/{direct.pk}/pins/"
    page = browser.submit("Take down")
    assert "Nothing is pinned" in page.one(id="main").text


def test_pin__is_not_offered_to_who_may_not(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    send(alice, group, "Rules")
    message_pin(actor_id=alice.pk, conversation=str(group.pk), seq=2, pinned=True, request_id="1", now=timezone.now())
    browser = signed_in(bob)
    for page in ("m/2/actions/", "pins/"):
        shown = browser.visit(f"/c/{group.pk}/{page}").one(id="main")
        assert "Rules" in shown.text and "Take down" not in shown.text


def shared(browser: PlainBrowser, conversation: Conversation, kind: str) -> Element:
    return browser.visit(f"/c/{conversation.pk}/shared/?kind={kind}").one(id="main")


def test_shared__has_pictures_files_and_links_apart(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    photo = make_upload(bob, picture(), "wall.png", now=timezone.now())
    plan = make_upload(bob, b"%PDF-1.4", "plan.pdf", now=timezone.now())
    send(bob, direct, "just words")
    send(bob, direct, "", kind="image", attachments=[str(photo.pk)])
    send(bob, direct, "", kind="file", attachments=[str(plan.pk)])
    send(bob, direct, "see https://example.org/?a=1&b=2 and `https://code.example`")
    browser = signed_in(alice)
    assert len(shared(browser, direct, "media").all("img")) == 1
    files = shared(browser, direct, "files")
    assert [link.text for link in files.one("ul", css="lines").all("a")][:1] == ["plan.pdf"]
    links = shared(browser, direct, "links").one("ul", css="lines").all("a", target="_blank")
    assert [link["href"] for link in links] == ["https://example.org/?a=1&b=2"]
    assert shared(browser, direct, "nonsense").one("a", aria_current="page").text == "Pictures"


def test_shared__goes_on_page_after_page(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    for number in range(61):
        send(bob, direct, f"https://example.org/{number}")
    browser = signed_in(alice)
    shared(browser, direct, "links")
    page = browser.follow("Older")
    assert [link["href"] for link in page.all("a", target="_blank")] == ["https://example.org/0"]


def test_members__come_page_by_page_and_are_found_by_name(alice: User, signed_in: SignedIn) -> None:
    others = [make_user(f"user{number:02}", name=f"Name {number:02}") for number in range(PAGE)]
    group = group_create(
        creator_id=alice.pk,
        kind="group",
        title="Many",
        usernames=[other.username for other in others],
        now=timezone.now(),
    )
    browser = signed_in(alice)

    def names(page: Element) -> list[str]:
        section = page.one("section", aria_labelledby="members")
        return [row.one("b").text for row in section.one("ul", css="lines").all("li") if row.all("b")]

    page = browser.visit(f"/c/{group.pk}/info/")
    assert len(names(page)) == PAGE
    assert names(browser.follow("More")) == ["Name 49"]

    def find(text: str) -> Element:
        return browser.submit("Find", within=browser.page.one("section", aria_labelledby="members"), member=text)

    assert names(find("NAME 3")) == [f"Name 3{digit}" for digit in range(10)]
    assert "Nobody here has this name." in find("zzz").text


def test_who_was_removed_meanwhile__is_told_in_the_list(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    page = browser.visit("/c/?gone=1")
    assert browser.url == "/c/"
    assert page.one("p", css="notice").text == "You are no longer in that conversation."


def test_part_around_the_messages__says_whether_one_writes(alice: User, bob: User, signed_in: SignedIn) -> None:
    channel = make_group(alice, bob, kind="channel")
    browser = signed_in(bob)
    part = browser.visit(f"/c/{channel.pk}/about/").all("section")[0]
    assert not part.has("data-writes")
    assert part["data-note"] == "Only the owner and admins write in this channel."
    assert signed_in(alice).visit(f"/c/{channel.pk}/about/").all("section")[0].has("data-writes")
    browser.visit(f"/c/{make_group(alice).pk}/about/")
    assert browser.status == 404
