"""Every URL of the site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.static import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    # Pictures that people uploaded: re-encoded by us, so nothing in them runs. A web server in front may serve
    # the directory itself (docs/operations.md).
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("api/", include("chat.api.urls")),
    path("", include("accounts.urls")),
    path("", include("chat.web.urls")),
]
