"""The app of people. It wires Django's sign-in signals to devices."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Imported here because models exist only now.
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import browser_sessions

        user_logged_in.connect(browser_sessions.on_logged_in, dispatch_uid="accounts.device")
        user_logged_out.connect(browser_sessions.on_logged_out, dispatch_uid="accounts.device")
