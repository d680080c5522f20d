"""What people are notified of: the page of settings, the choice of each group, and the same by REST."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models.notifications import KEYWORDS_MAX
from chat.selectors.notifications import get_notifications
from chat.services.notifications import conversation_mentions_only
from tests.factories import make_direct, make_group
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "level": "mentions",
    "sound": [],
    "quiet_from": "22:00",
    "quiet_to": "07:00",
    "keywords": "Summit\n\nsummit\n 上海 ",
}


def test_E18_settings__are_kept_and_given_to_every_page(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    group = make_group(alice)
    before = browser.visit("/settings/notifications/")
    assert before.one("input", name="hide_text").has("checked"), "what was written is hidden until one says otherwise"
    browser.submit("Save", **FORM)
    page = browser.visit(f"/c/{group.pk}/")
    assert json.loads(page.one(id="boot").raw_text)["notifications"] == {
        "level": "mentions",
        "hide_text": True,
        "sound": False,
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "keywords": ["Summit", "上海"],
        "mentions_only": [],
    }
    after = browser.visit("/settings/notifications/")
    assert after.one("input", name="quiet_from").get("value") == "22:00"
    assert not after.one("input", name="sound").has("checked")


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "loud"},
        {"quiet_to": ""},
        {"quiet_from": "25:00"},
        {"keywords": "\n".join(f"word{number}" for number in range(KEYWORDS_MAX + 1))},
        {"keywords": "x" * 51},
        {"keywords": "a\x00b"},
    ],
)
def test_settings__that_mean_nothing_are_refused_with_a_reason(
    alice: User, signed_in: SignedIn, wrong: dict[str, Any]
) -> None:
    browser = signed_in(alice)
    browser.visit("/settings/notifications/")
    page = browser.submit("Save", **FORM | wrong)
    assert browser.status == 422
    assert page.one(id="errors").text
    assert get_notifications(user_id=alice.pk).level == "all"


def test_E18_group__may_be_set_to_mentions_only_and_back(alice: User, bob: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    group, direct = make_group(alice, bob), make_direct(alice, bob)
    for expected in ([str(group.pk)], []):
        browser.visit(f"/c/{group.pk}/info/")
        page = browser.submit("Notify me of mentions only")
        assert get_notifications(user_id=alice.pk).mentions_only == expected
        assert page.one("button", name="mentions_only").get("aria-pressed") == ("true" if expected else "false")
    assert browser.visit(f"/c/{direct.pk}/info/").all("button", name="mentions_only") == []


def test_group_that_one_is_not_in__cannot_be_set(alice: User, bob: User) -> None:
    with pytest.raises(ImError) as error:
        conversation_mentions_only(user_id=alice.pk, conversation=str(make_group(bob).pk), on=True)
    assert error.value.code is ErrorCode.NOT_FOUND
