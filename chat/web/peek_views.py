"""What a link to a message leads to, for the pages' script."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from chat.errors import ErrorCode, ImError
from chat.selectors.conversations import get_conversation
from chat.selectors.pages import list_messages_by_seq
from chat.web.http import chat_page, number
from chat.web.people import People, conversation_title
from chat.web.rows import make_quote


@chat_page
@require_safe
def peek(request: SignedInRequest) -> HttpResponse:
    """Who said what and where, of the message `?c=&m=`. Empty for who may not read it, and where there is none: what a
    message box asks by itself is no fault of the user's."""
    user_id = request.user.pk
    conversation, seq = request.GET.get("c", ""), number(request.GET.get("m")) or 0
    try:
        found = list_messages_by_seq(user_id=user_id, conversation=conversation, seqs=[seq])
        if not found or found[0].kind == "system":
            raise ImError(ErrorCode.NOT_FOUND)
        title = conversation_title(get_conversation(user_id=user_id, conversation=conversation))
    except ImError:
        return JsonResponse({})
    people = People(request.user)
    people.load([found[0].sender])
    quote = make_quote(found[0], people)
    return JsonResponse({"name": quote.person.name, "title": title, "text": quote.text})
