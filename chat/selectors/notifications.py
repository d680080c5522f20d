"""What a user wants to be told of."""

from __future__ import annotations

from datetime import time
from typing import Annotated

import msgspec
from msgspec import Meta

from chat.models import NotificationSettings


class NotificationObject(msgspec.Struct, kw_only=True):
    """What the user's clients notify of: it is for them to do so."""

    level: Annotated[
        str,
        Meta(description="`all`, `mentions` (and what is said in direct conversations, or has a keyword) or `none`."),
    ]
    hide_text: Annotated[bool, Meta(description="Notifications say who wrote, and not what.")]
    sound: bool
    quiet_from: Annotated[str, Meta(description="`22:00` in the user's time zone; empty: no quiet hours.")]
    quiet_to: Annotated[str, Meta(description="`07:00`: before the begin where midnight lies between them.")]
    keywords: Annotated[list[str], Meta(description="Found like mentions, however they are capitalised.")]
    mentions_only: Annotated[list[str], Meta(description="Conversations for which the level is `mentions` at most.")]


def get_notifications(*, user_id: int) -> NotificationObject:
    """The user's own settings, or what holds for whoever has changed nothing."""
    settings = NotificationSettings.objects.filter(pk=user_id).first() or NotificationSettings(pk=user_id)
    return NotificationObject(
        level=settings.level,
        hide_text=settings.hide_text,
        sound=settings.sound,
        quiet_from=_clock(settings.quiet_from),
        quiet_to=_clock(settings.quiet_to),
        keywords=settings.keywords,
        mentions_only=settings.mentions_only,
    )


def _clock(at: time | None) -> str:
    return at.isoformat("minutes") if at is not None else ""
