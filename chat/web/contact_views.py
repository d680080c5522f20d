"""Contacts: the list, the requests, and the page of a person, from which everything between two people is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import NOTE_MAX_CHARS, User
from accounts.requests import SignedInRequest
from accounts.selectors import get_user_by_username_or_none
from accounts.settings_page import settings_page
from chat.errors import ErrorCode, ImError
from chat.selectors import relations
from chat.services import contacts
from chat.services.blocks import block_add, block_remove
from chat.web.conversation_views import frame_context
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page
from chat.web.people import People, person_of
from chat.web.pinyin import sort_key
from chat.web.sidebar import build_sidebar


@chat_page
@require_safe
def contact_list(request: SignedInRequest) -> HttpResponse:
    """Everybody one knows, by name. `?q=` leads to the page of the person with exactly this username."""
    query = request.GET.get("q", "").strip().removeprefix("@")
    if query and (found := get_user_by_username_or_none(query)) is not None:
        return SeeOther(reverse("person", args=[found.username]))
    known = [person_of(row.contact) for row in relations.list_contacts(user_id=request.user.pk)]
    known.sort(key=lambda person: (sort_key(person.name), person.username))
    return _page(request, "chat/contacts.html", contacts=known, query=query)


@chat_page
@require_safe
def requests(request: SignedInRequest) -> HttpResponse:
    """Those that wait for an answer, and one's own."""
    received = relations.list_requests_received(user_id=request.user.pk)
    sent = relations.list_requests_sent(user_id=request.user.pk)
    return _page(
        request,
        "chat/contact_requests.html",
        received=[(person_of(row.sender), row.note) for row in received],
        sent=[(person_of(row.receiver), row.note) for row in sent],
    )


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, username: str) -> HttpResponse:
    """One person, and what they are to the reader. The button pressed (`do`) says what is done."""
    if request.method == "POST":
        return _act(request, username)
    user = get_user_by_username_or_none(username)
    if user is None:
        raise ImError(ErrorCode.NOT_FOUND)
    return _page(
        request,
        "chat/person.html",
        person=person_of(user),
        is_me=user == request.user,
        relation=relations.get_relation(user_id=request.user.pk, other_id=user.pk),
        note_max_chars=NOTE_MAX_CHARS,
    )


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: SignedInRequest) -> HttpResponse:
    """Whom one has blocked; blocking by username, and taking it back."""
    username = request.POST.get("username", "").strip().removeprefix("@")
    error, status = "", 200
    if request.method == "POST":
        try:
            _perform(request.POST.get("do", ""), request.user, username, request.POST, now=timezone.now())
        except ImError as refusal:
            error, status = _refusal_text(refusal), refusal.code.info.http_status
        else:
            return SeeOther(reverse("blocked"))
    people = [person_of(row.blocked) for row in relations.list_blocks(user_id=request.user.pk)]
    return settings_page(request, "accounts/blocked.html", status=status, people=people, username=username, error=error)


def _act(request: SignedInRequest, username: str) -> HttpResponse:
    """Do what was asked, say so, and go back to where the form stood."""
    do = request.POST.get("do", "")
    try:
        done = _perform(do, request.user, username, request.POST, now=timezone.now())
    except ImError as refusal:
        messages.error(request, _refusal_text(refusal))
    else:
        messages.success(request, done)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("person", args=[username])
    return SeeOther(target)


def _perform(do: str, user: User, username: str, values: QueryDict, *, now: datetime) -> str:
    """Carry it out; the sentence that says so. Raises ImError."""
    between: dict[str, Any] = {"user_id": user.pk, "username": username}
    match do:
        case "ask":
            state, _is_new = contacts.contact_request(**between, note=values.get("note", ""), now=now)
            return _("You are contacts now.") if state is contacts.Asked.ACCEPTED else _("Your request is sent.")
        case "accept":
            contacts.request_accept(**between, now=now)
            return _("You are contacts now.")
        case "ignore":
            contacts.request_ignore(**between)
            return _("The request is put away. Who asked is not told.")
        case "withdraw":
            contacts.request_withdraw(**between)
            return _("Your request is taken back.")
        case "remove":
            contacts.contact_remove(**between)
            return _("You are no contacts any more.")
        case "block":
            block_add(**between, now=now)
            return _("%(username)s is blocked.") % {"username": username}
        case "unblock":
            block_remove(**between, now=now)
            return _("%(username)s is not blocked any more.") % {"username": username}
    raise ImError(ErrorCode.BAD_FRAME)


def _refusal_text(refusal: ImError) -> str:
    """As `error_text`; the general sentences are about messages."""
    match refusal.code:
        case ErrorCode.NOT_FOUND:
            return _("There is nobody of this name, or no such request any more.")
        case ErrorCode.BAD_FRAME:
            return _("That is not possible with yourself.")
        case ErrorCode.BLOCKED:
            return _("This person does not take requests from you.")
        case ErrorCode.FORBIDDEN:
            return _("You have blocked this person. Unblock them first.")
        case ErrorCode.TOO_LARGE:
            return _("That is too long, or there are too many already.")
        case ErrorCode.RATE_LIMITED:
            return _("That was enough requests for today.")
    return error_text(refusal)


def _page(request: SignedInRequest, template: str, **context: object) -> HttpResponse:
    people = People(request.user)
    sidebar = build_sidebar(people, user_id=request.user.pk, now=timezone.now())
    return render(request, template, {**frame_context(people, sidebar), **context})
