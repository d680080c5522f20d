"""Who may do what over REST: every route times every role. A route that is not in the table fails."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import URLPattern
from django.utils import timezone

from accounts.models import User
from accounts.services import device_revoke, user_create, user_deactivate
from chat.api.urls import v1
from chat.events import AckObject
from chat.models import Attachment, Conversation, JoinRequest, Membership
from chat.selectors.wire import unix_ms
from chat.services.invites import invite_create
from chat.services.memberships import member_remove, member_set_role
from tests.api.conftest import Caller, SignIn
from tests.factories import make_direct, make_group, make_upload, make_user, send
from tests.support.pictures import picture

PASSWORD = "correct horse battery"
GROUP_ROLES = ("stranger", "removed", "member", "admin", "owner")
#: Nobody at all, and those whose token was good once.
OUTSIDERS = ("anonymous", "revoked", "banned")


class Cell(NamedTuple):
    """One request: of a route, in a group or a channel or the direct conversation of `owner` and `member`."""

    method: str
    route: str
    room: str = "group"
    variant: str = ""


PUBLIC = "public"


def same(status: int) -> tuple[int, ...]:
    """For whoever is signed in, the conversation being of no interest."""
    return (status,) * len(GROUP_ROLES)


def members(member: int, admin: int, owner: int) -> tuple[int, ...]:
    """For those who are in the conversation; for others it is not there."""
    return (404, 404, member, admin, owner)


#: The statuses for GROUP_ROLES, in that order; outsiders get 401, save where the route is PUBLIC.
TABLE: dict[Cell, tuple[int, ...] | str] = {
    Cell("POST", "accounts"): PUBLIC,
    Cell("POST", "tokens"): PUBLIC,
    Cell("DELETE", "current-token"): same(204),
    Cell("GET", "devices"): same(200),
    Cell("DELETE", "device"): same(404),  # that of another user
    Cell("DELETE", "device", variant="own"): same(204),
    Cell("GET", "me"): same(200),
    Cell("PATCH", "me"): same(200),
    Cell("PUT", "avatar"): same(400),  # an empty file
    Cell("DELETE", "avatar"): same(204),
    Cell("GET", "users"): same(200),
    Cell("GET", "blocks"): same(200),
    Cell("PUT", "block"): same(204),
    Cell("DELETE", "block"): same(204),
    Cell("GET", "contacts"): same(200),
    Cell("DELETE", "contact"): same(204),
    Cell("GET", "contact-requests"): same(200),
    Cell("POST", "contact-requests"): same(201),
    Cell("DELETE", "contact-request"): same(204),
    Cell("POST", "contact-request-accept"): same(404),  # nobody asked
    Cell("POST", "contact-request-ignore"): same(404),
    Cell("GET", "conversations"): same(200),
    Cell("POST", "conversations"): same(201),
    Cell("GET", "conversation"): members(200, 200, 200),
    Cell("GET", "conversation", "direct"): (404, 404, 200, 404, 200),
    Cell("PATCH", "conversation"): members(403, 200, 200),  # the title
    Cell("PATCH", "conversation", "direct"): (404, 404, 403, 404, 403),
    Cell("PATCH", "conversation", variant="settings"): members(200, 200, 200),
    Cell("DELETE", "conversation"): members(204, 204, 204),
    Cell("DELETE", "conversation", "direct"): (404, 404, 403, 404, 403),
    Cell("GET", "members"): members(200, 200, 200),
    Cell("POST", "members"): members(403, 201, 201),
    Cell("POST", "members", "channel"): members(403, 201, 201),
    Cell("POST", "members", "direct"): (404, 404, 403, 404, 403),
    Cell("PATCH", "member"): members(403, 403, 200),
    Cell("PATCH", "member", variant="hand over"): members(403, 403, 200),
    Cell("DELETE", "member"): members(403, 204, 204),
    Cell("DELETE", "member", variant="the owner"): members(403, 403, 204),  # an owner leaves in this way
    Cell("DELETE", "member", variant="oneself"): members(204, 204, 204),
    Cell("GET", "invites"): members(403, 200, 200),
    Cell("GET", "invites", "channel"): members(403, 200, 200),
    Cell("GET", "invites", "direct"): (404, 404, 403, 404, 403),
    Cell("POST", "invites"): members(403, 201, 201),
    Cell("POST", "invites", "channel"): members(403, 201, 201),
    Cell("POST", "invites", "direct"): (404, 404, 403, 404, 403),
    Cell("DELETE", "invite"): members(403, 204, 204),
    Cell("DELETE", "invite", "channel"): members(403, 204, 204),
    Cell("GET", "invitation"): same(200),
    Cell("POST", "invitation-accept"): (201, 202, 200, 200, 200),  # who was removed can only ask
    Cell("POST", "invitation-accept", variant="approval"): (202, 202, 200, 200, 200),
    Cell("DELETE", "own-request"): same(204),
    Cell("GET", "requests"): members(403, 200, 200),
    Cell("GET", "requests", "direct"): (404, 404, 403, 404, 403),
    Cell("PUT", "request"): members(403, 204, 204),
    Cell("DELETE", "request"): members(403, 204, 204),
    Cell("PUT", "group-avatar"): members(403, 400, 400),  # an empty file
    Cell("DELETE", "group-avatar"): members(403, 204, 204),
    Cell("DELETE", "group-avatar", "direct"): (404, 404, 403, 404, 403),
    Cell("PATCH", "conversation", variant="description"): members(403, 200, 200),
    Cell("PATCH", "conversation", variant="permissions"): members(403, 200, 200),
    Cell("PATCH", "conversation", variant="for the owner"): members(403, 403, 200),
    Cell("PUT", "pin"): members(403, 200, 200),
    Cell("PUT", "pin", "direct"): (404, 404, 200, 404, 200),
    Cell("DELETE", "pin"): members(403, 200, 200),
    Cell("GET", "pins"): members(200, 200, 200),
    Cell("GET", "shared"): members(200, 200, 200),
    Cell("GET", "messages"): members(200, 200, 200),
    Cell("GET", "messages", "channel"): members(200, 200, 200),
    Cell("GET", "messages", "direct"): (404, 404, 200, 404, 200),
    Cell("POST", "messages"): members(201, 201, 201),
    Cell("POST", "messages", "channel"): members(403, 201, 201),
    Cell("POST", "messages", "direct"): (404, 404, 201, 404, 201),
    # A message that `member` sent, or in the channel `owner`.
    Cell("PATCH", "message"): members(200, 403, 403),
    Cell("PATCH", "message", "channel"): members(403, 403, 200),
    Cell("PATCH", "message", "direct"): (404, 404, 200, 404, 403),
    Cell("DELETE", "message"): members(200, 200, 200),
    Cell("DELETE", "message", "channel"): members(403, 200, 200),
    Cell("DELETE", "message", "direct"): (404, 404, 200, 404, 403),
    Cell("PUT", "reaction"): members(200, 200, 200),
    Cell("PUT", "reaction", "channel"): members(200, 200, 200),
    Cell("DELETE", "reaction"): members(200, 200, 200),
    Cell("GET", "history"): members(200, 200, 200),
    Cell("GET", "history", "direct"): (404, 404, 200, 404, 200),
    Cell("GET", "mentions"): same(200),
    Cell("GET", "drafts"): same(200),
    Cell("GET", "all-scheduled"): same(200),
    Cell("POST", "schedule"): members(201, 201, 201),
    Cell("POST", "schedule", "channel"): members(403, 201, 201),
    Cell("PATCH", "scheduled"): same(404),  # of somebody else
    Cell("DELETE", "scheduled"): same(404),
    Cell("POST", "scheduled-send"): same(404),
    Cell("PUT", "draft"): members(200, 200, 200),
    Cell("PUT", "draft", "channel"): members(200, 200, 200),  # one may be let write again
    Cell("POST", "read"): members(200, 200, 200),
    Cell("POST", "read", "channel"): members(200, 200, 200),
    Cell("POST", "unread"): members(200, 200, 200),
    Cell("POST", "received"): members(204, 204, 204),
    Cell("GET", "search"): same(200),
    Cell("GET", "search", variant="here"): members(200, 200, 200),
    Cell("POST", "attachments"): same(415),  # no form
    Cell("GET", "attachment"): members(200, 200, 200),
    Cell("GET", "attachment", "direct"): (404, 404, 200, 404, 200),
    Cell("PATCH", "attachment"): same(404),  # of nobody's that is sent
    Cell("DELETE", "attachment"): same(404),
    Cell("GET", "attachment-content"): members(200, 200, 200),
    Cell("GET", "attachment-content", "direct"): (404, 404, 200, 404, 200),
    Cell("GET", "attachment-thumbnail"): members(200, 200, 200),
    Cell("GET", "attachment-thumbnail", "direct"): (404, 404, 200, 404, 200),
    Cell("POST", "sync"): same(200),
}

Town = dict[str, Caller]


@pytest.fixture
def town(sign_in: SignIn) -> Town:
    """Somebody of every role, each signed in."""
    callers = {role: sign_in(make_user(role)) for role in (*GROUP_ROLES, "revoked", "banned", "other", "newcomer")}
    device_revoke(device=callers["revoked"].device, now=timezone.now())
    user_deactivate(user=callers["banned"].user)
    callers["anonymous"] = Caller()
    user_create(username="dora", password=PASSWORD)
    return callers


@pytest.fixture
def rooms(town: Town) -> dict[str, tuple[str, int]]:
    """The id of each conversation, and the seq of a message in it that is not the server's."""
    users = {role: caller.user for role, caller in town.items() if role != "anonymous"}
    made = {}
    for kind in ("group", "channel"):
        inside = (users["member"], users["admin"], users["other"], users["removed"])
        room = make_group(users["owner"], *inside, kind=kind, now=timezone.now())
        there = {"actor_id": users["owner"].pk, "conversation": str(room.pk), "now": timezone.now()}
        member_set_role(username="admin", role="admin", **there)
        member_remove(username="removed", **there)
        ack = send_picture(users["member" if kind == "group" else "owner"], room)
        made[kind] = (str(room.pk), ack.seq)
        JoinRequest.objects.create(conversation=room, user=users["newcomer"])
    direct = make_direct(users["owner"], users["member"], now=timezone.now())
    made["direct"] = (str(direct.pk), send_picture(users["member"], direct).seq)
    return made


