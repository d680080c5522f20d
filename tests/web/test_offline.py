"""What a browser is given to keep: a worker of one version, a shell that is nobody's, the manifest of the app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image
from pytest_django import Settings

from accounts.models import User
from chat.web import offline
from tests.factories import make_direct, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import parse

pytestmark = pytest.mark.django_db


def test_E24_worker__is_at_the_top__asked_for_anew__and_knows_its_version(client: Client) -> None:
    response = client.get("/sw.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "no-cache" in response["Cache-Control"]
    shell = json.loads(response.content.decode().partition("const SHELL = ")[2].partition(";\n")[0])
    assert shell["version"] == offline.version()
    assert {"/static/chat/js/main.js", "/static/chat/js/offline/page.js", "/static/chat/css/shell.css"} <= set(
        shell["files"]
    )
    for name in shell["files"]:
        assert finders.find(name.removeprefix("/static/")), name


def test_E24_shell__is_the_same_for_everybody(alice: User, bob: User, signed_in: SignedIn, client: Client) -> None:
    send(bob, make_direct(alice, bob), "a secret")
    theirs = signed_in(alice).client.get("/offline/")
    assert theirs.content == client.get("/offline/").content
    for secret in ("alice", "Alice", "secret"):
        assert secret not in theirs.content.decode()
    assert 'name="csrfmiddlewaretoken" value="none"' in theirs.content.decode()
    chinese = Client().get("/offline/", headers={"Accept-Language": "zh-hans"})
    assert parse(chinese.content.decode()).one("html")["lang"] == "zh-Hans"


def test_E24_switched_off__the_worker_takes_leave_and_pages_ask_for_none(
    alice: User, signed_in: SignedIn, client: Client, settings: Settings
) -> None:
    settings.IM_OFFLINE = False
    worker = client.get("/sw.js").content.decode()
    assert "registration.unregister()" in worker
    assert 'addEventListener("fetch"' not in worker
    boot = json.loads(signed_in(alice).visit("/c/").one(id="boot").raw_text)
    assert boot["shell"] == ""


def test_E24_manifest__names_the_app_and_has_icons_of_the_sizes_it_says(client: Client) -> None:
    page = parse(client.get("/signin", headers={"Accept-Language": "zh-hans"}).content.decode())
    address = page.one("link", rel="manifest")["href"]
    response = client.get(address)
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["name"], manifest["lang"], manifest["start_url"], manifest["scope"]) == (
        "Lian",
        "zh-Hans",
        "/c/",
        "/",
    )
    assert [each["name"] for each in manifest["shortcuts"]] == ["新会话", "搜索", "设置"]
    assert {each["purpose"] for each in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon["src"]
        if icon["type"] == "image/png":
            with Image.open(Path(path)) as picture:
                assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert client.get("/manifest.webmanifest?language=xx").json()["lang"] == "en"


def test_pages__may_have_workers_and_manifests_of_this_site_only(client: Client) -> None:
    policy = client.get("/signin")["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy
