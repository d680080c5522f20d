"""The list of conversations, and one conversation: its history and what is written into it."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from chat.errors import ImError
from chat.events import ConversationObject, MessageObject
from chat.models import Attachment, Conversation, Membership
from chat.protocol.content import is_blank
from chat.selectors.access import access_conversation
from chat.selectors.conversations import MemberObject, get_conversation, list_members, members_of
from chat.selectors.pages import list_messages_by_seq
from chat.selectors.relations import Relation, get_relation
from chat.selectors.rights import Right, may, may_manage
from chat.selectors.scheduled import count_scheduled
from chat.services.directs import direct_user_ids
from chat.services.messages import SendRequest, message_send
from chat.services.receipts import read_advance
from chat.web.boot import boot_data, part_data
from chat.web.days import AskedDay, ask_day
from chat.web.error_text import error_text, file_error_text
from chat.web.group_panel import composer_note, pinned_bar, rights_of
from chat.web.http import SeeOther, chat_page, check_send_rate, number, to_message
from chat.web.js_text import js_text
from chat.web.mentions import mentions_in
from chat.web.muting import MUTE_CHOICES
from chat.web.people import People, conversation_picture, conversation_title, is_self_chat, peer_of
from chat.web.rows import QUICK_EMOJI, Quote, make_quote
from chat.web.sidebar import ListFilter, Sidebar, build_sidebar
from chat.web.timeline import Position, load_rows, load_timeline
from chat.web.uploads import upload_files

#: The panel beside a conversation shows so many members; the page about it shows all.
PANEL_MEMBERS = 20
#: The header by which a page's script asks for what it puts in place of the conversation that it shows.
PART = "X-Part"
#: One transparent pixel.
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


@dataclass(frozen=True, slots=True)
class Composer:
    """What stands in the box: after a refusal, all that was typed."""

    client_id: str
    text: str = ""
    reply: Quote | None = None
    error: str = ""


@dataclass(slots=True)
class Opened:
    """An open conversation, as its part of a page needs it."""

    conversation: ConversationObject
    row: Conversation
    membership: Membership
    members: list[MemberObject]
    people: People

    @property
    def id(self) -> str:
        return self.conversation.conversation

    @property
    def title(self) -> str:
        return conversation_title(self.conversation)

    @property
    def read_to(self) -> int:
        """The last message that cannot be unread."""
        return max(self.membership.read_seq, self.membership.joined_seq)

    @property
    def last_counted(self) -> int | None:
        """The last message, if it can be unread: system lines and recalled ones never are."""
        message = self.conversation.last_message
        if message is None or message.kind == "system" or message.recalled_at is not None:
            return None
        return message.seq

    @property
    def relation(self) -> Relation | None:
        """What the other one of a direct conversation is to the reader."""
        if self.row.kind != Conversation.Kind.DIRECT:
            return None
        user_id = self.membership.user_id
        others = direct_user_ids(self.row) - {user_id}
        return next((get_relation(user_id=user_id, other_id=pk) for pk in others), None)

    def context(self) -> dict[str, Any]:
        """What the frame of every page about this conversation shows."""
        return {
            "opened": self,
            "conversation": self.conversation,
            "title": self.title,
            "picture": conversation_picture(self.conversation),
            "peer": peer_of(self.conversation),
            "is_self": is_self_chat(self.conversation),
            "relation": self.relation,
            "last_counted": self.last_counted,
            "members": self.members,
            "panel_members": [
                {"person": self.people[member.username], "role": member.role} for member in self.members[:PANEL_MEMBERS]
            ],
            "may_write": may(self.row, self.membership, Right.SEND),
            "composer_note": composer_note(self.row),
            "rights": rights_of(self.row, self.membership),
            "pinned": pinned_bar(self.row, self.people),
            "may_manage": may_manage(self.row, self.membership),
        }


@dataclass(slots=True)
class OpenedPage(Opened):
    """An open conversation with the list beside it."""

    sidebar: Sidebar


def open_part(request: SignedInRequest, conversation: str) -> Opened:
    """The conversation without the list, in a constant number of queries. Raises ImError NOT_FOUND."""
    user = request.user
    row, membership = access_conversation(user_id=user.pk, conversation=conversation)
    members = members_of(row)
    people = People(user)
    people.add(members)
    return Opened(get_conversation(user_id=user.pk, conversation=conversation), row, membership, members, people)


def open_conversation(request: SignedInRequest, conversation: str) -> OpenedPage:
    """The conversation with everything around it, in a constant number of queries. Raises ImError NOT_FOUND."""
    user = request.user
    row, membership = access_conversation(user_id=user.pk, conversation=conversation)
    members = members_of(row)
    people = People(user)
    people.add(members)
    now = timezone.now()
    sidebar = build_sidebar(people, user_id=user.pk, now=now, only=ListFilter.of(request))
    current = next((each for each in sidebar.conversations if each.conversation == conversation), None)
    if current is None:
        current = get_conversation(user_id=user.pk, conversation=conversation, now=now)
    return OpenedPage(current, row, membership, members, people, sidebar)


def frame_context(people: People, sidebar: Sidebar, **boot: Any) -> dict[str, Any]:
    """What the frame of every page of the chat shows."""
    return {
        **part_context(people),
        "sidebar": sidebar,
        "boot": boot_data(people, sidebar, **boot),
        "js_text": js_text(),
    }


def part_context(people: People) -> dict[str, Any]:
    """What an open conversation shows of the user and of choices, with a frame or without."""
    return {"me": people.me, "quick_emoji": QUICK_EMOJI, "mute_choices": MUTE_CHOICES}


@chat_page
@require_safe
def conversations(request: SignedInRequest) -> HttpResponse:
    """The list, or a part of it (`ListFilter`); with `?all=1` without an end. `?gone=1` says why one came here."""
    if "gone" in request.GET:
        messages.info(request, _("You are no longer in that conversation."))
        return SeeOther(reverse("conversations"))
    people = People(request.user)
    sidebar = build_sidebar(
        people,
        user_id=request.user.pk,
        now=timezone.now(),
        only=ListFilter.of(request),
        **({"limit": None} if "all" in request.GET else {}),
    )
    return render(request, "chat/list.html", {**frame_context(people, sidebar), "list_is_main": True})


@chat_page
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: SignedInRequest, conversation: str) -> HttpResponse:
    """The history at `?date=`, `?before=` or `?after=`, else the end (or the first unread), and the composer."""
    if request.method == "POST":
        return _send(request, conversation)
    opened = _open(request, conversation)
    reply = _reply(opened, number(request.GET.get("reply")))
    composer = Composer(str(uuid.uuid4()), reply=reply)
    asked = _asked_day(request, opened.conversation)
    position = asked.position if asked else _position(request)
    return _conversation_page(request, opened, position=position, composer=composer, asked=asked)


@chat_page
@require_safe
def message(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """One message in its surroundings."""
    opened = _open(request, conversation)
    if not 1 <= seq <= opened.conversation.last_seq:
        return SeeOther(request.path_info.split("m/")[0])
    return _conversation_page(
        request, opened, position=Position(around=seq), target=seq, composer=Composer(str(uuid.uuid4()))
    )


@chat_page
@require_GET
def rows(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Rows of the history as a fragment, for the pages' script; drawn by the same partials as the page."""
    user = request.user
    people = People(user)
    opened = get_conversation(user_id=user.pk, conversation=conversation)
    asked, notice = None, ""
    if "seqs" in request.GET:
        seqs = [seq for text in request.GET["seqs"].split(",")[:200] if (seq := number(text)) is not None]
        timeline = load_rows(opened, people, user_id=user.pk, seqs=seqs)
    else:
        position = Position(
            before=number(request.GET.get("before")),
            after=number(request.GET.get("after")),
            around=number(request.GET.get("around")),
        )
        asked = _asked_day(request, opened)
        position = asked.position if asked else position
        timeline = load_timeline(opened, people, user_id=user.pk, read_to=opened.last_seq, position=position)
        notice = asked.notice(timeline) if asked else ""
    context = {
        "conversation": opened,
        "timeline": timeline,
        "people_json": json.dumps(people.data()),
        "notice": notice,
        "begins_at": asked.begins_at if asked else None,
    }
    return render(request, "chat/rows.html", context)


