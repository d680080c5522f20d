"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info, to_locale

from accounts.models import User


def interface(request: HttpRequest) -> dict[str, Any]:
    """The site's name, the reader's language (as a BCP 47 tag), how pages look, and the languages to choose from."""
    user = getattr(request, "user", None)
    look = user if isinstance(user, User) else User()
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "site_name": settings.SITE_NAME,
        "language": language,
        "language_tag": language_tag(language),
        "theme": look.theme,
        "density": look.density,
        "text_size": look.text_size,
        "languages": [
            {"code": code, "tag": language_tag(code), "name": get_language_info(code)["name_local"]}
            for code, _ in settings.LANGUAGES
        ],
    }


def language_tag(code: str) -> str:
    """The tag for `<html lang>` and `Intl`: “zh-Hans” for Django's “zh-hans”."""
    return to_locale(code).replace("_", "-")
