"""Messages for later: writing one for a conversation, and the pages of all that wait.

The page of a conversation is a page of its own; with `?part=1` only what is on it, which the script shows in a dialog.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PageForm
from accounts.requests import SignedInRequest
from chat.errors import ErrorCode, ImError
from chat.selectors.conversations import conversation_views, get_conversation
from chat.selectors.scheduled import ScheduledObject, get_scheduled, list_scheduled
from chat.services.scheduling import (
    AHEAD_MAX,
    SCHEDULED_MAX,
    scheduled_change,
    scheduled_create,
    scheduled_delete,
    scheduled_send_now,
)
from chat.services.validation import CONTENT_MAX_CHARS
from chat.web import clock
from chat.web.conversation_views import frame_context, mentioned
from chat.web.error_text import error_text
from chat.web.http import SeeOther, chat_page, check_send_rate, number, to_message
from chat.web.later_times import FORMAT, local_minute, presets, read_time, time_words
from chat.web.people import People, conversation_title
from chat.web.sidebar import ListFilter, build_sidebar


@dataclass(frozen=True, slots=True)
class ScheduledRow:
    """One that waits, as a line of a list. `refused` says why it was not sent; `title` is empty when the user left."""

    scheduled: ScheduledObject
    when: str
    refused: str
    title: str


class LaterForm(PageForm):
    """What to send, and when: at a time that is written down, or at one of those offered (`at`)."""

    content = forms.CharField(
        label=gettext_lazy("Message"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "dir": "auto"}),
    )
    silent = forms.BooleanField(label=gettext_lazy("Send without sound"), required=False)
    send_at = forms.CharField(
        label=gettext_lazy("When"),
        error_messages={"required": gettext_lazy("Say on which day and at what time.")},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.presets = {preset.name: preset for preset in presets(now)}
        self.offered = self.presets.get(self.data.get("at", ""))
        self.fields["send_at"].required = self.offered is None
        self.fields["send_at"].widget.attrs |= {
            "class": "input",
            "min": local_minute(now).strftime(FORMAT),
            "max": local_minute(now + AHEAD_MAX).strftime(FORMAT),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["send_at"] = self.offered.at if self.offered else read_time(values.get("send_at", ""))
        if values["send_at"] is None and "send_at" not in self.errors:
            self.add_error("send_at", _("Say on which day and at what time."))
        values["content"] = values.get("content", "").replace("\r\n", "\n")
        return values

    def refuse(self, error: ImError) -> None:
        """Show what a service refused beside the field that it is about."""
        if error.fields and "send_at" in error.fields:
            self.add_error("send_at", _("Choose a time that is yet to come, within a year."))
        else:
            is_full = error.code is ErrorCode.TOO_LARGE and len(self.cleaned_data["content"]) <= CONTENT_MAX_CHARS
            too_many = _("%(count)d messages wait already: no more can.") % {"count": SCHEDULED_MAX}
            self.add_error("content", too_many if is_full else error_text(error))


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def later(request: SignedInRequest, conversation: str) -> HttpResponse:
    """What waits for this conversation, and a form for one more. The message box's own form fills it in (`content`)."""
    user_id, now = request.user.pk, timezone.now()
    is_chosen = request.method == "POST" and ("at" in request.POST or "send_at" in request.POST)
    values = request.POST
    if not is_chosen:
        form = LaterForm(initial={"content": values.get("content", "")}, now=now)
    else:
        form = LaterForm(values, now=now)
        if form.is_valid() and _schedule(request, conversation, form, now):
            if "part" in request.GET:
                return HttpResponse(status=204)
            messages.success(request, _("It will be sent at that time."))
            return SeeOther(reverse("later", args=[conversation]))
    opened = get_conversation(user_id=user_id, conversation=conversation)
    context = {
        "cid": conversation,
        "conversation_name": conversation_title(opened),
        "form": form,
        "offered": [(preset, time_words(preset.at, now=now)) for preset in form.presets.values()],
        # Made when the form was: sent twice, it is one message.
        "client_id": values.get("client_id") or str(uuid.uuid4()),
        "reply_to": values.get("reply_to", ""),
        "rows": _rows(list_scheduled(user_id=user_id, conversation=conversation), now=now),
    }
    return _page(request, "chat/later.html", _("Send later"), status=422 if form.errors else 200, **context)


