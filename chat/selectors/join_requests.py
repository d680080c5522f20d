"""Who asks to be let in."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from accounts.avatars import avatar_url
from chat.errors import ErrorCode, ImError
from chat.events import UserObject
from chat.models import JoinRequest
from chat.selectors.access import access_conversation
from chat.selectors.rights import may_manage
from chat.selectors.wire import unix_ms


class JoinRequestObject(msgspec.Struct, kw_only=True):
    """Somebody who asks to join."""

    user: UserObject
    note: Annotated[str, Meta(description="What they say of themselves; may be empty.")]
    asked_at: Annotated[int, Meta(description="Unix ms.")]
    invited_by: Annotated[str | None, Meta(description="Who made the link they came by.")]


def list_join_requests(*, user_id: int, conversation: str, limit: int | None = None) -> list[JoinRequestObject]:
    """Those that wait, oldest first; for the owner and admins.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN.
    """
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
    if not may_manage(row, membership):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins see who asks to join.")
    waiting = JoinRequest.objects.filter(conversation=row, refused_at=None, user__is_active=True)
    rows = waiting.select_related("user", "invite__created_by").order_by("created_at", "pk")[:limit]
    return [
        JoinRequestObject(
            user=UserObject(username=each.user.username, name=each.user.display_name, avatar=avatar_url(each.user)),
            note=each.note,
            asked_at=unix_ms(each.created_at),
            invited_by=each.invite.created_by.username if each.invite and each.invite.created_by else None,
        )
        for each in rows
    ]
