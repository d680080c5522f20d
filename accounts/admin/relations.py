"""Contacts, requests and blocks: to look at when people complain of each other; nothing is changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import ByUser, NarrowedFilter
from accounts.admin.links import object_link
from accounts.admin.service_admin import ServiceAdmin
from accounts.models import Block, Contact, ContactRequest, User


class ByAsker(NarrowedFilter):
    """Only what one user asked."""

    title = _("from")
    parameter_name = "sender"
    model = User
    field = "sender"


class PairAdmin(ServiceAdmin):
    """Rows about two people. `pair` names the fields, who acts first."""

    pair: tuple[str, str]
    list_display_links = ("row",)
    ordering = ("-id",)
    search_help_text = _("Username of either.")

    def describe(self, obj: Any) -> str:
        return str(self.row(obj))

    @admin.display(description=_("who and whom"))
    def row(self, obj: Any) -> str:
        first, second = (getattr(obj, name) for name in self.pair)
        return f"{first} → {second}"

    @admin.display(description=_("who"))
    def first(self, obj: Any) -> SafeString:
        return object_link(getattr(obj, self.pair[0]))

    @admin.display(description=_("whom"))
    def second(self, obj: Any) -> SafeString:
        return object_link(getattr(obj, self.pair[1]))


@admin.register(Block)
class BlockAdmin(PairAdmin):
    """Who has blocked whom."""

    pair = ("user", "blocked")
    list_display = ("row", "first", "second", "created_at")
    list_select_related = pair
    list_filter = (ByUser,)
    search_fields = ("user__username", "blocked__username")
    fields = readonly_fields = ("first", "second", "created_at")


@admin.register(Contact)
class ContactAdmin(PairAdmin):
    """Who knows whom; every pair is here twice."""

    pair = ("user", "contact")
    list_display = ("row", "first", "second", "created_at")
    list_select_related = pair
    list_filter = (ByUser,)
    search_fields = ("user__username",)
    fields = readonly_fields = ("first", "second", "created_at")


@admin.register(ContactRequest)
class ContactRequestAdmin(PairAdmin):
    """Who asks whom, and with which words: those may be what the complaint is about."""

    pair = ("sender", "receiver")
    list_display = ("row", "first", "second", "state", "created_at")
    list_select_related = pair
    list_filter = (ByAsker, "state")
    search_fields = ("sender__username", "receiver__username")
    fields = readonly_fields = ("first", "second", "note", "state", "created_at")
