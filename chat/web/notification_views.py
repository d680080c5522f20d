"""What the reader is notified of: a page of settings, and the one choice that each group and channel has."""

from __future__ import annotations

from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_POST

from accounts.forms import PageForm
from accounts.requests import SignedInRequest
from accounts.settings_page import settings_page
from chat.errors import ImError
from chat.models import NotificationSettings
from chat.models.notifications import KEYWORD_MAX_CHARS, KEYWORDS_MAX
from chat.selectors.notifications import NotificationObject, get_notifications
from chat.services.notifications import conversation_mentions_only, notifications_update
from chat.web.http import SeeOther, chat_page


class NotificationForm(PageForm):
    """What, how, and when not."""

    level = forms.ChoiceField(
        label=gettext_lazy("Notify me of"), choices=NotificationSettings.Level.choices, widget=forms.RadioSelect
    )
    hide_text = forms.BooleanField(
        label=gettext_lazy("Hide what was written: only say who wrote"),
        required=False,
    )
    sound = forms.BooleanField(label=gettext_lazy("Play a sound"), required=False)
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        help_text=gettext_lazy("In these hours nothing sounds and nothing is shown, mentions neither."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    keywords = forms.CharField(
        label=gettext_lazy("Keywords"),
        required=False,
        max_length=KEYWORDS_MAX * (KEYWORD_MAX_CHARS + 2),
        help_text=gettext_lazy("One on each line. A message with one of them counts as a mention."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, settings: NotificationObject, **kwargs: Any) -> None:
        initial = {
            "level": settings.level,
            "hide_text": settings.hide_text,
            "sound": settings.sound,
            "quiet_from": settings.quiet_from,
            "quiet_to": settings.quiet_to,
            "keywords": "\n".join(settings.keywords),
        }
        super().__init__(*args, initial=initial, **kwargs)

    def clean_keywords(self) -> list[str]:
        words = [word for line in self.cleaned_data["keywords"].splitlines() if (word := " ".join(line.split()))]
        if len(words) > KEYWORDS_MAX or any(len(word) > KEYWORD_MAX_CHARS for word in words):
            raise forms.ValidationError(
                ngettext_lazy(
                    "Up to %(count)d keyword, each of up to %(length)d characters.",
                    "Up to %(count)d keywords, each of up to %(length)d characters.",
                    "count",
                ),
                code="too_large",
                params={"count": KEYWORDS_MAX, "length": KEYWORD_MAX_CHARS},
            )
        return words

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for one, other in (("quiet_from", "quiet_to"), ("quiet_to", "quiet_from")):
            if not self.errors and values.get(one) is None and values.get(other) is not None:
                self.add_error(one, forms.ValidationError(_("Quiet hours need both times."), code="required"))
        return values

    def changes(self) -> dict[str, Any]:
        """What to give to `notifications_update`."""
        times = {name: self.cleaned_data[name] for name in ("quiet_from", "quiet_to")}
        return self.cleaned_data | {name: at.isoformat("minutes") if at else "" for name, at in times.items()}


@login_required
def notifications(request: SignedInRequest) -> HttpResponse:
    """For all conversations."""
    settings = get_notifications(user_id=request.user.pk)
    form = NotificationForm(request.POST or None, settings=settings)
    if request.method == "POST" and form.is_valid():
        try:
            notifications_update(user_id=request.user.pk, **form.changes())
        except ImError:
            form.add_error("keywords", _("These cannot be kept: use letters, digits and signs that one can see."))
        else:
            messages.success(request, _("Saved."))
            return redirect("notifications")
    return settings_page(request, "chat/notifications.html", form=form, notifications=msgspec.to_builtins(settings))


@chat_page
@require_POST
def mentions_only(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Of this conversation only mentions, or as much as of any other."""
    on = request.POST.get("mentions_only") == "1"
    conversation_mentions_only(user_id=request.user.pk, conversation=conversation, on=on)
    return SeeOther(reverse("info" if "from_info" in request.POST else "conversation", args=[conversation]))
