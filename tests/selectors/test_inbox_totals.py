"""The numbers of the page's title and the foot of the list."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from chat.selectors.conversations import list_conversations
from chat.selectors.pages import InboxTotals, inbox_totals
from chat.services.conversations import conversation_settings_update
from tests.factories import NOW, make_group, send


def test_unread__is_the_sum_of_what_is_not_muted(alice: User, bob: User) -> None:
    tea, coffee, noise = (make_group(bob, alice, title=title) for title in ("Tea", "Coffee", "Noise"))
    for group, count in ((tea, 3), (coffee, 2), (noise, 5)):
        for _ in range(count):
            send(bob, group)
    conversation_settings_update(user_id=alice.pk, conversation=str(coffee.pk), archived=True, now=NOW)
    conversation_settings_update(
        user_id=alice.pk, conversation=str(noise.pk), muted_until=NOW + timedelta(hours=1), now=NOW
    )

    totals = inbox_totals(user_id=alice.pk, now=NOW)

    assert totals == InboxTotals(unread=5, conversations=3, archived=1)
    listed = list_conversations(user_id=alice.pk, now=NOW)
    assert totals.unread == sum(item.unread for item in listed if not item.muted)
    assert inbox_totals(user_id=alice.pk, now=NOW + timedelta(hours=2)).unread == 10
    assert inbox_totals(user_id=bob.pk, now=NOW).unread == 0
