"""Filters that the lists of several rooms share."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class NarrowedFilter(admin.SimpleListFilter):
    """“Only those of this one”, where offering every possible one as a choice would be a list of thousands.

    Links from other pages set it (`?user=7`); the sidebar then names the one, and offers the way back to all.
    """

    model: ClassVar[type[Model]]
    field: ClassVar[str]
    narrowed_to: Model | None

    def label(self, obj: Any) -> str:
        """What to call the one in the sidebar."""
        return str(obj)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.narrowed_to = None
        value = self.value()
        if not value:
            return []
        # What is no id of one narrows to nothing. It is offered as it was given: Django leaves a filter without a
        # choice out, and would show everything.
        with suppress(ValueError, ValidationError):
            self.narrowed_to = self.model._default_manager.filter(pk=value).first()
        return [(value, self.label(self.narrowed_to) if self.narrowed_to else value)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(**{self.field: self.narrowed_to}) if self.narrowed_to else queryset.none()


class ByUser(NarrowedFilter):
    """Only what belongs to one user."""

    title = _("user")
    parameter_name = "user"
    model = User
    field = "user"
