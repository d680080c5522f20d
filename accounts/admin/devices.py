"""Devices: where people are signed in, and signing them out there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import services
from accounts.admin.filters import ByUser
from accounts.admin.links import object_link
from accounts.admin.service_admin import ServiceAction, ServiceAdmin
from accounts.models import Device


class StateFilter(admin.SimpleListFilter):
    """Signed in, expired or revoked."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("Signed in")), ("expired", _("Expired")), ("revoked", _("Signed out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> QuerySet[Device]:
        match self.value():
            case "live":
                return queryset.filter(revoked_at=None, expires_at__gt=timezone.now())
            case "expired":
                return queryset.filter(revoked_at=None, expires_at__lte=timezone.now())
            case "revoked":
                return queryset.filter(~Q(revoked_at=None))
        return queryset


def _revoke(request: HttpRequest, device: Device, data: Mapping[str, Any]) -> None:
    services.device_revoke(device=device, now=timezone.now())


@admin.register(Device)
class DeviceAdmin(ServiceAdmin):
    """Every place where somebody is or was signed in. Tokens and session keys are never shown."""

    list_display = ("device", "user_link", "platform", "state", "last_seen_at", "created_at", "expires_at")
    list_display_links = ("device",)
    list_filter = (ByUser, StateFilter, "platform")
    list_select_related = ("user",)
    ordering = ("-id",)
    search_fields = ("user__username", "user__name", "name", "client_id")
    search_help_text = _("Username, person's name, device name or device id.")
    fields = (
        "user_link",
        "name",
        "client_id",
        "platform",
        "state",
        "created_at",
        "last_seen_at",
        "expires_at",
        "revoked_at",
    )
    readonly_fields = ("user_link", "state")

    service_actions = (
        ServiceAction[Device](
            name="sign-out",
            label=_("Sign out"),
            question=_("Sign these devices out? Their sessions end at once; what they show stays until then."),
            done=lambda n: (
                ngettext("%(count)d device is signed out.", "%(count)d devices are signed out.", n) % {"count": n}
            ),
            audit="Signed out.",
            permission="accounts.delete_device",
            perform=_revoke,
            applies=lambda device: device.revoked_at is None,
            is_destructive=True,
        ),
    )

    def describe(self, obj: Device) -> str:
        return f"{obj.user}, {obj}"

    @admin.display(description=_("device"), ordering="name")
    def device(self, device: Device) -> str:
        return str(device)

    @admin.display(description=_("user"), ordering="user__username")
    def user_link(self, device: Device) -> SafeString:
        return object_link(device.user)

    @admin.display(description=_("state"))
    def state(self, device: Device) -> Any:
        if device.revoked_at is not None:
            return _("Signed out")
        return _("Signed in") if device.expires_at > timezone.now() else _("Expired")
