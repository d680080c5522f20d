"""Invite links: those of a conversation, for who manages it, and what one of them leads to, for who has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from django.db.models import F, Q
from msgspec import Meta

from accounts.avatars import avatar_url
from accounts.tokens import token_digest
from chat.errors import ErrorCode, ImError
from chat.events import UserObject
from chat.models import Invite, Membership
from chat.selectors.access import access_conversation
from chat.selectors.wire import unix_ms


class InviteObject(msgspec.Struct, kw_only=True):
    """An invite link, as those see it who manage the conversation."""

    id: Annotated[str, Meta(description="Names the link; it is not what opens the conversation.")]
    created_by: Annotated[str | None, Meta(description="Who made it.")]
    created_at: int
    expires_at: Annotated[int | None, Meta(description="Unix ms; null: never.")]
    max_uses: Annotated[int | None, Meta(description="How many may join by it; null: any number.")]
    uses: Annotated[int, Meta(description="How many have joined by it.")]


class InvitationObject(msgspec.Struct, kw_only=True):
    """What an invite link leads to. Neither who is in there nor what they say."""

    kind: str
    title: str
    members: Annotated[int, Meta(description="How many there are.")]
    invited_by: Annotated[UserObject | None, Meta(description="Who made the link.")]
    conversation: Annotated[str | None, Meta(description="Its id, for who is a member already.")]


def usable(now: datetime) -> Q:
    """Links that still let somebody in."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    in_number = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    return Q(revoked_at=None) & in_time & in_number


def dead_link() -> ImError:
    """What is said of every link that lets nobody in, whatever the reason."""
    return ImError(ErrorCode.NOT_FOUND, "This invite link does not work (any more).")


def list_invites(*, user_id: int, conversation: str, now: datetime) -> list[InviteObject]:
    """The links of a conversation that still work, newest first; for its owner and admins.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN.
    """
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
    if membership.role == Membership.Role.MEMBER:
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins see the invite links.")
    rows = Invite.objects.filter(usable(now), conversation=row).select_related("created_by")
    return invite_objects(rows.order_by("-created_at", "pk"))


def invite_objects(invites: Iterable[Invite]) -> list[InviteObject]:
    """Links, read with who made them, as they go over the wire."""
    return [
        InviteObject(
            id=str(invite.pk),
            created_by=invite.created_by.username if invite.created_by is not None else None,
            created_at=unix_ms(invite.created_at),
            expires_at=unix_ms(invite.expires_at) if invite.expires_at is not None else None,
            max_uses=invite.max_uses,
            uses=invite.uses,
        )
        for invite in invites
    ]


def get_invitation(*, user_id: int | None, token: str, now: datetime) -> InvitationObject:
    """What a link leads to, for whoever has it. For a member even when it lets in nobody else any more.

    Raises:
        ImError: NOT_FOUND.
    """
    invite = (
        Invite.objects.select_related("conversation", "created_by").filter(token_digest=token_digest(token)).first()
    )
    if invite is None:
        raise dead_link()
    members = Membership.objects.filter(conversation=invite.conversation_id, left_at=None)
    is_member = user_id is not None and members.filter(user_id=user_id).exists()
    if not is_member and not Invite.objects.filter(usable(now), pk=invite.pk).exists():
        raise dead_link()
    creator = invite.created_by
    return InvitationObject(
        kind=invite.conversation.kind,
        title=invite.conversation.title,
        members=members.count(),
        invited_by=UserObject(username=creator.username, name=creator.display_name, avatar=avatar_url(creator))
        if creator is not None
        else None,
        conversation=str(invite.conversation_id) if is_member else None,
    )
