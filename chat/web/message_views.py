"""What can be done with one message without JavaScript: a page of actions, and the forms on it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from chat.errors import ErrorCode, ImError
from chat.selectors.access import access_conversation
from chat.selectors.rights import Right, may, may_manage
from chat.services.messages import message_edit, message_react, message_recall
from chat.services.receipts import unread_mark
from chat.web import clock
from chat.web.conversation_views import Opened, frame_context, open_conversation
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page, check_send_rate, to_message
from chat.web.rows import EDITABLE_KINDS, MessageRow
from chat.web.timeline import load_rows


@chat_page
@require_safe
def actions(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """React, reply, edit, recall, mark unread."""
    opened = open_conversation(request, conversation)
    row = _message_row(opened, seq)
    message = row.message
    is_live = message.recalled_at is None
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "row": row,
        "mine": {chip.emoji for chip in row.reactions if chip.mine},
        "may_react": is_live,
        "may_reply": is_live and may(opened.row, opened.membership, Right.SEND),
        "may_edit": is_live and row.is_own and row.origin is None and message.kind in EDITABLE_KINDS,
        "may_forward": is_live,
        "may_recall": is_live and _may_recall(opened, row),
    }
    return render(request, "chat/actions.html", context)


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Give one's own message other words."""
    text = error = ""
    status = 200
    if request.method == "POST":
        text = request.POST.get("content", "").replace("\r\n", "\n")
        try:
            check_send_rate(request)
            message_edit(
                actor_id=request.user.pk,
                conversation=conversation,
                seq=seq,
                content=text,
                request_id=str(uuid.uuid4()),
                now=timezone.now(),
            )
        except ImError as refusal:
            if refusal.code is ErrorCode.NOT_FOUND:
                raise
            error, status = error_text(refusal), refusal.code.info.http_status
        else:
            return _back(request, conversation, seq)
    opened = open_conversation(request, conversation)
    row = _message_row(opened, seq)
    if not row.is_own or row.origin is not None or row.message.recalled_at is not None:
        raise Http404
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "row": row,
        "text": text if request.method == "POST" else row.message.content,
        "error": error,
    }
    return render(request, "chat/edit.html", context, status=status)


@chat_page
@require_POST
def react(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Add `emoji`, or take `remove` back."""
    check_send_rate(request)
    remove = "remove" in request.POST
    message_react(
        actor_id=request.user.pk,
        conversation=conversation,
        seq=seq,
        emoji=request.POST.get("remove" if remove else "emoji", ""),
        remove=remove,
        request_id=str(uuid.uuid4()),
        now=timezone.now(),
    )
    return _back(request, conversation, seq)


@chat_page
@require_POST
def recall(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Take a message back for everybody."""
    check_send_rate(request)
    message_recall(
        actor_id=request.user.pk,
        conversation=conversation,
        seq=seq,
        request_id=str(uuid.uuid4()),
        now=timezone.now(),
    )
    return _back(request, conversation, seq)


@chat_page
@require_POST
def unread(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Count everything from here on as unread again, and go back to the list."""
    unread_mark(user_id=request.user.pk, conversation=conversation, seq=seq)
    return SeeOther(reverse("conversations"))


def _message_row(opened: Opened, seq: int) -> MessageRow:
    """One message, drawn. A system line is none: nothing can be done with it."""
    timeline = load_rows(opened.conversation, opened.people, user_id=opened.membership.user_id, seqs=[seq])
    row = next((item for item in timeline.items if isinstance(item, MessageRow)), None)
    if row is None:
        raise Http404
    return row


def _may_recall(opened: Opened, row: MessageRow) -> bool:
    """As the service decides: one's own for a while; any, by those who manage the conversation."""
    age = timezone.now() - clock.moment(row.message.timestamp)
    return may_manage(opened.row, opened.membership) or (
        row.is_own and age <= timedelta(seconds=settings.IM_RECALL_SECONDS)
    )


def _back(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """To the message, where it stands."""
    row, _membership = access_conversation(user_id=request.user.pk, conversation=conversation)
    return to_message(conversation, seq, last_seq=row.last_seq)
