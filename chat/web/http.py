"""How pages answer: refusals, redirects after a form, and numbers in addresses."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control

from accounts.requests import SignedInRequest
from accounts.throttle import request_limit
from chat.errors import ErrorCode, ImError
from chat.web.error_text import error_text
from chat.web.timeline import PAGE

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]

_INT64_MAX = 2**63 - 1


class SeeOther(HttpResponseRedirect):
    """After a form: look there. 303, so that a reload repeats the page and not the form."""

    status_code = 303


def chat_page(view: View[P]) -> View[P]:
    """A page for signed-in users. What is absent, or not theirs, is a plain 404.

    Any other refusal that the view did not show itself becomes a sentence on the page that the form stood on.
    The page may be kept by this browser alone, and is asked for anew; the back button may still show it as it was.
    """

    @login_required
    @cache_control(private=True, no_cache=True)
    @functools.wraps(view)
    def inner(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        wait_s = request_limit("general").hit(f"user {request.user.pk}")
        if wait_s is not None:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(math.ceil(wait_s))
            return response
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return _not_found(request)
        except ImError as error:
            if error.code is ErrorCode.NOT_FOUND or request.method != "POST":
                return _not_found(request)
            messages.error(request, error_text(error))
            conversation = kwargs.get("conversation")
            return SeeOther(reverse("conversation", args=[conversation]) if conversation else reverse("conversations"))

    return inner


def _not_found(request: SignedInRequest) -> HttpResponse:
    # Not by raising: for somebody who was removed from a group this is no case for the developer's page.
    return render(request, "404.html", status=404)


def check_send_rate(request: SignedInRequest) -> None:
    """Count a message, edit, recall or reaction, with those that come by REST. Raises ImError RATE_LIMITED."""
    wait_s = request_limit("send").hit(f"user {request.user.pk}")
    if wait_s is not None:
        raise ImError(ErrorCode.RATE_LIMITED, retry_after=wait_s)


def to_message(conversation: str, seq: int, *, last_seq: int) -> SeeOther:
    """Go to a message: at the end of the conversation if it is there, else on a page of its own surroundings."""
    if seq > last_seq - PAGE:
        return SeeOther(f"{reverse('conversation', args=[conversation])}#m{seq}")
    return SeeOther(f"{reverse('message', args=[conversation, seq])}#m{seq}")


def number(text: str | None) -> int | None:
    """A position in an address; None when it is none that a message can have."""
    if text is None or not text.isascii() or not text.isdecimal():
        return None
    value = int(text[:20])
    return value if 0 <= value <= _INT64_MAX else None
