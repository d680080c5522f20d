"""Beginning a conversation: with one person, in a group, in a channel."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.people import Person
from accounts.requests import SignedInRequest
from accounts.selectors import search_users
from chat.errors import ErrorCode, ImError
from chat.models import Conversation
from chat.services.conversations import direct_get_or_create, group_create
from chat.web.conversation_views import frame_context
from chat.web.error_text import error_text, title_error_text
from chat.web.http import SeeOther, chat_page
from chat.web.people import People, peer_of, person_of
from chat.web.sidebar import Sidebar, build_sidebar

SEARCH_LIMIT = 20

Kind = Conversation.Kind


@chat_page
@require_safe
def new(request: SignedInRequest) -> HttpResponse:
    """Find somebody to write to (`?q=`), or go on to a group."""
    people, sidebar = _frame(request)
    query = request.GET.get("q", "")
    context = {
        **frame_context(people, sidebar),
        "query": query,
        "found": [person for person in _search(query) if not people.is_me(person.username)],
        "suggested": _suggested(people, sidebar),
    }
    return render(request, "chat/new.html", context)


@chat_page
@require_POST
def new_direct(request: SignedInRequest) -> HttpResponse:
    """Open the conversation with a person; the first time this begins it."""
    username = request.POST.get("username", "")
    try:
        conversation, _created = direct_get_or_create(user_id=request.user.pk, username=username, now=timezone.now())
    except ImError as error:
        if error.code not in (ErrorCode.FORBIDDEN, ErrorCode.BLOCKED):
            raise
        blocked = error.code is ErrorCode.BLOCKED
        choosy = _("This person takes first messages from contacts only, or from nobody.")
        messages.error(request, error_text(error) if blocked else choosy)
        return SeeOther(reverse("person", args=[username]))
    return SeeOther(reverse("conversation", args=[conversation.pk]))


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: SignedInRequest) -> HttpResponse:
    """Choose a title and people, looking for them as often as needed; then create it.

    One form for both: the button pressed (`do`) says whether to look or to create.
    """
    values = request.POST if request.method == "POST" else request.GET
    title = values.get("title", "")
    kind = values.get("kind", Kind.GROUP.value)
    picked = list(dict.fromkeys(values.getlist("members")))
    title_error = members_error = ""
    status = 200
    if request.method == "POST" and values.get("do") == "create":
        try:
            conversation = group_create(
                creator_id=request.user.pk, kind=kind, title=title, usernames=picked, now=timezone.now()
            )
        except ImError as error:
            status = error.code.info.http_status
            if error.code is ErrorCode.NOT_FOUND:
                members_error = _("One of these people is not here any more. Choose again.")
            elif error.code is ErrorCode.FORBIDDEN:
                members_error = _("Not everybody here lets you add them. Leave them out, and send them an invite link.")
            elif error.fields and "title" in error.fields:
                title_error = title_error_text(error)
            elif error.code is ErrorCode.TOO_LARGE:
                members_error = _("These are too many people for one conversation.")
            else:
                members_error = error_text(error)
        else:
            return SeeOther(reverse("conversation", args=[conversation.pk]))
    people, sidebar = _frame(request)
    people.load(picked)
    query = values.get("q", "")
    shown = [*_search(query), *_suggested(people, sidebar)]
    context = {
        **frame_context(people, sidebar),
        "new_title": title,
        "title_error": title_error,
        "members_error": members_error,
        "kind": kind,
        "query": query,
        "picked": [people[username] for username in picked],
        "choices": [
            person
            for person in dict.fromkeys(shown)
            if not people.is_me(person.username) and person.username not in picked
        ],
    }
    return render(request, "chat/new_group.html", context, status=status)


def _frame(request: SignedInRequest) -> tuple[People, Sidebar]:
    people = People(request.user)
    return people, build_sidebar(people, user_id=request.user.pk, now=timezone.now())


def _search(query: str) -> list[Person]:
    return [person_of(user) for user in search_users(query, SEARCH_LIMIT)]


def _suggested(people: People, sidebar: Sidebar) -> list[Person]:
    """Whom the user last wrote with."""
    peers = [Person(peer, each.title, each.avatar) for each in sidebar.conversations if (peer := peer_of(each))]
    return peers[:SEARCH_LIMIT]
