"""What one asks about while reading, without JavaScript: histories, reactions, readers, days, mentions."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from chat.models import Conversation
from chat.services.conversations import conversation_rename
from chat.services.memberships import member_leave, member_remove
from chat.services.messages import message_edit, message_react, message_recall
from chat.services.receipts import read_advance, received_advance, unread_mark
from tests.factories import NOW, make_direct, make_group, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element, PlainBrowser

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def at(day: int, hour: int, month: int = 3) -> datetime:
    """A time in 2026 as people in Shanghai have it."""
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def days(page: Element) -> list[str]:
    return [line["data-day"] for line in page.all("li", css="day")]


def bodies(page: Element) -> list[str]:
    return [body.text for body in page.all(css="body")]


class TestHistory:
    def test_E02_edited__leads_to_what_was_said_before(
        self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn
    ) -> None:
        send(alice, direct, "the *first*")
        message_edit(
            actor_id=alice.pk,
            conversation=str(direct.pk),
            seq=1,
            content="the **second**",
            request_id="r",
            now=NOW + timedelta(minutes=1),
        )
        his = signed_in(bob)
        his.visit(f"/c/{direct.pk}/")
        page = his.follow("edited")
        assert page.one("h1").text == "What the message said"
        assert bodies(page) == ["the second", "the first"]
        assert page.one(css="versions").one("em").text == "first"
        part = his.visit(f"{his.url}?part=1")
        assert bodies(part) == ["the second", "the first"]
        assert part.all("nav") == []

    def test_E02_recalled_message__has_none(
        self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn
    ) -> None:
        send(alice, direct, "the secret")
        message_recall(actor_id=alice.pk, conversation=str(direct.pk), seq=1, request_id="r", now=NOW)
        his = signed_in(bob)
        his.visit(f"/c/{direct.pk}/m/1/history/")
        assert his.status == 404

    def test_outsiders__see_nothing(self, alice: User, carol: User, direct: Conversation, signed_in: SignedIn) -> None:
        send(alice, direct, "hello")
        hers = signed_in(carol)
        for page in ("m/1/history/", "m/1/reactions/", "m/1/readers/", "date/"):
            hers.visit(f"/c/{direct.pk}/{page}")
            assert hers.status == 404, page


def test_E04_reactions__name_everybody_by_emoji_those_who_left_too(
    alice: User, bob: User, carol: User, signed_in: SignedIn
) -> None:
    group = make_group(alice, bob, carol)
    send(alice, group, "shall we?")
    for user, emoji in ((alice, "👍"), (bob, "👍"), (carol, "🎉")):
        message_react(
            actor_id=user.pk, conversation=str(group.pk), seq=2, emoji=emoji, remove=False, request_id="r", now=NOW
        )
    member_leave(user_id=carol.pk, conversation=str(group.pk), now=NOW)
    hers = signed_in(alice)
    hers.visit(f"/c/{group.pk}/")
    page = hers.follow("Who reacted")
    sections = page.all("section", css="card")
    assert [section.one("h2").text for section in sections] == ["👍 2", "🎉 1"]
    assert [name.text for name in sections[0].all("b")] == ["Alice Chen", "Bob"]
    assert sections[1].one("li").text.endswith("王小明No longer here")


class TestReaders:
    def test_ticks__lead_to_who_has_read_and_whom_it_reached(
        self, alice: User, bob: User, carol: User, signed_in: SignedIn
    ) -> None:
        group = make_group(alice, bob, carol)
        send(alice, group, "who reads this?")
        read_advance(user_id=bob.pk, conversation=str(group.pk), seq=2, now=NOW)
        received_advance(user_id=carol.pk, conversation=str(group.pk), seq=2, now=NOW)
        hers = signed_in(alice)
        hers.visit(f"/c/{group.pk}/")
        page = hers.follow("Read by 1")
        sections = {section.one("h2").text: section.one("b").text for section in page.all("section", css="card")}
        assert sections == {"Read 1": "Bob", "Delivered 1": "王小明"}
        read = page.all("section", css="card")[0]
        assert [time["datetime"] for time in read.all("time")] == [NOW.isoformat()]

    def test_times__are_those_of_the_last_step_and_no_others(
        self, alice: User, bob: User, carol: User, signed_in: SignedIn
    ) -> None:
        """Who has gone on reading since has read it, too; when is no longer known. An own message is a step."""
        group = make_group(alice, bob, carol)
        place = str(group.pk)
        for number in range(2, 6):
            send(alice, group, f"number {number}")
        read_advance(user_id=bob.pk, conversation=place, seq=3, now=NOW)
        unread_mark(user_id=bob.pk, conversation=place, seq=2, now=NOW + timedelta(minutes=1))
        read_advance(user_id=bob.pk, conversation=place, seq=3, now=NOW + timedelta(minutes=2))
        for text in ("one", "two"):
            send(carol, group, text, now=NOW + timedelta(minutes=3))
        read_advance(user_id=bob.pk, conversation=place, seq=4, now=NOW + timedelta(minutes=4))
        hers = signed_in(alice)
        times = {
            seq: [time["datetime"] for time in hers.visit(f"/c/{place}/m/{seq}/readers/?part=1").all("time")]
            for seq in (3, 4, 5)
        }
        bobs, carols = ((NOW + timedelta(minutes=minutes)).isoformat() for minutes in (4, 3))
        assert times == {3: [carols], 4: [bobs, carols], 5: [carols]}

    def test_others_messages_and_direct_chats__have_none(
        self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn
    ) -> None:
        group = make_group(alice, bob)
        send(bob, group, "not hers")
        send(alice, direct, "not a group")
        hers = signed_in(alice)
        for address in (f"/c/{group.pk}/m/2/readers/", f"/c/{direct.pk}/m/1/readers/"):
            hers.visit(address)
            assert hers.status == 404
        assert not hers.visit(f"/c/{direct.pk}/").one(id="m1").one(css="ticks").has("href")


class TestDays:
    @pytest.fixture
    def hers(self, alice: User, bob: User, direct: Conversation, signed_in: SignedIn) -> PlainBrowser:
        """Alice in Shanghai; messages around midnight there, on three days of March."""
        alice.time_zone = "Asia/Shanghai"
        alice.save()
        send(bob, direct, "old", now=at(1, 12))
        send(bob, direct, "late", now=at(9, 23))
        send(bob, direct, "early", now=at(10, 1))
        send(bob, direct, "last", now=at(12, 8))
        read_advance(user_id=alice.pk, conversation=str(direct.pk), seq=4, now=NOW)
        return signed_in(alice)

    def asked(self, hers: PlainBrowser, direct: Conversation, date: str) -> tuple[list[str], str]:
        """The messages on the page about a date, and what it says."""
        page = hers.visit(f"/c/{direct.pk}/?date={date}")
        assert hers.status == 200
        return bodies(page), " ".join(notice.text for notice in page.all(css="notice")).strip()

    def test_E03_a_day__is_the_readers_own(self, hers: PlainBrowser, direct: Conversation) -> None:
        assert self.asked(hers, direct, "2026-03-10") == (["early", "last"], "")
        assert days(hers.page) == ["2026-03-10", "2026-03-12"]
        assert not hers.page.one(id="older").has("hidden")

    def test_E03_empty_day__goes_to_the_next_and_says_so(self, hers: PlainBrowser, direct: Conversation) -> None:
        found, said = self.asked(hers, direct, "2026-03-11")
        assert found == ["last"]
        assert said == (
            "Nothing was written on this day: Wednesday, March 11. The next messages are from: Thursday, March 12."
        )

    def test_E03_before_the_first_and_after_the_last(self, hers: PlainBrowser, direct: Conversation) -> None:
        everything = ["old", "late", "early", "last"]
        found, said = self.asked(hers, direct, "0001-01-01")
        assert found == everything
        assert said.startswith("The conversation began after this day")
        for late in ("2026-03-13", "9999-12-31"):
            found, said = self.asked(hers, direct, late)
            assert found == everything
            assert said.startswith("Nothing was written on this day or later")

    @pytest.mark.parametrize(
        "nonsense", ["", "yesterday", "2026-13-40", "2026-3-1", "20260301", "２０２６-03-01", "%00"]
    )
    def test_E03_nonsense__gets_a_plain_answer(self, hers: PlainBrowser, direct: Conversation, nonsense: str) -> None:
        found, said = self.asked(hers, direct, nonsense)
        assert found == ["old", "late", "early", "last"]
        assert said == "That is no date. Write it as year, month and day: 2026-11-01."

    def test_E03_day_line__leads_to_a_picker(self, hers: PlainBrowser, direct: Conversation) -> None:
        page = hers.visit(f"/c/{direct.pk}/")
        page = hers.visit(page.all("li", css="day")[1].one("a")["href"])
        field = page.one("input", id="date")
        assert (field["type"], field["value"], field["min"]) == ("date", "2026-03-09", "2026-03-01")
        hers.submit("Go", date="2026-03-12")
        assert bodies(hers.page) == ["last"]

    def test_E03_fragment__says_where_the_day_begins(self, hers: PlainBrowser, direct: Conversation) -> None:
        rows = hers.visit(f"/c/{direct.pk}/rows/?date=2026-03-11").one("ol")
        assert rows["data-begins"] == "4"
        assert rows["data-notice"].startswith("Nothing was written")
        assert rows["data-older"] == "4"


class TestMentions:
    def test_D14_list_and_message__show_who_is_mentioned(self, alice: User, bob: User, signed_in: SignedIn) -> None:
        group = make_group(alice, bob, title="Team")
        other = make_group(alice, bob, title="Others")
        send(alice, group, "@bob look", mentions=["bob"])
        send(alice, group, "no more")
        send(alice, other, "nothing")
        group.memberships.filter(user=bob).update(muted_until=datetime(2099, 1, 1, tzinfo=SHANGHAI))
        his = signed_in(bob)
        page = his.visit("/c/?filter=mentions")
        [listed] = page.one(id="conversations").all("li", css="conv")
        assert listed["data-cid"] == str(group.pk)
        assert not listed.one(css="conv-mention").has("hidden")
        page = his.visit(f"/c/{group.pk}/")
        assert "mentioned" in page.one(id="m2").classes
        assert "mentioned" not in page.one(id="m3").classes
        page = his.visit("/c/")
        assert all(row.one(css="conv-mention").has("hidden") for row in page.one(id="conversations").all("li"))

    def test_no_mention__is_said(self, alice: User, signed_in: SignedIn) -> None:
        page = signed_in(alice).visit("/c/?filter=mentions")
        assert page.one(id="empty-list").one("h2").text == "Nobody has mentioned you"


class TestSystemLines:
    def test_three_in_a_row__are_behind_one_line(
        self, alice: User, bob: User, carol: User, signed_in: SignedIn
    ) -> None:
        group = make_group(alice, bob, carol, title="One")
        send(bob, group, "hello")
        for title in ("Two", "Three", "Four"):
            conversation_rename(actor_id=alice.pk, conversation=str(group.pk), title=title, now=NOW)
        send(bob, group, "stop it")
        member_remove(actor_id=alice.pk, conversation=str(group.pk), username="carol", now=NOW)
        page = signed_in(alice).visit(f"/c/{group.pk}/")
        assert page.one("li", css="fold").text == "3 changes"
        folded = [row["data-mid"] for row in page.all("li", css="folded")]
        assert folded == ["3", "4", "5"]


def test_keys__have_a_page(alice: User, signed_in: SignedIn) -> None:
    hers = signed_in(alice)
    page = hers.follow("Keyboard shortcuts")
    assert page.one("h1").text == "Keyboard shortcuts"
    assert "Go to a conversation by its name" in page.one("main").text
