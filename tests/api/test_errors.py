"""Every refusal has one shape and the registry's status, whoever refuses: a view, DRF, Django, a limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ApiView
from chat.errors import ERRORS, ErrorCode, ImError
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct


class RaisingView(ApiView):
    """Fails in the way that the path names."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request, code: str) -> Response:
        if code == "fault":
            raise OperationalError("secret detail of the database")
        raise ImError(ErrorCode(code), retry_after=2.5 if code == "rate_limited" else None)


urlpatterns = [path("raise/<str:code>/", RaisingView.as_view())]


class TestShape:
    @pytest.mark.parametrize("code", ErrorCode)
    @override_settings(ROOT_URLCONF="tests.api.test_errors")
    def test_every_code__has_the_status_of_the_registry(self, db: None, code: ErrorCode) -> None:
        response = Client().get(f"/raise/{code.value}/")
        error = refused(response, ERRORS[code].http_status, code.value)
        assert error["detail"] == ERRORS[code].detail

    @override_settings(ROOT_URLCONF="tests.api.test_errors")
    def test_retry_after__is_a_header_too(self, db: None) -> None:
        response = Client().get("/raise/rate_limited/")
        assert refused(response, 429, "rate_limited")["retry_after"] == 2.5
        assert response["Retry-After"] == "3"

    @override_settings(ROOT_URLCONF="tests.api.test_errors")
    def test_fault_of_the_server__is_logged_and_not_told(self, db: None, caplog: pytest.LogCaptureFixture) -> None:
        response = Client().get("/raise/fault/")
        refused(response, 500, "server_error")
        assert b"secret" not in response.content
        [record] = [record for record in caplog.records if record.name == "chat.api.errors"]
        assert record.exc_info is not None


class TestRoutes:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FROB"])
    @pytest.mark.parametrize(
        "route",
        [
            "",
            "nothing/",
            "me",
            "conversations",
            "../nothing/",
            "conversations/1/messages/x/",
            "conversations/1/2/3/4/5/",
        ],
    )
    def test_path_that_leads_nowhere__is_not_found(self, nobody: Caller, method: str, route: str) -> None:
        refused(nobody.call(method, route), 404, "not_found")

    def test_api_without_version__is_not_found(self, db: None) -> None:
        for route in ("/api/", "/api/v2/me/", "/api/v1"):
            refused(Client().get(route), 404, "not_found")

    @pytest.mark.parametrize(
        ("method", "route", "allowed"),
        [
            ("PUT", "me/", "GET, PATCH"),
            ("GET", "sync/", "POST"),
            ("OPTIONS", "me/", "GET, PATCH"),
            ("FROB", "devices/", "GET"),
            ("GET", "tokens/", "POST"),
        ],
    )
    def test_method_that_a_route_does_not_take(self, alice: Caller, method: str, route: str, allowed: str) -> None:
        response = alice.call(method, route)
        refused(response, 405, "unknown_type")
        assert {each.strip() for each in response["Allow"].split(",")} >= {each for each in allowed.split(", ")}


