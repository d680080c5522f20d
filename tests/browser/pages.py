"""Every page of the site, for the tests that look at all of them. A new page is one line here.

Left out are `/api/docs/`, which Swagger UI draws, for developers and with contrasts of its own, and `/offline/`, which
leaves for another page where there is a network (test_open_parts).
An address may hold the names that `tests.browser.scene.Scene` knows: `{group}` is the id of Alice's group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Nobody: not signed in. Alice: has everything the scene holds. The newcomer: has nothing yet. The moderator: staff.
Who = Literal["nobody", "alice", "newcomer", "moderator"]


@dataclass(frozen=True)
class Page:
    """One address, and who looks at it."""

    name: str
    address: str
    who: Who = "alice"
    status: int = 200

    @property
    def is_djangos(self) -> bool:
        """Drawn by Django's admin site."""
        return self.address.startswith("/admin/")


PAGES = [
    # at the door
    Page("sign in", "/signin", "nobody"),
    Page("sign up", "/signup", "nobody"),
    Page("invitation, signed out", "/i/{invite}/", "nobody"),
    Page("invitation that is none", "/i/{no_invite}/", "nobody", 404),
    Page("nothing here, signed out", "/nothing/", "nobody", 404),
    # the list
    Page("first run", "/c/", "newcomer"),
    Page("list", "/c/"),
    Page("unread", "/c/?filter=unread"),
    Page("mentions", "/c/?filter=mentions"),
    Page("groups", "/c/?filter=groups"),
    Page("drafts", "/c/?filter=drafts"),
    Page("archived", "/c/?filter=archived"),
    Page("nothing archived", "/c/?filter=archived", "newcomer"),
    # conversations
    Page("conversation of two", "/c/{direct}/"),
    Page("conversation without a message", "/c/{empty}/"),
    Page("notes for oneself", "/c/{notes}/"),
    Page("own group", "/c/{group}/"),
    Page("channel of others", "/c/{channel}/"),
    Page("one message", "/c/{group}/m/{seq}/"),
    Page("older messages", "/c/{group}/?before={seq}"),
    Page("a day without messages", "/c/{group}/?date=2020-02-29"),
    Page("a reply", "/c/{group}/?reply={seq}"),
    # what is done without a script
    Page("what can be done with a message", "/c/{group}/m/{own}/actions/"),
    Page("edit a message", "/c/{group}/m/{own}/edit/"),
    Page("its earlier texts", "/c/{group}/m/{edited}/history/"),
    Page("who reacted", "/c/{group}/m/{seq}/reactions/"),
    Page("who read", "/c/{group}/m/{own}/readers/"),
    Page("a date", "/c/{group}/date/"),
    Page("forward", "/c/{group}/forward/?m={seq}"),
    Page("send later", "/c/{group}/later/"),
    Page("scheduled messages", "/later/"),
    Page("nothing scheduled", "/later/", "newcomer"),
    Page("a scheduled message", "/later/{scheduled}/"),
    # about a conversation
    Page("about a person", "/c/{direct}/info/"),
    Page("about an own group", "/c/{group}/info/"),
    Page("about a group of others", "/c/{other_group}/info/"),
    Page("about a channel", "/c/{channel}/info/"),
    Page("pinned messages", "/c/{group}/pins/"),
    Page("nothing pinned", "/c/{channel}/pins/"),
    Page("pictures", "/c/{group}/shared/"),
    Page("files", "/c/{group}/shared/?kind=files"),
    Page("no links", "/c/{channel}/shared/?kind=links"),
    Page("hand a group over", "/c/{group}/members/{wang}/owner/"),
    # new
    Page("new", "/new/"),
    Page("new, found", "/new/?q={bob}"),
    Page("new group", "/new/group/"),
    Page("invitation", "/i/{invite}/", "newcomer"),
    Page("invitation to ask", "/i/{asking}/", "newcomer"),
    Page("the keys", "/keys/"),
    # people
    Page("contacts", "/contacts/"),
    Page("no contacts", "/contacts/?q=zzzz", "newcomer"),
    Page("contact requests", "/contacts/requests/"),
    Page("a contact", "/people/{wang}/"),
    Page("somebody who asks", "/people/{bob}/"),
    # search
    Page("search", "/search/"),
    Page("search, found", "/search/?q=jetty"),
    Page("search, nothing found", "/search/?q=zzzz"),
    # settings
    Page("profile", "/settings/profile/"),
    Page("appearance", "/settings/appearance/"),
    Page("language", "/settings/language/"),
    Page("privacy", "/settings/privacy/"),
    Page("blocked", "/settings/blocked/"),
    Page("nobody blocked", "/settings/blocked/", "newcomer"),
    Page("password", "/settings/password/"),
    Page("devices", "/settings/devices/"),
    Page("notifications", "/settings/notifications/"),
    # errors
    Page("nothing here", "/nothing/", "alice", 404),
    Page("not for you", "/c/{strange}/", "alice", 404),
    # staff
    Page("admin", "/admin/", "moderator"),
    Page("admin, one app", "/admin/chat/", "moderator"),
    Page("admin, people", "/admin/accounts/user/", "moderator"),
    Page("admin, a person", "/admin/accounts/user/{bob_pk}/change/", "moderator"),
    Page("admin, a person's history", "/admin/accounts/user/{bob_pk}/history/", "moderator"),
    Page("admin, devices", "/admin/accounts/device/", "moderator"),
    Page("admin, a device", "/admin/accounts/device/{device_pk}/change/", "moderator"),
    Page("admin, contact requests", "/admin/accounts/contactrequest/", "moderator"),
    Page("admin, conversations", "/admin/chat/conversation/", "moderator"),
    Page("admin, a conversation", "/admin/chat/conversation/{group}/change/", "moderator"),
    Page("admin, memberships", "/admin/chat/membership/", "moderator"),
    Page("admin, messages", "/admin/chat/message/", "moderator"),
    Page("admin, a message", "/admin/chat/message/{message_pk}/change/", "moderator"),
]
