"""Files over REST: uploads, and bytes with headers that keep them from doing anything."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone
from PIL import Image
from rest_framework.request import Request

from chat.api.downloads import Span, download, parse_range
from chat.models import Blob
from chat.selectors.attachments import attachment_storage
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct, send
from tests.support.pictures import photo, picture


def upload(
    caller: Caller, content: bytes = b"a plan", name: str = "plan.txt", declared: str = "text/plain", **form: str
) -> Any:
    """A form as browsers send it."""
    client = Client(headers={"Authorization": caller.authorization})
    file = SimpleUploadedFile("x", content, declared)
    file._name = name  # SimpleUploadedFile would clean it
    return client.post("/api/v1/attachments/", {"file": file, **form})


def shared(alice: Caller, bob: Caller, content: bytes = b"a plan", name: str = "plan.txt") -> dict[str, Any]:
    """A file that alice sent to bob."""
    attachment: dict[str, Any] = good(upload(alice, content, name), 201)
    now = timezone.now()
    send(alice.user, make_direct(alice.user, bob.user, now=now), "look", attachments=[attachment["id"]], now=now)
    return attachment


def fetch(caller: Caller, url: str, **headers: str) -> Any:
    """The answer to a GET, with all its bytes in `body`."""
    response: Any = Client(headers={"Authorization": caller.authorization, **headers}).get(url)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def test_upload__is_told_what_it_is(alice: Caller) -> None:
    answer = good(upload(alice, photo((400, 200)), "IMG.JPG", id="u1"), 201)
    assert {name: answer[name] for name in ("kind", "name", "type", "width", "height")} == {
        "kind": "image",
        "name": "IMG.JPG",
        "type": "image/jpeg",
        "width": 200,
        "height": 400,
    }
    assert answer == good(upload(alice, photo((400, 200)), "IMG.JPG", id="u1"), 200)
    assert answer == good(alice.get(f"attachments/{answer['id']}/"))
    refused(upload(alice, b"another", id="u1"), 409, "conflict")


def test_described_and_discarded__before_it_is_sent(alice: Caller, bob: Caller) -> None:
    path = f"attachments/{good(upload(alice), 201)['id']}/"
    assert good(alice.patch(path, {"alt": "A wall"}))["alt"] == "A wall"
    refused(alice.patch(path, {"alt": "x" * 501}), 400, "bad_frame")
    refused(bob.patch(path, {"alt": "x"}), 404, "not_found")
    refused(bob.delete(path), 404, "not_found")
    good(alice.delete(path), 204)
    refused(alice.get(path), 404, "not_found")


class TestRefusals:
    def test_wrong_forms(self, alice: Caller, nobody: Caller) -> None:
        refused(alice.post("attachments/", {}), 415, "bad_frame")
        for form in (b"nonsense", b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\nu1\r\n--x--\r\n'):
            answer = alice.call("POST", "attachments/", form, content_type="multipart/form-data; boundary=x")
            refused(answer, 400, "bad_frame")
        refused(alice.call("POST", "attachments/", b"x", content_type="multipart/form-data"), 400, "bad_frame")
        refused(upload(alice, name=".."), 400, "bad_frame")
        refused(upload(alice, id="x" * 65), 400, "bad_frame")
        refused(nobody.call("POST", "attachments/", b"x", content_type="multipart/form-data"), 401, "not_logged_in")

    def test_too_much(self, alice: Caller, settings: Any) -> None:
        settings.IM_UPLOAD_BYTES = 1000
        refused(upload(alice, b"x" * 1001), 413, "too_large")
        refused(upload(alice, b"x" * 100_000), 413, "too_large")
        refused(upload(alice, b""), 400, "empty")
        settings.IM_STORAGE_BYTES = 10
        refused(upload(alice, b"x" * 11), 507, "storage_full")

    def test_too_often(self, alice: Caller, settings: Any) -> None:
        rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"upload": "1/min"}
        settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
        good(upload(alice), 201)
        refused(upload(alice), 429, "rate_limited")


class TestBytes:
    def test_members_only(self, alice: Caller, bob: Caller, carol: Caller, nobody: Caller) -> None:
        attachment = shared(alice, bob, picture())
        for url in (attachment["url"], attachment["thumbnail"]):
            assert fetch(bob, url).status_code == 200
            refused(fetch(carol, url), 404, "not_found")
            refused(Client().get(url), 401, "not_logged_in")
        conversation = make_direct(alice.user, bob.user).pk
        good(alice.delete(f"conversations/{conversation}/messages/1/"))
        for url in (attachment["url"], attachment["thumbnail"]):
            refused(fetch(bob, url), 404, "not_found")

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"<!DOCTYPE html><script>alert(1)</script>", "page.html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "picture.svg"),
            (b"%PDF-1.7 /JavaScript", "plan.pdf"),
            (b"<?xml version='1.0'?><?xml-stylesheet href='x'?>", "feed.xml"),
            (b"GIF8 <script>", "picture.gif"),
        ],
    )
    def test_files__are_only_ever_saved(self, alice: Caller, bob: Caller, content: bytes, name: str) -> None:
        response = fetch(bob, shared(alice, bob, content, name)["url"])
        assert response.body == content
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Cache-Control"] == "private, no-cache"

    def test_pictures__are_shown_and_are_ours(self, alice: Caller, bob: Caller) -> None:
        attachment = shared(alice, bob, picture(image_format="GIF") + b"<script>alert(1)</script>", "海.gif")
        response = fetch(bob, attachment["url"])
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == "inline; filename*=utf-8''%E6%B5%B7.png"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(response.body)).size == (40, 30)
        thumbnail = fetch(bob, attachment["thumbnail"])
        assert thumbnail["Content-Type"] == "image/webp"
        assert Image.open(io.BytesIO(thumbnail.body)).format == "WEBP"

    def test_hostile_names__break_no_header(self, alice: Caller, bob: Caller) -> None:
        response = fetch(bob, shared(alice, bob, name='a"\r\nX-Evil: 1\r\n\r\n;\u202e.txt')["url"])
        assert not response.has_header("X-Evil")
        assert response["Content-Disposition"].startswith("attachment; filename")

    def test_kept_copy__is_asked_about_every_time(self, alice: Caller, bob: Caller) -> None:
        url = shared(alice, bob)["url"]
        etag = fetch(bob, url)["ETag"]
        again = fetch(bob, url, **{"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert fetch(bob, url, **{"If-None-Match": '"other"'}).status_code == 200
        good(alice.delete(f"conversations/{make_direct(alice.user, bob.user).pk}/messages/1/"))
        refused(fetch(bob, url, **{"If-None-Match": etag}), 404, "not_found")

    def test_ranges(self, alice: Caller, bob: Caller) -> None:
        url = shared(alice, bob, b"0123456789")["url"]
        part = fetch(bob, url, Range="bytes=2-4")
        assert (part.status_code, part["Content-Range"], part.body) == (206, "bytes 2-4/10", b"234")
        assert part["Content-Length"] == "3"
        beyond = fetch(bob, url, Range="bytes=10-")
        assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */10")
        whole = fetch(bob, url, Range="bytes=0-1", **{"If-Range": '"an older one"'})
        assert (whole.status_code, whole.body) == (200, b"0123456789")

    def test_head__has_the_headers_and_no_bytes(self, alice: Caller, bob: Caller) -> None:
        response = Client(headers={"Authorization": bob.authorization}).head(shared(alice, bob)["url"])
        assert (response.status_code, response["Content-Length"], response.content) == (200, "6", b"")

    def test_lost_bytes__are_not_found(self, alice: Caller, bob: Caller, caplog: pytest.LogCaptureFixture) -> None:
        attachment = shared(alice, bob)
        attachment_storage().delete(Blob.objects.get().content_name)
        refused(fetch(bob, attachment["url"]), 404, "not_found")
        assert "attachment.lost" in caplog.text


def test_asynchronous_servers__read_chunk_by_chunk() -> None:
    """Django's own would read the whole file first."""
    content = bytes(range(256)) * 1000
    file = ContentFile(content)
    request = Request(RequestFactory().get("/"))
    response = download(request, lambda: file, etag="1", content_type="image/png", inline=True)

    async def read() -> list[bytes]:
        return [chunk async for chunk in response]

    chunks = asyncio.run(read())
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) < len(content)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", Span(0, 100)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=90-1000", Span(90, 10)),
        ("bytes=-1", Span(99, 1)),
        ("bytes=-1000", Span(0, 100)),
        ("bytes=-0", Span(100, 0)),
        ("bytes=100-", Span(100, 0)),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("bytes=0-" + "9" * 30, None),
        ("", None),
    ],
)
def test_range_header(header: str, expected: Span | None) -> None:
    assert parse_range(header, 100) == expected
