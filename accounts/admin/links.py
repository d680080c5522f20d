"""Links from one room of the admin site to another."""

from __future__ import annotations

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def object_link(obj: Model | None, text: object = None) -> SafeString:
    """A link to the page of `obj`; a dash for no object."""
    if obj is None:
        return mark_safe("-")
    url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[quote(obj.pk)])
    return format_html('<a href="{}">{}</a>', url, obj if text is None else text)


def list_link(model: type[Model], text: object, **narrowed_to: object) -> SafeString:
    """A link to the list of `model`, narrowed by the parameters of its filters."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=narrowed_to)
    return format_html('<a href="{}">{}</a>', url, text)
