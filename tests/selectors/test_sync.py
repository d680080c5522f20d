"""What `sync` brings: to the letter of PROTOCOL §4, in pages, and whatever happens meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.events import MessageObject
from chat.models import Conversation
from chat.selectors import sync as sync_module
from chat.selectors.conversations import get_conversation
from chat.selectors.messages import list_messages
from chat.selectors.sync import SyncPage, sync
from chat.services.conversations import conversation_settings_update
from chat.services.memberships import member_add, member_remove
from chat.services.messages import message_edit, message_react, message_recall, messages_send
from chat.services.receipts import read_advance
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send

HOUR = timedelta(hours=1)


def pages_of(
    user: User,
    cursors: Mapping[str, Any] | None = None,
    *,
    changed_since: datetime | None = None,
    include_all: bool = False,
) -> list[SyncPage]:
    pages = list(sync(user_id=user.pk, cursors=cursors or {}, changed_since=changed_since, include_all=include_all))
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    return pages


def page_of(user: User, cursors: Mapping[str, Any] | None = None, **options: Any) -> SyncPage:
    [page] = pages_of(user, cursors, **options)
    return page


def fill(sender: User, conversation: Conversation, number: int) -> None:
    """Send many messages at once."""
    while number > 0:
        messages_send([make_request(sender, conversation) for _ in range(min(number, 60))], now=NOW)
        number -= 60


def seqs(page: SyncPage) -> list[int]:
    return [message.seq for message in page.messages]


# --- a conversation in the cursors -------------------------------------------


def test_nothing_new__is_one_empty_page(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    assert page_of(alice, {str(group.pk): 1}) == SyncPage([], [], {}, more=False)
    assert page_of(make_user("new")) == SyncPage([], [], {}, more=False)


def test_changes_above_the_cursor__come_in_version_order_with_the_conversation(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    pk = str(direct.pk)
    for content in ("one", "two", "three"):
        send(alice, direct, content)
    message_edit(actor_id=alice.pk, conversation=pk, seq=1, content="ONE", request_id="e", now=NOW)
    message_react(actor_id=bob.pk, conversation=pk, seq=2, emoji="👍", remove=False, request_id="r", now=NOW)
    page = page_of(bob, {pk: 2})
    assert [(message.seq, message.version) for message in page.messages] == [(3, 3), (1, 4), (2, 5)]
    fresh = {message.seq: message for message in list_messages(user_id=bob.pk, conversation=pk)}
    assert page.messages == [fresh[3], fresh[1], fresh[2]]
    assert page.conversations == [get_conversation(user_id=bob.pk, conversation=pk)]
    assert page.cursors == {pk: 5}


def test_cursor_zero__brings_the_whole_of_a_short_conversation(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    fill(alice, direct, 30)
    assert seqs(page_of(bob, {str(direct.pk): 0})) == list(range(1, 31))


def test_many_changes__come_in_pages_and_the_object_with_the_last(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    pk = str(direct.pk)
    fill(alice, direct, 500)
    first, second, third = pages_of(bob, {pk: 10})
    assert [seqs(page) for page in (first, second, third)] == [
        list(range(11, 211)),
        list(range(211, 411)),
        list(range(411, 501)),
    ]
    assert [page.cursors for page in (first, second, third)] == [{pk: 210}, {pk: 410}, {pk: 500}]
    assert [len(page.conversations) for page in (first, second, third)] == [0, 0, 1]
    assert third.conversations[0].version == 500


def test_more_changes_than_the_limit__reset_the_conversation(alice: User, bob: User, settings: Any) -> None:
    settings.IM_SYNC_MAX = 100
    direct = make_direct(alice, bob)
    pk = str(direct.pk)
    fill(alice, direct, 101)
    page = page_of(bob, {pk: 0})
    assert page.conversations[0].reset is True
    assert seqs(page) == list(range(52, 102))
    assert page.cursors == {pk: 101}
    assert page_of(bob, {pk: 1}).conversations[0].reset is None


def test_limit__counts_messages_and_not_changes(alice: User, bob: User, settings: Any) -> None:
    settings.IM_SYNC_MAX = 30
    direct = make_direct(alice, bob)
    pk = str(direct.pk)
    fill(alice, direct, 40)
    for number in range(40):
        remove = bool(number % 2)
        message_react(actor_id=bob.pk, conversation=pk, seq=20, emoji="👍", remove=remove, request_id="r", now=NOW)
    page = page_of(bob, {pk: 11})  # 69 changes, to 29 messages
    assert page.conversations[0].reset is None
    assert sorted(seqs(page)) == list(range(12, 41))
    assert page_of(bob, {pk: 9}).conversations[0].reset is True


def test_recalled_message__comes_empty(alice: User, bob: User) -> None:
    ack = send(alice, bob)
    message_recall(actor_id=alice.pk, conversation=ack.conversation, seq=1, request_id="r", now=NOW)
    page = page_of(bob, {ack.conversation: 1})
    assert [(message.content, message.recalled_at) for message in page.messages] == [("", ack.timestamp)]
    assert page.conversations[0].unread == 0


# --- a conversation that is not ----------------------------------------------


def test_unknown_conversation__comes_with_its_newest_twenty(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    pk = str(direct.pk)
    fill(alice, direct, 30)
    message_edit(actor_id=alice.pk, conversation=pk, seq=15, content="edited", request_id="e", now=NOW)
    page = page_of(bob)
    assert seqs(page) == [11, 12, 13, 14, *range(16, 31), 15]
    assert page.conversations == [get_conversation(user_id=bob.pk, conversation=pk)]
    assert page.cursors == {pk: 31}


@pytest.mark.parametrize("sync_max", [10, 1000])
@pytest.mark.parametrize("cursor", [-1, 32, 2**63, 2**100, -(2**100)])
def test_impossible_cursor__counts_as_missing(
    alice: User, bob: User, settings: Any, cursor: int, sync_max: int
) -> None:
    settings.IM_SYNC_MAX = sync_max
    direct = make_direct(alice, bob)
    fill(alice, direct, 31)
    assert seqs(page_of(bob, {str(direct.pk): cursor})) == list(range(12, 32))


def test_conversation_without_messages__comes_as_an_object(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    page = page_of(alice)
    assert [each.conversation for each in page.conversations] == [str(direct.pk)]
    assert (page.messages, page.cursors) == ([], {str(direct.pk): 0})
    assert page_of(alice, {str(direct.pk): 0}).conversations == []


def test_conversations__come_last_active_first(alice: User, bob: User, carol: User) -> None:
    first, second = make_direct(alice, bob), make_direct(alice, carol)
    send(alice, second, now=NOW + HOUR)
    send(alice, first, now=NOW + HOUR * 2)
    assert [each.conversation for each in page_of(alice).conversations] == [str(first.pk), str(second.pk)]


# --- left, foreign, garbage --------------------------------------------------


def test_left_conversation__says_so_and_nothing_else(alice: User, bob: User) -> None:
    group = make_group(alice, bob, title="Secret")
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=NOW)
    send(alice, group, "secret")
    page = page_of(bob, {str(group.pk): 1})
    [left] = page.conversations
    assert (left.conversation, left.left, left.title, left.last_seq, left.version) == (str(group.pk), True, "", 0, 0)
    assert (left.last_message, left.receipts) == (None, None)
    assert (page.messages, page.cursors) == ([], {})
    assert page_of(bob) == SyncPage([], [], {}, more=False)


def test_conversation_after_coming_back__is_synced_again(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    pk = str(group.pk)
    member_remove(actor_id=alice.pk, conversation=pk, username="bob", now=NOW)
    send(alice, group)
    member_add(actor_id=alice.pk, conversation=pk, username="bob", now=NOW)
    assert seqs(page_of(bob, {pk: 1})) == [2, 3, 4]


@pytest.mark.parametrize("conversation", ["1", "0", "-1", "x", "", "9" * 19, "9" * 400, "\0", "\ud800", "１"])
def test_foreign_and_impossible_conversations__are_passed_over(alice: User, conversation: str) -> None:
    assert page_of(alice, {conversation: 0}) == SyncPage([], [], {}, more=False)


def test_conversation_of_others__looks_like_none(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    assert page_of(carol, {str(group.pk): 0}) == page_of(carol, {"1": 0})


# --- receipts and settings ---------------------------------------------------


def test_receipts_since__bring_the_object_without_messages(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    ack = send(alice, direct)
    cursors = {ack.conversation: 1}
    read_advance(user_id=bob.pk, conversation=ack.conversation, seq=1, now=NOW + HOUR)
    page = page_of(alice, cursors, changed_since=NOW + HOUR - timedelta(minutes=5))
    assert page.conversations == [get_conversation(user_id=alice.pk, conversation=ack.conversation)]
    assert page.conversations[0].receipts == {"bob": (1, 1)}
    assert (page.messages, page.cursors) == ([], cursors)
    assert page_of(alice, cursors, changed_since=NOW + HOUR + timedelta(minutes=5)).conversations == []
    assert page_of(alice, cursors).conversations == []


def test_changes_shortly_before_since__come_too(alice: User, bob: User) -> None:
    """They carry a time before their commit, by another process's clock."""
    ack = send(alice, bob)
    read_advance(user_id=bob.pk, conversation=ack.conversation, seq=1, now=NOW + HOUR)
    page = page_of(alice, {ack.conversation: 1}, changed_since=NOW + HOUR + timedelta(seconds=59))
    assert len(page.conversations) == 1


