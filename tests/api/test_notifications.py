"""What a user is notified of, as a program reads and writes it."""

from __future__ import annotations

from typing import Any

import pytest

from chat.models.notifications import MENTIONS_ONLY_MAX, NotificationSettings
from chat.services.notifications import conversation_mentions_only
from tests.api.conftest import Caller, good, refused
from tests.factories import make_group

DEFAULT = {
    "level": "all",
    "hide_text": True,
    "sound": True,
    "quiet_from": "",
    "quiet_to": "",
    "keywords": [],
    "mentions_only": [],
}


def test_settings__are_part_of_ones_account__and_what_is_missing_stays(alice: Caller) -> None:
    assert good(alice.get("me/"))["notifications"] == DEFAULT
    changed = good(alice.patch("me/", {"notifications": {"quiet_from": "22:30", "quiet_to": "06:00"}}))
    assert changed["notifications"] == DEFAULT | {"quiet_from": "22:30", "quiet_to": "06:00"}
    changed = good(alice.patch("me/", {"name": "Al", "notifications": {"level": "none"}}))
    assert changed["name"] == "Al"
    assert changed["notifications"] == DEFAULT | {"level": "none", "quiet_from": "22:30", "quiet_to": "06:00"}
    changed = good(alice.patch("me/", {"notifications": {"quiet_from": "", "quiet_to": ""}}))
    assert changed["notifications"] == DEFAULT | {"level": "none"}
    assert good(alice.get("me/"))["notifications"] == changed["notifications"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"level": "loud"}, 400, "bad_frame"),
        ({"quiet_from": "22:00"}, 400, "bad_frame"),
        ({"quiet_from": "soon", "quiet_to": "07:00"}, 400, "bad_frame"),
        ({"keywords": "all"}, 400, "bad_frame"),
        ({"keywords": ["a\u0000b"]}, 400, "bad_frame"),
        ({"keywords": ["x" * 51]}, 413, "too_large"),
        ({"keywords": [f"word{number}" for number in range(21)]}, 413, "too_large"),
    ],
)
def test_wrong_settings__change_nothing(alice: Caller, changes: dict[str, Any], status: int, code: str) -> None:
    refused(alice.patch("me/", {"name": "Al", "notifications": changes}), status, code)
    me = good(alice.get("me/"))
    assert me["notifications"] == DEFAULT
    assert me["name"] != "Al"


def test_mentions_only__makes_room_by_forgetting_what_one_has_left(alice: Caller) -> None:
    gone = [str(number) for number in range(MENTIONS_ONLY_MAX)]
    NotificationSettings.objects.create(user=alice.user, mentions_only=gone)
    group = make_group(alice.user)
    conversation_mentions_only(user_id=alice.user.pk, conversation=str(group.pk), on=True)
    assert good(alice.get("me/"))["notifications"]["mentions_only"] == [str(group.pk)]
