"""Messages: found, read and removed. Nothing else about them can be changed: the log is append-only.

What people say in direct chats is theirs: lists never show it and searches never look in it. The page of one
such message shows it to those who hold `chat.view_direct_content`, and every look at any message's page is written
to the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.filters import ByUser
from accounts.admin.links import list_link, object_link
from accounts.admin.service_admin import ServiceAction, staff_id
from chat.admin.base import ByConversation, ChatAdmin, conversation_label
from chat.admin.message_search import parse_search
from chat.models import Attachment, Conversation, Message
from chat.services import moderation

EXCERPT_CHARS = 80


class BySender(ByUser):
    """Only what one user wrote."""

    title = _("sender")
    parameter_name = "sender"
    field = "sender"


class StateFilter(admin.SimpleListFilter):
    """Edited or removed."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("standing", _("Standing")), ("edited", _("Edited")), ("removed", _("Removed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        match self.value():
            case "standing":
                return queryset.filter(recalled_at=None)
            case "edited":
                return queryset.filter(recalled_at=None).exclude(edited_at=None)
            case "removed":
                return queryset.exclude(recalled_at=None)
        return queryset


def _remove(request: HttpRequest, message: Message, data: Mapping[str, Any]) -> None:
    moderation.message_remove(actor_id=staff_id(request), message_pk=message.pk, now=timezone.now())


def is_direct(message: Message) -> bool:
    return message.conversation.kind == Conversation.Kind.DIRECT


def may_see_content(request: HttpRequest, message: Message) -> bool:
    """Whether the page of this message shows what it says."""
    return not is_direct(message) or request.user.has_perm("chat.view_direct_content")


