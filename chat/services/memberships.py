"""Who is in a group or channel, and as what, decided by its owner and admins."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership
from chat.selectors.people import get_directory
from chat.selectors.relations import check_may_add
from chat.selectors.rights import Right, check_may, may_manage, may_remove
from chat.services import membership_changes
from chat.services.log import lock_conversation

Role = Membership.Role


@transaction.atomic
def member_add(*, actor_id: int, conversation: str, username: str, now: datetime) -> bool:
    """Add a user, by who may add. False when they already are a member: adding twice is as good as once.

    Whom the owner or an admin removed, only they bring back.

    Raises:
        ImError: NOT_FOUND: no such conversation or active user; FORBIDDEN; TOO_LARGE: there is no room left.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    check_may(row, actor, Right.ADD)
    user = get_directory(usernames=[username]).named(username)
    if user is None or not user.is_active:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    if not may_manage(row, actor) and membership_changes.was_removed(row, user):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins bring back who was removed.")
    check_may_add(actor_id=actor_id, users=[user])
    return membership_changes.add(row, user, actor=actor.user, now=now)


@transaction.atomic
def member_remove(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Remove a member: the owner anybody, an admin plain members. Naming oneself is leaving.

    Raises:
        ImError: NOT_FOUND: no such conversation or member; FORBIDDEN.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    target = _access_member(row, username)
    if row.kind == Conversation.Kind.DIRECT:
        raise ImError(ErrorCode.FORBIDDEN, "Nobody can be removed from a direct conversation.")
    if target.user_id != actor_id and not may_remove(actor, target):
        raise ImError(ErrorCode.FORBIDDEN, "You may not remove this member.")
    membership_changes.end(row, target, actor=actor.user, now=now)


@transaction.atomic
def member_leave(*, user_id: int, conversation: str, now: datetime) -> None:
    """Leave. An owner hands over to the oldest admin, else to the oldest member; the last one leaves it empty.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: a direct conversation, which can be archived, but is always there.
    """
    row, membership = lock_conversation(user_id=user_id, conversation=conversation)
    if row.kind == Conversation.Kind.DIRECT:
        raise ImError(ErrorCode.FORBIDDEN, "A direct conversation cannot be left; archive it.")
    membership_changes.end(row, membership, actor=membership.user, now=now)


@transaction.atomic
def member_set_role(*, actor_id: int, conversation: str, username: str, role: str, now: datetime) -> None:
    """Make a member an admin, or an admin a member; only the owner. Role "owner" transfers the ownership.

    Raises:
        ImError: NOT_FOUND: no such conversation or member; FORBIDDEN: not the owner, or the owner about themself;
            BAD_FRAME: no such role.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    target = _access_member(row, username)
    if row.kind == Conversation.Kind.DIRECT or actor.role != Role.OWNER:
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner changes roles.")
    if role not in Role.values:
        raise ImError(ErrorCode.BAD_FRAME, "There is no such role.")
    if role == Role.OWNER:
        membership_changes.transfer_ownership(row, target, actor=actor.user, now=now)
    elif target.user_id == actor_id:
        raise ImError(ErrorCode.FORBIDDEN, "Make somebody else the owner first.")
    else:
        membership_changes.set_role(row, target, role, actor=actor.user, now=now)


def ownership_transfer(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Make another member the owner; the owner becomes an admin. Raises ImError as `member_set_role`."""
    member_set_role(actor_id=actor_id, conversation=conversation, username=username, role=Role.OWNER, now=now)


def _access_member(conversation: Conversation, username: str) -> Membership:
    """A live member by name. Raises ImError NOT_FOUND."""
    user = get_directory(usernames=[username]).named(username)
    members = Membership.objects.filter(conversation=conversation, left_at=None).select_related("user")
    membership = members.filter(user=user).first() if user is not None else None
    if membership is None:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such member.")
    return membership
