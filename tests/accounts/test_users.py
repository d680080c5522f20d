"""Accounts: made, changed, closed."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import selectors, services
from accounts.avatars import avatar_url
from accounts.models import User
from tests.accounts.conftest import PASSWORD


def reasons(error: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str | None]]:
    """The codes of a refusal by field."""
    return {field: [reason.code for reason in field_errors] for field, field_errors in error.value.error_dict.items()}


def picture(size: tuple[int, int] = (300, 200)) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, "PNG")
    return SimpleUploadedFile("me.png", content.getvalue())


def test_new_user__can_sign_in_and_has_cleaned_names(db: None) -> None:
    user = services.user_create(username="ａlice.wu", password=PASSWORD, name="  Alice \t Wu ", language="zh-hans")
    user.refresh_from_db()
    assert (user.username, user.name, user.language) == ("alice.wu", "Alice Wu", "zh-hans")
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("username", ["alice", "ALICE", "Ａlice"])
def test_taken_username__is_refused_in_any_spelling(alice: User, username: str) -> None:
    with pytest.raises(ValidationError) as error:
        services.user_create(username=username, password=PASSWORD)
    assert reasons(error) == {"username": ["unique"]}


@pytest.mark.parametrize("username", [".alice", "al ice", "al/ice", "_alice", "al\nice", "al\x00ice", "alice\n"])
def test_username_that_is_no_path_segment__is_refused(db: None, username: str) -> None:
    with pytest.raises(ValidationError) as error:
        services.user_create(username=username, password=PASSWORD)
    assert reasons(error) == {"username": ["invalid_username"]}


def test_everything_wrong__is_said_at_once(db: None) -> None:
    with pytest.raises(ValidationError) as error:
        services.user_create(username="", password="short", name="a\u202eb", language="tlh")
    assert reasons(error) == {
        "username": ["blank"],
        "password": ["password_too_short"],
        "name": ["invalid_name"],
        "language": ["invalid_choice"],
    }
    assert not User.objects.exists()


def test_update__changes_what_is_given_and_nothing_else(alice: User) -> None:
    services.user_update(user=alice, email="alice@example.org", time_zone="Asia/Shanghai", theme="dark")
    fresh = User.objects.get(pk=alice.pk)
    assert (fresh.name, fresh.email, fresh.time_zone, fresh.theme) == (
        "Alice",
        "alice@example.org",
        "Asia/Shanghai",
        "dark",
    )


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "x" * 65, "max_length"),
        ("name", "a\x00b", "invalid_name"),
        ("email", "nobody", "invalid"),
        ("language", "xx", "invalid_choice"),
        ("time_zone", "../etc/passwd", "invalid_choice"),
        ("theme", "pink", "invalid_choice"),
    ],
)
def test_update_with_a_bad_value__names_the_field(alice: User, field: str, value: str, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        services.user_update(user=alice, **{field: value})
    assert reasons(error) == {field: [code]}


def test_fields_that_are_not_ones_own__cannot_be_changed(alice: User) -> None:
    with pytest.raises(TypeError):
        services.user_update(user=alice, is_staff=True)
    assert not User.objects.get(pk=alice.pk).is_staff


def test_new_picture__replaces_the_old_file(alice: User, django_capture_on_commit_callbacks) -> None:
    assert avatar_url(alice) is None
    services.user_update(user=alice, avatar=picture())
    first = alice.avatar.name
    with django_capture_on_commit_callbacks(execute=True):
        services.user_update(user=alice, avatar=picture())
    assert alice.avatar.name != first
    assert not alice.avatar.storage.exists(first)
    assert alice.avatar.storage.exists(alice.avatar.name)
    assert avatar_url(User.objects.get(pk=alice.pk)) == alice.avatar.url

    second = alice.avatar.name
    with django_capture_on_commit_callbacks(execute=True):
        services.user_update(user=alice, avatar=None)
    assert avatar_url(User.objects.get(pk=alice.pk)) is None
    assert not alice.avatar.storage.exists(second)


def test_weak_new_password__changes_nothing(alice: User) -> None:
    with pytest.raises(ValidationError) as error:
        services.user_set_password(user=alice, password="12345678")
    assert reasons(error) == {"password": ["password_too_common"]}
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_deactivated_user__is_nowhere_to_be_found(alice: User) -> None:
    services.user_deactivate(user=alice)
    assert selectors.get_user_by_username_or_none("alice") is None
    assert selectors.search_users("alice", 10) == []
    services.user_reactivate(user=alice)
    assert selectors.get_user_by_username_or_none("ALICE") == alice


def test_search__ranks_exact_before_beginning_before_middle(db: None) -> None:
    for username, name in [("li", ""), ("lina", "王丽娜"), ("charlie", "Charlie"), ("wei", "Li Wei"), ("bob", "")]:
        services.user_create(username=username, password=PASSWORD, name=name)
    assert [user.username for user in selectors.search_users(" LI ", 10)] == ["li", "lina", "wei", "charlie"]
    assert [user.username for user in selectors.search_users("丽", 10)] == ["lina"]
    assert [user.username for user in selectors.search_users("li", 2)] == ["li", "lina"]


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "a\x00b"])
def test_search_for_nothing_or_a_wildcard__finds_nobody(alice: User, text: str) -> None:
    assert selectors.search_users(text, 10) == []


def test_lookup_of_a_name_nobody_can_have__is_none(alice: User) -> None:
    assert selectors.get_user_by_username_or_none("alice\x00") is None
