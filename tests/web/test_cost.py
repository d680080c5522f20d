"""What a page costs: the number of queries does not depend on how much there is, and the budgets of size hold."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.services.messages import message_react, messages_send
from imsite.static_storage import with_its_imports
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import PlainBrowser

pytestmark = pytest.mark.django_db


def queries(browser: PlainBrowser, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = browser.client.get(address)
    assert response.status_code == 200
    return len(captured)


def populate(alice: User, *, conversations: int, messages: int) -> str:
    """Give a user that much; the address of one group in which every kind of thing happens."""
    others = [make_user() for _ in range(conversations)]
    group = make_group(alice, *others)
    for number, other in enumerate(others):
        send(other, make_direct(alice, other), "hello", now=NOW + timedelta(seconds=number))
    requests = [
        make_request(others[number % conversations], group, f"**{number}**", reply_to=1 + number % 3)
        for number in range(messages)
    ]
    for number in range(0, messages, 50):
        messages_send(requests[number : number + 50], now=NOW + timedelta(minutes=number))
    for seq in range(2, messages, 5):
        message_react(
            actor_id=alice.pk,
            conversation=str(group.pk),
            seq=seq,
            emoji="👍",
            remove=False,
            request_id=str(seq),
            now=NOW,
        )
    return f"/c/{group.pk}/"


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("/c/", 12),
        ("/new/", 12),
        ("{}", 19),
        ("{}?before=30", 19),
        ("{}m/30/", 23),
        ("{}m/30/actions/", 22),
        ("{}info/", 16),
        ("{}rows/", 15),
    ],
)
def test_queries__do_not_grow_with_what_there_is(
    alice: User, bob: User, signed_in: SignedIn, page: str, most: int
) -> None:
    few = populate(alice, conversations=2, messages=60)
    many = populate(bob, conversations=8, messages=90)
    assert queries(signed_in(alice), page.format(few)) == queries(signed_in(bob), page.format(many)) <= most


def test_size__a_conversation_of_50_messages_fits_the_budget(alice: User, signed_in: SignedIn) -> None:
    address = populate(alice, conversations=30, messages=60)
    response = signed_in(alice).client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert gzip.decompress(response.content).count(b'data-mid="') == 50
    assert len(response.content) < 40_000


def test_size__styles_fit_the_budget_and_stay_readable(alice: User, signed_in: SignedIn) -> None:
    group = make_group(alice)
    page = signed_in(alice).visit(f"/c/{group.pk}/")
    [sheet] = [link["href"].removeprefix("/static/") for link in page.all("link", rel="stylesheet")]
    source = Path(str(finders.find(sheet)))
    loaded = with_its_imports(sheet, source.read_text())
    assert "@import" not in loaded
    assert len(gzip.compress(loaded.encode(), 6)) < 20_000
    assert max(part.read_bytes().count(b"\n") for part in source.parent.glob("*.css")) < 500


def test_styles__ask_no_element_anew_because_another_came() -> None:
    """`* + *` and `h2 + *` name nothing by which a browser could know whom a new element concerns: it asks all of them.

    Of 300 messages that took 15 ms for each page of older ones (Chromium 156).
    """
    sheets = Path(str(finders.find("chat/css/chat.css"))).parent.glob("*.css")
    comment, aimless = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"(?:^|[\s,(>+~])(?:\*|[a-z]\w*)\s*[+~]\s*\*")
    assert {
        sheet.name: found for sheet in sheets if (found := aimless.findall(comment.sub("", sheet.read_text())))
    } == {}
