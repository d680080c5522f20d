"""Users, with what they have in the chat beside them. `accounts` does not know of it, so it is added here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.counts import count_of
from accounts.admin.links import list_link
from accounts.admin.users import UserAdmin
from accounts.models import User
from chat.models import Membership, Message


class ChatUserAdmin(UserAdmin):
    """UserAdmin with conversations and messages."""

    list_display = (
        "username",
        "name",
        "status",
        "conversations",
        "devices",
        "last_seen_at",
        "date_joined",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        live = Membership.objects.filter(user=OuterRef("pk"), left_at=None)
        return super().get_queryset(request).annotate(live_memberships=count_of(live, "user"))

    @admin.display(description=_("conversations"))
    def conversations(self, user: User) -> SafeString:
        return list_link(Membership, user.live_memberships, user=user.pk)  # type: ignore[attr-defined]

    @admin.display(description=_("elsewhere"))
    def elsewhere(self, user: User) -> SafeString:
        links = (
            list_link(Membership, _("Conversations"), user=user.pk),
            list_link(Message, _("Messages"), sender=user.pk),
            super().elsewhere(user),
        )
        return format_html_join(" · ", "{}", ((link,) for link in links))


admin.site.unregister(User)
admin.site.register(User, ChatUserAdmin)
