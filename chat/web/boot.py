"""What the pages' script starts from: printed into the page, so that nothing is asked twice."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.context import language_tag
from chat.events import ConversationObject
from chat.protocol.limits import ATTACHMENTS_MAX, SessionConfig
from chat.selectors.notifications import get_notifications
from chat.selectors.store import epoch
from chat.services.forwarding import FORWARD_MESSAGES_MAX
from chat.web import offline
from chat.web.people import People
from chat.web.rows import GROUP_GAP_MS
from chat.web.sidebar import Sidebar
from chat.web.timeline import PAGE, Timeline

#: Stand-ins for the parts of an address that the script fills in; no conversation has this id.
_CID, _SEQ = "0123456789", 9876543210


def boot_data(
    people: People,
    sidebar: Sidebar,
    *,
    conversation: ConversationObject | None = None,
    timeline: Timeline | None = None,
) -> dict[str, Any]:
    """The page's JSON block. Its versions are the cursors that the socket goes on from."""
    listed = {each.conversation for each in sidebar.conversations}
    language = get_language() or settings.LANGUAGE_CODE
    me = people.me
    return {
        "user": {
            "username": me.username,
            "name": me.name,
            "avatar": me.avatar,
            "enter_sends": people.enter_sends,
            "undo_s": people.undo_s,
        },
        "epoch": epoch(),
        "filter": sidebar.filter.value,
        "cursors": sidebar.index.cursors,
        "conversations": msgspec.to_builtins(sidebar.conversations),
        "unread_total": sidebar.unread_total,
        "unread_elsewhere": {pk: unread for pk, unread in sidebar.unread.items() if pk not in listed},
        "mentions": sidebar.mentions,
        **part_data(people, conversation, timeline),
        "notifications": msgspec.to_builtins(get_notifications(user_id=people.my_id)),
        "language": language,
        "locale": language_tag(language),
        "timezone": timezone.get_current_timezone_name(),
        "limits": {
            "content_chars": SessionConfig().content_chars,
            "recall_s": settings.IM_RECALL_SECONDS,
            "group_gap_s": GROUP_GAP_MS // 1000,
            "page": PAGE,
            "attachments": ATTACHMENTS_MAX,
            "forward": FORWARD_MESSAGES_MAX,
            "upload_bytes": settings.IM_UPLOAD_BYTES,
        },
        "site": settings.SITE_NAME,
        "shell": offline.version() if settings.IM_OFFLINE else "",
        "socket": "/ws/",
        "api": "/api/v1/",
        "sprite": "",  # the symbols that the script draws are in the page itself
        "urls": {
            "list": reverse("conversations"),
            "signin": reverse("signin"),
            "names": reverse("names"),
            "peek": reverse("peek"),
            "chime": static("chat/chime.wav"),
            "icon": static("chat/icons/any-192.png"),
            "keys": reverse("keys"),
            "conversation": _pattern("conversation", _CID),
            "row": _pattern("conversation", _CID) + sidebar.filter.query,
            "info": _pattern("info", _CID),
            "rows": _pattern("rows", _CID),
            "permalink": _pattern("message", _CID, _SEQ),
        },
    }


def part_data(
    people: People, conversation: ConversationObject | None, timeline: Timeline | None = None
) -> dict[str, Any]:
    """What of it is another when another conversation is opened in the same page."""
    return {
        "conversation": msgspec.to_builtins(conversation),
        "people": people.data(),
        "first_unread": timeline.first_unread if timeline else None,
        "target": timeline.target if timeline else None,
        "has_older": timeline is not None and timeline.older is not None,
        "has_newer": timeline is not None and timeline.newer is not None,
    }


def _pattern(name: str, *parts: str | int) -> str:
    """An address with {cid} and {seq} in it."""
    return reverse(name, args=parts).replace(_CID, "{cid}").replace(str(_SEQ), "{seq}")
