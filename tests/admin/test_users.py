"""Users in the admin site: found, edited, banned; never deleted, never raised above oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import Device, User
from tests.admin.staff import PASSWORD, signed_in

USERS = reverse("admin:accounts_user_changelist")
NOW = datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def act(client: Client, user: User, name: str, **data: str) -> str:
    """Confirm an action on the page of a user; the page that follows."""
    url = reverse("admin:accounts_user_act", args=[user.pk, name])
    return client.post(url, {"confirmed": "yes", **data}, follow=True).content.decode()


def test_search__finds_by_username_name_and_mail(root_client: Client, alice: User, bob: User) -> None:
    services.user_update(user=bob, email="robert@example.org")
    for term, found, missed in (("ALIC", alice, bob), ("Bob", bob, alice), ("robert@", bob, alice)):
        page = root_client.get(USERS, {"q": term}).content.decode()
        assert page_of(found) in page
        assert page_of(missed) not in page


def test_staff_without_the_right__are_refused(make_staff: Callable[..., User], alice: User) -> None:
    client = signed_in(make_staff("view_device"))
    assert client.get(USERS).status_code == 403
    assert client.get(page_of(alice)).status_code == 403


def test_others__are_sent_to_sign_in(alice: User) -> None:
    assert signed_in(alice).get(USERS).status_code == 302


def test_ban__ends_every_session_and_is_in_the_audit_log(root_client: Client, alice: User) -> None:
    device, _ = services.device_sign_in(user=alice, client_id="phone", platform="ios", now=NOW)

    page = act(root_client, alice, "ban")

    assert "1 person is banned." in page
    alice.refresh_from_db()
    device.refresh_from_db()
    assert not alice.is_active
    assert device.revoked_at is not None
    assert LogEntry.objects.get(object_id=str(alice.pk)).change_message == "Banned."


def test_ban__asks_first(root_client: Client, alice: User) -> None:
    asked = root_client.get(reverse("admin:accounts_user_act", args=[alice.pk, "ban"]))
    assert "Ban these people?" in asked.content.decode()
    selected = root_client.post(USERS, {"action": "ban", "_selected_action": [alice.pk], "index": "0"})
    assert "Ban these people?" in selected.content.decode()
    alice.refresh_from_db()
    assert alice.is_active


def test_ban_from_the_list__works_for_all_selected(root_client: Client, alice: User, bob: User) -> None:
    page = root_client.post(
        USERS, {"action": "ban", "_selected_action": [alice.pk, bob.pk], "confirmed": "yes"}, follow=True
    )
    assert "2 people are banned." in page.content.decode()
    assert not User.objects.filter(username__in=["alice", "bob"], is_active=True).exists()


def test_banning_the_banned__changes_and_records_nothing(root_client: Client, alice: User) -> None:
    services.user_deactivate(user=alice)
    assert "1 was so already" in act(root_client, alice, "ban")
    assert not LogEntry.objects.exists()


def test_unban__lets_the_user_in_again(root_client: Client, alice: User) -> None:
    services.user_deactivate(user=alice)
    assert "1 person may sign in again." in act(root_client, alice, "unban")
    alice.refresh_from_db()
    assert alice.is_active


def test_oneself__cannot_be_banned(root_client: Client, root: User) -> None:
    assert "This is your own account." in act(root_client, root, "ban")
    root.refresh_from_db()
    assert root.is_active


def test_staff__may_not_act_on_staff(make_staff: Callable[..., User], root: User) -> None:
    client = signed_in(make_staff("view_user", "change_user"))
    for name, data in (
        ("ban", {}),
        ("set-password", {"password": "a-new-pass-phrase", "password_again": "a-new-pass-phrase"}),
    ):
        assert "Only superusers may act on staff." in act(client, root, name, **data)
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password(PASSWORD)


def test_actions__need_the_right_to_change(make_staff: Callable[..., User], alice: User) -> None:
    client = signed_in(make_staff("view_user"))
    assert (
        client.post(reverse("admin:accounts_user_act", args=[alice.pk, "ban"]), {"confirmed": "yes"}).status_code == 403
    )
    client.post(USERS, {"action": "ban", "_selected_action": [alice.pk], "confirmed": "yes"})
    alice.refresh_from_db()
    assert alice.is_active


def test_actions__take_a_bounded_number_at_once(
    root_client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.admin.service_admin.ROWS_PER_ACTION_MAX", 1)
    data = {"action": "ban", "_selected_action": [alice.pk, bob.pk], "confirmed": "yes"}
    assert "Select at most 1 at once." in root_client.post(USERS, data, follow=True).content.decode()
    assert User.objects.filter(username__in=["alice", "bob"], is_active=True).count() == 2


def test_refusals__are_told_up_to_a_number_and_stop_nobody_else(make_staff: Callable[..., User], alice: User) -> None:
    client = signed_in(make_staff("view_user", "change_user"))
    colleagues = [make_staff(username=f"colleague{number}") for number in range(7)]
    selected = [user.pk for user in (*colleagues, alice)]
    page = client.post(USERS, {"action": "ban", "_selected_action": selected, "confirmed": "yes"}, follow=True)
    text = page.content.decode()
    assert text.count("Only superusers may act on staff.") == 5
    assert "2 more were refused." in text
    assert "1 person is banned." in text
    assert list(User.objects.filter(is_active=False)) == [alice]


def test_unknown_actions_and_rows__are_not_found(root_client: Client, alice: User) -> None:
    for pk, name in ((alice.pk, "promote"), (alice.pk + 1000, "ban"), ("x", "ban")):
        assert root_client.get(reverse("admin:accounts_user_act", args=[pk, name])).status_code == 404


def test_set_password__ends_sessions_and_keeps_the_rules(root_client: Client, alice: User) -> None:
    device, _ = services.device_sign_in(user=alice, client_id="phone", platform="ios", now=NOW)
    weak = act(root_client, alice, "set-password", password="12345678", password_again="12345678")
    assert "too common" in weak
    differing = act(root_client, alice, "set-password", password="a-new-pass-phrase", password_again="another-one")
    assert "The two passwords differ." in differing

    act(root_client, alice, "set-password", password="a-new-pass-phrase", password_again="a-new-pass-phrase")

    alice.refresh_from_db()
    device.refresh_from_db()
    assert alice.check_password("a-new-pass-phrase")
    assert device.revoked_at is not None


def edit(client: Client, user: User, **data: str) -> str:
    form = {"name": user.name, "email": user.email, "language": "", "time_zone": "", "theme": "system", **data}
    return client.post(page_of(user), form, follow=True).content.decode()


def test_profile__is_saved_through_the_service(root_client: Client, alice: User) -> None:
    edit(root_client, alice, name="  Alice   Liddell ", username="mallory")
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"  # the service joins white space
    assert alice.username == "alice"


def test_profile__what_the_service_refuses_is_a_sentence(root_client: Client, alice: User) -> None:
    page = edit(root_client, alice, time_zone="Mars/Olympus")
    assert "There is no such time zone." in page
    alice.refresh_from_db()
    assert alice.time_zone == ""


def test_rights__are_given_by_superusers_only(
    make_staff: Callable[..., User], root_client: Client, alice: User
) -> None:
    moderator = make_staff("view_user", "change_user")
    edit(signed_in(moderator), alice, is_staff="on", is_superuser="on", name="Alice L.")
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.is_superuser) == ("Alice L.", False, False)
    edit(signed_in(moderator), moderator, is_superuser="on")
    moderator.refresh_from_db()
    assert not moderator.is_superuser

    edit(root_client, alice, is_staff="on")
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, False)


def test_add__makes_an_account_through_the_service(root_client: Client) -> None:
    form = {
        "username": "carol",
        "name": "Carol",
        "password": "a-new-pass-phrase",
        "password_again": "a-new-pass-phrase",
    }
    page = root_client.post(reverse("admin:accounts_user_add"), form, follow=True)
    assert "was added successfully" in page.content.decode()
    carol = User.objects.get(username="carol")
    assert carol.check_password("a-new-pass-phrase")
    taken = root_client.post(reverse("admin:accounts_user_add"), form | {"username": "CAROL"})
    assert "This username is taken." in taken.content.decode()


@pytest.mark.parametrize("model", ["accounts_user", "accounts_device", "admin_logentry"])
def test_nothing__can_be_deleted(root_client: Client, alice: User, model: str) -> None:
    services.device_sign_in(user=alice, client_id="phone", platform="ios", now=NOW)
    act(root_client, alice, "ban")
    pk = {
        "accounts_user": alice.pk,
        "accounts_device": alice.devices.get().pk,
        "admin_logentry": LogEntry.objects.get().pk,
    }[model]
    assert root_client.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    changelist = reverse(f"admin:{model}_changelist")
    root_client.post(changelist, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    assert User.objects.filter(pk=alice.pk).exists()
    assert Device.objects.filter(user=alice).exists()
    assert LogEntry.objects.exists()