class TestWho:
    @pytest.mark.parametrize("header", [None, "Basic YTpi", "Token abc", "bearer", ""])
    def test_nobody__has_to_sign_in(self, db: None, header: str | None) -> None:
        response = Client(headers={"Authorization": header} if header is not None else {}).get("/api/v1/me/")
        code = "bad_credentials" if header == "bearer" else "not_logged_in"
        refused(response, 401, code)
        assert response["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("token", ["x", "x" * 5000, "a b", "é"])
    def test_bad_token__is_said(self, db: None, token: str) -> None:
        refused(Caller(token).get("me/"), 401, "bad_credentials")

    def test_scheme__is_read_in_any_case(self, alice: Caller) -> None:
        token = alice.authorization.removeprefix("Bearer ")
        assert Client(headers={"Authorization": f"bEARER  {token}"}).get("/api/v1/me/").status_code == 200


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"{",
            b"[]",
            b"null",
            b'"text"',
            b"\xff\xfe{}",
            b'{"name": "\xff"}',
            b'{"other": "\xff"}',
            b'{"name": "\\ud800"}',
            b'{"name": "\\u0000"}',
            b'{"other": "\\u0000"}',
            b'{"name": "x"} {}',
            b'{"name": NaN}',
            b"{'name': 'x'}",
            b'{"name": null}',
            b"[" * 100_00,
            b'{"other": ' + b"[" * 17 + b"]" * 17 + b"}",
            b'{"other": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        ],
    )
    def test_bad_json__is_a_bad_frame(self, alice: Caller, body: bytes) -> None:
        refused(alice.call("PATCH", "me/", body), 400, "bad_frame")

    def test_unknown_fields__are_ignored(self, alice: Caller) -> None:
        good(alice.patch("me/", {"name": "Al", "future": {"deep": [1, 2, 3]}}))

    def test_null__is_the_same_as_leaving_out_what_may_be_missing(self, alice: Caller) -> None:
        nothing: dict[str, None] = {"id": None, "wait": None, "html": None}
        assert good(alice.post("sync/", {"cursors": {}, **nothing})) == good(alice.post("sync/", {"cursors": {}}))
        refused(alice.post("sync/", {"cursors": None, **nothing}), 400, "bad_frame")

    def test_body_above_the_limit__is_too_large(self, alice: Caller, settings: Any) -> None:
        settings.IM_FRAME_BYTES = 4096
        frame = b'{"name": "x"}'
        good(alice.call("PATCH", "me/", frame + b" " * (4096 - len(frame))))
        refused(alice.call("PATCH", "me/", frame + b" " * (4097 - len(frame))), 413, "too_large")

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    )
    def test_body_that_is_not_json__is_refused(self, alice: Caller, content_type: str) -> None:
        refused(alice.call("PATCH", "me/", b'{"name": "Al"}', content_type=content_type), 415, "bad_frame")

    def test_charset_of_json__is_of_no_interest(self, alice: Caller) -> None:
        body = json.dumps({"name": "Ål"}, ensure_ascii=False).encode()
        answer = good(alice.call("PATCH", "me/", body, content_type="application/json; charset=utf-8"))
        assert answer["name"] == "Ål"

    def test_answer__is_json_whatever_the_client_accepts(self, alice: Caller) -> None:
        response = alice.call("GET", "me/", headers={"Accept": "text/html"})
        assert response["Content-Type"] == "application/json"
        good(response)

    def test_field_deep_inside__is_named_by_its_path(self, nobody: Caller) -> None:
        body = {"username": "a", "password": "b", "device": {"id": "x", "platform": "toaster"}}
        error = refused(nobody.post("tokens/", body), 400, "bad_frame")
        assert error["fields"].keys() == {"device.platform"}

    def test_quoted_input__does_not_make_the_answer_long(self, nobody: Caller) -> None:
        body = {"username": "a", "password": "b", "device": {"id": "x", "platform": "t" * 50_000}}
        response = nobody.post("tokens/", body)
        refused(response, 400, "bad_frame")
        assert len(response.content) < 2_000

    @pytest.mark.parametrize("query", ["search=%00", "search=" + "x" * 101])
    def test_bad_query__is_refused(self, alice: Caller, query: str) -> None:
        refused(alice.call("GET", f"users/?{query}"), 400, "bad_frame")


class TestCsrf:
    @pytest.fixture
    def browser(self, alice: Caller) -> Client:
        """A browser in which Alice is signed in, and where Django checks as it does in production."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(alice.user)
        return client

    WRITES = (
        ("PATCH", "me/", {"name": "Forged"}),
        ("POST", "conversations/", {"kind": "direct", "username": "bob"}),
        ("POST", "conversations/{}/messages/", {"content": "Forged"}),
        ("POST", "conversations/{}/read/", {"seq": 1}),
        ("POST", "sync/", {"cursors": {}}),
        ("DELETE", "tokens/current/", None),
        ("PUT", "me/avatar/", None),
    )

    @pytest.mark.parametrize(("method", "route", "body"), WRITES)
    @pytest.mark.parametrize("token", [None, "x", "y" * 64])
    def test_write_by_cookie_without_the_token__is_forbidden(
        self, browser: Client, alice: Caller, bob: Caller, method: str, route: str, body: Any, token: str | None
    ) -> None:
        conversation = make_direct(alice.user, bob.user)
        headers = {} if token is None else {"X-CSRFToken": token}
        response = browser.generic(
            method,
            "/api/v1/" + route.format(conversation.pk),
            json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        error = refused(response, 403, "forbidden")
        assert "CSRF" in error["detail"]

    def test_form_of_another_site__writes_nothing(self, browser: Client, alice: Caller) -> None:
        body = '{"name": "Forged", "x": "='
        response = browser.generic("POST", "/api/v1/sync/", body, content_type="text/plain")
        refused(response, 403, "forbidden")

    def test_reading_by_cookie__needs_no_token(self, browser: Client) -> None:
        assert good(browser.get("/api/v1/me/"))["username"] == "alice"

    def test_write_by_cookie_with_the_token(self, browser: Client) -> None:
        browser.get("/signin/")
        browser.cookies["csrftoken"] = "t" * 32
        response = browser.patch(
            "/api/v1/me/", {"name": "Al"}, content_type="application/json", headers={"X-CSRFToken": "t" * 32}
        )
        assert good(response)["name"] == "Al"

    def test_bearer_token__needs_no_csrf_token(self, alice: Caller) -> None:
        client = Client(enforce_csrf_checks=True, headers={"Authorization": alice.authorization})
        assert client.patch("/api/v1/me/", {"name": "Al"}, content_type="application/json").status_code == 200

    def test_good_cookie__does_not_make_up_for_a_bad_token(self, browser: Client) -> None:
        refused(browser.get("/api/v1/me/", headers={"Authorization": "Bearer x"}), 401, "bad_credentials")

    def test_signed_out_elsewhere__the_cookie_is_worth_nothing(self, browser: Client, alice: Caller) -> None:
        [this] = [device for device in good(browser.get("/api/v1/devices/"))["results"] if device["current"]]
        good(alice.delete(f"devices/{this['id']}/"), 204)
        refused(browser.get("/api/v1/me/"), 401, "not_logged_in")
