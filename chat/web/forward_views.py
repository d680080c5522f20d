"""Forwarding: choose conversations for the messages in `?m=`, and send them there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.people import Picture
from accounts.requests import SignedInRequest
from chat.errors import ErrorCode, ImError
from chat.selectors.names import ConversationName, list_conversation_names
from chat.services.forwarding import (
    FORWARD_MESSAGES_MAX,
    FORWARD_TARGETS_MAX,
    forwardable,
    messages_forward,
)
from chat.web.conversation_views import frame_context, open_conversation
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page, check_send_rate, number
from chat.web.name_search import name_rank
from chat.web.people import person_of
from chat.web.rows import make_quote

#: Without a search the page offers so many, last active first.
OFFERED_MAX = 30


@dataclass(frozen=True, slots=True)
class Target:
    """A conversation to choose."""

    conversation: str
    title: str
    username: str
    picture: Picture


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Look for conversations as often as needed, then send: the button pressed (`do`) says which."""
    values = request.POST if request.method == "POST" else request.GET
    user_id = request.user.pk
    seqs = [seq for text in values.get("m", "").split(",")[: FORWARD_MESSAGES_MAX + 1] if (seq := number(text))]
    try:
        chosen = forwardable(user_id=user_id, conversation=conversation, seqs=seqs)
    except ImError as refusal:
        if refusal.code is ErrorCode.TOO_LARGE:
            messages.error(request, _("You can forward %(count)d messages at once.") % {"count": FORWARD_MESSAGES_MAX})
            return SeeOther(reverse("conversation", args=[conversation]))
        raise
    targets = [_target(each) for each in list_conversation_names(user_id=user_id, writable_only=True)]
    picked = [each for each in targets if each.conversation in values.getlist("to")]
    forward_id = values.get("forward_id") or str(uuid.uuid4())
    error, status = "", 200
    if request.method == "POST" and values.get("do") == "send":
        try:
            for _message in chosen * len(picked):
                check_send_rate(request)
            outcome = messages_forward(
                user_id=user_id,
                conversation=conversation,
                seqs=seqs,
                targets=[each.conversation for each in picked],
                forward_id=forward_id,
                now=timezone.now(),
            )
        except ImError as refusal:
            error, status = _refusal_text(refusal), refusal.code.info.http_status
        else:
            failed = {each: said for each in picked if (said := outcome[each.conversation]) is not None}
            sent = [each for each in picked if each not in failed]
            if sent:
                names = get_text_list([each.title for each in sent], _("and"))
                messages.success(request, _("Forwarded to %(names)s.") % {"names": names})
            if not failed:
                return SeeOther(
                    reverse("conversation", args=[picked[0].conversation if len(picked) == 1 else conversation])
                )
            error = " ".join(f"{each.title}: {error_text(said)}" for each, said in failed.items())
            picked = list(failed)
            status = next(iter(failed.values())).code.info.http_status
    opened = open_conversation(request, conversation)
    opened.people.load(each.sender for each in chosen)
    query = values.get("q", "")
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "seqs": ",".join(str(each.seq) for each in chosen),
        "quotes": [make_quote(each, opened.people) for each in chosen],
        "forward_id": forward_id,
        "query": query,
        "picked": picked,
        "offered": [each for each in _find(query, targets) if each not in picked],
        "error": error,
    }
    return render(request, "chat/forward.html", context, status=status)


def _refusal_text(refusal: ImError) -> str:
    match refusal.code:
        case ErrorCode.EMPTY:
            return _("Choose where to forward to.")
        case ErrorCode.TOO_LARGE:
            return _("You can forward to %(count)d conversations at once.") % {"count": FORWARD_TARGETS_MAX}
    return error_text(refusal)


def _find(query: str, targets: list[Target]) -> list[Target]:
    ranked = [(rank, each) for each in targets if (rank := name_rank(query, each.title, each.username)) is not None]
    return [each for _rank, each in sorted(ranked, key=lambda pair: pair[0])[:OFFERED_MAX]]


def _target(each: ConversationName) -> Target:
    if each.peer is not None:
        person = person_of(each.peer)
        return Target(each.conversation, person.name, person.username, person.picture)
    if each.kind == "direct":
        title = _("Saved messages")
        return Target(each.conversation, title, "", Picture.of(each.conversation, title, symbol="saved"))
    symbol = "channel" if each.kind == "channel" else ""
    picture = Picture.of(each.conversation, each.title, symbol=symbol, square=True)
    return Target(each.conversation, each.title, "", picture)
