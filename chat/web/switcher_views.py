"""What the quick switcher of the pages' script (Ctrl or Cmd with K) looks through."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.people import Picture
from accounts.requests import SignedInRequest
from chat.selectors.names import ConversationName, list_conversation_names, list_people_met
from chat.web.http import chat_page
from chat.web.people import person_of
from chat.web.pinyin import pinyin_key


@chat_page
@require_safe
def names(request: SignedInRequest) -> HttpResponse:
    """Every conversation, last active first, then the people with whom there is none yet; at once, as JSON."""
    conversations = list_conversation_names(user_id=request.user.pk)
    known = {each.peer.pk for each in conversations if each.peer is not None}
    people = [user for user in list_people_met(user_id=request.user.pk) if user.pk not in known]
    entries = [_conversation(each) for each in conversations]
    for user in people:
        person = person_of(user)
        entries.append(_entry(person.name, person.picture, username=person.username))
    return JsonResponse({"names": entries})


def _conversation(each: ConversationName) -> dict[str, Any]:
    if each.peer is not None:
        person = person_of(each.peer)
        return _entry(person.name, person.picture, conversation=each.conversation, username=person.username)
    if each.kind == "direct":
        title = _("Saved messages")
        return _entry(title, Picture.of(each.conversation, title), conversation=each.conversation)
    return _entry(each.title, Picture.of(each.conversation, each.title, square=True), conversation=each.conversation)


def _entry(name: str, picture: Picture, *, conversation: str = "", username: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "pinyin": pinyin_key(name),
        "conversation": conversation,
        "username": username,
        "avatar": picture.url,
        "initials": picture.initials,
        "color": picture.colour,
        "square": picture.square,
    }
