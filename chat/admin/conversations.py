"""Conversations: found, looked at from outside, renamed. Never deleted: members hold copies that would not go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.counts import count_of
from accounts.admin.links import list_link, object_link
from accounts.admin.service_admin import ServiceAction, staff_id
from accounts.models import User
from chat.admin.base import ChatAdmin
from chat.models import TITLE_MAX_CHARS, Conversation, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.services import moderation

#: A page shows so many members; the rest is one link away.
MEMBERS_SHOWN = 30


class TitleForm(forms.Form):
    """A new title."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_CHARS)


def _rename(request: HttpRequest, conversation: Conversation, data: Mapping[str, Any]) -> None:
    moderation.conversation_retitle(
        actor_id=staff_id(request), conversation_pk=conversation.pk, title=data["title"], now=timezone.now()
    )


def _is_titled(conversation: Conversation) -> bool:
    return conversation.kind != Conversation.Kind.DIRECT


@admin.register(Conversation)
class ConversationAdmin(ChatAdmin):
    """Every conversation, the last active first."""

    list_display = ("name", "kind", "members", "messages", "version", "last_activity_at", "created_at")
    list_display_links = ("name",)
    list_filter = ("kind", "last_activity_at")
    list_select_related = ("created_by",)
    ordering = ("-last_activity_at",)
    search_fields = ("title",)
    search_help_text = _("Title, conversation id, or a member's username.")
    fieldsets = (
        (None, {"fields": ("name", "kind", "number", "created_by_link", "created_at", "last_activity_at")}),
        (_("The log"), {"fields": ("messages", "version")}),
        (_("Members"), {"fields": ("members", "member_list")}),
    )
    readonly_fields = ("name", "number", "members", "messages", "member_list", "created_by_link")
    service_actions = (
        ServiceAction[Conversation](
            name="rename",
            label=_("Rename"),
            question=_("Give this conversation another title? All members see it at once, and that it was changed."),
            done=lambda n: (
                ngettext("%(count)d conversation is renamed.", "%(count)d conversations are renamed.", n) % {"count": n}
            ),
            audit="Renamed to “%(title)s”.",
            permission="chat.change_conversation",
            perform=_rename,
            form=TitleForm,
            initial=lambda conversation: {"title": conversation.title},
            applies=_is_titled,
            in_list=False,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        live = Membership.objects.filter(left_at=None)
        return (
            super()
            .get_queryset(request)
            .annotate(live_members=count_of(live.filter(conversation=OuterRef("pk")), "conversation"))
            # A direct chat is named by its two people: one query for the whole page.
            .prefetch_related(
                Prefetch(
                    "memberships",
                    queryset=Membership.objects.filter(conversation__kind="direct")
                    .select_related("user")
                    .order_by("user_id"),
                    to_attr="pair",
                )
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        term = search_term.strip()
        found, duplicates = super().get_search_results(request, queryset, term)
        if not term:
            return found, duplicates
        people = User.objects.filter(username__iexact=term.removeprefix("@"))
        found |= queryset.filter(pk__in=Membership.objects.filter(user__in=people).values("conversation"))
        conversation_id = parse_conversation_id(term)
        if conversation_id is not None:
            found |= queryset.filter(pk=conversation_id)
        return found, duplicates

    def describe(self, obj: Conversation) -> str:
        return self.name(obj)

    @admin.display(description=_("title"), ordering="title")
    def name(self, conversation: Conversation) -> str:
        if conversation.kind != Conversation.Kind.DIRECT:
            return conversation.title
        names = [membership.user.display_name for membership in conversation.pair]  # type: ignore[attr-defined]
        return " – ".join(names) if len(names) > 1 else str(_("%(name)s, saved messages")) % {"name": "".join(names)}

    @admin.display(description=_("conversation id"))
    def number(self, conversation: Conversation) -> str:
        return str(conversation.pk)

    @admin.display(description=_("members"))
    def members(self, conversation: Conversation) -> SafeString:
        return list_link(Membership, conversation.live_members, conversation=conversation.pk)  # type: ignore[attr-defined]

    @admin.display(description=_("messages"), ordering="last_seq")
    def messages(self, conversation: Conversation) -> SafeString:
        return list_link(Message, conversation.last_seq, conversation=conversation.pk)

    @admin.display(description=_("created by"))
    def created_by_link(self, conversation: Conversation) -> SafeString:
        return object_link(conversation.created_by)

    @admin.display(description=_("people"))
    def member_list(self, conversation: Conversation) -> SafeString:
        live = conversation.memberships.filter(left_at=None).select_related("user").order_by("pk")[:MEMBERS_SHOWN]
        return format_html_join(
            ", ",
            "{} ({})",
            ((object_link(membership, membership.user), membership.get_role_display()) for membership in live),
        )
