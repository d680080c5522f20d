"""Pages in the reader's own language and time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts import time_zones

#: Set by the pages' script: the browser's own zone, for those who have chosen none.
TIME_ZONE_COOKIE = "timezone"


class PreferencesMiddleware:
    """Activate the language and the time zone of the signed-in user.

    A visitor, or a user who has chosen none, gets what LocaleMiddleware found (cookie, then the browser's
    languages) and the zone of the browser. Belongs after LocaleMiddleware and AuthenticationMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.user.language if request.user.is_authenticated else ""
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        with timezone.override(time_zone_of(request)):
            return self.get_response(request)


def time_zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """The reader's zone: the one chosen, else the browser's, else None for the site's."""
    chosen = request.user.time_zone if request.user.is_authenticated else ""
    for name in (chosen, request.COOKIES.get(TIME_ZONE_COOKIE, "")):
        # Looked up in the set first: a name from a cookie must not become a path to a file.
        if name in time_zones.known():
            return zoneinfo.ZoneInfo(name)
    return None
