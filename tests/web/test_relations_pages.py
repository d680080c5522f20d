"""Contacts, blocks, and the settings about oneself, as pages without JavaScript."""

from __future__ import annotations

import pytest

from accounts.models import Block, Contact, User
from chat.models import Conversation
from chat.services.blocks import block_add
from chat.web.pinyin import sort_key
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


def befriend(user: User, other: User) -> None:
    Contact.objects.create(user=user, contact=other)
    Contact.objects.create(user=other, contact=user)


class TestContacts:
    def test_E16_request__is_asked_counted_and_accepted(self, alice: User, bob: User, signed_in: SignedIn) -> None:
        asking, answering = signed_in(alice), signed_in(bob)
        asking.visit("/contacts/")
        page = asking.submit("Find", q="@BOB")  # any case, as people write it
        assert asking.url == "/people/bob/"
        page = asking.submit("Ask", note="We met in Oslo.")
        assert page.one(css="notice").text == "Your request is sent."
        page = answering.visit("/c/")
        link = page.one(id="contacts-link")
        assert (link["href"], link.one(css="badge").text, link["aria-label"]) == (
            "/contacts/requests/",
            "1",
            "Contacts, 1 request",
        )
        page = answering.visit("/contacts/requests/")
        assert "We met in Oslo." in page.one(id="requests-received").text
        page = answering.submit("Accept")
        assert page.one(css="notice").text == "You are contacts now."
        assert answering.visit("/contacts/").one(id="contacts").one("b").text == "Alice Chen"
        assert not answering.page.one(id="contacts-link").all(css="badge")

    def test_request__ignored_and_taken_back(self, alice: User, bob: User, signed_in: SignedIn) -> None:
        asking, answering = signed_in(alice), signed_in(bob)
        asking.visit("/people/bob/")
        asking.submit("Ask")
        answering.visit("/contacts/requests/")
        page = answering.submit("Ignore")
        assert not page.all(id="requests-received")
        page = asking.visit("/contacts/requests/")
        assert "@bob" in page.one(id="requests-sent").text
        assert not asking.submit("Take back").all(id="requests-sent")

    def test_unknown_username__is_said(self, alice: User, signed_in: SignedIn) -> None:
        browser = signed_in(alice)
        page = browser.visit("/contacts/?q=nobody-here")
        assert page.one(id="handle-nobody").text == "Nobody has the username “nobody-here”."
        browser.visit("/people/nobody-here/")
        assert browser.status == 404

    def test_names__are_in_the_order_of_their_sounds(self, alice: User, signed_in: SignedIn) -> None:
        names = ["王小明", "Émile", "bob", "张伟", "Walter", "安娜", "Zoë", "陈静"]
        for name in names:
            befriend(alice, make_user(name=name))
        page = signed_in(alice).visit("/contacts/")
        shown = [each.text for each in page.one(id="contacts").all("b")]
        assert shown == ["安娜", "bob", "陈静", "Émile", "Walter", "王小明", "张伟", "Zoë"]
        assert sort_key("🎈") == "🎈"

    def test_who_takes_first_messages_of_others_only__says_so(
        self, alice: User, bob: User, signed_in: SignedIn
    ) -> None:
        bob.direct_from = "contacts"
        bob.save()
        browser = signed_in(alice)
        browser.visit("/people/bob/")
        page = browser.submit("Write")
        assert browser.url == "/people/bob/"
        assert page.one(css="notice").text == "This person takes first messages from contacts only, or from nobody."
        assert not Conversation.objects.exists()

    def test_who_lets_nobody_add_them__is_sent_a_link_instead(
        self, alice: User, bob: User, carol: User, signed_in: SignedIn
    ) -> None:
        bob.groups_from = "nobody"
        bob.save()
        group = make_group(alice, carol)
        browser = signed_in(alice)
        browser.visit(f"/c/{group.pk}/info/?q=bob")
        page = browser.submit("Add Bob")
        expected = "This person does not let you add them. Send them an invite link."
        assert page.one(css="notice").text == expected
        browser.visit("/new/group/?members=bob&title=Team")
        page = browser.submit("Create")
        assert browser.status == 403
        assert "lets you add them" in page.one("main").text


class TestBlocks:
    def test_from_the_panel__there_is_no_box_and_a_way_back(self, alice: User, bob: User, signed_in: SignedIn) -> None:
        conversation = make_direct(alice, bob)
        send(bob, conversation, "Hello!")
        browser = signed_in(alice)
        browser.visit(f"/c/{conversation.pk}/")
        page = browser.submit("Block")
        assert browser.url == f"/c/{conversation.pk}/"
        assert page.one(css="notice").text == "bob is blocked."
        assert not page.all(id="composer")
        assert "You blocked Bob." in page.one(id="composer-note").text
        assert "Hello!" in page.one(id="timeline").text
        page = browser.submit("Unblock")
        assert page.all(id="composer")
        assert not Block.objects.exists()

    def test_M36_blocked_sender__reads_why__and_keeps_the_text(
        self, alice: User, bob: User, signed_in: SignedIn
    ) -> None:
        conversation = make_direct(alice, bob)
        block_add(user_id=alice.pk, username="bob", now=NOW)
        browser = signed_in(bob)
        browser.visit(f"/c/{conversation.pk}/")
        page = browser.submit("Send", content="Are you there?")
        assert browser.status == 403
        assert page.one(id="composer-failed").text == "This person does not take messages from you."
        assert page.one("textarea").raw_text == "Are you there?"

    def test_list__blocks_by_name_and_takes_it_back(self, alice: User, bob: User, signed_in: SignedIn) -> None:
        browser = signed_in(alice)
        page = browser.visit("/settings/blocked/")
        assert "Groups are not affected" in page.one("main").text
        page = browser.submit("Block", username="nobody-here")
        assert browser.status == 404
        assert page.one("input", id="username")["value"] == "nobody-here"
        page = browser.submit("Block", username="bob")
        assert "@bob" in page.one(id="blocked").text
        page = browser.submit("Unblock")
        assert not page.all(id="blocked")


class TestSettings:
    def test_appearance__is_on_every_page(self, alice: User, signed_in: SignedIn) -> None:
        browser = signed_in(alice)
        browser.visit("/settings/appearance/")
        browser.submit("Save", theme="dark", density="compact", text_size="large", enter_sends="False", undo_send="5")
        page = browser.visit("/c/")
        html = page.one("html")
        assert (html["data-theme"], html["data-density"], html["data-text"]) == ("dark", "compact", "large")
        assert any("compact" in link["href"] for link in page.all("link", rel="stylesheet"))
        assert [meta["content"] for meta in page.all("meta", name="theme-color")] == ["#181c22"]
        alice.refresh_from_db()
        assert (alice.enter_sends, alice.undo_send) == (False, 5)

    def test_privacy__is_kept(self, alice: User, signed_in: SignedIn) -> None:
        browser = signed_in(alice)
        page = browser.visit("/settings/privacy/")
        assert page.one("input", id="id_read_receipts").has("checked")
        browser.submit("Save", presence_to="contacts", read_receipts=[], direct_from="nobody", groups_from="contacts")
        alice.refresh_from_db()
        chosen = (alice.presence_to, alice.read_receipts, alice.direct_from, alice.groups_from)
        assert chosen == ("contacts", False, "nobody", "contacts")
