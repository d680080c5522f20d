"""The base of every room of the admin site: rows are shown and searched, and change only through services.

A `ServiceAction` is one thing a moderator may do. It is offered in the list (for the selected rows) and on the
page of one row, asks before it acts, calls a service for each row, and leaves an audit entry in the same
transaction. What a service refuses is shown as a sentence and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IS_POPUP_VAR, get_content_type_for_model
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from accounts.admin.paginator import BoundedPaginator

M = TypeVar("M", bound=Model)

#: One request works through them one by one, each in its own transaction: a second or two.
ROWS_PER_ACTION_MAX = 200

#: Refusals are told one by one up to here, then counted.
REFUSALS_TOLD_MAX = 5

CONFIRMED = "confirmed"


def _always(obj: Any) -> bool:
    return True


def staff_id(request: HttpRequest) -> int:
    """Who acts. Nobody gets to an action without having signed in."""
    assert request.user.pk is not None
    return request.user.pk


@dataclass(frozen=True, kw_only=True)
class ServiceAction(Generic[M]):
    """One thing a moderator may do to rows of a kind.

    `perform` calls a service for one row with what `form` asked for; `audit` is what the audit log says of it, with
    that data filled in; `done` makes the sentence that tells of success, given how many. `applies` tells for which
    rows there is anything to do; `initial` is what the form begins with, for one row.
    """

    name: str
    label: Any  # text or lazy text, as are the next two
    question: Any
    done: Callable[[int], str]
    audit: str
    permission: str
    perform: Callable[[HttpRequest, M, Mapping[str, Any]], None]
    form: type[forms.Form] | None = None
    initial: Callable[[M], dict[str, Any]] | None = None
    applies: Callable[[M], bool] = _always
    in_list: bool = True
    is_destructive: bool = False  # shown in red

    def is_permitted(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


class ServiceAdmin(admin.ModelAdmin):
    """Nothing can be added, changed or deleted here but by the actions (and what a subclass opens)."""

    service_actions: ClassVar[Sequence[ServiceAction[Any]]] = ()
    #: The exceptions by which services refuse.
    refusals: ClassVar[tuple[type[Exception], ...]] = (ValidationError,)

    change_form_template = "admin/service_change_form.html"
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    # What is permitted ---------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only declared filters: Django would let the address bar filter by any column, secrets and content too."""
        name = lookup.split("__", 1)[0]
        try:
            self.opts.get_field(name)
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)
        for declared in (self.date_hierarchy, *self.get_list_filter(request)):
            if isinstance(declared, type) and issubclass(declared, admin.SimpleListFilter):
                if declared.parameter_name == lookup:
                    return True
            elif name == (declared[0] if isinstance(declared, tuple) else declared):
                return super().lookup_allowed(lookup, value, request)
        return False

    def check_may_act_on(self, request: HttpRequest, obj: Any) -> None:
        """Whether this moderator may act on this row at all.

        Raises:
            ValidationError: they may not; the sentence says why.
        """

    def describe(self, obj: Any) -> str:
        """What this site calls a row, in headings and in the audit log. Never holds content."""
        return str(obj)

    def refusal_sentence(self, error: Exception) -> str:
        """What a service's refusal says to a person."""
        return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)

    # Actions -------------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            action.name: (partial(ServiceAdmin._act_on_selected, action=action), action.name, action.label)
            for action in self.service_actions
            if action.in_list and action.is_permitted(request)
        }

    def _act_on_selected(
        self, request: HttpRequest, queryset: QuerySet[Any], *, action: ServiceAction[Any]
    ) -> HttpResponse | None:
        rows = list(queryset[: ROWS_PER_ACTION_MAX + 1])
        if len(rows) > ROWS_PER_ACTION_MAX:
            self.message_user(
                request,
                _("Select at most %(count)d at once.") % {"count": ROWS_PER_ACTION_MAX},
                messages.ERROR,
            )
            return None
        return self._ask_or_act(request, action, rows, back=request.get_full_path())

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<path:object_id>/act/<slug:name>/",
            self.admin_site.admin_view(self.act_on_one),
            name=f"{self.opts.app_label}_{self.opts.model_name}_act",
        )
        return [act, *super().get_urls()]

    @method_decorator(sensitive_post_parameters())
    def act_on_one(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """The page of one action on one row: GET asks, POST acts."""
        action = next((action for action in self.service_actions if action.name == name), None)
        if action is None:
            raise Http404
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj) or not action.is_permitted(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(obj.pk)])
        return self._ask_or_act(request, action, [obj], back=back)

    def _ask_or_act(
        self, request: HttpRequest, action: ServiceAction[Any], rows: Sequence[Any], *, back: str
    ) -> HttpResponse:
        confirmed = request.method == "POST" and CONFIRMED in request.POST
        form = None
        if action.form is not None:
            initial = action.initial(rows[0]) if action.initial is not None and len(rows) == 1 else None
            form = action.form(request.POST if confirmed else None, initial=initial)
        if confirmed and (form is None or form.is_valid()):
            self._act(request, action, rows, form.cleaned_data if form else {})
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": action.label,
            "subtitle": None,
            "opts": self.opts,
            "media": self.media + form.media if form else self.media,
            "action": action,
            "rows": [(row.pk, self.describe(row)) for row in rows],
            "form": form,
            "back": back,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "confirmed_name": CONFIRMED,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/service_action.html", context)

    def _act(
        self, request: HttpRequest, action: ServiceAction[Any], rows: Iterable[Any], data: Mapping[str, Any]
    ) -> None:
        done = idle = 0
        refused: list[str] = []
        with translation.override(None):
            audit = action.audit % data
        for row in rows:
            if not action.applies(row):
                idle += 1
                continue
            try:
                # One transaction: no act without its audit entry.
                with transaction.atomic():
                    self.check_may_act_on(request, row)
                    action.perform(request, row, data)
                    self.log_change(request, row, audit)
            except self.refusals as error:
                refused.append(f"{self.describe(row)}: {self.refusal_sentence(error)}")
            else:
                done += 1
        if done:
            self.message_user(request, action.done(done), messages.SUCCESS)
        if idle:
            sentence = ngettext(
                "%(count)d was so already; nothing was changed there.",
                "%(count)d were so already; nothing was changed there.",
                idle,
            )
            self.message_user(request, sentence % {"count": idle}, messages.INFO)
        for sentence in refused[:REFUSALS_TOLD_MAX]:
            self.message_user(request, sentence, messages.ERROR)
        if untold := len(refused[REFUSALS_TOLD_MAX:]):
            sentence = ngettext("%(count)d more was refused.", "%(count)d more were refused.", untold)
            self.message_user(request, sentence % {"count": untold}, messages.ERROR)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """As Django's, with the name that this site has for the row. The log is in one language."""
        with translation.override(None):
            name = self.describe(obj)
        return LogEntry.objects.create(
            user_id=staff_id(request),
            content_type=get_content_type_for_model(obj),
            object_id=str(obj.pk),
            object_repr=name[:200],
            action_flag=CHANGE,
            change_message=message if isinstance(message, str) else json.dumps(message),
        )

    # Pages ---------------------------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["subtitle"] = self.describe(obj)
        context["service_actions"] = [
            action
            for action in self.service_actions
            if obj is not None and action.is_permitted(request) and action.applies(obj)
        ]
        context["act_url_name"] = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refused save shows the service's sentence; Django's transaction has undone the rest."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except self.refusals as error:
            self.message_user(request, self.refusal_sentence(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
