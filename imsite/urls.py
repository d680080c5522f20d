"""Every URL of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from imsite.media import media

urlpatterns = [
    path("admin/", admin.site.urls),
    path("media/<path:path>", media, name="media"),
    path("api/", include("chat.api.urls")),
    path("", include("accounts.urls")),
    path("", include("chat.web.urls")),
]
