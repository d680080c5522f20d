"""Search, through the selector and the services that keep its index, on both engines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Message, SearchEntry, SearchProgress
from chat.selectors import search as selector
from chat.selectors.search import SearchFilters, SearchPage, search_messages
from chat.services.memberships import member_remove
from chat.services.messages import message_edit, message_recall, messages_send
from chat.services.moderation import message_remove
from chat.services.search import search_catch_up, search_rebuild
from tests.factories import NOW, make_direct, make_group, make_request, make_upload, send

LATER = NOW + timedelta(seconds=60)


def find(user: User, text: str, *, limit: int = 50, cursor: str | None = None, **filters: Any) -> SearchPage:
    return search_messages(user_id=user.pk, text=text, filters=SearchFilters(**filters), limit=limit, cursor=cursor)


def contents(user: User, text: str, **options: Any) -> list[str]:
    return [message.content for message in find(user, text, **options).results]


def code_of(user: User, text: str, **options: Any) -> ErrorCode:
    with pytest.raises(ImError) as refusal:
        find(user, text, **options)
    return refusal.value.code


def index(*conversations: Conversation) -> None:
    """Bring the index to the end of these conversations."""
    for conversation in conversations:
        while search_catch_up(conversation_id=conversation.pk):
            pass


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


@pytest.fixture(params=["indexed", "not indexed"])
def settle(request: pytest.FixtureRequest) -> Any:
    """What is to be done after writing: a search must answer the same before and after the index was brought up."""
    return index if request.param == "indexed" else lambda *conversations: None


# --- what is found -----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text", "highlighted"),
    [
        ("我家在上海东边。", "上海", ["上海"]),
        ("祝你们新年快乐", "快乐", ["快乐"]),
        ("铁路12306", "12306", ["12306"]),
        ("铁路12306", "铁路", ["铁路"]),
        ("ＡＢＣ电视台", "abc", ["ＡＢＣ"]),
        ("abc", "ＡＢＣ", ["abc"]),
        ("See you at the station", "st", ["st"]),
        ("See you at the station", "STATION see", ["See", "station"]),
        ("去上海还是去海南？", "海", ["海", "海"]),
        ("Straße frei", "strasse", ["Straße"]),
        ("Un cafe\u0301 noir", "café", ["cafe\u0301"]),
        ("party 🎉!", "🎉", ["🎉"]),
        ("call 555-0199 now", "555-01", ["555-01"]),
    ],
)
def test_what_is_found_and_highlighted(
    alice: User, bob: User, direct: Conversation, settle: Any, content: str, text: str, highlighted: list[str]
) -> None:
    send(bob, direct, "something else")
    send(bob, direct, content)
    settle(direct)
    [message] = find(alice, text).results
    assert message.content == content
    assert [content[start:end] for start, end in message.highlights] == highlighted


@pytest.mark.parametrize("text", ["tation", "上东", "2306", "station zebra", "555 01 9x", "海上"])
def test_what_is_not_found(alice: User, bob: User, direct: Conversation, settle: Any, text: str) -> None:
    send(bob, direct, "station 555-0199 我家在上海东边 12306")
    settle(direct)
    assert contents(alice, text) == []


def test_files__are_found_by_name_and_description(alice: User, bob: User, direct: Conversation, settle: Any) -> None:
    """Together with the words of the message; what is marked is in the content alone."""
    file = make_upload(bob, name="合同2026.pdf")
    send(bob, direct, "please sign", kind="file", attachments=[str(file.pk)])
    settle(direct)
    for text, highlights in (("合同", []), ("2026", []), ("sign pdf", [(7, 11)])):
        [message] = find(alice, text).results
        assert message.attachments is not None
        assert message.highlights == highlights
    message_recall(actor_id=bob.pk, conversation=str(direct.pk), seq=1, request_id="r", now=LATER)
    assert contents(alice, "合同") == []


WORDS = st.text(alphabet="abＡ1２上海 .", min_size=1, max_size=8)


def naive(contents: list[str], text: str) -> list[int]:
    """The positions of the contents in which every word of `text` begins a word: a scan, by a regular expression."""
    plain = str.maketrans("Ａ２", "a2")
    patterns = []
    for word in text.translate(plain).split():
        bare = word.strip(".")
        if bare:
            begins = r"(?<![ab])" if bare[0] in "ab" else r"(?<![12])" if bare[0] in "12" else ""
            patterns.append(re.compile(begins + re.escape(bare)))
    return [
        index
        for index, content in enumerate(contents)
        if all(pattern.search(content.translate(plain)) for pattern in patterns)
    ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    texts=st.lists(WORDS.filter(str.strip), min_size=1, max_size=12),
    searches=st.lists(WORDS.filter(lambda text: text.strip(" .")), min_size=1, max_size=8),
    known=st.integers(0, 12),
)
def test_search__finds_what_a_scan_finds(alice: User, texts: list[str], searches: list[str], known: int) -> None:
    """Whatever part of it the index has: the rest is read from the log."""
    conversation = make_group(alice)
    messages_send([make_request(alice, conversation, text) for text in texts], now=NOW)
    search_catch_up(conversation_id=conversation.pk, limit=known + 1)
    for text in searches:
        found = [message.seq - 2 for message in find(alice, text, conversation=str(conversation.pk)).results]
        assert found == naive(texts, text)[::-1], text


# --- forgetting --------------------------------------------------------------


def test_a_recalled_message__is_found_no_more_and_leaves_the_index_with_its_content(
    alice: User, bob: User, direct: Conversation, settle: Any
) -> None:
    send(alice, direct, "the secret plan")
    settle(direct)
    message_recall(actor_id=alice.pk, conversation=str(direct.pk), seq=1, request_id="r", now=LATER)
    assert contents(bob, "secret") == []
    assert not SearchEntry.objects.exists()
    index(direct)
    assert contents(bob, "secret") == []


def test_a_message_that_a_moderator_removed__is_found_no_more(
    alice: User, bob: User, direct: Conversation, settle: Any
) -> None:
    send(alice, direct, "buy cheap watches")
    settle(direct)
    message_remove(actor_id=bob.pk, message_pk=Message.objects.get().pk, now=LATER)
    assert contents(bob, "watches") == []
    assert not SearchEntry.objects.exists()


def test_an_edited_message__is_found_by_its_new_words_only(
    alice: User, bob: User, direct: Conversation, settle: Any
) -> None:
    send(alice, direct, "at seven")
    index(direct)
    message_edit(actor_id=alice.pk, conversation=str(direct.pk), seq=1, content="at eight", request_id="r", now=LATER)
    settle(direct)
    assert contents(bob, "eight") == ["at eight"]
    assert contents(bob, "seven") == []


def test_an_index_that_was_lost__is_made_anew(alice: User, bob: User, direct: Conversation) -> None:
    for number in range(3):
        send(alice, direct, f"number {number}")
    index(direct)
    SearchEntry.objects.all().delete()
    assert contents(bob, "number") == []
    search_rebuild(conversation_id=direct.pk)
    assert contents(bob, "number") == ["number 2", "number 1", "number 0"]


# --- access ------------------------------------------------------------------


def test_only_ones_own_conversations_are_searched(alice: User, bob: User, carol: User, settle: Any) -> None:
    direct, group = make_direct(alice, bob), make_group(alice, carol)
    send(alice, direct, "password in the direct chat")
    send(alice, group, "password in the group", now=LATER)
    settle(direct, group)
    assert contents(carol, "password") == ["password in the group"]
    assert contents(bob, "password") == ["password in the direct chat"]
    assert contents(alice, "password") == ["password in the group", "password in the direct chat"]


def test_who_was_removed__finds_nothing_any_more(alice: User, bob: User, settle: Any) -> None:
    group = make_group(alice, bob)
    send(bob, group, "my own words")
    settle(group)
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    assert contents(bob, "words") == []
    assert code_of(bob, "words", conversation=str(group.pk)) is ErrorCode.NOT_FOUND


def test_a_conversation_that_is_not_ones_own__is_not_found(alice: User, carol: User, direct: Conversation) -> None:
    for conversation in (str(direct.pk), "1", "nonsense"):
        assert code_of(carol, "words", conversation=conversation) is ErrorCode.NOT_FOUND


def test_conversations_whose_marks_are_the_same__stay_apart(alice: User, bob: User, carol: User) -> None:
    mine, theirs = (
        Conversation.objects.create(pk=(1 << 62) + high + 7, kind="group", created_at=NOW, last_activity_at=NOW)
        for high in (1 << 40, 1 << 41)
    )
    for conversation, user in ((mine, alice), (theirs, carol)):
        conversation.memberships.create(user=user, role="owner")
        send(user, conversation, "same words")
        index(conversation)
    assert [message.conversation for message in find(alice, "words").results] == [str(mine.pk)]


# --- filters, order, pages -------------------------------------------------------


def test_filters(alice: User, bob: User, carol: User, settle: Any) -> None:
    direct, group = make_direct(alice, bob), make_group(alice, bob, carol)
    send(alice, direct, "tea one", now=NOW)
    send(bob, direct, "tea two", now=NOW + timedelta(hours=1))
    send(carol, group, "tea three", now=NOW + timedelta(hours=2))
    send(bob, group, "tea four", now=NOW + timedelta(hours=3), kind="card", payload={"title": "Tea"})
    settle(direct, group)
    assert contents(alice, "tea", conversation=str(direct.pk)) == ["tea two", "tea one"]
    assert contents(alice, "tea", sender="BOB") == ["tea four", "tea two"]
    assert contents(alice, "tea", sender="nobody") == []
    assert contents(alice, "tea", kind="card") == ["tea four"]
    assert contents(alice, "tea", before=NOW + timedelta(hours=2)) == ["tea two", "tea one"]
    assert contents(alice, "tea", after=NOW + timedelta(hours=1)) == ["tea four", "tea three"]
    assert contents(alice, "tea", after=NOW, before=NOW + timedelta(hours=2), sender="bob") == ["tea two"]


@pytest.mark.parametrize("known", [0, 4, 9])
def test_pages__newest_first_each_message_once(
    alice: User, bob: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    """Over both sources of candidates, in conversations asked one by one, with questions shorter than the answer."""
    monkeypatch.setattr(selector, "CANDIDATES", 2)
    monkeypatch.setattr(selector, "CONVERSATIONS_AT_ONCE", 1)
    group = make_group(alice)
    for number in range(9):
        send(alice, group if number % 2 else direct, f"line {number}", now=NOW + timedelta(minutes=number // 2))
    for conversation in (direct, group):
        search_catch_up(conversation_id=conversation.pk, limit=max(known, 1))
    message_edit(actor_id=alice.pk, conversation=str(direct.pk), seq=1, content="line 0!", request_id="r", now=LATER)
    places, cursor, pages = [], None, 0
    while cursor is not None or not pages:
        page = find(alice, "line", limit=2, cursor=cursor)
        places += [(message.timestamp, int(message.conversation), message.seq) for message in page.results]
        cursor, pages = page.next, pages + 1
    assert len(places) == 9
    assert places == sorted(set(places), reverse=True)
    assert pages == 5


def test_a_page_that_looked_at_enough__ends_and_goes_on(
    alice: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selector, "BLOCK", 2)
    monkeypatch.setattr(selector, "JUDGED_MAX", 2)
    send(alice, direct, "needle")
    for _ in range(4):
        send(alice, direct, "hay")
    first = find(alice, "needle")
    assert first.results == []
    second = find(alice, "needle", cursor=first.next)
    third = find(alice, "needle", cursor=second.next)
    assert [message.seq for message in third.results] == [1]


@pytest.mark.parametrize(
    "cursor", ["", "1", "1.2", "a.b.c", "1.2.3.4", "123456789012345678.1.1", "1.9999999999999999999.1"]
)
def test_a_cursor_that_no_page_gave__is_refused(alice: User, cursor: str) -> None:
    assert code_of(alice, "words", cursor=cursor) is ErrorCode.BAD_FRAME


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ErrorCode.EMPTY),
        (" \u3000\n", ErrorCode.EMPTY),
        ("?!… “”", ErrorCode.EMPTY),
        ("\u200b\u200d", ErrorCode.EMPTY),
        ("\0", ErrorCode.EMPTY),
        ("a" * 201, ErrorCode.TOO_LARGE),
        (" ".join(f"w{number}" for number in range(21)), ErrorCode.TOO_LARGE),
    ],
)
def test_what_cannot_be_looked_for(alice: User, text: str, code: ErrorCode) -> None:
    assert code_of(alice, text) is code


@pytest.mark.parametrize(
    "text", ["\0a\0b", "'; DROP TABLE", '" OR "a', "a* NEAR(b)", "\\ a", "a:b | !c", "\ud800a", "ﷺ" * 200]
)
def test_no_text_is_syntax(alice: User, direct: Conversation, text: str) -> None:
    send(alice, direct, "nothing of this")
    index(direct)
    assert contents(alice, text) == []


# --- cost --------------------------------------------------------------------


def test_the_index_is_used(alice: User, direct: Conversation) -> None:
    """However many messages there are, only the index says which to read."""
    send(alice, direct, "我家在上海东边")
    index(direct)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of one row is read faster than any index
        rows = SearchEntry.objects.filter(
            terms__holds=([direct.pk, 5], selector._parse("上海 东").wanted), conversation_id=direct.pk
        )
        plan = rows.order_by("-created_at").explain()
    if connection.vendor == "postgresql":
        assert "Bitmap Index Scan on chat_searchentry_terms" in plan
    else:
        assert "SCAN chat_searchindex VIRTUAL TABLE INDEX" in plan
        assert "SEARCH chat_searchentry" in plan and "(message_id=?)" in plan


def test_the_number_of_queries__does_not_depend_on_how_much_there_is(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        group = make_group(alice, bob, title=f"Group {number}")
        send(bob, group, "the same everywhere")
        index(group)
    with django_assert_num_queries(6):
        assert len(find(alice, "same").results) == 12


def test_a_search_reads_no_more_than_the_searchers_conversations(alice: User, bob: User, carol: User) -> None:
    """The terms of every conversation are apart: what others wrote does not even make a search slower."""
    mine, theirs = make_direct(alice, bob), make_direct(bob, carol)
    send(alice, mine, "hello")
    send(carol, theirs, "hello")
    index(mine, theirs)
    wanted = selector._parse("hello").wanted
    found = SearchEntry.objects.filter(terms__holds=([mine.pk], wanted)).values_list("conversation_id", flat=True)
    assert list(found) == [mine.pk]


def test_catching_up__is_a_no_op_when_nothing_changed(alice: User, direct: Conversation) -> None:
    send(alice, direct, "hello")
    index(direct)
    before = SearchProgress.objects.get().version
    assert search_catch_up(conversation_id=direct.pk) is False
    assert SearchProgress.objects.get().version == before
