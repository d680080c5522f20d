"""Where in a conversation a moment is."""

from __future__ import annotations

import bisect
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.models import Conversation, Message
from chat.selectors.dates import first_seq_since
from tests.factories import NOW, make_direct


def fill(conversation: Conversation, sender: User, hours: list[int]) -> None:
    """A message at each of these hours after NOW."""
    Message.objects.bulk_create(
        Message(
            conversation=conversation,
            seq=seq,
            version=seq,
            sent_version=seq,
            sender=sender,
            client_id=f"{seq}",
            digest=b"",
            content="x",
            created_at=NOW + timedelta(hours=hour),
        )
        for seq, hour in enumerate(hours, 1)
    )
    conversation.last_seq = conversation.version = len(hours)
    conversation.save()


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 33, 64, 65, 1500])
def test_E03_first_since__is_what_a_look_at_every_message_finds(alice: User, bob: User, count: int) -> None:
    random = Random(count)
    hours = sorted(random.randrange(count or 1) for _ in range(count))
    conversation = make_direct(alice, bob)
    fill(conversation, alice, hours)
    for hour in {-1, 0, 1, count // 3, count // 2, count - 1, count, count + 1}:
        expected = bisect.bisect_left(hours, hour) + 1
        with CaptureQueriesContext(connection) as captured:
            found = first_seq_since(
                user_id=alice.pk, conversation=str(conversation.pk), moment=NOW + timedelta(hours=hour)
            )
        assert found == (expected if expected <= count else None)
        assert len(captured) <= 5  # one of them says who may ask
