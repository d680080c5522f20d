"""Files in conversations, without a script: sent by the form, shown with reserved room, saved by a link."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.events import AttachmentObject
from chat.models import Attachment, Conversation
from chat.services.attachments import attachment_describe
from chat.services.file_names import clean_file_name
from chat.web.attachments import badge_of, fit, size_text
from tests.factories import make_direct, make_upload, send
from tests.support.pictures import picture
from tests.web.conftest import SignedIn
from tests.web.plain_browser import PlainBrowser
from tests.web.test_safety import ATTACKS, handlers

pytestmark = pytest.mark.django_db


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def chosen(*files: tuple[str, bytes]) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, content) for name, content in files]


def open_page(signed_in: SignedIn, user: User, direct: Conversation) -> PlainBrowser:
    browser = signed_in(user)
    browser.visit(f"/c/{direct.pk}/")
    return browser


def test_m50_form__sends_text_and_files(alice: User, bob: User, direct: Conversation, signed_in: SignedIn) -> None:
    browser = open_page(signed_in, alice, direct)
    browser.submit("Send", content="the plan", files=chosen(("plan.pdf", b"%PDF-1.7"), ("wall.png", picture())))
    [row] = browser.page.all("li", "row")
    assert row.get("data-kind") == "file"
    link = row.one("a", "file")
    assert link.has("download")
    assert (link.one("span", "file-badge").text, link.one("span", "file-name").text) == ("PDF", "plan.pdf")
    image = row.one("a", "picture").one("img")
    assert (image["width"], image["height"], image["alt"]) == ("40", "30", "Picture wall.png")
    theirs = open_page(signed_in, bob, direct)
    for address in (link["href"], image["src"], row.one("a", "picture")["href"]):
        response: Any = theirs.client.get(address)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)


def test_form__sends_files_alone(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    browser = open_page(signed_in, alice, direct)
    browser.submit("Send", files=chosen(("wall.png", picture())))
    browser.submit("Send", files=chosen(("plan.txt", b"a plan")))
    assert [row["data-kind"] for row in browser.page.all("li", "row")] == ["image", "file"]


def test_form_sent_twice__is_one_message(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    browser = open_page(signed_in, alice, direct)
    for _ in range(2):
        browser.submit("Send", client_id="f1", content="look", files=chosen(("plan.txt", b"a plan")))
    assert Attachment.objects.count() == len(browser.page.all("li", "row")) == 1


@pytest.mark.parametrize(
    ("files", "status", "sentence"),
    [
        ([("a.txt", b"x" * 70_000)], 413, "A file has 64 KB"),
        ([("a.txt", b"")], 400, "empty"),
        ([("a.jpg", b"\xff\xd8\xff nonsense")], 400, "cannot be read"),
        ([(f"{number}.txt", b"x") for number in range(11)], 413, "ten files"),
        ([("a.txt", b"x" * 60_000), ("b.txt", b"x" * 60_000)], 507, "all the room"),
    ],
)
def test_refused__in_words_with_the_text_kept(
    alice: User,
    direct: Conversation,
    signed_in: SignedIn,
    settings: Any,
    files: list[tuple[str, bytes]],
    status: int,
    sentence: str,
) -> None:
    settings.IM_UPLOAD_BYTES = 64 * 1024
    settings.IM_STORAGE_BYTES = 100_000
    browser = open_page(signed_in, alice, direct)
    browser.submit("Send", content="the plan", files=chosen(*files))
    assert browser.status == status
    assert sentence in browser.page.one(id="composer-failed").text
    assert browser.page.one("textarea").raw_text.strip() == "the plan"
    assert not browser.page.all("li", "row")


def test_m51_hostile_names_and_descriptions__are_text(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    for attack in ATTACKS:
        rows = [make_upload(alice, content, attack) for content in (b"a plan", picture())]
        attachment_describe(owner_id=alice.pk, attachment=str(rows[1].pk), alt=attack)
        send(alice, direct, "look", attachments=[str(row.pk) for row in rows])
    page = open_page(signed_in, alice, direct).page
    assert handlers(page) == []
    assert [name.text for name in page.all("span", "file-name")] == [clean_file_name(attack) for attack in ATTACKS]
    assert [link.one("img")["alt"] for link in page.all("a", "picture")] == [" ".join(each.split()) for each in ATTACKS]


def test_recalled__shows_none(alice: User, bob: User, direct: Conversation, signed_in: SignedIn) -> None:
    browser = open_page(signed_in, alice, direct)
    browser.submit("Send", content="look", files=chosen(("wall.png", picture())))
    browser.follow("Actions")
    browser.submit("Recall for everybody")
    assert not browser.page.all("ul", "pictures")
    assert Attachment.objects.count() == 0


def test_list_and_quote__name_what_has_no_words(
    alice: User, bob: User, direct: Conversation, signed_in: SignedIn
) -> None:
    send(alice, direct, "", kind="image", attachments=[str(make_upload(alice, picture()).pk)])
    send(bob, direct, "nice", reply_to=1)
    browser = open_page(signed_in, bob, direct)
    assert browser.page.one("a", "quote").one("span").text == "[Photo]"


def test_queries__do_not_grow_with_the_files(alice: User, direct: Conversation, signed_in: SignedIn) -> None:
    browser = open_page(signed_in, alice, direct)

    def queries() -> int:
        send(alice, direct, "look", attachments=[str(make_upload(alice, picture()).pk)])
        with CaptureQueriesContext(connection) as captured:
            assert browser.client.get(f"/c/{direct.pk}/rows/").status_code == 200
        return len(captured)

    assert queries() == queries() == queries()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((40, 30), (40, 30)), ((4000, 3000), (360, 270)), ((3000, 4000), (240, 320)), ((9000, 3), (360, 1))],
)
def test_room__keeps_the_shape(size: tuple[int, int], expected: tuple[int, int]) -> None:
    file = AttachmentObject(id="1", kind="image", name="a", type="", size=1, width=size[0], height=size[1], url="")
    assert fit(file) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (10_239, "10.0 KB"), (123_456, "121 KB"), (2**40, "1024 GB")],
)
def test_sizes(size: int, expected: str) -> None:
    assert size_text(size) == expected


@pytest.mark.parametrize(("name", "expected"), [("a.pdf", "PDF"), ("a.tar.gz", "GZ"), ("a", ""), ("a.photoshop", "")])
def test_badges(name: str, expected: str) -> None:
    assert badge_of(name) == expected
