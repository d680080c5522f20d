"""Managing a group or channel: what it shows of itself, who may do what, who is let in, and whose it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import client_address
from accounts.authentication import CredentialsRefused, check_credentials
from accounts.requests import SignedInRequest
from accounts.throttle import TooManyTries
from chat.errors import ErrorCode, ImError
from chat.models import Membership
from chat.selectors.rights import Right
from chat.services.admissions import request_accept, request_refuse
from chat.services.group_profile import group_describe, group_set_picture
from chat.services.memberships import ownership_transfer
from chat.services.permissions import permissions_update
from chat.web.conversation_views import frame_context, open_conversation, open_part, part_context
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page


@chat_page
@require_safe
def about(request: SignedInRequest, conversation: str) -> HttpResponse:
    """What the pages' script puts anew around an open conversation when it has changed: the rest of it is messages."""
    opened = open_part(request, conversation)
    return render(request, "chat/about_part.html", {**part_context(opened.people), **opened.context()})


@chat_page
@require_POST
def profile(request: SignedInRequest, conversation: str) -> HttpResponse:
    """A description, and a picture or none."""
    user_id, now = request.user.pk, timezone.now()
    upload = request.FILES.get("picture")
    try:
        group_describe(
            actor_id=user_id, conversation=conversation, description=request.POST.get("description", ""), now=now
        )
        if upload is not None or "no_picture" in request.POST:
            group_set_picture(actor_id=user_id, conversation=conversation, picture=upload, now=now)
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        messages.error(request, _profile_error_text(error))
    else:
        messages.success(request, _("Saved."))
    return _info(conversation)


def _profile_error_text(error: ImError) -> str:
    fields = error.fields or {}
    if "avatar" in fields:
        return fields["avatar"]
    if "description" in fields:
        return _("This description is too long.") if error.code is ErrorCode.TOO_LARGE else error_text(error)
    return error_text(error)


@chat_page
@require_POST
def permissions(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Who may do what."""
    changes = {right.value: request.POST[right.value] for right in Right if right.value in request.POST}
    try:
        permissions_update(actor_id=request.user.pk, conversation=conversation, changes=changes, now=timezone.now())
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        messages.error(request, error_text(error))
    else:
        messages.success(request, _("Saved."))
    return _info(conversation)


@chat_page
@require_POST
def answer(request: SignedInRequest, conversation: str, username: str) -> HttpResponse:
    """Let somebody in, or not: the button pressed says which (`do`)."""
    decide = request_accept if request.POST.get("do") == "accept" else request_refuse
    # Whoever is not in it gets the page for that, whatever the form says.
    opened = open_part(request, conversation)
    try:
        decide(actor_id=request.user.pk, conversation=conversation, username=username, now=timezone.now())
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            messages.error(request, _("This request is not there any more: it was answered, or taken back."))
        elif error.code is ErrorCode.TOO_LARGE:
            messages.error(request, _("There is no room for another member."))
        else:
            messages.error(request, error_text(error))
    else:
        opened.people.load([username])
        if decide is request_accept:
            messages.success(request, _("%(name)s is now a member.") % {"name": opened.people[username].name})
        else:
            messages.success(request, _("The request was refused."))
    return _info(conversation)


@sensitive_post_parameters("password")
@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: SignedInRequest, conversation: str, username: str) -> HttpResponse:
    """Make somebody else the owner. It cannot be taken back by who did it, so it asks for the password."""
    opened = open_conversation(request, conversation)
    heir = next((member for member in opened.members if member.username == username), None)
    if opened.membership.role != Membership.Role.OWNER or heir is None or opened.people.is_me(username):
        raise Http404
    error, status = "", 200
    if request.method == "POST":
        error = _password_error(request)
        if not error:
            ownership_transfer(
                actor_id=request.user.pk, conversation=conversation, username=username, now=timezone.now()
            )
            messages.success(request, _("%(name)s is the owner now, and you are an admin.") % {"name": heir.name})
            return _info(conversation)
        status = 400
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "heir": opened.people[username],
        "error": error,
    }
    return render(request, "chat/transfer.html", context, status=status)


def _password_error(request: SignedInRequest) -> str:
    """Why the password is not good enough; empty: it is theirs."""
    try:
        check_credentials(
            username=request.user.get_username(),
            password=request.POST.get("password", ""),
            address=client_address(request),
        )
    except CredentialsRefused:
        return _("This is not your current password.")
    except TooManyTries as error:
        minutes = -(-int(error.retry_after) // 60)
        return ngettext(
            "Too many tries. Wait %(minutes)d minute and try again.",
            "Too many tries. Wait %(minutes)d minutes and try again.",
            minutes,
        ) % {"minutes": minutes}
    return ""


def _info(conversation: str) -> SeeOther:
    return SeeOther(reverse("info", args=[conversation]))
