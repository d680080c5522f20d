"""What staff may do, whatever the roles in the conversation say.

The caller has checked that the actor may moderate; every act is logged with ids.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership, Message
from chat.services import log, membership_changes
from chat.services.conversations import retitle
from chat.services.messages import recall
from chat.services.validation import clean_title

logger = logging.getLogger(__name__)


@transaction.atomic
def message_remove(*, actor_id: int, message_pk: int, now: datetime) -> None:
    """Recall any message, without a time limit. The second time does nothing.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: a system message, which holds nothing that somebody wrote.
    """
    conversation = _lock(Message.objects.filter(pk=message_pk).values_list("conversation_id", flat=True).first())
    message = Message.objects.select_related("sender").get(pk=message_pk)
    if message.kind == Message.Kind.SYSTEM:
        raise ImError(ErrorCode.FORBIDDEN, "System messages cannot be removed.")
    recall(conversation, message, now=now)
    logger.info("moderation.message_removed actor=%d conversation=%d seq=%d", actor_id, conversation.pk, message.seq)


@transaction.atomic
def membership_end(*, actor_id: int, membership_pk: int, now: datetime) -> None:
    """Remove any member from a group or channel; an owner's successor is found as if they had left.

    Raises:
        ImError: NOT_FOUND, also for somebody who left already; FORBIDDEN: a direct conversation.
    """
    conversation, membership = _lock_membership(membership_pk)
    membership_changes.end(conversation, membership, actor=_actor(actor_id), now=now)
    logger.info(
        "moderation.member_removed actor=%d conversation=%d user=%d", actor_id, conversation.pk, membership.user_id
    )


@transaction.atomic
def membership_set_role(*, actor_id: int, membership_pk: int, role: str, now: datetime) -> None:
    """Give any member of a group or channel any role. A new owner takes the place of the old one, who becomes an admin.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME: no such role; FORBIDDEN: a direct conversation, or an owner without a successor.
    """
    conversation, membership = _lock_membership(membership_pk)
    if role not in Membership.Role.values:
        raise ImError(ErrorCode.BAD_FRAME, "There is no such role.")
    if role == Membership.Role.OWNER:
        membership_changes.transfer_ownership(conversation, membership, actor=_actor(actor_id), now=now)
    elif membership.role == Membership.Role.OWNER:
        raise ImError(ErrorCode.FORBIDDEN, "Make somebody else the owner first.")
    else:
        membership_changes.set_role(conversation, membership, role, actor=_actor(actor_id), now=now)
    logger.info(
        "moderation.role_changed actor=%d conversation=%d user=%d role=%s",
        actor_id,
        conversation.pk,
        membership.user_id,
        role,
    )


@transaction.atomic
def conversation_retitle(*, actor_id: int, conversation_pk: int, title: str, now: datetime) -> None:
    """Give any group or channel another title.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: a direct conversation; EMPTY, TOO_LARGE, BAD_FRAME: the title.
    """
    title = clean_title(title)
    conversation = _lock(conversation_pk)
    _refuse_direct(conversation)
    retitle(conversation, title, actor=_actor(actor_id), now=now)
    logger.info("moderation.renamed actor=%d conversation=%d", actor_id, conversation.pk)


def _actor(actor_id: int) -> User:
    return User.objects.get(pk=actor_id)


def _lock(conversation_id: int | None) -> Conversation:
    rows = log.lock_conversations(ids=[conversation_id]) if conversation_id is not None else []
    if not rows:
        raise ImError(ErrorCode.NOT_FOUND)
    return rows[0]


def _lock_membership(membership_pk: int) -> tuple[Conversation, Membership]:
    """A live membership of a group or channel, its conversation locked. Raises ImError."""
    found = Membership.objects.filter(pk=membership_pk).values_list("conversation_id", flat=True).first()
    conversation = _lock(found)
    membership = Membership.objects.select_related("user").filter(pk=membership_pk, left_at=None).first()
    if membership is None:
        raise ImError(ErrorCode.NOT_FOUND)
    _refuse_direct(conversation)
    return conversation, membership


def _refuse_direct(conversation: Conversation) -> None:
    if conversation.kind == Conversation.Kind.DIRECT:
        raise ImError(ErrorCode.FORBIDDEN, "A direct conversation has no title and no roles, and nobody leaves it.")
