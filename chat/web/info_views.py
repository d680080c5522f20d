"""The page about a conversation: who is in it, its title, and how the reader keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.people import Person
from accounts.requests import SignedInRequest
from accounts.selectors import search_users
from chat.errors import ErrorCode, ImError
from chat.models import Membership
from chat.selectors.access import access_conversation
from chat.selectors.join_requests import list_join_requests
from chat.selectors.rights import Right, may, may_manage
from chat.services.conversations import conversation_rename, conversation_settings_update
from chat.services.memberships import (
    member_add,
    member_leave,
    member_remove,
    member_set_role,
)
from chat.services.receipts import read_advance, unread_mark
from chat.web import clock
from chat.web.conversation_views import Opened, frame_context, open_conversation
from chat.web.error_text import error_text, title_error_text
from chat.web.group_panel import permission_fields
from chat.web.http import SeeOther, chat_page, number
from chat.web.invites import LIFETIMES, NUMBERS, MadeLink, invite_rows
from chat.web.members import member_list
from chat.web.muting import muted_until
from chat.web.people import person_of

SEARCH_LIMIT = 20
#: Requests to join on one page; when these are answered, there come the next.
REQUESTS_SHOWN = 50

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class AskingRow:
    """Somebody who asks to join; `invited_by` made the link they have, empty when that is not known."""

    person: Person
    note: str
    when: str
    invited_by: str


@chat_page
@require_safe
def info(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Members, settings, and (for owner and admins) what can be managed. `?q=` looks for people to add."""
    return info_page(request, conversation)


@chat_page
@require_POST
def settings(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Mute, pin, archive, and how far it counts as read: for this user alone."""
    values, user_id = request.POST, request.user.pk
    if (seq := number(values.get("unread"))) is not None:
        unread_mark(user_id=user_id, conversation=conversation, seq=seq)
        # Not into the conversation: it would be read again.
        return SeeOther(reverse("conversations"))
    if (seq := number(values.get("read"))) is not None:
        read_advance(user_id=user_id, conversation=conversation, seq=seq)
    conversation_settings_update(
        user_id=user_id,
        conversation=conversation,
        muted_until=muted_until(values["mute"], now=timezone.now()) if "mute" in values else ...,
        pinned=values["pinned"] == "1" if "pinned" in values else ...,
        archived=values["archived"] == "1" if "archived" in values else ...,
    )
    return SeeOther(reverse("info" if "from_info" in values else "conversation", args=[conversation]))


@chat_page
@require_POST
def rename(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Another title."""
    title = request.POST.get("title", "")
    try:
        conversation_rename(actor_id=request.user.pk, conversation=conversation, title=title, now=timezone.now())
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        return info_page(
            request,
            conversation,
            title=title,
            title_error=title_error_text(error),
            status=error.code.info.http_status,
        )
    messages.success(request, _("The title is changed."))
    return SeeOther(reverse("info", args=[conversation]))


@chat_page
@require_POST
def add_member(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Bring somebody in."""
    username = request.POST.get("username", "")
    try:
        added = member_add(actor_id=request.user.pk, conversation=conversation, username=username, now=timezone.now())
    except ImError as error:
        return _refused(request, conversation, error)
    if added:
        messages.success(request, _("%(username)s is now a member.") % {"username": username})
    return SeeOther(reverse("info", args=[conversation]))


@chat_page
@require_POST
def change_member(request: SignedInRequest, conversation: str, username: str) -> HttpResponse:
    """Give a member another role, or remove them: the button pressed says which (`do`).

    Making somebody the owner is another form, which asks for the password.
    """
    do = request.POST.get("do", "")
    if do == Role.OWNER:
        return SeeOther(reverse("transfer", args=[conversation, username]))
    actor_id, now = request.user.pk, timezone.now()
    try:
        if do == "remove":
            member_remove(actor_id=actor_id, conversation=conversation, username=username, now=now)
        else:
            member_set_role(actor_id=actor_id, conversation=conversation, username=username, role=do, now=now)
    except ImError as error:
        return _refused(request, conversation, error)
    return SeeOther(reverse("info", args=[conversation]))


@chat_page
@require_POST
def leave(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Leave a group or channel."""
    member_leave(user_id=request.user.pk, conversation=conversation, now=timezone.now())
    messages.success(request, _("You left the conversation."))
    return SeeOther(reverse("conversations"))


def info_page(
    request: SignedInRequest,
    conversation: str,
    *,
    title: str | None = None,
    title_error: str = "",
    new_invite: MadeLink | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with what a form on it was answered with. Raises ImError NOT_FOUND."""
    opened = open_conversation(request, conversation)
    place = opened.row, opened.membership
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "requests": _requests(opened),
        "permission_fields": permission_fields(opened.row, opened.membership) if may_manage(*place) else [],
        "member_list": member_list(
            opened.members,
            opened.people,
            opened.membership,
            query=request.GET.get("member", ""),
            page=max(number(request.GET.get("page")) or 1, 1),
        ),
        "new_title": opened.conversation.title if title is None else title,
        "title_error": title_error,
        "query": request.GET.get("q", ""),
        "found": _found(opened, request.GET.get("q", "")) if may(*place, Right.ADD) else [],
        "invites": invite_rows(opened, user_id=request.user.pk, now=timezone.now()),
        "new_invite": new_invite,
        "lifetimes": LIFETIMES,
        "numbers": NUMBERS,
        "on_info": True,
    }
    return render(request, "chat/info.html", context, status=status)


def _requests(opened: Opened) -> list[AskingRow]:
    """Who asks to join, for those who can answer."""
    if not opened.conversation.join_requests:
        return []
    waiting = list_join_requests(user_id=opened.membership.user_id, conversation=opened.id, limit=REQUESTS_SHOWN)
    opened.people.add(each.user for each in waiting)
    opened.people.load(each.invited_by for each in waiting if each.invited_by)
    return [
        AskingRow(
            person=opened.people[each.user.username],
            note=each.note,
            when=clock.full_time(clock.moment(each.asked_at)),
            invited_by=opened.people[each.invited_by].name if each.invited_by else "",
        )
        for each in waiting
    ]


def _found(opened: Opened, query: str) -> list[Person]:
    """People to add: found by name, and not members yet."""
    members = {member.username for member in opened.members}
    users = search_users(query, SEARCH_LIMIT + len(members))
    return [person_of(user) for user in users if user.username not in members][:SEARCH_LIMIT]


def _refused(request: SignedInRequest, conversation: str, error: ImError) -> HttpResponse:
    """Say why on the page about the conversation; a 404 when that cannot be seen either."""
    access_conversation(user_id=request.user.pk, conversation=conversation)
    if error.code is ErrorCode.TOO_LARGE:
        messages.error(request, _("There is no room for another member."))
    elif error.fields and "members" in error.fields:
        messages.error(request, _("This person does not let you add them. Send them an invite link."))
    else:
        messages.error(request, error_text(error))
    return SeeOther(reverse("info", args=[conversation]))
