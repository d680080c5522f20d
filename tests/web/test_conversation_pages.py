"""Talking without JavaScript: the list, a conversation, and everything that can be done with a message."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Membership, Message
from chat.services.conversations import conversation_settings_update
from chat.services.messages import message_recall
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element, PlainBrowser, parse

pytestmark = pytest.mark.django_db


def rows(page: Element) -> list[Element]:
    """The messages on a page, without days and lines."""
    return [row for row in page.one(id="timeline").all("li", css="row") if "system" not in row.classes]


def bodies(page: Element) -> list[str]:
    return [row.one(css="body").text for row in rows(page)]


def entry(page: Element, conversation: Conversation) -> Element:
    return page.one("li", css="conv", data_cid=str(conversation.pk))


def test_two_people_talk(alice: User, bob: User, signed_in: SignedIn) -> None:
    """From finding each other to a read message, with forms only."""
    hers, his = signed_in(alice), signed_in(bob)
    hers.visit("/new/")
    hers.submit("Find", q="bo")
    hers.submit("Write to Bob")
    assert hers.page.one("h1").text == "Bob"
    page = hers.submit("Send", content="Hello Bob!\nSecond line.")
    assert hers.redirects == [303]
    assert hers.url.endswith("#m1")
    own = page.one(id="m1")
    assert "own" in own.classes
    assert own["data-state"] == "sent"
    assert own.one(css="ticks").text == "Sent"

    page = his.visit("/c/")
    conversation = Conversation.objects.get()
    assert entry(page, conversation).one(css="badge").text == "1unread message"
    assert page.one("title").text.startswith("(1) ")
    assert entry(page, conversation).one(data_slot="preview").text == "Hello Bob! Second line."
    page = his.visit(entry(page, conversation).one(css="conv-link")["href"])
    assert bodies(page) == ["Hello Bob!Second line."]  # on two lines
    assert page.one(id="unread-line").text == "New messages"
    page = his.visit(his.url)
    assert page.all(id="unread-line") == []  # the page before was read
    assert page.one("title").text.startswith("Alice Chen")

    assert hers.visit(hers.url).one(id="m1")["data-state"] == "read"
    assert hers.page.one(id="m1").one(css="ticks").text == "Read"


def test_list__orders_pinned_then_last_active(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    old = make_group(alice, bob, title="Old", now=NOW)
    new = make_group(alice, bob, title="New", now=NOW + timedelta(minutes=1))
    pinned = make_direct(alice, carol, now=NOW - timedelta(days=1))
    conversation_settings_update(user_id=alice.pk, conversation=str(pinned.pk), pinned=True)
    page = signed_in(alice).page
    assert [each["data-cid"] for each in page.all("li", css="conv")] == [str(each.pk) for each in (pinned, new, old)]
    assert entry(page, pinned).one(css="conv-name").text == "王小明"
    assert entry(page, pinned).one(css="avatar").text == "小明"
    assert entry(page, new).one(data_slot="preview").text == "You created “New”"


def test_list__badges_stop_at_99_and_muted_ones_are_quiet_and_not_in_the_title(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    busy, muted = make_direct(alice, bob), make_direct(alice, carol)
    for number in range(100):
        send(bob, busy, f"{number}")
    send(carol, muted)
    conversation_settings_update(
        user_id=alice.pk, conversation=str(muted.pk), muted_until=timezone.now() + timedelta(hours=1)
    )
    page = signed_in(alice).page
    assert page.one("title").text.startswith("(100) ")
    assert entry(page, busy).one(data_slot="count").text == "99+"
    assert entry(page, busy).one(css="badge").text == "99+unread messages"
    assert "quiet" in entry(page, muted).one(css="badge").classes
    assert entry(page, muted).has("data-muted")


def test_list__archived_ones_have_a_page_of_their_own(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/info/")
    browser.submit("Archive")
    page = browser.visit("/c/")
    assert page.all("li", css="conv") == []
    page = browser.follow("1 archived conversation")
    assert entry(page, conversation)
    browser.visit(f"/c/{conversation.pk}/info/")
    browser.submit("Archived")
    assert entry(browser.visit("/c/"), conversation)


def test_list__news_brings_an_archived_one_back_until_it_is_read__but_no_muted_one(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    archived, muted = make_direct(alice, bob), make_direct(alice, carol)
    for each, until in ((archived, None), (muted, timezone.now() + timedelta(hours=1))):
        conversation_settings_update(user_id=alice.pk, conversation=str(each.pk), archived=True, muted_until=until)
    send(bob, archived)
    send(carol, muted)
    page = signed_in(alice).page
    assert [each["data-cid"] for each in page.all("li", css="conv")] == [str(archived.pk)]
    assert page.one("title").text.startswith("(1) ")
    browser = signed_in(alice)
    browser.visit(f"/c/{archived.pk}/")
    assert browser.visit("/c/").all("li", css="conv") == []
    assert len(browser.visit("/c/?filter=archived").all("li", css="conv")) == 2


def test_list__filters_are_links__and_stay_while_conversations_are_opened(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    direct, read, group = make_direct(alice, bob), make_direct(alice, carol), make_group(alice, bob)
    send(bob, direct)
    browser = signed_in(alice)

    def listed(page: Element) -> set[str]:
        return {each["data-cid"] for each in page.all("li", css="conv")}

    assert listed(browser.page) == {str(each.pk) for each in (direct, read, group)}
    assert listed(browser.follow("Groups")) == {str(group.pk)}
    assert listed(browser.follow("Unread")) == {str(direct.pk)}
    page = browser.visit(entry(browser.page, direct).one(css="conv-link")["href"])
    assert page.one(css="filter", aria_current="true").text == "Unread"
    page = browser.follow("Unread")
    assert listed(page) == set()
    assert page.one(id="empty-list").one("h2").text == "You have read everything"
    assert len(listed(browser.visit("/c/?filter=nonsense"))) == 3


def test_list__is_cut_at_100_and_shows_all_on_demand(alice: User, signed_in: SignedIn) -> None:
    for number in range(103):
        make_group(alice, title=f"Group {number}", now=NOW + timedelta(seconds=number))
    browser = signed_in(alice)
    assert len(browser.page.all("li", css="conv")) == 100
    assert len(browser.follow("Show 3 more").all("li", css="conv")) == 103


def test_history__has_days_groups_and_pages(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob, carol, now=NOW)
    send(bob, group, "one", now=NOW + timedelta(minutes=1))
    send(bob, group, "two", now=NOW + timedelta(minutes=5))
    send(bob, group, "late", now=NOW + timedelta(minutes=11))
    send(carol, group, "other", now=NOW + timedelta(minutes=12))
    send(carol, group, "reply", reply_to=2, now=NOW + timedelta(minutes=12))
    send(carol, group, "next day", now=NOW + timedelta(days=1))
    browser = signed_in(alice)
    page = browser.visit(f"/c/{group.pk}/")
    assert [day["data-day"] for day in page.all("li", css="day")] == ["2026-03-14", "2026-03-15"]
    assert page.one(id="m1").text.startswith("You created “Team”")
    firsts = {row["data-mid"]: "first" in row.classes for row in rows(page)}
    assert firsts == {"2": True, "3": False, "4": True, "5": True, "6": True, "7": True}
    assert page.one(id="m2").one(css="author").text == "Bob"
    assert page.one(id="m3").all(css="author") == []
    assert page.one(id="m6").one(css="quote").text == "Bob one".replace(" ", "")
    for number in range(60):
        send(alice, group, f"more {number}", now=NOW + timedelta(days=2))
    page = browser.visit(f"/c/{group.pk}/")
    assert [row["data-mid"] for row in rows(page)] == [str(seq) for seq in range(18, 68)]
    page = browser.follow("Older messages")
    assert [row["data-mid"] for row in page.one(id="timeline").all("li", css="row")] == [str(n) for n in range(1, 18)]
    page = browser.follow("Newer messages")
    assert [row["data-mid"] for row in rows(page)] == [str(seq) for seq in range(18, 68)]
    assert page.one(id="newer").has("hidden")


def test_history__opens_where_the_unread_begins(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    send(alice, conversation, "mine")
    for number in range(80):
        send(bob, conversation, f"{number}")
    page = signed_in(alice).visit(f"/c/{conversation.pk}/")
    before_line = [row.get("id") for row in page.one(id="timeline").all("li")]
    assert before_line[before_line.index("unread-line") - 1 :][:3] == ["m1", "unread-line", "m2"]
    assert len(rows(page)) == 50
    assert page.one(id="newer")["href"] == "?after=50"


def test_history__unread_line_is_not_above_what_does_not_count(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(bob, alice)
    send(bob, group, "read")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/")
    send(bob, group, "taken back")
    message_recall(actor_id=bob.pk, conversation=str(group.pk), seq=3, request_id="r", now=NOW)
    send(bob, group, "counts")
    page = browser.visit(f"/c/{group.pk}/")
    ids = [row.get("id") for row in page.one(id="timeline").all("li")]
    assert ids[ids.index("unread-line") + 1] == "m4"


def test_new_member__sees_the_history_and_no_unread_line(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob)
    send(bob, group, "before")
    hers = signed_in(alice)
    hers.visit(f"/c/{group.pk}/info/?q=carol")
    hers.submit("Add 王小明")
    page = signed_in(carol).visit(f"/c/{group.pk}/")
    assert bodies(page) == ["before"]
    assert page.all(id="unread-line") == []


def test_permalink__shows_the_message_in_its_surroundings(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    for number in range(1, 121):
        send(bob, conversation, f"{number}")
    browser = signed_in(alice)
    page = browser.visit(f"/c/{conversation.pk}/m/60/")
    assert page.one(css="target")["data-mid"] == "60"
    assert not page.one(id="older").has("hidden")
    assert not page.one(id="newer").has("hidden")
    browser.visit(f"/c/{conversation.pk}/m/121/")
    assert browser.url == f"/c/{conversation.pk}/"


def test_send__a_reload_or_a_double_click_sends_once(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/")
    button, client_id = browser.page.one(id="send"), browser.page.one("input", name="client_id")["value"]
    browser.press(button, content="Once")
    assert browser.page.one("input", name="client_id")["value"] != client_id
    browser.press(button, content="Once")  # the same form again
    assert Message.objects.filter(conversation=conversation).count() == 1


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 400, "There is nothing to send yet."),
        ("   \n ", 400, "There is nothing to send yet."),
        ("x" * 10_001, 413, "This is too long to send."),
    ],
)
def test_send__a_refusal_says_why_and_keeps_the_text(
    alice: User, bob: User, signed_in: SignedIn, text: str, status: int, sentence: str
) -> None:
    conversation = make_direct(alice, bob)
    send(bob, conversation, "what I answer")
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/?reply=1")
    page = browser.submit("Send", content=text)
    assert browser.status == status
    assert page.one(id="composer-failed").text.startswith(sentence)
    assert page.one(id="message")["aria-describedby"] == "composer-failed"
    assert page.one(id="message").raw_text.strip() == text.strip()
    assert page.one("input", name="reply_to")["value"] == "1"


def test_reply__edit__react__recall(alice: User, bob: User, signed_in: SignedIn) -> None:
    """Everything the actions page offers, from both sides."""
    conversation = make_direct(alice, bob)
    send(bob, conversation, "How about *Friday*?", now=timezone.now())
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/")
    browser.follow("Actions")
    page = browser.follow("Reply")
    assert page.one(id="composer-context").text == "Reply to BobHow about Friday?"
    page = browser.submit("Send", content="Fine.")
    assert page.one(id="m2").one(css="quote").text == "BobHow about Friday?"
    assert page.one(id="m2").one(css="quote")["href"] == f"/c/{conversation.pk}/m/1/#m1"

    browser.visit(f"/c/{conversation.pk}/m/1/actions/")
    page = browser.submit("👍")
    chip = page.one(id="m1").one("button", css="reaction")
    assert (chip["aria-pressed"], chip["title"], chip.text) == ("true", "Alice Chen", "👍1")
    page = browser.press(chip)
    assert page.one(id="m1").all("button", css="reaction") == []

    browser.visit(f"/c/{conversation.pk}/m/2/actions/")
    browser.follow("Edit")
    assert browser.page.one(id="content").text == "Fine."
    page = browser.submit("Save", content="Fine, at **noon**.")
    assert page.one(id="m2").one(data_slot="edited").text == "edited"
    assert page.one(id="m2").one("strong").text == "noon"
    browser.visit(f"/c/{conversation.pk}/m/2/edit/")
    page = browser.submit("Save", content=" ")
    assert browser.status == 400
    assert page.one(id="content-error").text.startswith("There is nothing to send")

    browser.visit(f"/c/{conversation.pk}/m/2/actions/")
    page = browser.submit("Recall for everybody")
    tombstone = page.one(id="m2")
    assert "recalled" in tombstone.classes
    assert tombstone.one(css="body").text == "You recalled a message"
    assert tombstone.all(css="more") == []
    assert tombstone.all(css="ticks") == []
    page = signed_in(bob).visit(f"/c/{conversation.pk}/")
    assert page.one(id="m2").one(css="body").text == "Alice Chen recalled a message"


def test_actions__offer_only_what_may_be_done(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    send(bob, group, "old", now=timezone.now() - timedelta(hours=1))

    def offered(browser: PlainBrowser) -> set[str]:
        card = browser.visit(f"/c/{group.pk}/m/2/actions/").one("div", css="toggles")
        return {each.text for each in card.walk() if each.tag in {"a", "button"}}

    # Too late to recall.
    assert offered(signed_in(bob)) == {"Reply", "Edit", "Forward", "Link to this message", "Who has read it"}
    assert offered(signed_in(alice)) == {
        "Pin for everybody",  # and so it is for the owner
        "Reply",
        "Forward",
        "Link to this message",
        "Mark unread from here",
        "Recall for everybody",  # the owner may, at any time
    }


def test_recall__too_late__says_so(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    send(alice, conversation, "stays", now=timezone.now() - timedelta(seconds=100))
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/m/1/actions/")
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))
    page = browser.submit("Recall for everybody")
    assert page.one(css="foot").all(css="notice")[0].text == "It is too late to recall this message."
    assert bodies(page) == ["stays"]


def test_mark_unread__counts_again_from_there(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    for number in range(3):
        send(bob, conversation, f"{number}")
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/")
    browser.visit(f"/c/{conversation.pk}/m/2/actions/")
    page = browser.submit("Mark unread from here")
    assert browser.url == "/c/"
    assert entry(page, conversation)["data-unread"] == "2"


def test_channel__members_read_and_only_managers_write(alice: User, bob: User, signed_in: SignedIn) -> None:
    channel = make_group(alice, bob, title="News", kind="channel")
    page = signed_in(bob).visit(f"/c/{channel.pk}/")
    assert page.all(id="composer") == []
    assert page.one(id="composer-note").text == "Only the owner and admins write in this channel."
    page = signed_in(alice).visit(f"/c/{channel.pk}/")
    assert page.all(id="composer-note") == []
    assert page.one(id="composer")


def test_saved_messages__are_a_conversation_with_oneself(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    browser.submit("Saved messagesNotes and links, on all your devices")
    assert browser.page.one("h1").text == "Saved messages"
    page = browser.submit("Send", content="milk")
    assert page.one(id="m1")["data-state"] == "sent"
    conversation = Conversation.objects.get()
    assert entry(page, conversation).one(css="conv-name").text == "Saved messages"
    assert entry(page, conversation).has("data-self")


def test_mention__in_a_text_sent_by_form__names_the_member(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/")
    page = browser.submit("Send", content="你好@bob，see @nobody")
    assert [mention.text for mention in page.all("span", css="mention")] == ["@bob"]
    assert Message.objects.get(seq=2).mentions == ["bob"]


def test_group_ticks__say_how_many_have_read(alice: User, bob: User, carol: User, signed_in: SignedIn) -> None:
    group = make_group(alice, bob, carol)
    send(alice, group, "read me")
    browser = signed_in(alice)
    assert browser.visit(f"/c/{group.pk}/").one(id="m2")["data-state"] == "sent"
    Membership.objects.filter(user=carol).update(received_seq=2)
    assert browser.visit(f"/c/{group.pk}/").one(id="m2")["data-state"] == "delivered"
    signed_in(bob).visit(f"/c/{group.pk}/")
    tick = browser.visit(f"/c/{group.pk}/").one(id="m2")
    assert (tick["data-state"], tick.one(css="ticks").text) == ("read", "Read by 1")


def test_jumbo__one_to_three_emoji_alone(alice: User, bob: User, signed_in: SignedIn) -> None:
    conversation = make_direct(alice, bob)
    texts = {"👍": True, "👨‍👩‍👧‍👦 🇨🇳 ❤️": True, "🎉🎉🎉🎉": False, "ok 👍": False, "12": False, "👍🏽": True}
    for text in texts:
        send(bob, conversation, text)
    page = signed_in(alice).visit(f"/c/{conversation.pk}/")
    assert ["jumbo" in row.one(css="body").classes for row in rows(page)] == list(texts.values())


def test_large_conversation__beyond_the_list_is_still_open(alice: User, bob: User, signed_in: SignedIn) -> None:
    """A conversation that the list beside it leaves out is read separately."""
    first = make_direct(alice, bob, now=NOW - timedelta(days=9))
    for number in range(101):
        make_group(alice, title=f"Group {number}", now=NOW + timedelta(seconds=number))
    page = signed_in(alice).visit(f"/c/{first.pk}/")
    assert page.one("h1").text == "Bob"
    assert page.all("li", css="conv", data_cid=str(first.pk)) == []


def test_other_user_made_up_name__stands_for_itself(alice: User, signed_in: SignedIn) -> None:
    """Somebody who left is still named in the history."""
    ghost = make_user("ghost", name="Ghost")
    group = make_group(alice, ghost)
    send(ghost, group, "boo")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/info/")
    browser.press(browser.page.one("button", name="do", value="remove"))
    page = browser.visit(f"/c/{group.pk}/")
    assert page.one(id="m2").one(css="author").text == "Ghost"
    assert page.one(id="m3").one(data_slot="body").text == "You removed Ghost"


def test_part__is_the_page_without_its_frame(alice: User, bob: User, signed_in: SignedIn) -> None:
    """What the script of an open page puts in place of the conversation it shows: the same, and nothing read by it."""
    conversation = make_direct(alice, bob)
    for number in range(3):
        send(bob, conversation, f"message {number}")
    browser = signed_in(alice)
    answer = browser.client.get(f"/c/{conversation.pk}/", headers={"X-Part": "1"})
    part = parse(answer.content.decode())
    assert "X-Part" in answer["Vary"]
    assert Membership.objects.get(user=alice, conversation=conversation).read_seq == 0
    boot = json.loads(part.one(id="boot").text)
    assert boot["conversation"]["conversation"] == str(conversation.pk)
    assert boot["first_unread"] == 1
    assert part.one("title").text == f"Bob · {settings.SITE_NAME}"
    assert part.one(css="skip")["href"] == "#message"
    assert [part.all(id="sidebar"), part.all("noscript")] == [[], []]
    whole = browser.visit(f"/c/{conversation.pk}/")
    assert [row.text for row in rows(part)] == [row.text for row in rows(whole)]
    assert part.one(id="info").text == whole.one(id="info").text
