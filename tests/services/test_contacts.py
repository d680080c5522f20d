"""Contacts: asking, answering, taking back; both at once, twice, and those who may not."""

from __future__ import annotations

import pytest

from accounts.models import Contact, ContactRequest, User
from accounts.services import user_deactivate, user_update
from chat.errors import ErrorCode, ImError
from chat.events import ContactRequestsChanged, PrivacyChanged
from chat.selectors.relations import (
    Relation,
    count_requests_received,
    get_relation,
    list_contacts,
    list_requests_received,
    list_requests_sent,
)
from chat.services import contacts
from chat.services.blocks import block_add
from chat.services.contacts import (
    Asked,
    contact_remove,
    contact_request,
    request_accept,
    request_ignore,
    request_withdraw,
)
from chat.services.conversations import group_create
from chat.services.memberships import member_add
from chat.services.messages import messages_send
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send
from tests.services.conftest import Publishing


def ask(user: User, other: User, note: str = "") -> tuple[Asked, bool]:
    return contact_request(user_id=user.pk, username=other.username, note=note, now=NOW)


def accept(user: User, other: User) -> None:
    request_accept(user_id=user.pk, username=other.username, now=NOW)


def befriend(user: User, other: User) -> None:
    ask(user, other)
    accept(other, user)


def known_to(user: User) -> list[str]:
    return [each.contact.username for each in list_contacts(user_id=user.pk)]


def test_asked_and_accepted__are_contacts_of_each_other(alice: User, bob: User, published: Publishing) -> None:
    assert ask(alice, bob, "  We met\nin Oslo ") == (Asked.WAITING, True)
    assert ask(alice, bob, "again") == (Asked.WAITING, False)
    [request] = list_requests_received(user_id=bob.pk)
    assert (request.sender, request.note, count_requests_received(user_id=bob.pk)) == (alice, "We met in Oslo", 1)
    assert known_to(alice) == known_to(bob) == []
    with published() as heard:
        accept(bob, alice)
        accept(bob, alice)
    assert heard.events == [PrivacyChanged(user_id=bob.pk), ContactRequestsChanged(user_id=bob.pk)]
    assert (known_to(alice), known_to(bob)) == (["bob"], ["alice"])
    assert not ContactRequest.objects.exists()
    assert ask(alice, bob) == (Asked.ACCEPTED, False)


def test_both_ask__are_contacts_without_an_answer(alice: User, bob: User) -> None:
    ask(alice, bob)
    assert ask(bob, alice) == (Asked.ACCEPTED, True)
    assert (known_to(alice), known_to(bob)) == (["bob"], ["alice"])
    assert not ContactRequest.objects.exists()


def test_ignored__is_put_away__and_looks_as_before_to_who_asked(alice: User, bob: User) -> None:
    ask(alice, bob)
    request_ignore(user_id=bob.pk, username="alice")
    assert (list_requests_received(user_id=bob.pk), count_requests_received(user_id=bob.pk)) == ([], 0)
    assert [request.receiver for request in list_requests_sent(user_id=alice.pk)] == [bob]
    assert get_relation(user_id=alice.pk, other_id=bob.pk) == Relation(has_asked=True)
    # Taking it back and asking again is no second knock at the door.
    request_withdraw(user_id=alice.pk, username="bob")
    assert list_requests_sent(user_id=alice.pk) == []
    assert ask(alice, bob) == (Asked.WAITING, True)
    assert list_requests_received(user_id=bob.pk) == []
    assert ask(bob, alice) == (Asked.ACCEPTED, True)  # who ignored may think better of it


def test_withdrawn__is_gone(alice: User, bob: User) -> None:
    ask(alice, bob)
    request_withdraw(user_id=alice.pk, username="bob")
    request_withdraw(user_id=alice.pk, username="bob")
    assert not ContactRequest.objects.exists()
    with pytest.raises(ImError) as caught:
        accept(bob, alice)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_removed__on_both_sides(alice: User, bob: User, published: Publishing) -> None:
    befriend(alice, bob)
    with published() as heard:
        contact_remove(user_id=bob.pk, username="alice")
        contact_remove(user_id=bob.pk, username="alice")
    assert heard.events == [PrivacyChanged(user_id=bob.pk)]
    assert not Contact.objects.exists()


