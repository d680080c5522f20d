"""What a group or channel shows of itself beside its title: a picture and a few words."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.avatars import process_avatar
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.selectors.rights import Right, check_may
from chat.services import log
from chat.services.log import SystemEvent
from chat.services.validation import clean_description


@transaction.atomic
def group_describe(*, actor_id: int, conversation: str, description: str, now: datetime) -> None:
    """Say what a group or channel is for, by who may edit it; an empty text takes it away. The same does nothing.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; TOO_LARGE, BAD_FRAME: the text.
    """
    description = clean_description(description)
    row, actor = log.lock_conversation(user_id=actor_id, conversation=conversation)
    check_may(row, actor, Right.EDIT)
    if row.description != description:
        row.description = description
        _announce(row, actor, SystemEvent.DESCRIBED, "description", now=now)


def group_set_picture(*, actor_id: int, conversation: str, picture: IO[bytes] | None, now: datetime) -> None:
    """Give a group or channel a picture, or none, by who may edit it. The file is cropped to a square.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; BAD_FRAME: no picture that can be read; TOO_LARGE: more than 8 MB or 50 million
            pixels. `fields` names `avatar`.
    """
    # Asked before, so that strangers cost no decoding; and again under the lock.
    check_may(*access_conversation(user_id=actor_id, conversation=conversation), Right.EDIT)
    try:
        made = process_avatar(picture) if picture is not None else None
    except ValidationError as error:
        code = ErrorCode.TOO_LARGE if error.code == "too_large" else ErrorCode.BAD_FRAME
        raise ImError(code, str(error.message), fields={"avatar": str(error.message)}) from error
    with transaction.atomic():
        row, actor = log.lock_conversation(user_id=actor_id, conversation=conversation)
        check_may(row, actor, Right.EDIT)
        storage, old = row.avatar.storage, row.avatar.name
        if made is None and not old:
            return
        row.avatar = made
        _announce(row, actor, SystemEvent.PICTURE, "avatar", now=now)
        if old:
            transaction.on_commit(partial(storage.delete, old), robust=True)


def _announce(row: Conversation, actor: Membership, event: SystemEvent, field: str, *, now: datetime) -> None:
    message = log.append_system_message(row, event, actor=actor.user, now=now)
    log.save_numbers(row, field)
    log.publish_on_commit([log.message_changed(row, message), *log.views_of_all(row, now=now)])
