"""Sending later without JavaScript: from the message box to a time of the reader's own, and what waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from chat.models import Message, ScheduledMessage
from chat.services.memberships import member_leave
from chat.services.scheduling import AHEAD_MAX, scheduled_send_due
from chat.web.later_times import FORMAT, presets, read_time
from tests.factories import make_direct, make_group, send
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


def test_later__from_the_message_box_to_a_time_of_the_readers_own(alice: User, bob: User, signed_in: SignedIn) -> None:
    alice.time_zone = "Asia/Shanghai"
    alice.save()
    group = make_group(alice, bob)
    send(bob, group, "When?")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/?reply=2")
    page = browser.submit("Later, or without sound", content="Tomorrow, @bob")
    assert page.one("textarea").text == "Tomorrow, @bob"
    at = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("Asia/Shanghai")).replace(second=0, microsecond=0)
    page = browser.submit("Schedule", send_at=at.strftime(FORMAT), silent="on")
    assert browser.url == f"/c/{group.pk}/later/"
    [line] = page.all("li", css="ask")
    assert "Tomorrow, @bob" in line.text and at.strftime("%H:%M · without sound") in line.text
    row = ScheduledMessage.objects.get()
    assert (row.send_at, row.mentions, row.reply_to, row.silent) == (at, ["bob"], 2, True)
    page = browser.visit(f"/c/{group.pk}/")
    assert page.one(id="scheduled-line").text == "1 scheduled message"
    assert not Message.objects.filter(content="Tomorrow, @bob").exists()


def test_later__one_tap_for_the_times_that_are_offered(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    browser = signed_in(alice)
    page = browser.visit(f"/c/{direct.pk}/later/")
    [button, *_] = page.all("button", name="at")
    assert button.text.startswith("In an hour · ")
    browser.submit(button.text, content="Soon")
    in_s = (ScheduledMessage.objects.get().send_at - timezone.now()).total_seconds()
    assert 3_500 < in_s <= 3_600


def test_later__says_what_is_missing_and_keeps_what_was_written(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{direct.pk}/later/")
    late = (timezone.now() + AHEAD_MAX + timedelta(days=1)).strftime(FORMAT)
    for text, at in (
        ("Soon", ""),
        ("Soon", "2020-01-01T00:00"),
        ("Soon", "0001-01-01T00:00"),
        ("Soon", late),
        ("", late),
    ):
        page = browser.submit("Schedule", content=text, send_at=at)
        assert (browser.status, page.one("textarea").text) == (422, text)
        assert page.one(id="errors")
    assert not ScheduledMessage.objects.exists()


def test_scheduled__are_changed_sent_and_deleted(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    browser = signed_in(alice)
    for text in ("First", "Second"):
        browser.visit(f"/c/{direct.pk}/later/")
        browser.submit("Schedule", content=text, send_at=(timezone.now() + timedelta(days=1)).strftime(FORMAT))
    first, second = ScheduledMessage.objects.order_by("pk")
    browser.visit(f"/later/{first.client_id}/")
    page = browser.submit("Save", content="First of all", silent="on")
    assert "First of all" in page.one("main").text and "Bob" in page.one("main").text
    first.refresh_from_db()
    assert (first.silent, first.send_at) == (True, second.send_at)
    browser.client.post(
        f"/later/{second.client_id}/delete/", {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    )
    page = browser.visit("/later/")
    assert len(page.all("li", css="ask")) == 1
    page = browser.submit("Send now")
    assert browser.url.startswith(f"/c/{direct.pk}/")
    assert "First of all" in page.one(id="m1").text
    assert "Nothing is scheduled" in browser.visit("/later/").one("main").text
    assert browser.visit(f"/later/{first.client_id}/") and browser.status == 404


def test_what_was_not_sent__says_why_also_where_one_has_left(alice: User, bob: User, signed_in: SignedIn) -> None:
    group = make_group(bob, alice, title="Secret plans")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/later/")
    browser.submit("Schedule", content="Bye", send_at=(timezone.now() + timedelta(days=1)).strftime(FORMAT))
    member_leave(user_id=alice.pk, conversation=str(group.pk), now=timezone.now())
    scheduled_send_due(conversation_id=group.pk, now=timezone.now() + timedelta(days=2))
    page = browser.visit("/later/")
    assert "Not sent: You are no longer in that conversation." in page.one("main").text
    assert "Secret plans" not in page.one("main").text
    assert browser.visit(f"/c/{group.pk}/later/") and browser.status == 404
    browser.visit("/later/")
    assert "You are no longer in that conversation." in browser.submit("Send now").one("main").text
    browser.submit("Delete")
    assert not ScheduledMessage.objects.exists()


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Asia/Shanghai", "2026-03-29T09:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30"),  # left out: there it is 03:30
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
    ],
)
def test_times__are_those_of_the_zone_also_when_clocks_change(zone: str, written: str, utc: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert read_time(written) == datetime.strptime(utc, FORMAT).replace(tzinfo=UTC)
        assert read_time("soon") is None


def test_presets__are_in_the_morning_of_the_readers_days() -> None:
    def offered(utc: str) -> list[str]:
        now = datetime.strptime(utc, FORMAT).replace(tzinfo=UTC)
        return [f"{preset.name} {preset.at:%a %d. %H:%M%z}" for preset in presets(now)]

    with timezone.override(ZoneInfo("Europe/Berlin")):
        # The day before clocks are put forward: a Saturday.
        assert offered("2026-03-28T20:30") == [
            "hour Sat 28. 22:30+0100", "tomorrow Sun 29. 09:00+0200", "monday Mon 30. 09:00+0200"
        ]  # fmt: skip
        assert offered("2026-03-29T00:30")[0] == "hour Sun 29. 03:30+0200"
        assert [each.split()[0] for each in offered("2026-03-29T12:00")] == ["hour", "tomorrow"]
        assert offered("2026-03-30T12:00")[2] == "monday Mon 06. 09:00+0200"
