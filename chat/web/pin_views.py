"""Pinned messages: all of them on a page, and the form that pins or takes down."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from chat.errors import ErrorCode, ImError
from chat.selectors.pins import list_pins
from chat.services.pins import message_pin
from chat.web.conversation_views import frame_context, open_conversation
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page
from chat.web.rows import MessageRow
from chat.web.timeline import load_rows


@chat_page
@require_safe
def pins(request: SignedInRequest, conversation: str) -> HttpResponse:
    """All that is pinned, last pinned first."""
    opened = open_conversation(request, conversation)
    seqs = [message.seq for message in list_pins(user_id=request.user.pk, conversation=conversation)]
    timeline = load_rows(opened.conversation, opened.people, user_id=request.user.pk, seqs=seqs)
    rows = [item for item in timeline.items if isinstance(item, MessageRow)]
    rows.sort(key=lambda row: seqs.index(row.message.seq))
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "rows": rows,
    }
    return render(request, "chat/pins.html", context)


@chat_page
@require_POST
def pin(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Pin a message, or take it down (`pinned=0`), and go back to where the form stood."""
    to_list = "from_list" in request.POST
    try:
        message_pin(
            actor_id=request.user.pk,
            conversation=conversation,
            seq=seq,
            pinned=request.POST.get("pinned") != "0",
            request_id=str(uuid.uuid4()),
            now=timezone.now(),
        )
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        is_full = error.code is ErrorCode.TOO_LARGE
        messages.error(
            request, _("Too much is pinned here. Take something down first.") if is_full else error_text(error)
        )
    if to_list:
        return SeeOther(reverse("pins", args=[conversation]))
    return SeeOther(f"{reverse('message', args=[conversation, seq])}#m{seq}")
