"""Invite links: those of a conversation, for who may add people, and what one leads to, for who has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from django.db.models import F, Q, QuerySet
from msgspec import Meta

from accounts.avatars import avatar_url
from accounts.tokens import token_digest
from chat.errors import ErrorCode, ImError
from chat.events import UserObject
from chat.models import Conversation, Invite, JoinRequest, Membership
from chat.selectors.access import access_conversation
from chat.selectors.rights import Right, check_may, may_manage
from chat.selectors.wire import unix_ms


class InviteObject(msgspec.Struct, kw_only=True):
    """An invite link, as those see it who may revoke it."""

    id: Annotated[str, Meta(description="Names the link; it is not what opens the conversation.")]
    created_by: Annotated[str | None, Meta(description="Who made it.")]
    created_at: int
    expires_at: Annotated[int | None, Meta(description="Unix ms; null: never.")]
    max_uses: Annotated[int | None, Meta(description="How many may join by it; null: any number.")]
    uses: Annotated[int, Meta(description="How many have joined by it.")]
    needs_approval: Annotated[bool, Meta(description="Who comes by it asks first.")]


class InvitationObject(msgspec.Struct, kw_only=True):
    """What an invite link leads to. Neither who is in there nor what they say."""

    kind: str
    title: str
    description: str
    avatar: str | None
    members: Annotated[int, Meta(description="How many there are.")]
    invited_by: Annotated[UserObject | None, Meta(description="Who made the link.")]
    conversation: Annotated[str | None, Meta(description="Its id, for who is a member already.")]
    needs_approval: Annotated[
        bool, Meta(description="One can only ask: the link is such a one, or one was removed from there before.")
    ]
    asked: Annotated[
        str | None, Meta(description="One has asked, and waits for an answer: the note, which may be empty.")
    ]


def usable(now: datetime) -> Q:
    """Links that still let somebody in."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    in_number = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    return Q(revoked_at=None) & in_time & in_number


def dead_link() -> ImError:
    """What is said of every link that lets nobody in, whatever the reason."""
    return ImError(ErrorCode.NOT_FOUND, "This invite link does not work (any more).")


def list_invites(*, user_id: int, conversation: str, now: datetime) -> list[InviteObject]:
    """The links of a conversation that still work, newest first: all for its owner and admins, else one's own.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: one may not add people.
    """
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
    rows = managed_invites(row, membership).filter(usable(now)).select_related("created_by")
    return invite_objects(rows.order_by("-created_at", "pk"))


def managed_invites(conversation: Conversation, membership: Membership) -> QuerySet[Invite]:
    """The links that this member sees and revokes, dead ones too. Raises ImError FORBIDDEN."""
    links = Invite.objects.filter(conversation=conversation)
    if may_manage(conversation, membership):
        return links
    check_may(conversation, membership, Right.ADD)
    return links.filter(created_by=membership.user_id)


def _asked(user_id: int, invite: Invite) -> str | None:
    """The note of the user's request that waits; None: there is none."""
    waiting = JoinRequest.objects.filter(conversation=invite.conversation_id, user_id=user_id, refused_at=None)
    return waiting.values_list("note", flat=True).first()


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
            needs_approval=invite.needs_approval,
        )
        for invite in invites
    ]


def get_invitation(*, user_id: int | None, token: str, now: datetime) -> InvitationObject:
    """What a link leads to, for whoever has it. For a member, and for who waits for an answer, even when it lets in
    nobody else any more.

    Raises:
        ImError: NOT_FOUND.
    """
    invite = (
        Invite.objects.select_related("conversation", "created_by").filter(token_digest=token_digest(token)).first()
    )
    if invite is None:
        raise dead_link()
    memberships = Membership.objects.filter(conversation=invite.conversation_id)
    mine = memberships.filter(user_id=user_id).first() if user_id is not None else None
    is_member = mine is not None and mine.left_at is None
    asked = _asked(user_id, invite) if user_id is not None and not is_member else None
    if not is_member and asked is None and not Invite.objects.filter(usable(now), pk=invite.pk).exists():
        raise dead_link()
    creator = invite.created_by
    return InvitationObject(
        kind=invite.conversation.kind,
        title=invite.conversation.title,
        description=invite.conversation.description,
        avatar=invite.conversation.avatar.url if invite.conversation.avatar else None,
        members=memberships.filter(left_at=None).count(),
        invited_by=UserObject(username=creator.username, name=creator.display_name, avatar=avatar_url(creator))
        if creator is not None
        else None,
        conversation=str(invite.conversation_id) if is_member else None,
        needs_approval=invite.needs_approval or (mine is not None and mine.was_removed),
        asked=asked,
    )
