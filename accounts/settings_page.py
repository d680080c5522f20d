"""What every page of the settings shares: the frame, and what its script starts from."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import ngettext_lazy

from accounts.avatars import avatar_url
from accounts.context import language_tag
from accounts.forms import PageForm
from accounts.people import Person
from accounts.requests import SignedInRequest

SIGN_OUT_UNSENT = ngettext_lazy(
    "{count} message has not been sent and will be lost. Sign out?",
    "{count} messages have not been sent and will be lost. Sign out?",
    "count",
)


def settings_page(
    request: SignedInRequest, template: str, *, form: PageForm | None = None, status: int = 200, **context: object
) -> HttpResponse:
    """A page that extends `accounts/settings.html`; 422 for a form with errors."""
    user = request.user
    me = Person(user.username, user.display_name, avatar_url(user))
    context |= {
        "form": form,
        "me": me,
        # For the pages' script, which asks before messages that wait to be sent are lost.
        "boot": {
            "user": {"username": me.username, "name": me.name, "avatar": me.avatar},
            "locale": language_tag(translation.get_language()),
            "timezone": timezone.get_current_timezone_name(),
        },
        "text": {
            "sign_out_unsent": {
                "one": str(SIGN_OUT_UNSENT % {"count": 1}),
                "other": str(SIGN_OUT_UNSENT % {"count": 2}),
            }
        },
    }
    if form is not None and form.is_bound and form.errors:
        status = 422
    return render(request, template, context, status=status)
