"""Groups and channels without JavaScript: making, managing, leaving, and how each member keeps them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Membership
from tests.factories import make_direct, make_group, make_user, send
from tests.web.conftest import PASSWORD, SignedIn
from tests.web.plain_browser import Element, PlainBrowser

pytestmark = pytest.mark.django_db


def roles(page: Element) -> dict[str, str]:
    """Name: role of the members on the page about a group."""
    members = page.one("section", aria_labelledby="members").all("li")
    return {
        member.one("b").text.removesuffix(" (you)"): (member.all(css="tag") or [Element("", {}, None)])[0].text
        for member in members
    }


def choose(browser: PlainBrowser, name: str, action: str) -> Element:
    """Open a member's menu and press one of its buttons."""
    [member] = [each for each in browser.page.all("li") if each.all("summary", aria_label=f"Manage {name}")]
    return browser.submit(action, within=member)


def test_group__is_made_by_looking_for_people_and_choosing_them(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit("/new/group/")
    assert [box["value"] for box in browser.page.all("input", name="members")] == ["bob"]  # wrote with him last
    browser.submit("Find", title="Climbing", q="小明", members=["bob"])
    boxes = browser.page.all("input", name="members")
    assert {box["value"]: box.has("checked") for box in boxes} == {"bob": True, "carol": False}
    assert browser.page.one("input", name="title")["value"] == "Climbing"
    page = browser.submit("Create", members=["bob", "carol"])
    assert page.one("h1").text == "Climbing"
    assert page.one(id="status").text == "3 members"
    page = browser.follow("Manage")
    assert roles(page) == {"Alice Chen": "Owner", "Bob": "", "王小明": ""}


def test_group__without_a_title__says_so_and_keeps_the_choice(alice: User, bob: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    page = browser.visit("/new/group/?members=bob&kind=channel")
    page = browser.submit("Create", title=" ")
    assert browser.status == 400
    assert page.one(id="title-error").text == "A title is needed."
    assert page.one("input", name="title")["aria-invalid"] == "true"
    assert page.one("input", name="members").has("checked")
    assert page.one(id="kind-channel").has("checked")
    page = browser.submit("Create", title="x" * 101)
    assert page.one(id="title-error").text == "This title is too long."
    page = browser.submit("Create", title="News", members=["bob", "nobody"])
    assert page.one("section", aria_labelledby="who").one(css="notice").text.startswith("One of these people")
    assert not Conversation.objects.exists()


def test_group__is_never_made_by_a_link(alice: User, bob: User, signed_in: SignedIn) -> None:
    signed_in(alice).visit("/new/group/?title=Trap&members=bob&do=create")
    assert not Conversation.objects.exists()


def test_channel__is_made_by_its_link(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    browser.visit("/new/")
    browser.follow("Create a channel")
    page = browser.submit("Create", title="News")
    assert Conversation.objects.get().kind == "channel"
    assert page.one(id="info").all("h2")[0].text == "About this channel"


def test_owner__adds_promotes_demotes_transfers_removes_renames(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/info/")
    browser.submit("Find", q="小明")
    page = browser.submit("Add 王小明")
    assert page.one("p", css="success").text == "carol is now a member."
    assert roles(page) == {"Alice Chen": "Owner", "Bob": "", "王小明": ""}
    assert roles(choose(browser, "Bob", "Make an admin"))["Bob"] == "Admin"
    assert roles(choose(browser, "Bob", "Make a plain member"))["Bob"] == ""
    assert "王小明" not in roles(choose(browser, "王小明", "Remove"))
    page = browser.submit("Rename", title="Night shift")
    assert page.one("h1").text == "Night shift"
    assert page.one("p", css="success").text == "The title is changed."
    page = browser.submit("Rename", title="  ")
    assert (browser.status, page.one(id="title-error").text) == (400, "A title is needed.")
    browser.visit(f"/c/{group.pk}/info/")
    browser.follow("Make the owner")
    page = browser.submit("Make the owner", password="wrong")
    assert (browser.status, page.one(id="password-error").text) == (400, "This is not your current password.")
    page = browser.submit("Make the owner", password=PASSWORD)
    assert page.one("p", css="success").text == "Bob is the owner now, and you are an admin."
    assert roles(page) == {"Bob": "Owner", "Alice Chen": "Admin"}


def test_admin__manages_plain_members_only(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob, carol)
    Membership.objects.filter(user=bob).update(role="admin")
    page = signed_in(bob).visit(f"/c/{group.pk}/info/")
    menus = {summary["aria-label"]: summary.parent for summary in page.all("summary") if summary.has("aria-label")}
    assert menus.keys() == {"Manage 王小明"}
    assert [button.text for button in menus["Manage 王小明"].all("button")] == ["Remove"]
    assert page.one(id="new-title")


def test_member__sees_no_controls_and_their_forms_are_refused(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob, carol)
    browser = signed_in(bob)
    page = browser.visit(f"/c/{group.pk}/info/")
    assert page.all(id="new-title") == []
    assert page.all(id="add-people") == []
    assert [summary for summary in page.all("summary") if summary.has("aria-label")] == []
    token = page.all("input", name="csrfmiddlewaretoken")[0]["value"]

    def refusal(path: str, **values: str) -> tuple[int, str]:
        response = browser.client.post(f"/c/{group.pk}/{path}", {**values, "csrfmiddlewaretoken": token})
        if response.status_code != 303:
            return response.status_code, ""
        return 303, browser.visit(f"/c/{group.pk}/info/").one("p", css="error").text

    said = "You may not do this here."
    assert refusal("members/", username="dora") == (303, said)
    assert refusal("members/carol/", do="remove") == (303, said)
    assert refusal("members/bob/", do="admin") == (303, said)
    assert refusal("rename/", title="Mine") == (403, "")
    assert refusal("profile/", description="Mine") == (303, said)
    assert refusal("permissions/", send="everybody") == (303, said)
    assert refusal("m/1/pin/", pinned="1") == (303, said)
    assert refusal("requests/dora/", do="accept") == (303, said)
    assert refusal("members/bob/owner/", password=PASSWORD) == (404, "")
    group.refresh_from_db()
    assert group.title == "Team"
    assert Membership.objects.filter(conversation=group, left_at=None).count() == 3


def test_leave__asks_first_and_then_the_conversation_is_gone(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    page = browser.visit(f"/c/{group.pk}/info/")
    question = page.one("details", css="card")
    assert question.one("summary").text == "Leave the group"
    assert "becomes the owner" in question.text
    page = browser.submit("Leave", within=question)
    assert browser.url == "/c/"
    assert page.one("p", css="notice").text == "You left the conversation."
    assert page.all("li", css="conv") == []
    browser.visit(f"/c/{group.pk}/")
    assert browser.status == 404
    assert roles(signed_in(bob).visit(f"/c/{group.pk}/info/")) == {"Bob": "Owner"}


def test_settings__mute_pin_archive_are_ones_own(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/info/")
    browser.submit("For 8 hours")
    hers, his = (Membership.objects.get(user=user) for user in (alice, bob))
    assert timedelta(hours=7.9) < hers.muted_until - timezone.now() <= timedelta(hours=8)
    assert his.muted_until is None
    assert browser.url == f"/c/{group.pk}/info/"
    browser.submit("MutedTurn on")
    hers.refresh_from_db()
    assert hers.muted_until is None
    browser.submit("Pin to the top")
    hers.refresh_from_db()
    assert hers.pinned
    browser.submit("Until I turn it on")
    hers.refresh_from_db()
    assert hers.muted_until > timezone.now() + timedelta(days=9_000)
    page = browser.visit(f"/c/{group.pk}/")
    browser.submit("Pinned to the top", within=page.one(id="info"))
    assert browser.url == f"/c/{group.pk}/"
    hers.refresh_from_db()
    assert not hers.pinned


def test_settings__mute_until_tomorrow__ends_at_eight_in_the_readers_morning(
    alice: User, bob: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    browser.cookies["timezone"] = "Asia/Shanghai"
    browser.visit(f"/c/{group.pk}/info/")
    browser.submit("Until tomorrow morning")
    muted_until = Membership.objects.get(user=alice).muted_until
    assert muted_until is not None
    until = muted_until.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (until.hour, until.minute) == (8, 0)
    assert timedelta(hours=8) <= until - timezone.now() <= timedelta(hours=32)


def test_settings__mark_unread_and_read__from_the_lists_options(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    send(bob, conversation)
    send(bob, conversation)
    browser = signed_in(alice)
    browser.follow("Options")
    assert browser.url == f"/c/{conversation.pk}/info/"
    browser.submit("Mark read")
    hers = Membership.objects.get(user=alice)
    assert hers.read_seq == 2
    page = browser.submit("Mark unread")
    assert browser.url == "/c/"
    assert page.one("li", css="conv")["data-unread"] == "1"


def test_direct__cannot_be_left_or_managed(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    browser = signed_in(alice)
    page = browser.visit(f"/c/{conversation.pk}/info/")
    assert page.all("details", css="card") == []
    assert page.all(id="members") == []
    assert "Create a group together" in [link.text for link in page.all("a")]
    browser.follow("Create a group together")
    assert browser.page.one("input", name="members", value="bob").has("checked")


def test_search__finds_others_by_part_of_a_name(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    make_user("banned", name="Bobby", is_active=False)
    browser = signed_in(alice)
    page = browser.visit("/new/?q=ALI")
    assert page.one("section", aria_labelledby="found").text.startswith("People Nobody is called “ALI”.")
    page = browser.visit("/new/?q=bo")
    assert [button["value"] for button in page.one(id="people").all("button")] == ["bob"]
    page = browser.visit("/new/?q=王")
    assert [button["value"] for button in page.one(id="people").all("button")] == ["carol"]