def send_picture(sender: User, to: Conversation) -> AckObject:
    row = make_upload(sender, picture(), "wall.png", now=timezone.now())
    return send(sender, to, attachments=[str(row.pk)], now=timezone.now())


def request_of(cell: Cell, role: str, conversation: str, seq: int) -> tuple[str, Any]:
    """The path and body of the request that a cell is about."""
    here = f"conversations/{conversation}/"
    member = {"the owner": "owner", "oneself": role}.get(cell.variant, "other")
    device = {"id": "tablet", "platform": "ios"}
    file = Attachment.objects.get(message__conversation=conversation).pk
    link, token = invite_to(conversation, needs_approval=cell.variant == "approval")
    changes = {
        "": {"title": "Renamed"},
        "settings": {"pinned": True},
        "description": {"description": "Cats"},
        "permissions": {"permissions": {"send": "admins"}},
        "for the owner": {"permissions": {"pin": "owner"}},
    }
    requests: dict[str, tuple[str, Any]] = {
        "accounts": ("accounts/", {"username": "fresh", "password": PASSWORD}),
        "tokens": ("tokens/", {"username": "dora", "password": PASSWORD, "device": device}),
        "current-token": ("tokens/current/", None),
        "devices": ("devices/", None),
        "device": (f"devices/{'phone' if cell.variant == 'own' else 'newcomers'}/", None),
        "me": ("me/", None if cell.method == "GET" else {"name": "Renamed"}),
        "avatar": ("me/avatar/", None),
        "users": ("users/?search=a", None),
        "blocks": ("blocks/", None),
        "block": ("blocks/newcomer/", None),
        "contacts": ("contacts/", None),
        "contact": ("contacts/newcomer/", None),
        "contact-requests": ("contact-requests/", None if cell.method == "GET" else {"username": "newcomer"}),
        "contact-request": ("contact-requests/newcomer/", None),
        "contact-request-accept": ("contact-requests/newcomer/accept/", {}),
        "contact-request-ignore": ("contact-requests/newcomer/ignore/", {}),
        "conversations": (
            "conversations/",
            None if cell.method == "GET" else {"kind": "direct", "username": "newcomer"},
        ),
        "conversation": (
            here,
            changes.get(cell.variant) if cell.method == "PATCH" else None,
        ),
        "members": (f"{here}members/", None if cell.method == "GET" else {"username": "newcomer"}),
        "member": (
            f"{here}members/{member}/",
            None if cell.method == "DELETE" else {"role": "owner" if cell.variant else "admin"},
        ),
        "invites": (f"{here}invites/", None if cell.method == "GET" else {"max_uses": 2}),
        "invite": (f"{here}invites/{link}/", None),
        "invitation": (f"invites/{token}/", None),
        "invitation-accept": (f"invites/{token}/accept/", None),
        "own-request": (f"invites/{token}/request/", None),
        "requests": (f"{here}requests/", None),
        "request": (f"{here}requests/newcomer/", None),
        "group-avatar": (f"{here}avatar/", None),
        "pin": (f"{here}messages/{seq}/pin/", None),
        "pins": (f"{here}pins/", None),
        "shared": (f"{here}shared/?kind=media", None),
        "messages": (f"{here}messages/", None if cell.method == "GET" else {"content": "Hello!"}),
        "message": (f"{here}messages/{seq}/", None if cell.method == "DELETE" else {"content": "Edited"}),
        "reaction": (f"{here}messages/{seq}/reactions/+1/", None),
        "history": (f"{here}messages/{seq}/history/", None),
        "mentions": ("mentions/", None),
        "drafts": ("drafts/", None),
        "all-scheduled": ("scheduled/", None),
        "schedule": (f"{here}scheduled/", {"content": "Later", "send_at": unix_ms(timezone.now()) + 60_000}),
        "scheduled": ("scheduled/s1/", {"silent": True} if cell.method == "PATCH" else None),
        "scheduled-send": ("scheduled/s1/send/", None),
        "draft": (f"{here}draft/", {"text": "Hel", "version": 0}),
        "read": (f"{here}read/", {"seq": 1}),
        "unread": (f"{here}unread/", {"seq": 1}),
        "received": (f"{here}received/", {"seq": 1}),
        "search": (f"search/?q=x&conversation={conversation}" if cell.variant else "search/?q=x", None),
        "attachments": ("attachments/", None),
        "attachment": (f"attachments/{file}/", {"alt": "A wall"} if cell.method == "PATCH" else None),
        "attachment-content": (f"attachments/{file}/content/", None),
        "attachment-thumbnail": (f"attachments/{file}/thumbnail/", None),
        "sync": ("sync/", {"cursors": {}}),
    }
    return requests[cell.route]


