"""The service worker, the shell that it keeps, and the manifest by which the site is installed as an app."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.context import language_tag
from chat.web import offline

#: Pixels; what installers of Android, Windows and macOS ask for, scaled down from there.
ICON_SIZES = (192, 512)
#: As <meta name=theme-color> says for light pages. A manifest has no second one; the pages themselves have.
THEME_COLOUR = "#ffffff"


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """At the top of the site, because a worker governs the pages below its own address."""
    return HttpResponse(offline.worker_source(reverse("offline")), content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(private=True, no_cache=True)
@vary_on_headers("Cookie", "Accept-Language")
def shell(request: HttpRequest) -> HttpResponse:
    """The same for everybody, but for the language."""
    return HttpResponse(offline.shell_page())


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """`?language=`: browsers ask for a manifest without cookies, so the page says in which language."""
    asked = request.GET.get("language", "")
    language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return JsonResponse(_manifest(language), content_type="application/manifest+json")


def _manifest(language: str) -> dict[str, object]:
    icons: list[dict[str, str]] = [
        {
            "src": static(f"chat/icons/{purpose}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for purpose in ("any", "maskable")
        for size in ICON_SIZES
    ]
    return {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": _("Conversations you can count on."),
        "lang": language_tag(language),
        "dir": "ltr",
        "id": "/",
        "start_url": reverse("conversations"),
        "scope": "/",
        "display": "standalone",
        "background_color": THEME_COLOUR,
        "theme_color": THEME_COLOUR,
        "icons": [*icons, {"src": static("chat/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        "shortcuts": [
            {"name": _("New conversation"), "url": reverse("new")},
            {"name": _("Search"), "url": reverse("search")},
            {"name": _("Settings"), "url": reverse("settings")},
        ],
    }
