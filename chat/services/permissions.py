"""What a group or channel keeps for its admins or its owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.models import Conversation
from chat.selectors.rights import Level, Right, level_of, may_manage, may_set
from chat.services import log
from chat.services.log import SystemEvent

_RIGHTS = {right.value: right for right in Right}
_LEVELS = {level.name.lower(): level for level in Level}


@transaction.atomic
def permissions_update(*, actor_id: int, conversation: str, changes: Mapping[str, str], now: datetime) -> None:
    """Say who has which right ({right: level}, both as on the wire); what is not given stays.

    The owner and admins do so, each for what they may do themselves: an admin neither takes nor gives what is kept
    for the owner.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; BAD_FRAME: no such right or level, or a channel in which everybody writes.
    """
    wanted = _parse(changes)
    row, actor = log.lock_conversation(user_id=actor_id, conversation=conversation)
    if not may_manage(row, actor):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner and admins say who may do what.")
    if row.kind == Conversation.Kind.CHANNEL and wanted.get(Right.SEND) == Level.EVERYBODY:
        raise _refusal(Right.SEND, "In a channel, members only read.")
    changed = {right: level for right, level in wanted.items() if level != level_of(row, right)}
    if not all(may_set(row, actor, right, level) for right, level in changed.items()):
        raise ImError(ErrorCode.FORBIDDEN, "Only the owner changes what is kept for the owner.")
    if not changed:
        return
    for right, level in changed.items():
        setattr(row, right.column, level)
    says = {right.value: level.name.lower() for right, level in changed.items()}
    message = log.append_system_message(row, SystemEvent.PERMISSIONS, actor=actor.user, now=now, **says)
    log.save_numbers(row, *(right.column for right in changed))
    log.publish_on_commit([log.message_changed(row, message), *log.views_of_all(row, now=now)])


def _parse(changes: Mapping[str, str]) -> dict[Right, Level]:
    """Raises ImError BAD_FRAME."""
    wanted = {}
    for name, level in changes.items():
        if name not in _RIGHTS or level not in _LEVELS:
            raise _refusal(name, "There is no such permission.")
        wanted[_RIGHTS[name]] = _LEVELS[level]
    return wanted


def _refusal(name: str, detail: str) -> ImError:
    return ImError(ErrorCode.BAD_FRAME, detail, fields={name: detail})