def test_own_settings_since__bring_the_object(alice: User) -> None:
    group = make_group(alice)
    conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), pinned=True, now=NOW + HOUR)
    page = page_of(alice, {str(group.pk): 1}, changed_since=NOW + HOUR)
    assert page.conversations[0].pinned


def test_include_all__brings_every_object(alice: User, bob: User, carol: User) -> None:
    cursors = {str(make_direct(alice, other).pk): 0 for other in (alice, bob, carol)}
    assert len(page_of(alice, cursors, include_all=True).conversations) == 3


# --- pages -------------------------------------------------------------------


def test_many_conversations__come_in_pages(alice: User) -> None:
    groups = [make_group(alice, title=str(number)) for number in range(120)]
    pages = pages_of(alice)
    assert [len(page.conversations) for page in pages] == [50, 50, 20]
    assert {each.conversation for page in pages for each in page.conversations} == {str(group.pk) for group in groups}
    assert sum(len(page.messages) for page in pages) == 120


def test_page_holds_no_more_messages_than_it_may(alice: User, bob: User) -> None:
    for _ in range(12):
        fill(alice, make_group(alice, bob), 24)
    pages = pages_of(bob)
    assert [len(page.messages) for page in pages] == [200, 40]
    for page in pages:
        assert set(page.cursors.values()) == {25}
        assert {message.conversation for message in page.messages} == set(page.cursors)


