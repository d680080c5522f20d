"""What was shared in a conversation, as tabs: pictures, files, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from chat import markup
from chat.events import MessageObject
from chat.selectors.shared import SharedKind, list_shared
from chat.web import clock
from chat.web.attachments import ShownFile, ShownPicture, shown_files, shown_pictures
from chat.web.conversation_views import frame_context, open_conversation
from chat.web.http import chat_page, number

PAGE = 60
TABS: tuple[tuple[SharedKind, str | Promise], ...] = (
    (SharedKind.MEDIA, _("Pictures")),
    (SharedKind.FILES, _("Files")),
    (SharedKind.LINKS, _("Links")),
)
#: In the HTML of our own renderer, which escapes every quote in an address.
_HREF = re.compile(r'<a href="(https?://[^"]+)"')


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A message with what it carries of the kind that is shown."""

    seq: int
    name: str
    when: str
    pictures: Sequence[ShownPicture] = ()
    files: Sequence[ShownFile] = ()
    links: Sequence[str] = ()


@chat_page
@require_safe
def shared(request: SignedInRequest, conversation: str) -> HttpResponse:
    """One tab (`?kind=`), from `?before=` on."""
    opened = open_conversation(request, conversation)
    asked = request.GET.get("kind", "")
    kind = SharedKind(asked) if asked in list(SharedKind) else SharedKind.MEDIA
    page = list_shared(
        user_id=request.user.pk,
        conversation=conversation,
        kind=kind,
        before_seq=number(request.GET.get("before")),
        limit=PAGE,
    )
    opened.people.load(message.sender for message in page.messages)
    rows = [_row(message, kind, opened.people[message.sender].name) for message in page.messages]
    context = {
        **frame_context(opened.people, opened.sidebar, conversation=opened.conversation),
        **opened.context(),
        "tabs": TABS,
        "kind": kind,
        "rows": [row for row in rows if row.pictures or row.files or row.links],
        "following": page.following,
    }
    return render(request, "chat/shared.html", context)


def _row(message: MessageObject, kind: SharedKind, name: str) -> SharedRow:
    when = clock.full_time(clock.moment(message.timestamp))
    match kind:
        case SharedKind.MEDIA:
            return SharedRow(message.seq, name, when, pictures=shown_pictures(message))
        case SharedKind.FILES:
            return SharedRow(message.seq, name, when, files=shown_files(message))
        case SharedKind.LINKS:
            return SharedRow(message.seq, name, when, links=_links(message))


def _links(message: MessageObject) -> list[str]:
    """The addresses that the message links to, each once."""
    return list(dict.fromkeys(unescape(href) for href in _HREF.findall(markup.render(message.content))))
