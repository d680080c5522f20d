"""Signing up, in and out; languages and time zones of those who come."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import Device, User
from tests.factories import make_direct, make_user, send
from tests.web.conftest import PASSWORD, SignedIn
from tests.web.plain_browser import PlainBrowser

pytestmark = pytest.mark.django_db


def test_sign_up__is_signed_in_at_once_and_sees_what_to_do_first() -> None:
    browser = PlainBrowser()
    browser.visit("/")
    assert browser.url == "/signin?next=/c/"
    browser.follow("Create an account")
    page = browser.submit("Create the account", username="mei", name="梅", password=PASSWORD)
    assert browser.url == "/c/"
    first_run = page.one(id="empty-list")
    assert not first_run.has("hidden")
    assert len(first_run.one(css="first-run").all("a")) + len(first_run.one(css="first-run").all("button")) == 4
    assert page.all("li", css="conv") == []
    user = User.objects.get(username="mei")
    assert user.display_name == "梅"
    assert Device.objects.filter(user=user, revoked_at=None).count() == 1


def test_sign_up__what_is_refused_is_named_by_field_and_what_was_typed_stays() -> None:
    make_user("alice")
    browser = PlainBrowser()
    browser.visit("/signup")
    page = browser.submit("Create the account", username="Alice", name="Al", password="short")
    assert browser.status == 422
    summary = page.one(id="errors")
    assert summary["role"] == "alert"
    assert summary.has("autofocus")
    assert {link["href"] for link in summary.all("a")} == {"#id_username", "#id_password"}
    username, password = page.one(id="id_username"), page.one(id="id_password")
    assert username["value"] == "Alice"
    assert username["aria-invalid"] == "true"
    assert page.one(id="id_username_error").text == "This username is taken."
    assert "id_username_error" in username["aria-describedby"].split()
    assert page.one(id="id_name")["value"] == "Al"
    assert not password.get("value")


def test_sign_up__closed__says_so_and_makes_no_account(settings: Settings) -> None:
    settings.IM_SIGNUP = False
    browser = PlainBrowser()
    page = browser.visit("/signup")
    assert page.all("input", name="password") == []
    token = browser.cookies["csrftoken"].value
    browser.client.post(
        "/signup", {"username": "mei", "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/c/"}
    )
    assert not User.objects.exists()
    assert [link for link in browser.visit("/signin").all("a") if link.text == "Create an account"] == []


def test_sign_in__wrong_password__keeps_the_username_and_focuses_the_reason(alice: User) -> None:
    browser = PlainBrowser()
    browser.visit("/signin")
    page = browser.submit("Sign in", username="alice", password="not-this-one")
    assert browser.status == 422
    assert "do not go together" in page.one(id="errors").text
    assert page.one(id="errors").has("autofocus")
    assert page.one(id="id_username")["value"] == "alice"
    assert not page.one(id="id_password").get("value")


def test_sign_in__unknown_username__gets_the_answer_of_a_wrong_password(alice: User) -> None:
    def answer(username: str) -> str:
        browser = PlainBrowser()
        browser.visit("/signin")
        return browser.submit("Sign in", username=username, password="not-this-one").one(id="errors").text

    assert answer("alice") == answer("nobody")


def test_sign_in__after_too_many_tries__says_how_long_to_wait(alice: User) -> None:
    browser = PlainBrowser()
    browser.visit("/signin")
    for _ in range(6):
        browser.submit("Sign in", username="alice", password="not-this-one")
    assert "Wait 30 minutes" in browser.page.one(id="errors").text


def test_sign_in__returns_to_the_page_that_was_asked_for(alice: User, bob: User) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    conversation = make_direct(alice, bob)
    browser = PlainBrowser()
    browser.visit(f"/c/{conversation.pk}/?before=3")
    assert browser.url.startswith("/signin?next=")
    browser.submit("Sign in", username="ALICE", password=PASSWORD)
    assert browser.url == f"/c/{conversation.pk}/?before=3"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_sign_in__never_leads_to_another_site(alice: User, target: str) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    browser = PlainBrowser()
    browser.visit("/signin?next=" + target)
    browser.submit("Sign in", username="alice", password=PASSWORD)
    assert browser.url == "/c/"


def test_signed_in__the_door_leads_inside(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    for door in ("/signin", "/signup", "/"):
        browser.visit(door)
        assert browser.url == "/c/"


def test_sign_out__ends_the_device_and_only_by_post(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    assert browser.client.get("/signout").status_code == 405
    browser.visit("/settings/profile/")
    browser.submit("Sign out")
    assert browser.url == "/signin"
    assert not Device.objects.filter(user=alice, revoked_at=None).exists()
    browser.visit("/c/")
    assert browser.url == "/signin?next=/c/"


def test_language__follows_the_browser_then_the_choice() -> None:
    browser = PlainBrowser(**{"Accept-Language": "zh-CN,zh;q=0.9"})
    page = browser.visit("/signin")
    assert page.one("html")["lang"] == "zh-Hans"
    assert page.one("h1").text == "欢迎回来"
    page = browser.submit("English")
    assert browser.url.startswith("/signin")
    assert page.one("html")["lang"] == "en"
    assert page.one("h1").text == "Welcome back"
    page = browser.submit("简体中文")
    assert page.one("html")["lang"] == "zh-Hans"


def test_language__of_a_user__wins_over_the_browser_and_is_kept(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    browser.visit("/settings/language/")
    page = browser.submit("Save", language="zh-hans", time_zone="Asia/Shanghai")
    assert page.one("html")["lang"] == "zh-Hans"
    assert page.one(css="notice").text == "已保存。"
    alice.refresh_from_db()
    assert (alice.language, alice.time_zone) == ("zh-hans", "Asia/Shanghai")
    # The choice on the door, by somebody who is signed in, is the user's, too.
    token = browser.page.all("input", name="csrfmiddlewaretoken")[0]["value"]
    browser.client.post("/language", {"language": "en", "csrfmiddlewaretoken": token})
    alice.refresh_from_db()
    assert alice.language == "en"


def test_times__are_in_the_users_zone_else_the_browsers_else_the_sites(
    alice: User, bob: User, signed_in: SignedIn
) -> None:
    conversation = make_direct(alice, bob)
    send(bob, conversation)  # 15:09 UTC
    browser = signed_in(alice)

    def shown() -> str:
        return browser.visit(f"/c/{conversation.pk}/").one(id="m1").one("time").text

    assert shown() == "15:09"
    browser.cookies["timezone"] = "Europe/Berlin"
    assert shown() == "16:09"
    browser.cookies["timezone"] = "../../etc/passwd"
    assert shown() == "15:09"
    alice.time_zone = "Asia/Shanghai"
    alice.save()
    assert shown() == "23:09"
