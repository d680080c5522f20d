"""Conversations, members and read marks over REST. What the services decide is tested with them."""

from __future__ import annotations

import time

import pytest

from chat.models import Conversation, Membership
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct, make_group, make_user, send


class TestCreate:
    def test_direct__is_made_once(self, alice: Caller, bob: Caller) -> None:
        made = good(alice.post("conversations/", {"kind": "direct", "username": "BOB"}), 201)
        assert (made["kind"], made["title"], made["unread"], made["role"]) == ("direct", "Bob", 0, "member")
        assert good(alice.post("conversations/", {"kind": "direct", "username": "bob"}), 200) == made
        mirrored = good(bob.post("conversations/", {"kind": "direct", "username": "alice"}), 200)
        assert (mirrored["conversation"], mirrored["title"]) == (made["conversation"], "Alice")

    @pytest.mark.parametrize("kind", ["group", "channel"])
    def test_group__has_its_members_and_owner(self, alice: Caller, bob: Caller, kind: str) -> None:
        made = good(alice.post("conversations/", {"kind": kind, "title": " The  Team ", "members": ["bob"]}), 201)
        assert (made["kind"], made["title"], made["role"], made["last_seq"]) == (kind, "The Team", "owner", 1)
        members = good(bob.get(f"conversations/{made['conversation']}/members/"))
        assert [(member["username"], member["role"]) for member in members["results"]] == [
            ("alice", "owner"),
            ("bob", "member"),
        ]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({}, 400, "bad_frame"),
            ({"kind": "party"}, 400, "bad_frame"),
            ({"kind": "direct"}, 400, "bad_frame"),
            ({"kind": "group"}, 400, "bad_frame"),
            ({"kind": "group", "title": " "}, 400, "empty"),
            ({"kind": "group", "title": "x" * 101}, 413, "too_large"),
            ({"kind": "group", "title": "Team", "members": ["nobody"]}, 404, "not_found"),
            ({"kind": "group", "title": "Team", "members": "bob"}, 400, "bad_frame"),
            ({"kind": "direct", "username": "nobody"}, 404, "not_found"),
        ],
    )
    def test_what_cannot_be__is_refused(self, alice: Caller, body: dict[str, object], status: int, code: str) -> None:
        refused(alice.post("conversations/", body), status, code)
        assert not Conversation.objects.exists()


class TestList:
    def test_pages__bring_every_conversation_once_last_active_first(self, alice: Caller) -> None:
        made = [str(make_direct(alice.user, make_user()).pk) for _ in range(5)]
        for conversation in made:
            good(alice.post(f"conversations/{conversation}/messages/", {"content": "x"}), 201)
        seen: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(3):
            page = good(alice.get("conversations/", limit=2, **cursor))
            seen += [each["conversation"] for each in page["results"]]
            cursor = {"cursor": page["next"]}
        assert seen == made[::-1]
        assert page["next"] is None

    def test_full_last_page__says_that_it_is_the_last(self, alice: Caller, bob: Caller) -> None:
        make_direct(alice.user, bob.user)
        page = good(alice.get("conversations/", limit=1))
        assert (len(page["results"]), page["next"]) == (1, None)

    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}])
    def test_bad_limit__is_refused(self, alice: Caller, query: dict[str, object]) -> None:
        assert refused(alice.get("conversations/", **query), 400, "bad_frame")["fields"].keys() == {"limit"}

    def test_foreign_cursor__is_not_found(self, alice: Caller, bob: Caller, carol: Caller) -> None:
        foreign = make_direct(bob.user, carol.user)
        refused(alice.get("conversations/", cursor=str(foreign.pk)), 404, "not_found")


class TestOne:
    def test_object__has_the_fields_of_the_frame(self, alice: Caller, bob: Caller) -> None:
        conversation = make_direct(alice.user, bob.user)
        send(bob.user, conversation, "Hello!")
        shown = good(alice.get(f"conversations/{conversation.pk}/"))
        last = shown.pop("last_message")
        assert shown == {
            "conversation": str(conversation.pk),
            "kind": "direct",
            "title": "Bob",
            "last_seq": 1,
            "version": 1,
            "read_seq": 0,
            "unread": 1,
            "muted": False,
            "pinned": False,
            "archived": False,
            "role": "member",
            "receipts": {"bob": [1, 1]},
        }
        assert (last["content"], last["sender"], last["receiver"]) == ("Hello!", "bob", "alice")

    @pytest.mark.parametrize("spelling", ["{}x", "0{}", "+{}", " {}", "9223372036854775808", "abc", "%00"])
    def test_other_spellings_of_an_id__are_not_found(self, alice: Caller, bob: Caller, spelling: str) -> None:
        conversation = make_direct(alice.user, bob.user)
        refused(alice.get(f"conversations/{spelling.format(conversation.pk)}/"), 404, "not_found")


