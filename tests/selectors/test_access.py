"""From a wire id to a row, for those who may."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.selectors.access import access_conversation, access_message, parse_conversation_id
from chat.selectors.people import get_directory
from chat.services.memberships import member_leave
from tests.factories import NOW, make_group, make_user, send


@pytest.mark.parametrize("number", [1, 9, 10, 4611686018427387904, 2**63 - 1])
def test_decimal_number__is_an_id(number: int) -> None:
    assert parse_conversation_id(str(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "01",
        "-1",
        "+1",
        "1.0",
        "1e3",
        " 1",
        "1 ",
        "1\n",
        "0x1",
        "1_000",
        "１",
        "١",
        str(2**63),
        "9" * 5000,
        "abc",
        "\0",
    ],
)
def test_anything_else__is_not(text: str) -> None:
    assert parse_conversation_id(text) is None


@pytest.mark.parametrize("value", [1, None, 1.0, b"1", ["1"]])
def test_other_types__are_not_either(value: Any) -> None:
    assert parse_conversation_id(value) is None


def test_member__gets_conversation_and_membership_in_one_query(alice: User, django_assert_num_queries: Any) -> None:
    group = make_group(alice)
    with django_assert_num_queries(1):
        conversation, membership = access_conversation(user_id=alice.pk, conversation=str(group.pk))
    assert (conversation, membership.user_id, membership.role) == (group, alice.pk, "owner")


def test_others__cannot_tell_a_foreign_from_an_absent_one(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    send(alice, group)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    refusals = set()
    for user in (bob, carol):
        for conversation in (str(group.pk), "1", "x"):
            for access in (access_conversation, access_message):
                with pytest.raises(ImError) as error:
                    access(
                        user_id=user.pk, conversation=conversation, **({"seq": 1} if access is access_message else {})
                    )
                refusals.add((error.value.code, error.value.detail))
    assert refusals == {(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.info.detail)}


def test_message__is_found_by_its_number(alice: User) -> None:
    group = make_group(alice)
    send(alice, group, "Hello!")
    message = access_message(user_id=alice.pk, conversation=str(group.pk), seq=2)
    assert (message.content, message.sender, message.conversation) == ("Hello!", alice, group)
    for seq in (0, -1, 3, 2**63, 2**100):
        with pytest.raises(ImError, match="not_found"):
            access_message(user_id=alice.pk, conversation=str(group.pk), seq=seq)


# --- people by name ----------------------------------------------------------


def test_directory__knows_people_by_id_and_name_in_one_query(alice: User, django_assert_num_queries: Any) -> None:
    bob, gone = make_user("Bob.Smith"), make_user("gone", is_active=False)
    with django_assert_num_queries(1):
        directory = get_directory(user_ids=[alice.pk], usernames=["bob.smith", "GONE", "nobody", "", "a\0", "\ud800"])
    assert directory.by_id.keys() == {alice.pk, bob.pk, gone.pk}
    assert directory.named("BOB.smith") == bob
    assert directory.named("alice") == alice
    assert directory.named("nobody") is None
    assert directory.named("a\0") is None


def test_directory__compares_names_in_one_form_of_unicode(db: None) -> None:
    user = make_user("café")
    assert get_directory(usernames=["cafe\u0301"]).named("cafe\u0301") == user
