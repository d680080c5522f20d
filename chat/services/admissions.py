"""Answering those who ask to join, and taking one's own request back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.tokens import token_digest
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Invite, JoinRequest, Membership
from chat.selectors.people import get_directory
from chat.selectors.rights import may_manage
from chat.services import join_requests, membership_changes
from chat.services.log import lock_conversation, lock_conversations


@transaction.atomic
def request_accept(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Let somebody in who asked; owner and admins. It counts as a use of the link they came by.

    Raises:
        ImError: NOT_FOUND: no such conversation or request (any more); FORBIDDEN; TOO_LARGE: there is no room left.
    """
    row, actor, request = _lock_request(actor_id, conversation, username)
    if not request.user.is_active:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    # One more than the link is for is no harm: somebody looked at who it is.
    if request.invite_id is not None:
        links = Invite.objects.filter(Q(max_uses=None) | Q(uses__lt=F("max_uses")), pk=request.invite_id)
        links.update(uses=F("uses") + 1)
    membership_changes.add(row, request.user, actor=actor.user, now=now)


@transaction.atomic
def request_refuse(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Leave somebody outside who asked; owner and admins.

    Raises:
        ImError: NOT_FOUND: no such conversation or request (any more); FORBIDDEN.
    """
    row, _, request = _lock_request(actor_id, conversation, username)
    request.refused_at = now
    request.save(update_fields=["refused_at"])
    join_requests.count_requests(row, now=now)


@transaction.atomic
def request_withdraw(*, user_id: int, token: str, now: datetime) -> None:
    """Take back what one asked for, by the link one asked with. Where nothing waits, nothing happens."""
    links = Invite.objects.filter(token_digest=token_digest(token))
    for conversation in lock_conversations(ids=list(links.values_list("conversation_id", flat=True))):
        waiting = JoinRequest.objects.filter(conversation=conversation, user_id=user_id, refused_at=None)
        if waiting.delete()[0]:
            join_requests.count_requests(conversation, now=now)


def _lock_request(actor_id: int, conversation: str, username: str) -> tuple[Conversation, Membership, JoinRequest]:
    """A request that waits, its conversation locked, for somebody who may answer it. Raises ImError."""
    row, actor = lock_conversation(user_id=actor_id, conversation=conversation)
    if not may_manage(row, actor):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins answer requests to join.")
    user = get_directory(usernames=[username]).named(username)
    waiting = JoinRequest.objects.select_related("user").filter(conversation=row, refused_at=None)
    request = waiting.filter(user=user).first() if user is not None else None
    if request is None:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such request (any more).")
    return row, actor, request
