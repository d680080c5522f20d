"""Invite links: made and revoked by those who may add people, accepted by whoever has one."""

from __future__ import annotations

import enum
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.tokens import token_digest
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Invite, Membership
from chat.selectors.invites import dead_link, managed_invites, usable
from chat.selectors.rights import Right, check_may
from chat.services import join_requests, membership_changes
from chat.services.log import lock_conversation, lock_conversations
from chat.services.validation import clean_note

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
    needs_approval: bool = False,
    now: datetime,
) -> tuple[Invite, str]:
    """A new link and its token, which is not stored: nobody can be shown it again. For those who may add people.

    By one that `needs_approval`, people only ask; the owner and admins let them in.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; BAD_FRAME: a time that has passed, or a number out of range; TOO_LARGE: there
            are too many links that work.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    check_may(row, actor, Right.ADD)
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
        needs_approval=needs_approval,
    )
    return invite, token


@transaction.atomic
def invite_revoke(*, actor_id: int, conversation: str, invite: UUID, now: datetime) -> None:
    """End a link: the owner and admins any, others who may add people their own. The second time does nothing.

    Raises:
        ImError: NOT_FOUND: no such conversation or link; FORBIDDEN.
    """
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    links = managed_invites(row, actor).filter(pk=invite)
    if not links.filter(revoked_at=None).update(revoked_at=now) and not links.exists():
        raise ImError(ErrorCode.NOT_FOUND, "There is no such invite link.")


class Admission(enum.StrEnum):
    """What came of following a link."""

    JOINED = "joined"
    MEMBER = "member"  # already
    ASKED = "asked"  # now or before: it is for the owner and admins to answer


@transaction.atomic
def invite_accept(*, user_id: int, token: str, note: str = "", now: datetime) -> tuple[Conversation, Admission]:
    """Join by a link, or ask to, where it needs approval or one was removed before. `note` is for who answers.

    For a member, and for who has asked already, it does nothing and counts as no use, so trying again is safe even
    when the link was for one.

    Raises:
        ImError: NOT_FOUND: the link is unknown, expired, revoked or used up; TOO_LARGE: there is no room left, too
            many ask, or the note is too long; FORBIDDEN: one asked, and was refused today; BAD_FRAME: the note.
    """
    note = clean_note(note)
    user = User.objects.only("username", "is_active").get(pk=user_id)
    links = Invite.objects.filter(token_digest=token_digest(token))
    rows = lock_conversations(ids=list(links.values_list("conversation_id", flat=True)))
    if not rows or not user.is_active:
        raise dead_link()
    [conversation] = rows
    if Membership.objects.filter(conversation=conversation, user=user, left_at=None).exists():
        return conversation, Admission.MEMBER
    if join_requests.is_waiting(conversation, user):
        return conversation, Admission.ASKED
    # Read after the lock: whoever revoked it or took the last use while we waited was first.
    invite = links.filter(usable(now)).first()
    if invite is None:
        raise dead_link()
    if invite.needs_approval or membership_changes.was_removed(conversation, user):
        join_requests.ask(conversation, user, invite, note=note, now=now)
        return conversation, Admission.ASKED
    membership_changes.add(conversation, user, actor=user, now=now)
    invite.uses += 1
    invite.save(update_fields=["uses"])
    return conversation, Admission.JOINED