def test_blocked__is_no_contact_and_cannot_ask(alice: User, bob: User, carol: User) -> None:
    befriend(alice, bob)
    ask(carol, alice)
    for other in (bob, carol):
        block_add(user_id=alice.pk, username=other.username, now=NOW)
        with pytest.raises(ImError) as caught:
            ask(other, alice)
        assert caught.value.code is ErrorCode.BLOCKED
        with pytest.raises(ImError) as caught:
            ask(alice, other)
        assert caught.value.code is ErrorCode.FORBIDDEN
    assert not Contact.objects.exists()
    assert not ContactRequest.objects.exists()


@pytest.mark.parametrize(
    ("username", "note", "code"),
    [
        ("alice", "", ErrorCode.BAD_FRAME),
        ("nobody", "", ErrorCode.NOT_FOUND),
        ("banned", "", ErrorCode.NOT_FOUND),
        ("bob", "x" * 201, ErrorCode.TOO_LARGE),
        ("bob", "\x07", ErrorCode.BAD_FRAME),
    ],
)
def test_refused(alice: User, bob: User, username: str, note: str, code: ErrorCode) -> None:
    user_deactivate(user=make_user("banned"))
    with pytest.raises(ImError) as caught:
        contact_request(user_id=alice.pk, username=username, note=note, now=NOW)
    assert caught.value.code is code
    assert not ContactRequest.objects.exists()


def test_how_many__is_bounded(alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "WAITING_MAX", 1)
    monkeypatch.setattr(contacts, "CONTACTS_MAX", 1)
    ask(alice, bob)
    with pytest.raises(ImError) as caught:
        ask(alice, carol)
    assert caught.value.code is ErrorCode.TOO_LARGE
    accept(bob, alice)
    ask(carol, alice)
    with pytest.raises(ImError) as caught:
        accept(alice, carol)
    assert caught.value.code is ErrorCode.TOO_LARGE


class TestWhoMayReachMe:
    def refused(self, sender: User, receiver: User) -> None:
        for begin in (lambda: send(sender, receiver), lambda: make_direct(sender, receiver)):
            with pytest.raises(ImError) as caught:
                begin()
            assert caught.value.code is ErrorCode.FORBIDDEN

    def test_contacts_only__others_cannot_begin_a_conversation(self, alice: User, bob: User) -> None:
        user_update(user=alice, direct_from="contacts")
        self.refused(bob, alice)
        befriend(alice, bob)
        assert send(bob, alice).seq == 1
        contact_remove(user_id=alice.pk, username="bob")
        assert send(bob, alice).seq == 2  # what has begun goes on

    def test_nobody__not_even_contacts__but_one_begins_oneself(self, alice: User, bob: User) -> None:
        user_update(user=alice, direct_from="nobody")
        befriend(alice, bob)
        self.refused(bob, alice)
        assert send(alice, alice).seq == 1  # notes to oneself
        send(alice, bob)
        assert send(bob, alice).seq == 2

    def test_what_was_refused_begins_nothing__also_for_the_next_one_of_its_batch(self, alice: User, bob: User) -> None:
        user_update(user=alice, direct_from="nobody")
        to_nothing = make_request(alice, bob, reply_to=1)
        results = messages_send([to_nothing, make_request(bob, alice), make_request(bob, alice)], now=NOW)
        assert [result.code for result in results if isinstance(result, ImError)] == [
            ErrorCode.NOT_FOUND,
            ErrorCode.FORBIDDEN,
            ErrorCode.FORBIDDEN,
        ]

    def test_groups__only_those_chosen_add_me(self, alice: User, bob: User, carol: User) -> None:
        user_update(user=alice, groups_from="contacts")
        group = make_group(bob)
        with pytest.raises(ImError) as caught:
            member_add(actor_id=bob.pk, conversation=str(group.pk), username="alice", now=NOW)
        assert caught.value.code is ErrorCode.FORBIDDEN
        with pytest.raises(ImError) as caught:
            group_create(creator_id=bob.pk, kind="group", title="T", usernames=["alice", "carol"], now=NOW)
        assert caught.value.fields is not None
        assert "alice" in caught.value.fields["members"]
        assert "carol" not in caught.value.fields["members"]
        befriend(bob, alice)
        assert member_add(actor_id=bob.pk, conversation=str(group.pk), username="alice", now=NOW)
