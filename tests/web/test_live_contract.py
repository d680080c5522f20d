"""What the pages' script builds on: JSON blocks, templates, hooks, and rows as fragments."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from accounts.models import User
from chat.models import Conversation
from chat.selectors.store import epoch
from chat.services.conversations import conversation_settings_update
from chat.web.js_text import PLURALS, SENTENCES
from tests.factories import NOW, make_direct, make_group, send
from tests.js.test_budget import needed_by
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element, PlainBrowser, parse

pytestmark = pytest.mark.django_db


def block(page: Element, name: str) -> Any:
    return json.loads(page.one("script", id=name).raw_text)


def template(page: Element, name: str) -> Element:
    """What the script clones: the first element inside."""
    inside = page.one("template", id=name).children
    return next(child for child in inside if isinstance(child, Element))


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def test_boot__says_where_the_page_stands(alice: User, bob: User, direct: Conversation, signed_in: SignedIn) -> None:
    send(alice, direct, "one")
    send(bob, direct, "two")
    group = make_group(bob, alice, title="Quiet")
    conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), archived=True)
    boot = block(signed_in(alice).visit(f"/c/{direct.pk}/"), "boot")
    assert boot["user"] == {"username": "alice", "name": "Alice Chen", "avatar": None, "enter_sends": True, "undo_s": 0}
    assert boot["epoch"] == epoch()
    assert boot["cursors"] == {str(direct.pk): 2, str(group.pk): 1}
    assert boot["conversation"]["conversation"] == str(direct.pk)
    assert boot["conversation"]["receipts"] == {"bob": [2, 2]}
    assert [each["conversation"] for each in boot["conversations"]] == [str(direct.pk)]
    assert boot["people"]["bob"] == {
        "name": "Bob",
        "avatar": None,
        "initials": "B",
        "color": boot["people"]["bob"]["color"],
        "wide": False,
    }
    assert (boot["first_unread"], boot["unread_total"], boot["unread_elsewhere"]) == (2, 1, {})
    assert (boot["has_older"], boot["has_newer"], boot["target"]) == (False, False, None)
    assert boot["urls"]["rows"] == "/c/{cid}/rows/"
    assert boot["urls"]["permalink"] == "/c/{cid}/m/{seq}/"


def test_boot__counts_what_the_list_leaves_out(
    alice: User, bob: User, direct: Conversation, signed_in: SignedIn
) -> None:
    send(bob, direct, "unseen", now=NOW - timedelta(days=1))
    for number in range(100):
        make_group(alice, title=f"Group {number}", now=NOW + timedelta(seconds=number))
    boot = block(signed_in(alice).page, "boot")
    assert boot["unread_elsewhere"] == {str(direct.pk): 1}
    assert boot["unread_total"] == 1
    assert len(boot["cursors"]) == 101


def test_text__has_every_sentence_in_the_readers_language(alice: User, signed_in: SignedIn) -> None:
    alice.language = "zh-hans"
    alice.save()
    text = block(signed_in(alice).page, "text")
    assert text.keys() == SENTENCES.keys() | PLURALS.keys()
    assert text["tick_read"] == "已读"
    assert text["conn_countdown"]["other"] == "{count} 秒后重试。"


def test_text__holds_every_key_that_the_script_names() -> None:
    root = Path(str(finders.find("chat/js/main.js"))).parent
    source = "\n".join(path.read_text() for path in sorted(root.rglob("*.js")))
    calls = re.findall(r"words\.say\(([^;]*?)\)", source)
    # What a choice of words compares with is no word.
    named = {key for call in calls for key in re.findall(r'(?<!=== )"(\w+)"', call)}
    assert len(named) > 20
    in_settings = {"sign_out_unsent"}
    assert named - SENTENCES.keys() - PLURALS.keys() == in_settings


def test_templates__have_every_slot_empty_and_hidden(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    page = signed_in(alice).visit(f"/c/{direct.pk}/")
    row = template(page, "row")
    slots = {element["data-slot"]: element for element in row.walk() if element.has("data-slot")}
    assert slots.keys() == {
        "avatar", "author", "quote", "quote-author", "quote-text", "body", "edited", "time", "ticks", "ticks-text",
        "reactions", "who", "failed", "failed-text", "more", "pictures", "files", "uploading", "uploading-text",
    }  # fmt: skip
    for optional in ("author", "quote", "edited", "ticks", "reactions", "failed", "pictures", "files", "uploading"):
        assert slots[optional].has("hidden"), optional
    assert not row.has("id")
    assert not row.has("data-mid")
    entry = template(page, "conversation")
    assert {element["data-slot"] for element in entry.walk() if element.has("data-slot")} == {
        "avatar", "name", "time", "preview", "ticks", "ticks-text", "muted", "pinned", "mentioned", "badge", "count",
    }  # fmt: skip
    for name in (
        "reaction", "day", "unread", "row-menu", "confirm", "picture", "file", "tray-item", "lightbox", "fold", "code",
        "more-text", "again", "sheet-dialog",
    ):  # fmt: skip
        assert template(page, name).children


def test_a_row__has_the_same_slots_on_the_page_as_in_the_template(
    alice: User, bob: User, direct: Conversation, signed_in: SignedIn
) -> None:
    send(bob, direct, "first")
    send(alice, direct, "answer", reply_to=1)
    page = signed_in(alice).visit(f"/c/{direct.pk}/")
    offered = {each["data-slot"] for each in template(page, "row").walk() if each.has("data-slot")}
    for row in page.all("li", css="row"):
        assert {each["data-slot"] for each in row.walk() if each.has("data-slot")} <= offered


def test_hooks__are_there(alice: User, bob: User, direct: Conversation, signed_in: SignedIn) -> None:
    send(alice, direct, "mine", client_id="my-id")
    page = signed_in(alice).visit(f"/c/{direct.pk}/")
    for name in (
        "conn", "conn-retry", "conn-signin", "announcer", "alert", "sidebar", "conversations", "empty-list", "main",
        "title", "status", "scroller", "older", "newer", "timeline", "jump-latest", "jump-unread", "jump-back",
        "jump-mention", "typing",
        "composer", "composer-context", "composer-cancel", "composer-error", "composer-count", "message", "send",
        "info",
    ):  # fmt: skip
        page.one(id=name)
    assert page.one(id="conn")["data-state"] == "connected"
    main = page.one(id="main")
    assert (main["data-cid"], main["data-last-seq"], main["data-version"]) == (str(direct.pk), "1", "1")
    row = page.one(id="m1")
    assert (row["data-mid"], row["data-client-id"], row["data-state"]) == ("1", "my-id", "sent")
    # Nothing on the history itself is announced; the announcer is a place of its own.
    assert not page.one(id="timeline").has("aria-live")
    assert (page.one(id="announcer")["role"], page.one(id="announcer")["aria-live"]) == ("log", "polite")


class TestRows:
    """`GET /c/<id>/rows/`: the same rows as on the page, for the script to put in."""

    def fragment(self, browser: PlainBrowser, conversation: Conversation, query: str = "") -> Element:
        response = browser.client.get(f"/c/{conversation.pk}/rows/{query}")
        assert response.status_code == 200
        return parse(response.content.decode()).one("ol")

    def seqs(self, fragment: Element) -> list[int]:
        return [int(row["data-mid"]) for row in fragment.all("li", css="row")]

    def test_pages__go_both_ways_and_say_where_to_go_on(
        self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn
    ) -> None:
        for number in range(1, 121):
            send(bob, direct, f"{number}")
        browser = signed_in(alice)
        latest = self.fragment(browser, direct, "?latest=1")
        assert self.seqs(latest) == list(range(71, 121))
        assert (latest["data-older"], latest["data-newer"]) == ("71", "")
        older = self.fragment(browser, direct, "?before=71")
        assert self.seqs(older) == list(range(21, 71))
        assert (older["data-older"], older["data-newer"]) == ("21", "70")
        assert self.seqs(self.fragment(browser, direct, "?after=110")) == list(range(111, 121))
        around = self.fragment(browser, direct, "?around=60")
        assert 60 in self.seqs(around)
        assert around.all(id="unread-line") == []

    def test_seqs__bring_these_rows_with_their_people_and_quotes(
        self, alice: User, bob: User, carol: User, signed_in: SignedIn
    ) -> None:
        group = make_group(alice, bob, carol)
        send(bob, group, "question")
        send(carol, group, "answer", reply_to=2)
        fragment = self.fragment(signed_in(alice), group, "?seqs=3,1,99,x")
        assert self.seqs(fragment) == [1, 3]
        assert fragment.one(id="m3").one(css="quote").text == "Bobquestion"
        assert fragment.one(id="m1").text.startswith("You created")
        people = json.loads(fragment["data-people"])
        assert people["carol"]["initials"] == "小明"
        assert people["carol"]["wide"] is True

    def test_a_row__is_the_row_of_the_page(
        self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn
    ) -> None:
        send(bob, direct, "hello *there*")
        browser = signed_in(alice)
        fragment = browser.client.get(f"/c/{direct.pk}/rows/?seqs=1").content.decode()
        [row] = re.findall(r'<li class="row.*?</article>', fragment, re.DOTALL)
        browser.visit(f"/c/{direct.pk}/")
        assert row in browser.html


def test_modules__are_loaded_at_once(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    page = signed_in(alice).visit(f"/c/{direct.pk}/")
    preloaded = {link["href"] for link in page.all("link", rel="modulepreload")}
    main = Path(str(finders.find("chat/js/main.js")))
    at_once = needed_by(main) - {main}
    assert preloaded == {f"/static/chat/js/{path.relative_to(main.parent)}" for path in at_once}