def test_long_and_short_ones__mix(alice: User, bob: User, carol: User) -> None:
    short, long = make_direct(alice, bob), make_direct(alice, carol)
    fill(alice, long, 201)
    send(alice, short, now=NOW + HOUR)
    pages = pages_of(alice, {str(short.pk): 0, str(long.pk): 0})
    assert [len(page.messages) for page in pages] == [1, 200, 1]
    assert [len(page.conversations) for page in pages] == [1, 0, 1]


def queries_of_page(user: User, cursors: Mapping[str, int]) -> int:
    with CaptureQueriesContext(connection) as captured:
        page_of(user, cursors, changed_since=NOW)
    return len(captured)


@pytest.mark.parametrize("known", [True, False], ids=["nothing new when planned", "empty when planned"])
def test_conversation_that_gets_its_first_news_between_two_pages__claims_nothing_it_does_not_bring(
    alice: User, bob: User, carol: User, known: bool
) -> None:
    """The page is read some time after the plan; to the client every cursor is a promise."""
    other = make_direct(alice, carol)
    if known:
        fill(carol, other, 3)
    long = make_direct(alice, bob)
    fill(bob, long, 200)
    send(bob, long, now=NOW + HOUR)  # so it has pages of its own, and they are the first
    cursors = {str(long.pk): 0} | ({str(other.pk): 3} if known else {})
    pages = sync(user_id=alice.pk, cursors=cursors, changed_since=NOW - HOUR, include_all=False)
    assert str(other.pk) not in next(pages).cursors
    fill(carol, other, 5)
    rest = list(pages)
    come = {message.version for page in rest for message in page.messages if message.conversation == str(other.pk)}
    [claimed] = [page.cursors[str(other.pk)] for page in rest if str(other.pk) in page.cursors]
    assert come >= set(range(4 if known else 1, claimed + 1))


