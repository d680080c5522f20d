"""The audit log: who did or looked at what on this site. Read-only for everybody."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import ByUser
from accounts.admin.links import object_link
from accounts.admin.service_admin import ServiceAdmin


@admin.register(LogEntry)
class AuditAdmin(ServiceAdmin):
    """Django writes an entry for every save, and a ServiceAdmin for every action and every look at a message."""

    list_display = ("action_time", "by", "kind", "object", "what")
    list_filter = (ByUser, ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    date_hierarchy = "action_time"
    ordering = ("-action_time",)
    search_fields = ("user__username", "object_repr", "change_message")
    search_help_text = _("Who, to what, or what was done.")
    fields = ("action_time", "by", "kind", "object", "what")
    readonly_fields = fields

    @admin.display(description=_("by"), ordering="user__username")
    def by(self, entry: LogEntry) -> SafeString:
        return object_link(entry.user)

    @admin.display(description=_("kind"))
    def kind(self, entry: LogEntry) -> str:
        return str(entry.content_type.name) if entry.content_type else ""

    @admin.display(description=_("object"))
    def object(self, entry: LogEntry) -> SafeString | str:
        url = entry.get_admin_url()
        return format_html('<a href="{}">{}</a>', url, entry.object_repr) if url else entry.object_repr

    @admin.display(description=_("what"))
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()
