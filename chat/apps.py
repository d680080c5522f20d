"""The app of conversations. What must be connected at start is connected here, and nothing else happens."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        # Imported here because models exist only now.
        from accounts.signals import privacy_changed, sessions_revoked
        from chat.services.store import ensure_epoch

        post_migrate.connect(ensure_epoch, sender=self, dispatch_uid="chat.epoch")
        sessions_revoked.connect(_announce_revocation, dispatch_uid="chat.revocation")
        privacy_changed.connect(_announce_privacy, dispatch_uid="chat.privacy")


def _announce_revocation(*, user_id: int, device_ids: list[int] | None, keep_device_id: int | None, **_: Any) -> None:
    """Accounts ended sessions: whichever process has their sockets closes them."""
    from chat.delivery.publisher import publish
    from chat.events import SessionsRevoked

    publish([SessionsRevoked(user_id=user_id, device_ids=device_ids, keep_device_id=keep_device_id)])


def _announce_privacy(*, user_id: int, **_: Any) -> None:
    """Somebody chose anew who sees them: whichever process has a session that looks asks again."""
    from chat.delivery.publisher import publish
    from chat.events import PrivacyChanged

    publish([PrivacyChanged(user_id=user_id)])