def test_conversation_that_grows_long_between_two_pages__comes_in_pages(alice: User, bob: User, carol: User) -> None:
    short, long = make_direct(alice, carol), make_direct(alice, bob)
    fill(carol, short, 1)
    fill(bob, long, 200)
    send(bob, long, now=NOW + HOUR)
    pages = sync(user_id=alice.pk, cursors={str(long.pk): 0, str(short.pk): 0}, changed_since=None, include_all=False)
    next(pages)
    fill(carol, short, 450)
    rest = [page for page in pages if page.cursors.get(str(short.pk))]
    assert [len(page.messages) for page in rest] == [200, 200, 51]
    assert [page.cursors[str(short.pk)] for page in rest] == [200, 400, 451]
    assert [page.more for page in rest] == [True, True, False]


def test_member_who_comes_back_between_two_pages__begins_anew(alice: User, bob: User, carol: User) -> None:
    group = make_group(carol, alice)
    member_remove(actor_id=carol.pk, conversation=str(group.pk), username=alice.username, now=NOW)
    long = make_direct(alice, bob)
    fill(bob, long, 200)
    send(bob, long, now=NOW + HOUR)
    pages = sync(user_id=alice.pk, cursors={str(long.pk): 0, str(group.pk): 1}, changed_since=None, include_all=False)
    next(pages)
    member_add(actor_id=carol.pk, conversation=str(group.pk), username=alice.username, now=NOW)
    fill(carol, group, 30)
    *_, last = pages
    [view] = [each for each in last.conversations if each.conversation == str(group.pk)]
    assert view.reset
    assert [message.seq for message in last.messages if message.conversation == str(group.pk)] == list(range(14, 34))
    assert last.cursors[str(group.pk)] == 33


def test_queries__do_not_grow_with_the_conversations(alice: User) -> None:
    others = [make_user() for _ in range(50)]
    groups = [make_direct(alice, other) for other in others]
    for other, group in zip(others, groups, strict=True):
        send(other, group)
    known = {str(group.pk): 1 for group in groups}
    few = queries_of_page(alice, {**known, str(groups[0].pk): 0})
    many = queries_of_page(alice, dict.fromkeys(known, 0))
    unknown = queries_of_page(alice, {})
    assert few == many == unknown <= 8


def test_queries__of_a_sync_that_brings_nothing_are_one(alice: User, django_assert_num_queries: Any) -> None:
    known = {str(make_group(alice).pk): 1 for _ in range(20)}
    with django_assert_num_queries(1):
        page_of(alice, known, changed_since=NOW + HOUR)


# --- while others write ------------------------------------------------------


