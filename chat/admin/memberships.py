"""Memberships: who is in which conversation, as what, and how far they have read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.filters import ByUser
from accounts.admin.links import list_link, object_link
from accounts.admin.service_admin import ServiceAction, staff_id
from chat.admin.base import ByConversation, ChatAdmin, conversation_label
from chat.models import Conversation, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.services import moderation


class StateFilter(admin.SimpleListFilter):
    """Members now, or people who left."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("Member")), ("left", _("Left"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        match self.value():
            case "live":
                return queryset.filter(left_at=None)
            case "left":
                return queryset.exclude(left_at=None)
        return queryset


class RoleForm(forms.Form):
    """Which role to give."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role,
        help_text=_("A new owner takes the place of the old one, who becomes an admin."),
    )


def _remove(request: HttpRequest, membership: Membership, data: Mapping[str, Any]) -> None:
    moderation.membership_end(actor_id=staff_id(request), membership_pk=membership.pk, now=timezone.now())


def _set_role(request: HttpRequest, membership: Membership, data: Mapping[str, Any]) -> None:
    moderation.membership_set_role(
        actor_id=staff_id(request), membership_pk=membership.pk, role=data["role"], now=timezone.now()
    )


def _is_live_in_group(membership: Membership) -> bool:
    return membership.left_at is None and membership.conversation.kind != Conversation.Kind.DIRECT


@admin.register(Membership)
class MembershipAdmin(ChatAdmin):
    """Everybody in every conversation, those who left included."""

    list_display = ("member", "user_link", "conversation_link", "role", "state", "joined_at", "read_up_to")
    list_display_links = ("member",)
    list_filter = (ByUser, ByConversation, "role", StateFilter)
    list_select_related = ("user", "conversation")
    ordering = ("-id",)
    search_fields = ("user__username", "user__name", "conversation__title")
    search_help_text = _("Username, name, title or id of a conversation.")
    fieldsets = (
        (None, {"fields": ("user_link", "conversation_link", "role", "state", "joined_at", "left_at", "written")}),
        (_("Receipts"), {"fields": ("joined_after", "read_up_to", "shown_up_to", "received_seq")}),
        (_("Kept by the member"), {"fields": ("muted_until", "pinned", "archived")}),
    )
    readonly_fields = (
        "user_link",
        "conversation_link",
        "state",
        "joined_after",
        "read_up_to",
        "shown_up_to",
        "written",
    )
    service_actions = (
        ServiceAction[Membership](
            name="remove",
            label=_("Remove from the conversation"),
            question=_("Remove these people? They see nothing of the conversation any more, from this moment on."),
            done=lambda n: ngettext("%(count)d member is removed.", "%(count)d members are removed.", n) % {"count": n},
            audit="Removed from the conversation.",
            permission="chat.delete_membership",
            perform=_remove,
            applies=_is_live_in_group,
            is_destructive=True,
        ),
        ServiceAction[Membership](
            name="set-role",
            label=_("Change the role"),
            question=_("Which role should these members have?"),
            done=lambda n: ngettext("%(count)d role is changed.", "%(count)d roles are changed.", n) % {"count": n},
            audit="Role set to %(role)s.",
            permission="chat.change_membership",
            perform=_set_role,
            form=RoleForm,
            initial=lambda membership: {"role": membership.role},
            applies=_is_live_in_group,
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Membership], search_term: str
    ) -> tuple[QuerySet[Membership], bool]:
        conversation_id = parse_conversation_id(search_term.strip())
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if conversation_id is not None:
            found |= queryset.filter(conversation_id=conversation_id)
        return found, duplicates

    def describe(self, obj: Membership) -> str:
        return f"{obj.user}, {conversation_label(obj.conversation)}"

    @admin.display(description=_("member"))
    def member(self, membership: Membership) -> str:
        return membership.user.display_name

    @admin.display(description=_("user"), ordering="user__username")
    def user_link(self, membership: Membership) -> SafeString:
        return object_link(membership.user)

    @admin.display(description=_("conversation"))
    def conversation_link(self, membership: Membership) -> SafeString:
        return object_link(membership.conversation, conversation_label(membership.conversation))

    @admin.display(description=_("state"))
    def state(self, membership: Membership) -> Any:
        return _("Member") if membership.left_at is None else _("Left")

    @admin.display(description=_("read up to"))
    def read_up_to(self, membership: Membership) -> str:
        return f"{membership.read_seq} / {membership.conversation.last_seq}"

    @admin.display(description=_("messages before"))
    def joined_after(self, membership: Membership) -> int:
        return membership.joined_seq

    @admin.display(description=_("read, as others see"))
    def shown_up_to(self, membership: Membership) -> int:
        return membership.seen_seq

    @admin.display(description=_("wrote"))
    def written(self, membership: Membership) -> SafeString:
        return list_link(
            Message,
            _("Messages of this member here"),
            conversation=membership.conversation_id,
            sender=membership.user_id,
        )
