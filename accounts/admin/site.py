"""What the admin site calls itself, and where it leaves to the pages about oneself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


def _password_change(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Django's own page would set the password past the service, and leave other devices signed in."""
    return redirect("password")


admin.site.password_change = _password_change  # type: ignore[assignment]
admin.site.site_title = settings.SITE_NAME
admin.site.site_header = format_lazy("{} · {}", settings.SITE_NAME, _("Administration"))
admin.site.index_title = _("Overview")