class TestChange:
    def test_title__is_everybodys(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        assert good(alice.patch(f"conversations/{group.pk}/", {"title": "Renamed"}))["title"] == "Renamed"
        assert good(bob.get(f"conversations/{group.pk}/"))["title"] == "Renamed"

    def test_pinning_and_archiving__are_ones_own(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        mine = good(bob.patch(f"conversations/{group.pk}/", {"pinned": True, "archived": True}))
        assert (mine["pinned"], mine["archived"], mine["muted"]) == (True, True, False)
        theirs = good(alice.get(f"conversations/{group.pk}/"))
        assert (theirs["pinned"], theirs["archived"]) == (False, False)
        assert good(bob.patch(f"conversations/{group.pk}/", {"pinned": False}))["archived"] is True

    def test_muting__is_for_ever_or_for_a_while(self, alice: Caller, bob: Caller) -> None:
        path = f"conversations/{make_direct(alice.user, bob.user).pk}/"
        now = int(time.time() * 1000)
        assert good(alice.patch(path, {"muted": True}))["muted"] is True
        assert good(alice.patch(path, {"muted": False}))["muted"] is False
        assert good(alice.patch(path, {"muted_until": now + 60_000}))["muted"] is True
        assert good(alice.patch(path, {"muted_until": now - 60_000}))["muted"] is False
        assert good(alice.patch(path, {"muted": True, "muted_until": None}))["muted"] is False

    @pytest.mark.parametrize(
        "body", [{"pinned": "yes"}, {"muted_until": -1}, {"muted_until": 10**17}, {"title": None}, {"archived": None}]
    )
    def test_bad_value__is_named(self, alice: Caller, bob: Caller, body: dict[str, object]) -> None:
        conversation = make_group(alice.user, bob.user)
        error = refused(alice.patch(f"conversations/{conversation.pk}/", body), 400, "bad_frame")
        assert error["fields"].keys() == body.keys()

    def test_refused_title__changes_nothing_else_either(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        refused(bob.patch(f"conversations/{group.pk}/", {"title": "Mine", "pinned": True}), 403, "forbidden")
        assert good(bob.get(f"conversations/{group.pk}/"))["pinned"] is False


class TestMembers:
    def test_adding__answers_the_member_and_is_idempotent(self, alice: Caller, bob: Caller) -> None:
        path = f"conversations/{make_group(alice.user).pk}/members/"
        added = good(alice.post(path, {"username": "BOB"}), 201)
        assert (added["username"], added["name"], added["role"]) == ("bob", "Bob", "member")
        assert good(alice.post(path, {"username": "bob"}), 200) == added

    def test_roles__up_down_and_over(self, alice: Caller, bob: Caller) -> None:
        path = f"conversations/{make_group(alice.user, bob.user).pk}/members/"
        assert good(alice.patch(f"{path}bob/", {"role": "admin"}))["role"] == "admin"
        assert good(alice.patch(f"{path}bob/", {"role": "member"}))["role"] == "member"
        assert good(alice.patch(f"{path}bob/", {"role": "owner"}))["role"] == "owner"
        roles = {member["username"]: member["role"] for member in good(alice.get(path))["results"]}
        assert roles == {"alice": "admin", "bob": "owner"}
        refused(alice.patch(f"{path}bob/", {"role": "member"}), 403, "forbidden")

    def test_unknown_role__is_refused(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        refused(alice.patch(f"conversations/{group.pk}/members/bob/", {"role": "king"}), 400, "bad_frame")

    def test_removed_member__sees_nothing_from_then_on(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        good(bob.get(f"conversations/{group.pk}/"))
        good(alice.delete(f"conversations/{group.pk}/members/bob/"), 204)
        refused(bob.get(f"conversations/{group.pk}/"), 404, "not_found")
        refused(bob.get(f"conversations/{group.pk}/messages/"), 404, "not_found")
        refused(alice.delete(f"conversations/{group.pk}/members/bob/"), 404, "not_found")

    def test_leaving__hands_the_ownership_over(self, alice: Caller, bob: Caller) -> None:
        group = make_group(alice.user, bob.user)
        good(alice.delete(f"conversations/{group.pk}/"), 204)
        assert good(bob.get(f"conversations/{group.pk}/"))["role"] == "owner"
        assert good(alice.get("conversations/"))["results"] == []


class TestReading:
    def test_read_and_unread__move_the_pointer_and_answer_the_number(self, alice: Caller, bob: Caller) -> None:
        conversation = make_direct(alice.user, bob.user)
        for _ in range(3):
            send(bob.user, conversation)
        path = f"conversations/{conversation.pk}"
        assert good(alice.post(f"{path}/read/", {"seq": 2}))["unread"] == 1
        assert good(alice.post(f"{path}/read/", {"seq": 1}))["unread"] == 1
        assert good(alice.post(f"{path}/read/", {"seq": 99}))["unread"] == 0
        assert good(alice.post(f"{path}/unread/", {"seq": 2}))["unread"] == 2
        # Others were told, and that stays true.
        assert good(bob.get(f"{path}/"))["receipts"] == {"alice": [3, 3]}

    def test_received__is_told_to_the_sender(self, alice: Caller, bob: Caller) -> None:
        conversation = make_direct(alice.user, bob.user)
        send(bob.user, conversation)
        good(alice.post(f"conversations/{conversation.pk}/received/", {"seq": 1}), 204)
        assert good(bob.get(f"conversations/{conversation.pk}/"))["receipts"] == {"alice": [1, 0]}
        assert Membership.objects.get(user=alice.user).read_seq == 0

    @pytest.mark.parametrize("body", [{}, {"seq": -1}, {"seq": "1"}, {"seq": 1.5}, {"seq": True}, {"seq": 2**63}])
    @pytest.mark.parametrize("route", ["read", "unread", "received"])
    def test_what_is_no_number__is_refused(
        self, alice: Caller, bob: Caller, route: str, body: dict[str, object]
    ) -> None:
        conversation = make_direct(alice.user, bob.user)
        error = refused(alice.post(f"conversations/{conversation.pk}/{route}/", body), 400, "bad_frame")
        assert error["fields"].keys() == {"seq"}
