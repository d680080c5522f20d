"""What the admin site calls itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

admin.site.site_title = settings.SITE_NAME
admin.site.site_header = format_lazy("{} · {}", settings.SITE_NAME, _("Administration"))
admin.site.index_title = _("Overview")