class Client:
    """What a client keeps, by the rules of the protocol: upsert, drop at `reset`, forget at `left`."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.cursors: dict[str, int] = {}
        self.messages: dict[str, dict[int, MessageObject]] = {}

    def take(self, page: SyncPage) -> None:
        for each in page.conversations:
            if each.left:
                self.cursors.pop(each.conversation, None)
                self.messages.pop(each.conversation, None)
            elif each.reset:
                self.messages[each.conversation] = {}
        for message in page.messages:
            held = self.messages.setdefault(message.conversation, {})
            if message.seq not in held or held[message.seq].version < message.version:
                held[message.seq] = message
        for conversation, cursor in page.cursors.items():
            assert cursor >= self.cursors.get(conversation, 0)
            self.cursors[conversation] = cursor
        for each in page.conversations:
            if not each.left:
                assert each.version == page.cursors[each.conversation]

    def check(self) -> None:
        """Everything held is as in the log, the newest messages are held without a hole."""
        for conversation, cursor in self.cursors.items():
            fresh = {m.seq: m for m in list_messages(user_id=self.user.pk, conversation=conversation, limit=200)}
            held = self.messages.get(conversation, {})
            assert held == {seq: fresh[seq] for seq in held}
            assert sorted(held) == list(range(max(fresh) - len(held) + 1, max(fresh) + 1)) if fresh else not held
            assert cursor == get_conversation(user_id=self.user.pk, conversation=conversation).version


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """So small that a few messages already need every path."""
    monkeypatch.setattr(sync_module, "PAGE_MESSAGES", 7)
    monkeypatch.setattr(sync_module, "PAGE_CONVERSATIONS", 2)
    monkeypatch.setattr(sync_module, "NEW_MESSAGES", 4)
    monkeypatch.setattr(sync_module, "RESET_MESSAGES", 6)
    settings.IM_SYNC_MAX = 20
    yield


class World:
    """Three people who write, react, recall and read at random in four conversations; alice is in all of them."""

    def __init__(self, seed: int, *people: User) -> None:
        self.draw = random.Random(seed)
        alice, bob, carol = people
        self.writers = {
            make_direct(alice, bob): [alice, bob],
            make_group(alice, bob, carol): [alice, bob, carol],
            make_group(carol, alice): [alice, carol],
            make_group(alice, carol): [alice],
        }
        self.sent: list[tuple[User, Conversation, int]] = []

    def go_on(self) -> None:
        """Let something happen, or nothing, or a lot."""
        for _ in range(self.draw.choice([0, 1, 1, 2, 5, 25])):
            self._act(self.draw.choice(["send", "send", "send", "react", "recall", "read"]))

    def _act(self, action: str) -> None:
        if action == "send" or not self.sent:
            place = self.draw.choice(list(self.writers))
            writer = self.draw.choice(self.writers[place])
            self.sent.append((writer, place, send(writer, place, str(len(self.sent))).seq))
            return
        writer, place, seq = chosen = self.draw.choice(self.sent)
        about: dict[str, Any] = {"conversation": str(place.pk), "seq": seq}
        change: dict[str, Any] = {**about, "actor_id": writer.pk, "request_id": "r", "now": NOW}
        match action:
            case "react":
                message_react(**change, emoji=self.draw.choice("👍👎"), remove=self.draw.random() < 0.3)
            case "recall":
                self.sent.remove(chosen)
                message_recall(**change)
            case "read":
                read_advance(**about, user_id=writer.pk)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.usefixtures("small_pages")
def test_client_that_syncs_while_others_write__misses_nothing(alice: User, bob: User, carol: User, seed: int) -> None:
    world = World(seed, alice, bob, carol)
    client = Client(alice)

    def take_pages() -> Iterator[SyncPage]:
        for page in sync(user_id=alice.pk, cursors=dict(client.cursors), changed_since=None, include_all=False):
            client.take(page)
            yield page

    for _ in range(6):
        world.go_on()
        for _ in take_pages():
            world.go_on()
        for _ in take_pages():
            pass
        client.check()
        assert set(client.cursors) == {str(place.pk) for place in world.writers}