def invite_to(conversation: str, *, needs_approval: bool) -> tuple[UUID | None, str]:
    """A link and its token; none into a direct conversation."""
    owner = Membership.objects.filter(conversation=conversation, role="owner").first()
    if owner is None:
        return None, ""
    there = {"actor_id": owner.user_id, "conversation": conversation, "now": timezone.now()}
    invite, token = invite_create(needs_approval=needs_approval, **there)
    return invite.pk, token


def undone(call: Callable[[], Any]) -> Any:
    """What `call` returns; what it did to the database is taken back."""
    with transaction.atomic():
        result = call()
        transaction.set_rollback(True)
    return result


def test_every_route_and_method__is_in_the_table() -> None:
    routes = {
        (method.upper(), pattern.name)
        for pattern in v1
        if isinstance(pattern, URLPattern)
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.cls, method)
    }
    assert routes == {(cell.method, cell.route) for cell in TABLE}


@pytest.mark.parametrize("cell", TABLE, ids=lambda cell: "-".join(filter(None, cell)))
def test_cell(cell: Cell, town: Town, rooms: dict[str, tuple[str, int]]) -> None:
    statuses = TABLE[cell]
    expected = dict.fromkeys(OUTSIDERS, 201 if statuses == PUBLIC else 401)
    expected |= zip(GROUP_ROLES, same(201) if isinstance(statuses, str) else statuses, strict=True)
    conversation, seq = rooms[cell.room]
    found = {}
    for role in expected:
        path, body = request_of(cell, role, conversation, seq)
        response = undone(lambda path=path, body=body, role=role: town[role].call(cell.method, path, body))
        found[role] = response.status_code
        deque(getattr(response, "streaming_content", ()), maxlen=0)  # read to its end, it closes its file
        if response.status_code >= 400:
            assert json.loads(response.content).keys() == {"error"}
    assert found == expected


def test_what_is_hidden__looks_like_what_is_not_there(town: Town, rooms: dict[str, tuple[str, int]]) -> None:
    """The very same bytes, so that nobody learns which ids exist."""
    conversation, _seq = rooms["group"]
    for path in (
        "conversations/{}/",
        "conversations/{}/members/",
        "conversations/{}/messages/",
        "search/?q=x&conversation={}",
    ):
        hidden = town["stranger"].get(path.format(conversation))
        absent = town["stranger"].get(path.format(int(conversation) ^ 1))
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
