"""Invite links: made and revoked on the page about a conversation, opened by whoever was given one."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import client_address
from accounts.people import Person, Picture
from accounts.requests import SignedInRequest
from accounts.throttle import request_limit
from chat.errors import ErrorCode, ImError
from chat.selectors.invites import InvitationObject, get_invitation
from chat.services.admissions import request_withdraw
from chat.services.invites import Admission, invite_accept, invite_create, invite_revoke
from chat.web.conversation_views import frame_context
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page, number
from chat.web.info_views import info_page
from chat.web.invites import made_link
from chat.web.people import People
from chat.web.sidebar import build_sidebar

#: What people copy: a whole link, or the end of one.
_PASTED = re.compile(r"(?:(?:https?://)?(?P<host>[^/\s]*)/i/)?(?P<token>[A-Za-z0-9_-]{22})/?(?:[?#].*)?\Z")
#: Whatever a form says; the page's own go up to a month.
_DAYS_MAX = 365


@chat_page
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def invites(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Make a link. The answer to the form shows it, this once: whoever looks at the address later sees the list."""
    if request.method != "POST":
        return SeeOther(reverse("info", args=[conversation]))
    now, days = timezone.now(), number(request.POST.get("days"))
    try:
        _invite, token = invite_create(
            actor_id=request.user.pk,
            conversation=conversation,
            expires_at=now + timedelta(days=min(days, _DAYS_MAX)) if days else None,
            max_uses=number(request.POST.get("uses")) or None,
            needs_approval="approval" in request.POST,
            now=now,
        )
    except ImError as error:
        if error.code is not ErrorCode.TOO_LARGE:
            raise
        messages.error(request, _("There are too many links. Revoke one first."))
        return SeeOther(reverse("info", args=[conversation]))
    return info_page(request, conversation, new_invite=made_link(request, token), status=201)


@chat_page
@require_POST
def revoke(request: SignedInRequest, conversation: str, invite: UUID) -> HttpResponse:
    """End a link."""
    invite_revoke(actor_id=request.user.pk, conversation=conversation, invite=invite, now=timezone.now())
    messages.success(request, _("The link does not work any more."))
    return SeeOther(reverse("info", args=[conversation]))


@chat_page
@require_safe
def find(request: SignedInRequest) -> HttpResponse:
    """Where one pastes a link that cannot be clicked (`?link=`)."""
    link = request.GET.get("link", "").strip()
    pasted = _PASTED.match(link)
    if pasted and pasted["host"] in (None, "", request.get_host()):
        return SeeOther(reverse("invite", args=[pasted["token"]]))
    people = People(request.user)
    sidebar = build_sidebar(people, user_id=request.user.pk, now=timezone.now())
    context = {**frame_context(people, sidebar), "link": link, "is_wrong": bool(link)}
    return render(request, "chat/join.html", context, status=400 if link else 200)


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """What a link leads to, for anybody who has it; joining or asking to (a POST) is for who has signed in."""
    user_id = request.user.pk if request.user.is_authenticated else None
    who = f"address {client_address(request)}" if user_id is None else f"user {user_id}"
    wait_s = request_limit("general").hit(who)
    if wait_s is not None:
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(math.ceil(wait_s))
    elif request.method == "POST" and user_id is None:
        response = redirect_to_login(request.path)
    else:
        response = _invitation(request, user_id, token)
    # It may stand on a public page, and is still no page to be found.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _invitation(request: HttpRequest, user_id: int | None, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = get_invitation(user_id=user_id, token=token, now=now)
    except ImError:
        return _landing(request, None, status=404)
    if found.conversation is not None:
        return SeeOther(reverse("conversation", args=[found.conversation]))
    if request.method != "POST":
        return _landing(request, found)
    assert user_id is not None
    if "withdraw" in request.POST:
        request_withdraw(user_id=user_id, token=token, now=now)
        return SeeOther(request.path)
    try:
        conversation, admission = invite_accept(
            user_id=user_id, token=token, note=request.POST.get("note", ""), now=now
        )
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return _landing(request, None, status=404)
        return _landing(request, found, error=_refusal_text(error, found), status=error.code.info.http_status)
    if admission is Admission.ASKED:
        return SeeOther(request.path)
    return SeeOther(reverse("conversation", args=[conversation.pk]))


def _refusal_text(error: ImError, found: InvitationObject) -> str:
    if "note" in (error.fields or {}):
        return _("This is too long: 200 characters are enough to say who you are.")
    if error.code is ErrorCode.FORBIDDEN:
        return _("Your request was refused. You may ask again tomorrow.")
    if error.code is ErrorCode.TOO_LARGE and found.needs_approval:
        return _("Many people wait for an answer already. Try again another day.")
    if error.code is ErrorCode.TOO_LARGE:
        return _("There is no room for another member.")
    return error_text(error)


def _landing(
    request: HttpRequest, found: InvitationObject | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    inviter = found.invited_by if found is not None else None
    context = {
        "invitation": found,
        "picture": found and Picture.of(found.title, found.title, url=found.avatar, square=True),
        "inviter": inviter and Person(inviter.username, inviter.name, inviter.avatar),
        "error": error,
        "note": request.POST.get("note", ""),
        "signup_open": settings.IM_SIGNUP,
    }
    return render(request, "chat/invite.html", context, status=status)
