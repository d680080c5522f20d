"""Those who wait to be let in: how a request is made, kept and forgotten, on a locked conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Invite, JoinRequest, Membership
from chat.services import log

#: More than anybody reads: a link that brought so many stands somewhere in public.
REQUESTS_MAX = 500
#: Who was refused may ask again, but does not ring all day.
REFUSED_FOR = timedelta(days=1)
#: So many owners and admins learn of it at once; the others see it when they look.
_TOLD_MAX = 100


def is_waiting(conversation: Conversation, user: User) -> bool:
    """Whether this user has asked, and nobody has answered."""
    return JoinRequest.objects.filter(conversation=conversation, user=user, refused_at=None).exists()


def ask(conversation: Conversation, user: User, invite: Invite, *, note: str, now: datetime) -> None:
    """Keep a request, and tell who can answer. While one waits, another one does nothing.

    Raises:
        ImError: FORBIDDEN: it was refused less than a day ago; TOO_LARGE: too many wait already.
    """
    known = JoinRequest.objects.filter(conversation=conversation, user=user).first()
    if known is not None and known.refused_at is None:
        return
    if known is not None and known.refused_at is not None and now - known.refused_at < REFUSED_FOR:
        raise ImError(ErrorCode.FORBIDDEN, "This was refused; ask again tomorrow.")
    if conversation.join_requests >= REQUESTS_MAX:
        raise ImError(ErrorCode.TOO_LARGE, "Too many people wait for an answer already.")
    if known is not None:
        known.delete()
    JoinRequest.objects.create(conversation=conversation, user=user, invite=invite, note=note, created_at=now)
    count_requests(conversation, now=now)


def forget(conversation: Conversation, user: User, *, now: datetime) -> None:
    """There is nothing to ask for any more."""
    deleted, _ = JoinRequest.objects.filter(conversation=conversation, user=user).delete()
    if deleted:
        count_requests(conversation, now=now)


def count_requests(conversation: Conversation, *, now: datetime) -> None:
    """Count those that wait anew, and show the number to those who can answer."""
    conversation.join_requests = JoinRequest.objects.filter(conversation=conversation, refused_at=None).count()
    conversation.save(update_fields=["join_requests"])
    managers = Membership.objects.filter(conversation=conversation, left_at=None).exclude(role=Membership.Role.MEMBER)
    told = list(managers.values_list("user_id", flat=True)[:_TOLD_MAX])
    log.publish_on_commit(log.views_changed(conversation, told, now=now))
