"""The table of pages that the sweeps of tests/browser go through is complete."""

from __future__ import annotations

from collections import defaultdict

from django.urls import URLPattern, resolve

from accounts import urls as accounts_urls
from chat.web import urls as web_urls
from tests.browser.pages import PAGES

#: What a browser is sent on from, what only takes what forms send, and what is no page: data, pictures, scripts.
SENT_ON = {"home", "settings", "invite-find"}
FORMS_ONLY = {
    "signout", "language", "devices-revoke-others", "device-revoke", "new-direct", "message-react", "message-recall",
    "message-unread", "conversation-settings", "mentions-only", "rename", "member-add", "member-change", "invites",
    "invite-revoke", "leave", "about", "group-profile", "permissions", "request-answer", "pin",
    "scheduled-send", "scheduled-delete",
}  # fmt: skip
NO_PAGE = {"names", "rows", "members-named", "peek", "seen", "worker", "manifest"}
#: Leaves for another page where there is a network: tests/browser/test_open_parts.py looks at it.
ELSEWHERE = {"offline"}


def test_table__holds_every_page_of_the_site() -> None:
    named = {each.name for each in (*accounts_urls.urlpatterns, *web_urls.urlpatterns) if isinstance(each, URLPattern)}
    anything = defaultdict(lambda: "1")
    addresses = [page.address.format_map(anything).partition("?")[0] for page in PAGES if page.status == 200]
    covered = {resolve(address).url_name for address in addresses}
    assert named - covered == SENT_ON | FORMS_ONLY | NO_PAGE | ELSEWHERE
