"""Users: found, edited, banned and let in again. Never deleted: what they wrote belongs to others' logs too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import services
from accounts.admin.counts import count_of
from accounts.admin.forms import NewPasswordForm, UserAddForm
from accounts.admin.links import list_link
from accounts.admin.service_admin import ServiceAction, ServiceAdmin
from accounts.models import Device, User
from accounts.services import UserChanges

PROFILE_FIELDS = ("name", "email", "avatar", "language", "time_zone", "theme")
RIGHTS_FIELDS = ("is_staff", "is_superuser")
RIGHTS_M2M = ("groups", "user_permissions")


def _ban(request: HttpRequest, user: User, data: Mapping[str, Any]) -> None:
    services.user_deactivate(user=user)


def _unban(request: HttpRequest, user: User, data: Mapping[str, Any]) -> None:
    services.user_reactivate(user=user)


def _set_password(request: HttpRequest, user: User, data: Mapping[str, Any]) -> None:
    services.user_set_password(user=user, password=data["password"])


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """Everybody who has an account."""

    list_display: tuple[str, ...] = (
        "username",
        "name",
        "status",
        "devices",
        "last_seen_at",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_superuser")
    date_hierarchy = "date_joined"
    ordering = ("-id",)
    search_fields = ("username", "name", "email")
    search_help_text = _("Username, name or e-mail.")
    filter_horizontal = RIGHTS_M2M
    readonly_fields = ("username", "is_active", "date_joined", "last_login", "last_seen_at", "elsewhere")
    fieldsets = (
        (
            None,
            {
                "fields": ("username", "is_active", "elsewhere"),
                "description": _(
                    "A username is the person's id in every conversation, so it never changes. People are banned, "
                    "not deleted: their messages belong to the conversations of others."
                ),
            },
        ),
        (_("Profile"), {"fields": PROFILE_FIELDS}),
        (_("Dates"), {"fields": ("date_joined", "last_login", "last_seen_at")}),
        (
            _("Rights on this site"),
            {
                "fields": RIGHTS_FIELDS + RIGHTS_M2M,
                "description": _("Only superusers give and take rights, and act on staff."),
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "password", "password_again")}),)

    service_actions = (
        ServiceAction[User](
            name="ban",
            label=_("Ban"),
            question=_("Ban these people? All of their sessions end at once, and they cannot sign in any more."),
            done=lambda n: ngettext("%(count)d person is banned.", "%(count)d people are banned.", n) % {"count": n},
            audit="Banned.",
            permission="accounts.change_user",
            perform=_ban,
            applies=lambda user: user.is_active,
            is_destructive=True,
        ),
        ServiceAction[User](
            name="unban",
            label=_("Lift the ban"),
            question=_("Let these people sign in again?"),
            done=lambda n: (
                ngettext("%(count)d person may sign in again.", "%(count)d people may sign in again.", n) % {"count": n}
            ),
            audit="Ban lifted.",
            permission="accounts.change_user",
            perform=_unban,
            applies=lambda user: not user.is_active,
        ),
        ServiceAction[User](
            name="set-password",
            label=_("Set a password"),
            question=_("Set a new password? All sessions of this person end."),
            done=lambda n: ngettext("The password is set.", "The passwords are set.", n),
            audit="Password set.",
            permission="accounts.change_user",
            perform=_set_password,
            form=NewPasswordForm,
            in_list=False,
        ),
    )

    # What is permitted ---------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_user")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if not request.user.has_perm("accounts.change_user"):
            return False
        # Else whoever may edit users could make themself a superuser through a colleague's account.
        return obj is None or request.user.is_superuser or not (obj.is_staff or obj.is_superuser)

    def check_may_act_on(self, request: HttpRequest, obj: User) -> None:
        if obj == request.user:
            raise ValidationError(_("This is your own account."))
        if not self.has_change_permission(request, obj):
            raise ValidationError(_("Only superusers may act on staff."))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *RIGHTS_FIELDS, *RIGHTS_M2M)

    # Lists ---------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        live = Device.objects.filter(user=OuterRef("pk"), revoked_at=None, expires_at__gt=timezone.now())
        return super().get_queryset(request).annotate(live_devices=count_of(live, "user"))

    @admin.display(description=_("devices"))
    def devices(self, user: User) -> SafeString:
        return list_link(Device, user.live_devices, user=user.pk)  # type: ignore[attr-defined]

    @admin.display(description=_("status"))
    def status(self, user: User) -> Any:
        if not user.is_active:
            return _("Banned")
        if user.is_superuser:
            return _("Superuser")
        return _("Staff") if user.is_staff else ""

    @admin.display(description=_("elsewhere"))
    def elsewhere(self, user: User) -> SafeString:
        """Links to what is this person's."""
        return list_link(Device, _("Devices"), user=user.pk)

    # Saving --------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = UserAddForm
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            kwargs["widget"] = forms.Select(choices=[("", _("As the browser")), *settings.LANGUAGES])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        data = form.cleaned_data
        if not change:
            created = services.user_create(username=data["username"], password=data["password"], name=data["name"])
            obj.pk = created.pk
            obj.refresh_from_db()
            return
        changed = set(form.changed_data)
        # A cleared picture is False in a form and None in the service.
        if fields := changed.intersection(PROFILE_FIELDS):
            profile = cast(UserChanges, {field: None if data[field] is False else data[field] for field in fields})
            # A fresh row: the form has put the new values on `obj` already, the service needs to see the old ones.
            services.user_update(user=User.objects.get(pk=obj.pk), **profile)
        if rights := changed.intersection(RIGHTS_FIELDS):
            obj.save(update_fields=rights)
