"""What a user wants to be told of."""

from __future__ import annotations

from chat.models import NotificationSettings


def get_notification_settings(*, user_id: int) -> NotificationSettings:
    """The user's own, or what holds for whoever has changed nothing."""
    return NotificationSettings.objects.filter(pk=user_id).first() or NotificationSettings(pk=user_id)
