"""Invite links: who makes them, whom they let in, and when they stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, MessageChanged
from chat.models import Conversation, Invite, Membership
from chat.selectors.conversations import get_conversation
from chat.selectors.invites import get_invitation, list_invites
from chat.services.invites import INVITES_MAX, Admission, invite_accept, invite_create, invite_revoke
from chat.services.memberships import member_add, member_leave, member_remove
from chat.services.permissions import permissions_update
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing

LATER = NOW + timedelta(hours=1)


def make_invite(owner: User, group: Conversation, **limits: Any) -> tuple[Invite, str]:
    return invite_create(actor_id=owner.pk, conversation=str(group.pk), now=NOW, **limits)


def works(token: str) -> bool:
    """For somebody new."""
    try:
        get_invitation(user_id=None, token=token, now=LATER)
    except ImError as refusal:
        assert refusal.code == ErrorCode.NOT_FOUND
        with pytest.raises(ImError, match="not_found"):
            invite_accept(user_id=make_user().pk, token=token, now=LATER)
        return False
    return True


@pytest.mark.parametrize("kind", ["group", "channel"])
@pytest.mark.parametrize("actor", ["owner", "admin", "member", "stranger", "left"])
@pytest.mark.django_db
def test_links__are_for_owner_and_admins(actor: str, kind: str) -> None:
    users = {name: make_user(name) for name in ("owner", "admin", "member", "left", "stranger")}
    group = make_group(users["owner"], users["admin"], users["member"], users["left"], kind=kind)
    Membership.objects.filter(user=users["admin"]).update(role="admin")
    Membership.objects.filter(user=users["left"]).update(left_at=NOW)
    there, _token = make_invite(users["owner"], group)
    by = {"actor_id": users[actor].pk, "conversation": str(group.pk), "now": LATER}
    acts = (
        lambda: list_invites(user_id=users[actor].pk, conversation=str(group.pk), now=LATER),
        lambda: invite_create(**by),
        lambda: invite_revoke(invite=there.pk, **by),
    )
    if actor in ("owner", "admin"):
        for act in acts:
            act()
        assert there.pk not in {invite.pk for invite in Invite.objects.filter(revoked_at=None)}
        return
    for act in acts:
        with pytest.raises(ImError) as refusal:
            act()
        assert refusal.value.code == (ErrorCode.FORBIDDEN if actor == "member" else ErrorCode.NOT_FOUND)
    assert Invite.objects.get().revoked_at is None


def test_direct_conversation__has_no_links(alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    with pytest.raises(ImError, match="forbidden"):
        make_invite(alice, direct)
    with pytest.raises(ImError, match="forbidden"):
        list_invites(user_id=alice.pk, conversation=str(direct.pk), now=NOW)


def test_token__is_nowhere_in_the_database(alice: User) -> None:
    invite, token = make_invite(alice, make_group(alice))
    assert len(token) == 22
    stored = Invite.objects.filter(pk=invite.pk).values().get()
    assert token not in repr(stored)


def test_who_joins__is_a_member_as_if_added_and_says_so(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice)
    send(alice, group, "before")
    _invite, token = make_invite(alice, group)
    with published() as heard:
        conversation, admission = invite_accept(user_id=bob.pk, token=token, now=LATER)
    assert (conversation, admission) == (group, Admission.JOINED)
    seen = get_conversation(user_id=bob.pk, conversation=str(group.pk), now=LATER)
    assert (seen.role, seen.unread) == ("member", 0)
    members, view, message = heard.events
    assert members == MembersChanged(conversation=str(group.pk), version=2, members_version=2, joined=[bob.pk], left=[])
    assert isinstance(view, ConversationChanged) and view.user_id == bob.pk
    assert isinstance(message, MessageChanged) and message.members_version == 2
    assert message.message.payload == {"event": "joined", "actor": "bob"}
    [listed] = list_invites(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert (listed.uses, listed.created_by) == (1, "alice")


def test_joining_again__does_nothing_even_when_the_link_is_used_up(
    alice: User, bob: User, published: Publishing
) -> None:
    group = make_group(alice)
    invite, token = make_invite(alice, group, max_uses=1)
    invite_accept(user_id=bob.pk, token=token, now=LATER)
    with published() as heard:
        for user in (bob, alice):
            assert invite_accept(user_id=user.pk, token=token, now=LATER) == (group, Admission.MEMBER)
    assert heard.events == []
    invite.refresh_from_db()
    assert invite.uses == 1


def test_invitation__tells_what_it_is_and_nothing_of_what_is_inside(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob, title="Climbing")
    send(bob, group, "a secret")
    _invite, token = make_invite(alice, group)
    shown = get_invitation(user_id=carol.pk, token=token, now=LATER)
    assert (shown.kind, shown.title, shown.members, shown.conversation) == ("group", "Climbing", 2, None)
    assert shown.invited_by is not None and shown.invited_by.username == "alice"
    assert "secret" not in repr(shown) and "bob" not in repr(shown).lower()
    assert get_invitation(user_id=bob.pk, token=token, now=LATER).conversation == str(group.pk)


def test_dead_links__let_nobody_in_and_are_not_listed(alice: User, bob: User) -> None:
    group = make_group(alice)
    _expired, expired = make_invite(alice, group, expires_at=LATER)
    _used_up, used_up = make_invite(alice, group, max_uses=1)
    revoked_row, revoked = make_invite(alice, group)
    _alive, alive = make_invite(alice, group, expires_at=LATER + timedelta(seconds=1), max_uses=2)
    for _ in range(2):
        invite_revoke(actor_id=alice.pk, conversation=str(group.pk), invite=revoked_row.pk, now=NOW)
    invite_accept(user_id=bob.pk, token=used_up, now=NOW)
    assert [works(token) for token in (expired, used_up, revoked, "", "\0", "\ud800")] == [False] * 6
    assert works(alive)
    listed = list_invites(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert [(each.max_uses, each.uses) for each in listed] == [(2, 0)]


def test_removed_member__can_only_ask_and_who_left_comes_back(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob, carol)
    invite, token = make_invite(alice, group)
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    member_leave(user_id=carol.pk, conversation=str(group.pk), now=LATER)
    shown = get_invitation(user_id=bob.pk, token=token, now=LATER)
    assert (shown.conversation, shown.needs_approval) == (None, True)
    assert invite_accept(user_id=bob.pk, token=token, now=LATER) == (group, Admission.ASKED)
    assert invite_accept(user_id=carol.pk, token=token, now=LATER) == (group, Admission.JOINED)
    invite_revoke(actor_id=alice.pk, conversation=str(group.pk), invite=invite.pk, now=LATER)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=LATER)
    _invite, token = make_invite(alice, group)
    assert invite_accept(user_id=bob.pk, token=token, now=LATER) == (group, Admission.JOINED)  # he was brought back


def test_who_may_add__sees_and_revokes_their_own_links_alone(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob, carol)
    permissions_update(actor_id=alice.pk, conversation=str(group.pk), changes={"add": "everybody"}, now=NOW)
    hers, _token = make_invite(alice, group)
    his, _token = make_invite(bob, group)
    listed = {user.pk: list_invites(user_id=user.pk, conversation=str(group.pk), now=NOW) for user in (alice, bob)}
    assert {pk: {each.id for each in found} for pk, found in listed.items()} == {
        alice.pk: {str(hers.pk), str(his.pk)},
        bob.pk: {str(his.pk)},
    }
    with pytest.raises(ImError, match="not_found"):
        invite_revoke(actor_id=bob.pk, conversation=str(group.pk), invite=hers.pk, now=NOW)
    invite_revoke(actor_id=bob.pk, conversation=str(group.pk), invite=his.pk, now=NOW)
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="carol", now=NOW)
    with pytest.raises(ImError, match="forbidden"):
        member_add(actor_id=bob.pk, conversation=str(group.pk), username="carol", now=NOW)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="carol", now=NOW)


def test_full_group__lets_nobody_in_and_counts_nothing(alice: User, bob: User, settings: Any) -> None:
    settings.IM_GROUP_MAX_MEMBERS = 1
    invite, token = make_invite(alice, make_group(alice))
    with pytest.raises(ImError, match="too_large"):
        invite_accept(user_id=bob.pk, token=token, now=LATER)
    invite.refresh_from_db()
    assert invite.uses == 0


def test_banned_user__is_not_let_in(alice: User) -> None:
    _invite, token = make_invite(alice, make_group(alice))
    with pytest.raises(ImError, match="not_found"):
        invite_accept(user_id=make_user(is_active=False).pk, token=token, now=LATER)


@pytest.mark.parametrize("limits", [{"expires_at": NOW}, {"max_uses": 0}, {"max_uses": 100_001}], ids=repr)
def test_limits_that_cannot_be__are_refused(alice: User, limits: dict[str, Any]) -> None:
    with pytest.raises(ImError) as refusal:
        make_invite(alice, make_group(alice), **limits)
    assert (refusal.value.code, refusal.value.fields and set(refusal.value.fields)) == (
        ErrorCode.BAD_FRAME,
        set(limits),
    )


def test_too_many_links__are_refused_until_one_is_gone(alice: User) -> None:
    group = make_group(alice)
    Invite.objects.bulk_create(Invite(conversation=group, token_digest=str(n)) for n in range(INVITES_MAX))
    with pytest.raises(ImError, match="too_large"):
        make_invite(alice, group)
    first = Invite.objects.all()[0]
    invite_revoke(actor_id=alice.pk, conversation=str(group.pk), invite=first.pk, now=NOW)
    make_invite(alice, group)


def test_link_of_another_conversation__is_not_found(alice: User, bob: User) -> None:
    invite, _token = make_invite(bob, make_group(bob))
    for pk in (invite.pk, uuid4()):
        with pytest.raises(ImError, match="not_found"):
            invite_revoke(actor_id=alice.pk, conversation=str(make_group(alice).pk), invite=pk, now=NOW)
    invite.refresh_from_db()
    assert invite.revoked_at is None
