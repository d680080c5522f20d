"""Every write of what a user wants to be told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import TypedDict, Unpack

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.models import Membership, NotificationSettings
from chat.models.notifications import KEYWORD_MAX_CHARS, KEYWORDS_MAX, MENTIONS_ONLY_MAX
from chat.selectors.access import access_conversation
from chat.services.validation import is_storable


class NotificationChanges(TypedDict, total=False):
    """What is not given stays. Times are “22:00”, and both are empty for no quiet hours."""

    level: str
    hide_text: bool
    sound: bool
    quiet_from: str
    quiet_to: str
    keywords: list[str]


@transaction.atomic
def notifications_update(*, user_id: int, **changes: Unpack[NotificationChanges]) -> None:
    """Change what the user is told of.

    Raises:
        ImError: BAD_FRAME: no such level or time, or one of the quiet times without the other; TOO_LARGE: too many
            keywords, or too long ones.
    """
    settings = _locked(user_id)
    if (level := changes.get("level", settings.level)) not in NotificationSettings.Level.values:
        raise ImError(ErrorCode.BAD_FRAME, "There is no such level of notifications.")
    settings.level = level
    settings.hide_text = changes.get("hide_text", settings.hide_text)
    settings.sound = changes.get("sound", settings.sound)
    if "quiet_from" in changes:
        settings.quiet_from = _time(changes["quiet_from"])
    if "quiet_to" in changes:
        settings.quiet_to = _time(changes["quiet_to"])
    if (settings.quiet_from is None) != (settings.quiet_to is None):
        raise ImError(ErrorCode.BAD_FRAME, "Quiet hours have a begin and an end.")
    if settings.quiet_from == settings.quiet_to:
        settings.quiet_from = settings.quiet_to = None
    if "keywords" in changes:
        settings.keywords = _keywords(changes["keywords"])
    settings.save()


@transaction.atomic
def conversation_mentions_only(*, user_id: int, conversation: str, on: bool) -> None:
    """Tell the user of this conversation's mentions only, or of as much as of any other.

    Raises:
        ImError: NOT_FOUND; TOO_LARGE: of too many already.
    """
    access_conversation(user_id=user_id, conversation=conversation)
    settings = _locked(user_id)
    others = [each for each in settings.mentions_only if each != conversation]
    if on and len(others) >= MENTIONS_ONLY_MAX:
        # Those that the user is not in any more hold places that others need.
        live = Membership.objects.filter(user_id=user_id, left_at=None, conversation_id__in=others)
        others = [str(pk) for pk in live.values_list("conversation_id", flat=True)]
        if len(others) >= MENTIONS_ONLY_MAX:
            raise ImError(ErrorCode.TOO_LARGE, f"At most {MENTIONS_ONLY_MAX} conversations.")
    settings.mentions_only = [*others, conversation] if on else others
    settings.save(update_fields=["mentions_only"])


def _locked(user_id: int) -> NotificationSettings:
    NotificationSettings.objects.get_or_create(pk=user_id)
    return NotificationSettings.objects.select_for_update(no_key=True).get(pk=user_id)


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
    except ValueError as error:
        raise ImError(ErrorCode.BAD_FRAME, "A time is written like 22:00.") from error


def _keywords(words: Iterable[str]) -> list[str]:
    """In the order given, without spaces around them, and each once, however it is capitalised."""
    found: dict[str, str] = {}
    for word in (" ".join(word.split()) for word in words):
        if word:
            found.setdefault(word.casefold(), word)
    if len(found) > KEYWORDS_MAX or any(len(word) > KEYWORD_MAX_CHARS for word in found.values()):
        raise ImError(
            ErrorCode.TOO_LARGE, f"At most {KEYWORDS_MAX} keywords of at most {KEYWORD_MAX_CHARS} characters each."
        )
    if not all(is_storable(word) for word in found.values()):
        raise ImError(ErrorCode.BAD_FRAME, "A keyword has characters that cannot be stored.")
    return list(found.values())
