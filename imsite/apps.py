"""The app of the site itself. It registers the start-up checks."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "imsite"

    def ready(self) -> None:
        from imsite import checks  # noqa: F401 (imported for its registrations)
