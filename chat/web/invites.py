"""Invite links on the page about a conversation: the form for a new one, how it looks, and those that there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from chat.selectors.invites import InviteObject, list_invites
from chat.selectors.rights import Right, may
from chat.web import clock
from chat.web.conversation_views import Opened

#: Days that a link works, and how many may join by it; the first is what the form proposes.
LIFETIMES: tuple[tuple[str, str | Promise], ...] = (
    ("7", _("7 days")),
    ("1", _("1 day")),
    ("30", _("30 days")),
    ("", _("It never ends")),
)
NUMBERS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("Any number")),
    ("1", _("1 person")),
    ("10", _("10 people")),
    ("100", _("100 people")),
)
#: Light modules around the code, by which cameras find it (ISO/IEC 18004 asks for four).
QUIET_ZONE = 4


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link, to be shown once."""

    url: str
    qr: SafeString


@dataclass(frozen=True, slots=True)
class InviteRow:
    """A link in the list. `expires` is a text, empty for never."""

    invite: InviteObject
    created_by: str
    expires: str


def made_link(request: HttpRequest, token: str) -> MadeLink:
    """The address of a new link, and its QR code as SVG without styles or scripts."""
    url = request.build_absolute_uri(reverse("invite", args=[token]))
    code = segno.make_qr(url, error="m")
    # Dark on light in both themes: most cameras do not read it the other way round. The size is the style sheet's.
    svg = code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return MadeLink(url, mark_safe(svg))  # noqa: S308 - made of squares alone


def invite_rows(opened: Opened, *, user_id: int, now: datetime) -> list[InviteRow] | None:
    """The links that work, for those who may see them."""
    if not may(opened.row, opened.membership, Right.ADD):
        return None
    invites = list_invites(user_id=user_id, conversation=opened.conversation.conversation, now=now)
    opened.people.load(invite.created_by for invite in invites if invite.created_by)
    return [
        InviteRow(
            invite,
            created_by=opened.people[invite.created_by].name if invite.created_by else "",
            expires=clock.full_time(clock.moment(invite.expires_at)) if invite.expires_at is not None else "",
        )
        for invite in invites
    ]
