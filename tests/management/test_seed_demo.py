"""The demo of a first start: alive, once, and in development only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts import services
from accounts.models import User
from chat.management.demo import life, sign_in, work
from chat.management.demo.people import PEOPLE, STARS
from chat.management.demo.script import Scene
from chat.models import Conversation, Membership, Message
from chat.selectors.conversations import list_conversations
from chat.selectors.relations import count_requests_received, list_contacts

SCENES = (*work.SCENES, *life.SCENES)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_var(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "8765")
    yield


def seed(*, if_empty: bool = True) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("seed_demo", if_empty=if_empty, stdout=out)
    return out.getvalue()


def printed_password(output: str) -> str:
    found = re.search(r"Password +(\S+)", output)
    assert found is not None
    return found[1]


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Conversation, Membership, Message))


def unread_of(username: str) -> dict[str, int]:
    user = User.objects.get(username=username)
    return {item.conversation: item.unread for item in list_conversations(user_id=user.pk)}


def test_empty_database__gets_people_who_can_sign_in() -> None:
    output = seed()
    assert "http://127.0.0.1:8765/" in output
    password = printed_password(output)
    for person in PEOPLE:
        user = authenticate(username=person.username, password=password)
        assert isinstance(user, User)
        assert (user.name, user.language, user.is_staff) == (person.name, person.language, False)
    admin = authenticate(username="admin", password=password)
    assert isinstance(admin, User)
    assert admin.is_superuser


def test_conversations__of_every_kind_in_both_languages() -> None:
    seed()
    assert set(Conversation.objects.values_list("kind", flat=True)) == {"direct", "group", "channel"}
    assert Conversation.objects.count() == len(SCENES) >= 10
    messages = Message.objects.all()
    assert messages.filter(kind="system").exists()
    assert messages.exclude(edited_at=None).exists()
    assert messages.exclude(recalled_at=None).exists()
    assert messages.exclude(reply_to=None).exists()
    assert messages.exclude(reactions=None).exists()
    assert messages.filter(content__contains="```python").exists()
    assert messages.filter(content__contains="周六").exists()
    assert set(messages.values_list("kind", flat=True)) == {"text", "system", "image", "file"}
    assert messages.exclude(pinned_at=None).exists()
    for kept in ({"pinned": True}, {"archived": True}, {"muted_until__gt": timezone.now()}):
        assert Membership.objects.filter(**kept).exists()


def test_people__know_each_other_and_ask() -> None:
    seed()
    for star in STARS:
        user = User.objects.get(username=star)
        assert list_contacts(user_id=user.pk)
        assert count_requests_received(user_id=user.pk) == 1


def test_messages__lie_in_the_past_and_in_order() -> None:
    seed()
    now = timezone.now()
    assert not Message.objects.filter(created_at__gt=now).exists()
    for conversation in Conversation.objects.all():
        times = list(conversation.messages.order_by("seq").values_list("created_at", flat=True))
        assert times == sorted(times)
        assert conversation.last_activity_at <= now
    assert Message.objects.filter(created_at__lt=now - timedelta(days=5)).exists()
    assert Message.objects.filter(created_at__gt=now - timedelta(hours=1)).exists()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_parts__end_before_the_next_begins(scene: Scene) -> None:
    timed = list(scene.timed_lines())
    assert [ago for ago, _ in timed] == sorted((ago for ago, _ in timed), reverse=True)
    assert timed[-1][0] > timedelta(minutes=1)


def test_unread__is_what_the_script_says() -> None:
    seed()
    for scene in SCENES:
        first = Message.objects.get(client_id=f"demo-{scene.key}-1")
        for username in (scene.creator, *scene.members):
            assert unread_of(username)[str(first.conversation_id)] == scene.unread.get(username, 0), (
                scene.key,
                username,
            )


def test_log__is_sound() -> None:
    seed()
    call_command("verify_log", stdout=io.StringIO())


def test_second_start__makes_nothing_and_says_how_to_sign_in() -> None:
    first = seed()
    before = counts()
    second = seed()
    assert counts() == before
    assert printed_password(second) == printed_password(first)
    assert "Creating" not in second


def test_password__is_not_shown_once_it_was_changed() -> None:
    output = seed()
    services.user_set_password(user=User.objects.get(username="linxia"), password="something else entirely")
    assert printed_password(output) not in seed()


def test_password__is_made_up_on_each_machine_and_nobody_elses_to_read(settings: Settings) -> None:
    assert sign_in.make_password() != sign_in.make_password()
    assert (settings.VAR_DIR / "demo-password.txt").stat().st_mode & 0o077 == 0


def test_people_already__means_no_demo() -> None:
    services.user_create(username="alice", password="correct horse battery")
    output = seed()
    assert User.objects.count() == 1
    assert "http://127.0.0.1:8765/" in output
    assert "Password" not in output
    with pytest.raises(CommandError, match="not empty"):
        seed(if_empty=False)


@pytest.mark.parametrize("if_empty", [True, False])
def test_outside_development__nothing_is_made(settings: Settings, if_empty: bool) -> None:
    settings.IM_DEMO = False
    if if_empty:
        assert seed() == ""
    else:
        with pytest.raises(CommandError, match="development"):
            seed(if_empty=False)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", "http://127.0.0.1:8765/"),  # noqa: S104
        ("::", "http://127.0.0.1:8765/"),
        ("::1", "http://[::1]:8765/"),
        ("chat.lan", "http://chat.lan:8765/"),
    ],
)
def test_address__is_one_that_a_browser_can_open(monkeypatch: pytest.MonkeyPatch, host: str, shown: str) -> None:
    monkeypatch.setenv("HOST", host)
    services.user_create(username="alice", password="correct horse battery")
    assert shown in seed()