@admin.register(Message)
class MessageAdmin(ChatAdmin):
    """Every message of every conversation, newest first."""

    list_display = ("number", "conversation_link", "sender_link", "kind", "excerpt", "created_at")
    list_display_links = ("number",)
    list_filter = (ByConversation, BySender, StateFilter, "kind")
    list_select_related = ("conversation", "sender")
    search_fields = ("content",)  # makes the search box appear; get_search_results is what looks
    search_help_text = _(
        "A conversation's id, #seq, @sender. Words are looked for in the text of groups and channels, once the list is "
        "narrowed to a conversation or a sender."
    )
    readonly_fields = (
        "conversation_link",
        "number",
        "last_version",
        "sender_link",
        "text",
        "files_text",
        "mentioned",
        "reply_link",
        "reactions_text",
        "payload_text",
        "around",
    )
    service_actions = (
        ServiceAction[Message](
            name="remove",
            label=_("Remove"),
            question=_(
                "Remove these messages for everybody? Their text, attachments and reactions are gone for good; the "
                "conversation shows that a message was removed."
            ),
            done=lambda n: (
                ngettext("%(count)d message is removed.", "%(count)d messages are removed.", n) % {"count": n}
            ),
            audit="Removed.",
            permission="chat.delete_message",
            perform=_remove,
            applies=lambda message: message.recalled_at is None and message.kind != Message.Kind.SYSTEM,
            is_destructive=True,
        ),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        # Each the order of an index: of one conversation's messages, and of all.
        return ("-seq",) if request.GET.get(ByConversation.parameter_name) else ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        search = parse_search(search_term)
        if search.conversation_id is not None:
            queryset = queryset.filter(conversation_id=search.conversation_id)
        if search.sender:
            queryset = queryset.filter(sender__username__iexact=search.sender)
        if search.words or search.seq is not None:
            # Neither has an index of its own: without a place to look, the whole table would be read.
            narrowed = search.conversation_id is not None or search.sender
            if not narrowed and not any(request.GET.get(f.parameter_name) for f in (ByConversation, BySender)):
                self.message_user(
                    request,
                    _("Name a conversation (its id) or a @sender to look for words or numbers in."),
                    messages.WARNING,
                )
                return queryset.none(), False
        if search.seq is not None:
            queryset = queryset.filter(seq=search.seq)
        if search.words:
            # Not even whether a direct chat holds a word may be found out by trying words.
            holds = Q(*(Q(content__icontains=word) for word in search.words))
            queryset = queryset.filter(holds).exclude(conversation__kind=Conversation.Kind.DIRECT)
        return queryset, False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().change_view(request, object_id, *args, **kwargs)
        if response.status_code == 200:
            message = response.context_data["original"]  # type: ignore[attr-defined]
            self.log_change(
                request, message, "Viewed." if may_see_content(request, message) else "Viewed without its text."
            )
        return response

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        place = ("conversation_link", "number", "last_version", "around")
        sent = ("sender_link", "kind", "created_at", "edited_at", "recalled_at")
        content: dict[str, Any] = {
            "fields": ("text", "files_text", "mentioned", "payload_text", "reply_link", "reactions_text")
        }
        if obj is not None and obj.recalled_at is not None:
            content = {"fields": (), "description": _("The message was removed; nothing of what it said is kept.")}
        elif obj is not None and not may_see_content(request, obj):
            content = {
                "fields": (),
                "description": _(
                    "What people say in direct chats is shown only to those who hold the right to see it."
                ),
            }
        return ((None, {"fields": place}), (_("Sent"), {"fields": sent}), (_("Content"), content))

    def describe(self, obj: Message) -> str:
        return f"{conversation_label(obj.conversation)} #{obj.seq}"

    # Columns and fields --------------------------------------------------------------------------------------

    @admin.display(description=_("number"), ordering="seq")
    def number(self, message: Message) -> str:
        return f"#{message.seq}"

    @admin.display(description=_("version"))
    def last_version(self, message: Message) -> int:
        return message.version

    @admin.display(description=_("conversation"))
    def conversation_link(self, message: Message) -> SafeString:
        return object_link(message.conversation, conversation_label(message.conversation))

    @admin.display(description=_("sender"))
    def sender_link(self, message: Message) -> SafeString:
        return object_link(message.sender)

    @admin.display(description=_("text"))
    def excerpt(self, message: Message) -> Any:
        if message.recalled_at is not None:
            return _("(removed)")
        if is_direct(message):
            return _("(direct chat)")
        return Truncator(" ".join(message.content.split())).chars(EXCERPT_CHARS)

    @admin.display(description=_("text"))
    def text(self, message: Message) -> SafeString:
        # As it was typed: the class keeps indentation and line ends.
        return format_html('<div class="message-text">{}</div>', message.content)

    @admin.display(description=_("files"))
    def files_text(self, message: Message) -> SafeString | str:
        files = Attachment.objects.filter(message=message).select_related("blob").order_by("position")
        told = ((file.name, file.blob.media_type, filesizeformat(file.blob.size)) for file in files)
        return format_html_join(", ", "{} ({}, {})", told) or self.get_empty_value_display()

    @admin.display(description=_("mentions"))
    def mentioned(self, message: Message) -> str:
        return ", ".join(f"@{name}" for name in message.mentions) or self.get_empty_value_display()

    @admin.display(description=_("answers"))
    def reply_link(self, message: Message) -> SafeString | str:
        if message.reply_to is None:
            return self.get_empty_value_display()
        place = f"{message.conversation_id}#{message.reply_to}"
        return list_link(Message, f"#{message.reply_to}", q=place)

    @admin.display(description=_("reactions"))
    def reactions_text(self, message: Message) -> SafeString | str:
        reactions = message.reactions.select_related("user").order_by("pk")
        shown = format_html_join(", ", "{} {}", ((reaction.emoji, reaction.user) for reaction in reactions))
        return shown or self.get_empty_value_display()

    @admin.display(description=_("payload"))
    def payload_text(self, message: Message) -> SafeString | str:
        if message.payload is None:
            return self.get_empty_value_display()
        return format_html("<code>{}</code>", json.dumps(message.payload, ensure_ascii=False))

    @admin.display(description=_("around it"))
    def around(self, message: Message) -> SafeString:
        return list_link(Message, _("All messages of this conversation"), conversation=message.conversation_id)
