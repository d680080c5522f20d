"""What happens when people come, go or change roles: on a locked conversation, without asking who may.

`memberships` asks the roles in the conversation first, `moderation` does not. Each function logs a system message,
saves the conversation's numbers and announces.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Case, IntegerField, Value, When

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import Event
from chat.models import Conversation, Membership, Message
from chat.services import join_requests, log
from chat.services.log import SystemEvent

Role = Membership.Role


def check_room(members: int) -> None:
    """Raises ImError TOO_LARGE when a conversation cannot have so many."""
    if members > settings.IM_GROUP_MAX_MEMBERS:
        raise ImError(ErrorCode.TOO_LARGE, f"There is room for {settings.IM_GROUP_MAX_MEMBERS} members.")


def was_removed(conversation: Conversation, user: User) -> bool:
    """Whether somebody else ended this user's membership, and nobody has brought them back."""
    return Membership.objects.filter(conversation=conversation, user=user, was_removed=True).exists()


def add(conversation: Conversation, user: User, *, actor: User, now: datetime) -> bool:
    """Make somebody a member; False when they are one already. Who adds themself has joined by a link.

    Who comes back gets the old row: it begins anew as a plain member's, but what had been read stays read.

    Raises:
        ImError: TOO_LARGE.
    """
    membership = Membership.objects.filter(conversation=conversation, user=user).first()
    if membership is not None and membership.left_at is None:
        return False
    check_room(Membership.objects.filter(conversation=conversation, left_at=None).count() + 1)
    if membership is None:
        membership = Membership(conversation=conversation, user=user)
    membership.role = Role.MEMBER
    membership.joined_at = membership.changed_at = now
    membership.joined_seq = conversation.last_seq
    membership.left_at = membership.muted_until = None
    membership.pinned = membership.archived = membership.was_removed = False
    membership.save()
    join_requests.forget(conversation, user, now=now)
    changed = log.count_membership_change(conversation, joined=[user.pk])
    if actor.pk == user.pk:
        message = log.append_system_message(conversation, SystemEvent.JOINED, actor=actor, now=now)
    else:
        subject = user.username
        message = log.append_system_message(conversation, SystemEvent.ADDED, actor=actor, subject=subject, now=now)
    _save_and_announce(conversation, [message], before=[changed], shown_to=[user.pk], now=now)
    return True


def end(conversation: Conversation, membership: Membership, *, actor: User, now: datetime) -> None:
    """End a live membership. An owner's place goes to the oldest admin, else to the oldest member."""
    membership.left_at = membership.changed_at = now
    membership.was_removed = actor.pk != membership.user_id
    membership.save(update_fields=["left_at", "changed_at", "was_removed"])
    changed = log.count_membership_change(conversation, left=[membership.user_id])
    if actor.pk == membership.user_id:
        messages = [log.append_system_message(conversation, SystemEvent.LEFT, actor=actor, now=now)]
    else:
        subject = membership.user.username
        messages = [log.append_system_message(conversation, SystemEvent.REMOVED, actor=actor, subject=subject, now=now)]
    shown_to = [membership.user_id]
    heir = _heir(conversation) if membership.role == Role.OWNER else None
    if heir is not None:
        messages.append(_give_role(conversation, heir, Role.OWNER, actor=actor, now=now))
        shown_to.append(heir.user_id)
    _save_and_announce(conversation, messages, before=[changed], shown_to=shown_to, now=now)


def set_role(conversation: Conversation, membership: Membership, role: str, *, actor: User, now: datetime) -> None:
    """Make a member an admin, or an admin a member. The same role again does nothing."""
    if membership.role == role:
        return
    message = _give_role(conversation, membership, role, actor=actor, now=now)
    _save_and_announce(conversation, [message], shown_to=[membership.user_id], now=now)


def transfer_ownership(conversation: Conversation, membership: Membership, *, actor: User, now: datetime) -> None:
    """Make a member the owner; the owner, if there is one, becomes an admin."""
    if membership.role == Role.OWNER:
        return
    shown_to = [membership.user_id]
    owner = Membership.objects.filter(conversation=conversation, role=Role.OWNER, left_at=None).first()
    if owner is not None:
        # First, because there is never more than one.
        owner.role = Role.ADMIN
        owner.changed_at = now
        owner.save(update_fields=["role", "changed_at"])
        shown_to.append(owner.user_id)
    message = _give_role(conversation, membership, Role.OWNER, actor=actor, now=now)
    _save_and_announce(conversation, [message], shown_to=shown_to, now=now)


def _heir(conversation: Conversation) -> Membership | None:
    """Who is the owner when the owner goes."""
    rank = Case(When(role=Role.ADMIN, then=Value(0)), default=Value(1), output_field=IntegerField())
    members = Membership.objects.filter(conversation=conversation, left_at=None).select_related("user")
    return members.order_by(rank, "joined_at", "pk").first()


def _give_role(conversation: Conversation, membership: Membership, role: str, *, actor: User, now: datetime) -> Message:
    membership.role = role
    membership.changed_at = now
    membership.save(update_fields=["role", "changed_at"])
    return log.append_system_message(
        conversation, SystemEvent.ROLE, actor=actor, subject=membership.user.username, role=str(role), now=now
    )


def _save_and_announce(
    conversation: Conversation,
    messages: Sequence[Message],
    *,
    before: Sequence[Event] = (),
    shown_to: Sequence[int],
    now: datetime,
) -> None:
    """The audience first, so that it is right for the messages; then how it looks to those it is about."""
    log.save_numbers(conversation)
    views = log.views_changed(conversation, shown_to, now=now)
    changes = [log.message_changed(conversation, message) for message in messages]
    log.publish_on_commit([*before, *views, *changes])
