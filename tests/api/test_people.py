"""Signing up, in and out; devices; one's account; finding people."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import Device, User
from accounts.services import user_create, user_deactivate, user_set_password
from tests.api.conftest import Caller, SignIn, good, refused

PASSWORD = "correct horse battery"
PHONE = {"id": "phone-1", "platform": "ios", "name": "My phone"}


@pytest.fixture
def dora(db: None) -> User:
    """Somebody with a password."""
    return user_create(username="dora", password=PASSWORD, name="Dora")


class TestAccounts:
    def test_sign_up__makes_an_account_that_can_sign_in(self, nobody: Caller) -> None:
        body = {"username": "eve", "password": PASSWORD, "name": "Eve  Ω"}
        assert good(nobody.post("accounts/", body), 201) == {"username": "eve", "name": "Eve Ω", "avatar": None}
        token = good(nobody.post("tokens/", {"username": "EVE", "password": PASSWORD, "device": PHONE}), 201)["token"]
        assert good(Caller(token).get("me/"))["username"] == "eve"

    def test_taken_name__is_a_conflict(self, nobody: Caller, dora: User) -> None:
        error = refused(nobody.post("accounts/", {"username": "DORA", "password": PASSWORD}), 409, "conflict")
        assert error["fields"].keys() == {"username"}

    def test_bad_fields__are_named(self, nobody: Caller) -> None:
        error = refused(nobody.post("accounts/", {"username": ".", "password": "short"}), 400, "bad_frame")
        assert error["fields"].keys() == {"username", "password"}

    def test_closed_site__takes_nobody(self, nobody: Caller, settings) -> None:
        settings.IM_SIGNUP = False
        refused(nobody.post("accounts/", {"username": "eve", "password": PASSWORD}), 403, "forbidden")
        assert not User.objects.exists()


class TestTokens:
    def test_sign_in__answers_what_the_contract_says(self, nobody: Caller, dora: User) -> None:
        before = time.time() * 1000
        answer = good(nobody.post("tokens/", {"username": "dora", "password": PASSWORD, "device": PHONE}), 201)
        assert answer.keys() == {"token", "expires_at", "user"}
        assert answer["user"] == {"username": "dora", "name": "Dora", "avatar": None}
        assert answer["expires_at"] - before == pytest.approx(90 * 86_400_000, abs=60_000)

    @pytest.mark.parametrize(
        ("username", "password"), [("dora", "wrong"), ("nobody", PASSWORD), ("banned", PASSWORD), ("", "")]
    )
    def test_wrong_or_unknown_or_banned__get_one_answer(
        self, nobody: Caller, dora: User, username: str, password: str
    ) -> None:
        user_deactivate(user=user_create(username="banned", password=PASSWORD))
        response = nobody.post("tokens/", {"username": username, "password": password, "device": PHONE})
        error = refused(response, 401, "bad_credentials")
        assert error["detail"] == "The username or the password is not right."

    def test_sixth_wrong_password__has_to_wait(self, nobody: Caller, dora: User) -> None:
        body = {"username": "dora", "password": "wrong", "device": PHONE}
        for _ in range(5):
            refused(nobody.post("tokens/", body), 401, "bad_credentials")
        response = nobody.post("tokens/", body | {"password": PASSWORD})
        error = refused(response, 429, "rate_limited")
        assert 0 < error["retry_after"] <= 1800
        assert response["Retry-After"] == str(int(error["retry_after"]))

    def test_same_device_again__ends_its_old_token_at_once(self, nobody: Caller, dora: User) -> None:
        body = {"username": "dora", "password": PASSWORD, "device": PHONE}
        first, second = (good(nobody.post("tokens/", body), 201)["token"] for _ in range(2))
        refused(Caller(first).get("me/"), 401, "bad_credentials")
        good(Caller(second).get("me/"))

    def test_sign_out__ends_this_token_only(self, alice: Caller, sign_in: SignIn) -> None:
        tablet = sign_in(alice.user, client_id="tablet")
        good(alice.delete("tokens/current/"), 204)
        refused(alice.get("me/"), 401, "bad_credentials")
        good(tablet.get("me/"))

    def test_new_password__ends_the_token_at_once(self, alice: Caller) -> None:
        user_set_password(user=alice.user, password="another long phrase")
        refused(alice.get("me/"), 401, "bad_credentials")

    def test_ban__ends_the_token_at_once(self, alice: Caller) -> None:
        user_deactivate(user=alice.user)
        refused(alice.get("me/"), 401, "bad_credentials")

    def test_expired_token__is_refused(self, alice: Caller) -> None:
        Device.objects.filter(pk=alice.device.pk).update(expires_at=timezone.now())
        refused(alice.get("me/"), 401, "bad_credentials")


class TestDevices:
    def test_list__says_which_one_asks(self, alice: Caller, bob: Caller, sign_in: SignIn) -> None:
        sign_in(alice.user, client_id="tablet")
        page = good(alice.get("devices/"))
        assert page["next"] is None
        assert {device["id"]: device["current"] for device in page["results"]} == {"phone": True, "tablet": False}
        device = page["results"][0]
        assert device.keys() == {"id", "platform", "name", "signed_in_at", "last_seen", "expires_at", "current"}
        assert device["expires_at"] > device["signed_in_at"] > 1_700_000_000_000

    @pytest.mark.parametrize("client_id", ["tablet", "a/b", "100%", "手机"])
    def test_revoking__ends_that_device(self, alice: Caller, sign_in: SignIn, client_id: str) -> None:
        other = sign_in(alice.user, client_id=client_id)
        good(alice.delete(f"devices/{quote(client_id, safe='')}/"), 204)
        refused(other.get("me/"), 401, "bad_credentials")
        refused(alice.delete(f"devices/{quote(client_id, safe='')}/"), 404, "not_found")

    def test_somebody_elses_device__is_not_there(self, alice: Caller, bob: Caller, sign_in: SignIn) -> None:
        sign_in(bob.user, client_id="bobs")
        refused(alice.delete("devices/bobs/"), 404, "not_found")

    def test_calling__is_being_seen(self, alice: Caller) -> None:
        long_ago = timezone.now() - timedelta(days=2)
        Device.objects.update(last_seen_at=long_ago)
        [device] = good(alice.get("devices/"))["results"]
        assert device["last_seen"] - long_ago.timestamp() * 1000 > 86_400_000
        alice.user.refresh_from_db()
        assert alice.user.last_seen_at is not None


class TestMe:
    def test_changes__stay(self, alice: Caller) -> None:
        changed = good(alice.patch("me/", {"name": "Al", "language": "zh-hans", "time_zone": "Asia/Shanghai"}))
        assert changed == good(alice.get("me/"))
        assert changed == {
            "username": "alice",
            "name": "Al",
            "avatar": None,
            "email": "",
            "language": "zh-hans",
            "time_zone": "Asia/Shanghai",
            "theme": "system",
            "density": "comfortable",
            "text_size": "normal",
            "enter_sends": True,
            "undo_send": 0,
            "presence_to": "everyone",
            "read_receipts": True,
            "direct_from": "everyone",
            "groups_from": "everyone",
            "notifications": changed["notifications"],  # tests/api/test_notifications.py
        }

    def test_nothing_to_change__is_fine(self, alice: Caller) -> None:
        assert good(alice.patch("me/", {}))["name"] == "Alice"

    def test_what_is_not_ones_own_to_change__is_ignored(self, alice: Caller) -> None:
        good(alice.patch("me/", {"is_staff": True, "username": "root"}))
        fresh = User.objects.get(pk=alice.user.pk)
        assert (fresh.username, fresh.is_staff) == ("alice", False)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("theme", "pink"),
            ("presence_to", "friends"),
            ("enter_sends", "no"),
            ("email", "x"),
            ("language", "tlh"),
            ("name", 5),
            ("name", "x" * 65),
        ],
    )
    def test_bad_value__is_named(self, alice: Caller, field: str, value: object) -> None:
        error = refused(alice.patch("me/", {field: value}), 400, "bad_frame")
        assert error["fields"].keys() == {field}

    def test_picture__is_set_and_removed(self, alice: Caller, bob: Caller) -> None:
        content = io.BytesIO()
        Image.new("RGB", (50, 40), "teal").save(content, "PNG")
        avatar = good(alice.call("PUT", "me/avatar/", content.getvalue(), content_type="image/png"))["avatar"]
        assert avatar.endswith(".webp")
        [found] = good(bob.get("users/", search="alice"))["results"]
        assert found["avatar"] == avatar
        good(alice.delete("me/avatar/"), 204)
        assert good(alice.get("me/"))["avatar"] is None

    def test_what_is_no_picture__is_refused(self, alice: Caller) -> None:
        error = refused(alice.call("PUT", "me/avatar/", b"<svg/>", content_type="image/svg+xml"), 400, "bad_frame")
        assert error["fields"].keys() == {"avatar"}

    def test_huge_picture__is_too_large(self, alice: Caller) -> None:
        body = b"\0" * (8 * 1024 * 1024 + 1)
        refused(alice.call("PUT", "me/avatar/", body, content_type="image/png"), 413, "too_large")


class TestUsers:
    def test_search__finds_people_by_name_and_username(self, alice: Caller, bob: Caller) -> None:
        user_create(username="wang", password=PASSWORD, name="王小明")
        page = good(alice.get("users/", search="小明"))
        assert page == {"results": [{"username": "wang", "name": "王小明", "avatar": None}], "next": None}

    @pytest.mark.parametrize("query", [{}, {"search": ""}, {"search": "  "}])
    def test_without_a_search__nobody_is_found(self, alice: Caller, query: dict[str, str]) -> None:
        assert good(alice.get("users/", **query)) == {"results": [], "next": None}

    def test_twenty_at_most(self, alice: Caller) -> None:
        User.objects.bulk_create(User(username=f"many{number}") for number in range(25))
        assert len(good(alice.get("users/", search="many"))["results"]) == 20