@chat_page
@require_GET
def seen(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """The user has this page before them: everything up to `seq` is read.

    The address of an image inside `<noscript>`, so it is asked for only where no script can say more exactly what was
    looked at. That a GET changes something is harmless here: it repeats without effect, and only ever says "read".
    """
    read_advance(user_id=request.user.pk, conversation=conversation, seq=seq)
    return HttpResponse(PIXEL, content_type="image/gif")


def _conversation_page(
    request: SignedInRequest,
    opened: Opened,
    *,
    position: Position,
    composer: Composer,
    target: int | None = None,
    asked: AskedDay | None = None,
    status: int = 200,
) -> HttpResponse:
    """All of the page; to a script that has one (`PART`) the part of it that is another in another conversation."""
    timeline = load_timeline(
        opened.conversation,
        opened.people,
        user_id=request.user.pk,
        read_to=opened.read_to,
        position=position,
        target=target,
    )
    context = {
        **opened.context(),
        "timeline": timeline,
        "composer": composer,
        "scheduled_count": count_scheduled(user_id=request.user.pk, conversation_id=opened.row.pk),
        "notice": asked.notice(timeline) if asked else "",
        "from_top": asked is not None and asked.begins_at is not None,
    }
    if isinstance(opened, OpenedPage):
        context |= frame_context(opened.people, opened.sidebar, conversation=opened.conversation, timeline=timeline)
        context["layout"] = "chat/shell.html"
    else:
        context |= part_context(opened.people)
        context["boot"] = part_data(opened.people, opened.conversation, timeline)
        context["layout"] = "chat/part.html"
    response = render(request, "chat/conversation.html", context, status=status)
    patch_vary_headers(response, [PART])
    return response


def _open(request: SignedInRequest, conversation: str) -> Opened:
    return open_part(request, conversation) if PART in request.headers else open_conversation(request, conversation)


def _asked_day(request: SignedInRequest, conversation: ConversationObject) -> AskedDay | None:
    """The day that `?date=` names, if there is one."""
    if "date" not in request.GET:
        return None
    return ask_day(
        request.GET["date"],
        user_id=request.user.pk,
        conversation=conversation.conversation,
        last_seq=conversation.last_seq,
    )


def _position(request: SignedInRequest) -> Position:
    """Where the address says; the first that it names."""
    for name in ("before", "after", "around"):
        seq = number(request.GET.get(name))
        if seq is not None:
            return Position(**{name: seq})
    return Position()


def _send(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Send what was written. A refusal shows the page again, with the text still in the box."""
    text = request.POST.get("content", "").replace("\r\n", "\n")
    client_id = request.POST.get("client_id", "")
    reply_to = number(request.POST.get("reply_to"))
    try:
        check_send_rate(request)
        files = upload_files(request, client_id)
    except ImError as error:
        return _refused(request, conversation, text, reply_to, error, file_error_text(error))
    try:
        sent = message_send(
            SendRequest(
                sender_id=request.user.pk,
                # Made when the form was: sent twice, it is one message.
                client_id=client_id or str(uuid.uuid4()),
                conversation=conversation,
                content=text,
                kind=_kind(text, files),
                reply_to=reply_to,
                attachments=[str(file.pk) for file in files] or None,
                mentions=mentioned(request.user, conversation, text),
            ),
            now=timezone.now(),
        )
    except ImError as error:
        return _refused(request, conversation, text, reply_to, error, error_text(error))
    return to_message(conversation, sent.ack.seq, last_seq=sent.ack.seq)


def _refused(
    request: SignedInRequest, conversation: str, text: str, reply_to: int | None, error: ImError, sentence: str
) -> HttpResponse:
    opened = open_conversation(request, conversation)
    composer = Composer(str(uuid.uuid4()), text, _reply(opened, reply_to), sentence)
    return _conversation_page(
        request, opened, position=Position(), composer=composer, status=error.code.info.http_status
    )


def _kind(text: str, files: list[Attachment]) -> str:
    """With words the server finds the kind itself; text without any would be nothing."""
    if not files or not is_blank(text):
        return "text"
    return "image" if all(file.blob.is_picture for file in files) else "file"


def mentioned(user: User, conversation: str, text: str) -> list[str] | None:
    """The members whom a text written on a page mentions; None when there are none. Raises ImError NOT_FOUND."""
    if "@" not in text:
        return None
    members = list_members(user_id=user.pk, conversation=conversation)
    return mentions_in(text, [member.username for member in members]) or None


def _reply(opened: Opened, seq: int | None) -> Quote | None:
    """What the composer answers; nothing when that message is gone."""
    if seq is None:
        return None
    found: list[MessageObject] = list_messages_by_seq(
        user_id=opened.membership.user_id, conversation=opened.id, seqs=[seq]
    )
    if not found or found[0].kind == "system" or found[0].recalled_at is not None:
        return None
    opened.people.load([found[0].sender])
    return make_quote(found[0], opened.people)