@chat_page
@require_safe
def scheduled(request: SignedInRequest) -> HttpResponse:
    """All that waits, and what was not sent."""
    now = timezone.now()
    found = list_scheduled(user_id=request.user.pk)
    ids = {int(each.conversation) for each in found}
    views = conversation_views(conversation_ids=ids, user_ids=[request.user.pk], now=now) if ids else []
    titles = {
        view.conversation.conversation: conversation_title(view.conversation)
        for view in views
        if not view.conversation.left
    }
    rows = _rows(found, now=now, titles=titles)
    return _page(request, "chat/scheduled.html", _("Scheduled messages"), rows=rows)


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, scheduled: str) -> HttpResponse:
    """Other words, or another time."""
    user_id, now = request.user.pk, timezone.now()
    kept = get_scheduled(user_id=user_id, scheduled=scheduled)
    initial = {
        "content": kept.content,
        "silent": kept.silent,
        "send_at": clock.moment(kept.send_at).strftime(FORMAT),
    }
    form = LaterForm(request.POST if request.method == "POST" else None, initial=initial, now=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        # A form has no seconds: a time that was not touched is no change, or it could lie before now.
        is_same_time = form.data.get("send_at") == initial["send_at"] and "at" not in form.data and not kept.refused
        try:
            check_send_rate(request)
            scheduled_change(
                user_id=user_id,
                scheduled=scheduled,
                content=values["content"],
                mentions=mentioned(request.user, kept.conversation, values["content"]) or [],
                silent=values["silent"],
                send_at=None if is_same_time else values["send_at"],
                now=now,
            )
        except ImError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return SeeOther(reverse("scheduled"))
    context = {
        "form": form,
        "offered": [(preset, time_words(preset.at, now=now)) for preset in form.presets.values()],
        "is_change": True,
    }
    return _page(request, "chat/later.html", _("Scheduled message"), status=422 if form.errors else 200, **context)


@chat_page
@require_POST
def send_now(request: SignedInRequest, scheduled: str) -> HttpResponse:
    """Before its time, or after all."""
    user_id = request.user.pk
    kept = get_scheduled(user_id=user_id, scheduled=scheduled)
    try:
        check_send_rate(request)
        seq = scheduled_send_now(user_id=user_id, scheduled=scheduled, now=timezone.now())
    except ImError as error:
        messages.error(request, _refusal_text(error.code))
        return SeeOther(reverse("scheduled"))
    return to_message(kept.conversation, seq, last_seq=seq)


@chat_page
@require_POST
def delete(request: SignedInRequest, scheduled: str) -> HttpResponse:
    """It will not be sent."""
    scheduled_delete(user_id=request.user.pk, scheduled=scheduled)
    messages.success(request, _("Deleted. It will not be sent."))
    return SeeOther(reverse("scheduled"))


def _schedule(request: SignedInRequest, conversation: str, form: LaterForm, now: datetime) -> bool:
    """Whether it waits now; else the form says why not. Raises ImError NOT_FOUND."""
    values = form.cleaned_data
    try:
        check_send_rate(request)
        scheduled_create(
            user_id=request.user.pk,
            scheduled=request.POST.get("client_id") or str(uuid.uuid4()),
            conversation=conversation,
            content=values["content"],
            send_at=values["send_at"],
            reply_to=number(request.POST.get("reply_to")),
            mentions=mentioned(request.user, conversation, values["content"]),
            silent=values["silent"],
            now=now,
        )
    except ImError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        form.refuse(error)
        return False
    return True


def _rows(
    found: Iterable[ScheduledObject], *, now: datetime, titles: dict[str, str] | None = None
) -> list[ScheduledRow]:
    return [
        ScheduledRow(
            each,
            time_words(clock.moment(each.send_at), now=now),
            _("Not sent: %(why)s") % {"why": _refusal_text(ErrorCode(each.refused))} if each.refused else "",
            (titles or {}).get(each.conversation, ""),
        )
        for each in found
    ]


def _refusal_text(code: ErrorCode) -> str:
    if code is ErrorCode.NOT_FOUND:
        return _("You are no longer in that conversation.")
    return error_text(ImError(code))


def _page(request: SignedInRequest, template: str, heading: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page, or with `?part=1` what is on it: to a script a form with errors is an answer, not a failure."""
    context |= {"heading": heading, "layout": "chat/sheet_part.html"}
    if "part" in request.GET:
        status = 200
    else:
        people = People(request.user)
        sidebar = build_sidebar(people, user_id=request.user.pk, now=timezone.now(), only=ListFilter.of(request))
        context |= frame_context(people, sidebar) | {"layout": "chat/sheet_page.html"}
    return render(request, template, context, status=status)
