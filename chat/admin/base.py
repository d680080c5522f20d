"""What the rooms of the chat share."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import NarrowedFilter
from accounts.admin.service_admin import ServiceAdmin
from chat.errors import ImError
from chat.models import Conversation


class ChatAdmin(ServiceAdmin):
    """A ServiceAdmin whose services refuse with ImError."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (ValidationError, ImError)

    def refusal_sentence(self, error: Exception) -> str:
        return error.detail if isinstance(error, ImError) else super().refusal_sentence(error)


class ByConversation(NarrowedFilter):
    """Only what belongs to one conversation."""

    title = _("conversation")
    parameter_name = "conversation"
    model = Conversation
    field = "conversation"

    def label(self, obj: Conversation) -> str:
        return conversation_label(obj)


def conversation_label(conversation: Conversation) -> str:
    """The title; a direct chat has none and is called by its kind and id."""
    return conversation.title or f"{conversation.get_kind_display()} {conversation.pk}"
