"""Asking to join: one request each, told to who can answer, answered once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.services import user_deactivate
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged
from chat.models import Conversation, Invite, JoinRequest, Membership
from chat.selectors.conversations import get_conversation
from chat.selectors.invites import get_invitation
from chat.selectors.join_requests import list_join_requests
from chat.services import join_requests
from chat.services.admissions import request_accept, request_refuse, request_withdraw
from chat.services.invites import Admission, invite_accept, invite_create, invite_revoke
from chat.services.memberships import member_add
from tests.factories import NOW, make_group, make_user
from tests.services.conftest import Publishing

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def make_link(owner: User, group: Conversation, **limits: Any) -> tuple[Invite, str]:
    return invite_create(actor_id=owner.pk, conversation=str(group.pk), needs_approval=True, now=NOW, **limits)


def ask(user: User, token: str, *, note: str = "", now: datetime = LATER) -> Admission:
    return invite_accept(user_id=user.pk, token=token, note=note, now=now)[1]


def waiting(user: User, group: Conversation) -> list[tuple[str, str]]:
    found = list_join_requests(user_id=user.pk, conversation=str(group.pk))
    return [(each.user.username, each.note) for each in found]


def badge(user: User, group: Conversation) -> int | None:
    return get_conversation(user_id=user.pk, conversation=str(group.pk)).join_requests


def to(actor: User, group: Conversation, username: str) -> dict[str, Any]:
    return {"actor_id": actor.pk, "conversation": str(group.pk), "username": username, "now": LATER}


def test_asking__is_told_to_owner_and_admins_and_a_second_time_does_nothing(
    alice: User, bob: User, carol: User, published: Publishing
) -> None:
    admin = make_user("admin")
    group = make_group(alice, admin, carol)
    Membership.objects.filter(user=admin).update(role="admin")
    invite, token = make_link(alice, group, max_uses=1)
    with published() as heard:
        assert ask(bob, token, note=" It is me,\n Bob ") is Admission.ASKED
    assert {event.user_id: event.conversation.join_requests for event in heard.of(ConversationChanged)} == {
        alice.pk: 1,
        admin.pk: 1,
    }
    with published() as heard:
        assert ask(bob, token, note="Hello?") is Admission.ASKED
    assert heard.events == []
    assert waiting(alice, group) == [("bob", "It is me, Bob")]
    assert (badge(alice, group), badge(admin, group), badge(carol, group)) == (1, 1, None)
    assert not Membership.objects.filter(user=bob).exists()
    invite.refresh_from_db()
    assert invite.uses == 0
    shown = get_invitation(user_id=bob.pk, token=token, now=LATER)
    assert (shown.needs_approval, shown.asked, shown.conversation) == (True, "It is me, Bob", None)


def test_accepting__makes_a_member_and_counts_a_use_even_of_a_dead_link(alice: User, bob: User) -> None:
    group = make_group(alice)
    invite, token = make_link(alice, group, max_uses=1)
    ask(bob, token)
    invite_revoke(actor_id=alice.pk, conversation=str(group.pk), invite=invite.pk, now=LATER)
    assert ask(bob, token) is Admission.ASKED  # it waits all the same
    request_accept(**to(alice, group, "bob"))
    assert (waiting(alice, group), badge(alice, group)) == ([], None)
    assert get_conversation(user_id=bob.pk, conversation=str(group.pk)).role == "member"
    invite.refresh_from_db()
    assert invite.uses == 1
    for answer in (request_accept, request_refuse):
        with pytest.raises(ImError, match="not_found"):
            answer(**to(alice, group, "bob"))


def test_more_than_the_link_is_for__may_be_let_in(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice)
    invite, token = make_link(alice, group, max_uses=1)
    for user in (bob, carol):
        ask(user, token)
    for username in ("bob", "carol"):
        request_accept(**to(alice, group, username))
    invite.refresh_from_db()
    assert (invite.uses, Membership.objects.filter(conversation=group).count()) == (1, 3)


def test_refused__may_ask_again_after_a_day(alice: User, bob: User) -> None:
    group = make_group(alice)
    _invite, token = make_link(alice, group)
    ask(bob, token)
    request_refuse(**to(alice, group, "bob"))
    assert (waiting(alice, group), badge(alice, group)) == ([], None)
    assert get_invitation(user_id=bob.pk, token=token, now=LATER).asked is None
    request_withdraw(user_id=bob.pk, token=token, now=LATER)  # there is nothing to take back, nor to gain by it
    with pytest.raises(ImError) as refusal:
        ask(bob, token, now=LATER + timedelta(hours=23))
    assert (refusal.value.code, refusal.value.detail) == (ErrorCode.FORBIDDEN, "This was refused; ask again tomorrow.")
    assert ask(bob, token, now=LATER + join_requests.REFUSED_FOR) is Admission.ASKED
    assert waiting(alice, group) == [("bob", "")]


def test_withdrawn__is_gone(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice)
    _invite, token = make_link(alice, group)
    ask(bob, token)
    with published() as heard:
        for _ in range(2):
            request_withdraw(user_id=bob.pk, token=token, now=LATER)
        request_withdraw(user_id=bob.pk, token="unknown", now=LATER)
    assert [event.conversation.join_requests for event in heard.of(ConversationChanged)] == [None]
    assert waiting(alice, group) == []
    assert ask(bob, token) is Admission.ASKED


def test_being_added__answers_the_request(alice: User, bob: User) -> None:
    group = make_group(alice)
    _invite, token = make_link(alice, group)
    ask(bob, token)
    member_add(**to(alice, group, "bob"))
    assert (waiting(alice, group), badge(alice, group)) == ([], None)


def test_requests__are_for_owner_and_admins(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, carol)
    _invite, token = make_link(alice, group)
    ask(bob, token)
    for actor, code in ((carol, "forbidden"), (bob, "not_found")):
        for answer in (request_accept, request_refuse):
            with pytest.raises(ImError, match=code):
                answer(**to(actor, group, "bob"))
        with pytest.raises(ImError, match=code):
            waiting(actor, group)
    assert JoinRequest.objects.get().refused_at is None


def test_banned__is_not_let_in(alice: User, bob: User) -> None:
    group = make_group(alice)
    _invite, token = make_link(alice, group)
    ask(bob, token)
    user_deactivate(user=bob)
    assert waiting(alice, group) == []
    with pytest.raises(ImError, match="not_found"):
        request_accept(**to(alice, group, "bob"))


def test_too_many__are_refused(alice: User, bob: User) -> None:
    group = make_group(alice)
    _invite, token = make_link(alice, group)
    Conversation.objects.update(join_requests=join_requests.REQUESTS_MAX)
    with pytest.raises(ImError, match="too_large"):
        ask(bob, token)


@pytest.mark.parametrize(("note", "code"), [("x" * 201, "too_large"), ("a\0b", "bad_frame"), ("\ud800", "bad_frame")])
def test_note__that_cannot_be_is_refused(alice: User, bob: User, note: str, code: str) -> None:
    _invite, token = make_link(alice, make_group(alice))
    with pytest.raises(ImError, match=code):
        ask(bob, token, note=note)
    assert not JoinRequest.objects.exists()
