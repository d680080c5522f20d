"""Messages over REST: history, sending once, changing, reactions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from chat.models import Conversation, Message
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct, send


@pytest.fixture
def conversation(alice: Caller, bob: Caller) -> Conversation:
    """The direct conversation of Alice and Bob."""
    return make_direct(alice.user, bob.user)


@pytest.fixture
def path(conversation: Conversation) -> str:
    return f"conversations/{conversation.pk}/messages/"


class TestSend:
    def test_once_more__is_the_same_ack_and_one_message(self, alice: Caller, bob: Caller, path: str) -> None:
        body = {"id": "m1", "content": "Hello!"}
        ack = good(alice.post(path, body), 201)
        assert ack.keys() == {"id", "conversation", "seq", "version", "timestamp"}
        assert (ack["id"], ack["seq"], ack["version"]) == ("m1", 1, 1)
        for _ in range(3):
            assert good(alice.post(path, body), 200) == ack
        [message] = good(bob.get(path))["results"]
        assert message == {
            "conversation": ack["conversation"],
            "seq": 1,
            "version": 1,
            "id": "m1",
            "sender": "alice",
            "receiver": "bob",
            "kind": "text",
            "content": "Hello!",
            "timestamp": ack["timestamp"],
        }

    def test_same_id_with_other_content__is_a_conflict(self, alice: Caller, path: str) -> None:
        good(alice.post(path, {"id": "m1", "content": "Hello!"}), 201)
        refused(alice.post(path, {"id": "m1", "content": "Hullo!"}), 409, "conflict")
        assert Message.objects.count() == 1

    def test_same_id_of_another_sender__is_another_message(self, alice: Caller, bob: Caller, path: str) -> None:
        for caller in (alice, bob):
            good(caller.post(path, {"id": "m1", "content": "Hello!"}), 201)
        assert Message.objects.count() == 2

    def test_without_an_id__the_server_makes_one(self, alice: Caller, path: str) -> None:
        first, second = (good(alice.post(path, {"content": "Hello!"}), 201) for _ in range(2))
        assert first["id"] != second["id"]

    def test_every_field_of_the_frame__arrives(self, alice: Caller, bob: Caller, path: str) -> None:
        good(alice.post(path, {"content": "First"}), 201)
        body = {
            "type": "message",
            "sender": "Alice",
            "timestamp": 1,
            "kind": "card",
            "content": "Look @bob",
            "reply_to": 1,
            "mentions": ["bob"],
            "payload": {"title": "卡", "rows": [1, 2.5, None]},
        }
        good(alice.post(path, body), 201)
        message = good(bob.get(path))["results"][1]
        for field in ("kind", "content", "reply_to", "mentions", "payload"):
            assert message[field] == body[field]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({}, 400, "bad_frame"),
            ({"content": 5}, 400, "bad_frame"),
            ({"content": " \u200b"}, 400, "empty"),
            ({"content": "x" * 10_001}, 413, "too_large"),
            ({"content": "x", "id": ""}, 400, "bad_frame"),
            ({"content": "x", "id": "x" * 65}, 400, "bad_frame"),
            ({"content": "x", "kind": "system"}, 400, "bad_frame"),
            ({"content": "x", "sender": "bob"}, 403, "forbidden"),
            ({"content": "x", "reply_to": 7}, 404, "not_found"),
            ({"content": "x", "reply_to": 0}, 400, "bad_frame"),
            ({"content": "x", "mentions": ["a"] * 101}, 400, "bad_frame"),
            ({"content": "x", "payload": {"n": 2**70}}, 400, "bad_frame"),
        ],
    )
    def test_what_cannot_be_a_message__is_refused(
        self, alice: Caller, path: str, body: dict[str, Any], status: int, code: str
    ) -> None:
        refused(alice.post(path, body), status, code)
        assert not Message.objects.exists()


class TestHistory:
    @pytest.fixture(autouse=True)
    def ten_messages(self, alice: Caller, bob: Caller, conversation: Conversation) -> None:
        for number in range(1, 11):
            send(alice.user if number % 2 else bob.user, conversation, f"**{number}**")

    @pytest.mark.parametrize(
        ("query", "seqs", "following"),
        [
            ({}, range(1, 11), None),
            ({"limit": 4}, range(7, 11), 7),
            ({"limit": 4, "before_seq": 7}, range(3, 7), 3),
            ({"limit": 4, "before_seq": 3}, range(1, 3), None),
            ({"limit": 4, "before_seq": 1}, range(0), None),
            ({"limit": 4, "after_seq": 0}, range(1, 5), 4),
            ({"limit": 4, "after_seq": 6}, range(7, 11), None),
            ({"limit": 4, "after_seq": 10}, range(0), None),
            ({"limit": 4, "around_seq": 5}, range(3, 7), 3),
            ({"limit": 4, "before_seq": 99}, range(7, 11), 7),
        ],
    )
    def test_pages(self, bob: Caller, path: str, query: dict[str, int], seqs: range, following: int | None) -> None:
        page = good(bob.get(path, **query))
        assert [message["seq"] for message in page["results"]] == list(seqs)
        assert page["next"] == following

    @pytest.mark.parametrize("direction", ["before_seq", "after_seq"])
    def test_following_next__reads_everything_once(self, bob: Caller, path: str, direction: str) -> None:
        seen: list[int] = []
        position = 11 if direction == "before_seq" else 0
        while position is not None:
            page = good(bob.get(path, limit=3, **{direction: position}))
            seen += [message["seq"] for message in page["results"]]
            position = page["next"]
        assert sorted(seen) == list(range(1, 11))

    @pytest.mark.parametrize(
        "query",
        [{"limit": 0}, {"limit": 201}, {"before_seq": "x"}, {"before_seq": -1}, {"before_seq": 1, "after_seq": 1}],
    )
    def test_bad_query__is_refused(self, bob: Caller, path: str, query: dict[str, object]) -> None:
        refused(bob.get(path, **query), 400, "bad_frame")

    def test_html__comes_when_it_is_asked_for(self, bob: Caller, path: str) -> None:
        assert "html" not in good(bob.get(path, limit=1))["results"][0]
        assert "<strong>10</strong>" in good(bob.get(path, limit=1, html="true"))["results"][0]["html"]


class TestChange:
    @pytest.fixture(autouse=True)
    def one_message(self, alice: Caller, path: str) -> None:
        good(alice.post(path, {"id": "m1", "content": "Hello!"}), 201)

    def only(self, caller: Caller, path: str) -> dict[str, Any]:
        [message] = good(caller.get(path))["results"]
        return message

    def test_edit__answers_an_ack_with_its_own_id(self, alice: Caller, bob: Caller, path: str) -> None:
        ack = good(alice.patch(f"{path}1/", {"id": "e1", "content": "Hello, Bob!"}))
        assert (ack["id"], ack["seq"], ack["version"]) == ("e1", 1, 2)
        message = self.only(bob, path)
        assert (message["content"], message["version"], message["id"]) == ("Hello, Bob!", 2, "m1")
        assert message["edited_at"] >= message["timestamp"]
        # A retry that comes after the edit still gets the first ack.
        assert good(alice.post(path, {"id": "m1", "content": "Hello!"}), 200)["version"] == 1

    def test_same_edit_again__is_no_new_version(self, alice: Caller, path: str) -> None:
        versions = {good(alice.patch(f"{path}1/", {"id": "e1", "content": "New"}))["version"] for _ in range(2)}
        assert versions == {2}

    @pytest.mark.parametrize("body", [None, {}, {"id": "r1"}])
    def test_recall__empties_the_message_for_everybody(
        self, alice: Caller, bob: Caller, path: str, body: dict[str, str] | None
    ) -> None:
        ack = good(alice.delete(f"{path}1/", body))
        assert (ack["seq"], ack["version"]) == (1, 2)
        assert body != {"id": "r1"} or ack["id"] == "r1"
        message = self.only(bob, path)
        assert message["content"] == ""
        assert message["recalled_at"] >= message["timestamp"]

    def test_late_recall__is_refused(self, alice: Caller, path: str, settings: Any) -> None:
        settings.IM_RECALL_SECONDS = 0
        refused(alice.delete(f"{path}1/"), 403, "recall_expired")

    def test_somebody_elses_message__is_not_to_be_changed(self, bob: Caller, path: str) -> None:
        refused(bob.patch(f"{path}1/", {"content": "Mine"}), 403, "forbidden")
        refused(bob.delete(f"{path}1/"), 403, "forbidden")

    @pytest.mark.parametrize("seq", ["0", "2", str(2**63), "9" * 30, "9" * 5000, "x", "-1"])
    def test_message_that_is_not_there__is_not_found(self, alice: Caller, path: str, seq: str) -> None:
        refused(alice.patch(f"{path}{seq}/", {"content": "x"}), 404, "not_found")

    @pytest.mark.parametrize("emoji", ["👍", "❤️", "👩‍👩‍👧‍👦", "🇨🇳", "+1"])
    def test_reactions__are_put_and_taken_back_once(self, alice: Caller, bob: Caller, path: str, emoji: str) -> None:
        route = f"{path}1/reactions/{quote(emoji, safe='')}/"
        assert [good(bob.put(route))["version"] for _ in range(2)] == [2, 2]
        assert good(alice.put(route, {"id": "r1"}))["id"] == "r1"
        assert self.only(alice, path)["reactions"] == {emoji: ["bob", "alice"]}
        assert [good(bob.delete(route))["version"] for _ in range(2)] == [4, 4]
        assert self.only(alice, path)["reactions"] == {emoji: ["alice"]}

    @pytest.mark.parametrize("emoji", ["%20", "%0A", "x" * 33, "%E2%80%8B"])
    def test_what_is_no_emoji__is_refused(self, alice: Caller, path: str, emoji: str) -> None:
        refused(alice.put(f"{path}1/reactions/{emoji}/"), 400, "bad_frame")

    @pytest.mark.parametrize("emoji", ["%00", "a%2Fb"])
    def test_path_that_names_nothing__is_not_found(self, alice: Caller, path: str, emoji: str) -> None:
        refused(alice.put(f"{path}1/reactions/{emoji}/"), 404, "not_found")


def test_history__is_what_a_message_said(alice: Caller, bob: Caller, path: str) -> None:
    ack = good(alice.post(path, {"content": "Hello!"}), 201)
    good(alice.patch(f"{path}1/", {"content": "Hello, Bob!"}))
    first, now = good(bob.get(f"{path}1/history/"))["results"]
    assert first == {"content": "Hello!", "timestamp": ack["timestamp"]}
    assert now["content"] == "Hello, Bob!"
    assert now["timestamp"] > first["timestamp"]


def test_mentions__are_listed_until_they_are_read(
    alice: Caller, bob: Caller, path: str, conversation: Conversation
) -> None:
    good(alice.post(path, {"content": "@bob", "mentions": ["bob"]}), 201)
    assert good(bob.get("mentions/"))["results"] == [{"conversation": str(conversation.pk), "seq": 1}]
    bob.post(f"conversations/{conversation.pk}/read/", {"seq": 1})
    assert good(bob.get("mentions/"))["results"] == []
