"""Invite links: made and revoked by owner and admins, accepted by whoever has one."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.tokens import token_digest
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Invite, Membership
from chat.selectors.invites import dead_link, usable
from chat.services import membership_changes
from chat.services.log import lock_conversation, lock_conversations
from chat.services.roles import may_manage

#: 128 bits cannot be guessed, whatever the rate; 22 characters still make a QR code that a camera reads from a wall.
TOKEN_BYTES = 16
#: Working links of one conversation: more than anybody keeps an eye on.
INVITES_MAX = 50
#: More than any conversation has members; so that the number fits every column and client.
USES_MAX = 100_000


@transaction.atomic
def invite_create(
    *,
    actor_id: int,
    conversation: str,
    expires_at: datetime | None = None,
    max_uses: int | None = None,
    now: datetime,
) -> tuple[Invite, str]:
    """A new link and its token, which is not stored: nobody can be shown it again. For owner and admins.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; BAD_FRAME: a time that has passed, or a number out of range; TOO_LARGE: there
            are too many links that work.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    if not may_manage(row, actor):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins invite by link.")
    if expires_at is not None and expires_at <= now:
        detail = "This time has passed."
        raise ImError(ErrorCode.BAD_FRAME, detail, fields={"expires_at": detail})
    if max_uses is not None and not 1 <= max_uses <= USES_MAX:
        detail = f"A link is for 1 to {USES_MAX} people."
        raise ImError(ErrorCode.BAD_FRAME, detail, fields={"max_uses": detail})
    if Invite.objects.filter(usable(now), conversation=row).count() >= INVITES_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"There are {INVITES_MAX} links already; revoke one first.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invite = Invite.objects.create(
        conversation=row,
        created_by=actor.user,
        token_digest=token_digest(token),
        created_at=now,
        expires_at=expires_at,
        max_uses=max_uses,
    )
    return invite, token


@transaction.atomic
def invite_revoke(*, actor_id: int, conversation: str, invite: UUID, now: datetime) -> None:
    """End a link; owner and admins, whoever made it. The second time does nothing.

    Raises:
        ImError: NOT_FOUND: no such conversation or link; FORBIDDEN.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    if not may_manage(row, actor):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins revoke invite links.")
    links = Invite.objects.filter(pk=invite, conversation=row)
    if not links.filter(revoked_at=None).update(revoked_at=now) and not links.exists():
        raise ImError(ErrorCode.NOT_FOUND, "There is no such invite link.")


@transaction.atomic
def invite_accept(*, user_id: int, token: str, now: datetime) -> tuple[Conversation, bool]:
    """Join by a link: the conversation, and whether the user is new in it.

    For a member it does nothing and counts as no use, so trying again is safe even when the link was for one.

    Raises:
        ImError: NOT_FOUND: the link is unknown, expired, revoked or used up; TOO_LARGE: there is no room left.
    """
    user = User.objects.only("username", "is_active").get(pk=user_id)
    links = Invite.objects.filter(token_digest=token_digest(token))
    rows = lock_conversations(ids=list(links.values_list("conversation_id", flat=True)))
    if not rows or not user.is_active:
        raise dead_link()
    [conversation] = rows
    if Membership.objects.filter(conversation=conversation, user=user, left_at=None).exists():
        return conversation, False
    # Read after the lock: whoever revoked it or took the last use while we waited was first.
    invite = links.filter(usable(now)).first()
    if invite is None:
        raise dead_link()
    membership_changes.add(conversation, user, actor=user, now=now)
    invite.uses += 1
    invite.save(update_fields=["uses"])
    return conversation, True
