"""Keeping what a user has begun to write, for their other devices."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.models import Draft
from chat.selectors.access import access_conversation
from chat.selectors.drafts import DraftObject, draft_object
from chat.services.validation import CONTENT_MAX_CHARS, is_storable


@transaction.atomic
def draft_save(
    *, user_id: int, conversation: str, text: str, reply_to: int | None, version: int, now: datetime
) -> DraftObject:
    """Put `text` in place of the draft that the device knows, which is `version`; 0 when it knows none.

    Return the draft as it is then: another one, and nothing is changed, when a newer one was there. Who wants to write
    all the same does so in place of that.

    Raises:
        ImError: NOT_FOUND; TOO_LARGE; BAD_FRAME: what cannot be stored.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    if len(text) > CONTENT_MAX_CHARS:
        raise ImError(ErrorCode.TOO_LARGE, f"A draft has {CONTENT_MAX_CHARS} characters at most.")
    if not is_storable(text):
        raise ImError(ErrorCode.BAD_FRAME, "The text holds characters that cannot be stored.")
    values = {"text": text, "reply_to": reply_to, "version": version + 1, "changed_at": now}
    if version == 0:
        first, _ = Draft.objects.get_or_create(user_id=user_id, conversation=row, defaults=values)
        return draft_object(first)
    # One guarded statement: of two devices at once one is told what the other wrote.
    Draft.objects.filter(user_id=user_id, conversation=row, version=version).update(**values)
    draft = Draft.objects.filter(user_id=user_id, conversation=row).first()
    if draft is None:
        raise ImError(ErrorCode.NOT_FOUND, "There is no draft of this version.")
    return draft_object(draft)
