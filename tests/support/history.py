"""Much of everything, written past the services, which would take minutes. Runs inside the installation:

manage.py shell --command "from tests.support.history import fill; fill('7251…', 10_000, 'p0001')"
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Membership, Message

#: Of different heights, in both languages, as people write.
LINES = (
    "ok",
    "好的，明天见",
    "Shall we meet at the station, or at the bridge as last time? I will be there at seven either way.",
    "我刚到车站，人很多。我们在北门见面，还是像上次一样在桥边等？你决定吧，我都可以，七点左右到。",
    "**Three things**:\n- tickets\n- the `map`\n- something to eat",
    "See https://example.org/timetable for the last train; it leaves at 23:40 and there is none after it.",
)


@transaction.atomic
def fill(conversation: str, count: int, sender: str) -> None:
    """Add so many messages at the end, half a minute apart and the last one just now; everybody has read them."""
    row = Conversation.objects.select_for_update().get(pk=int(conversation))
    user = User.objects.get(username=sender)
    now = timezone.now().replace(microsecond=0)
    Message.objects.bulk_create(
        (
            Message(
                conversation=row,
                seq=row.last_seq + number,
                version=row.version + number,
                sent_version=row.version + number,
                sender=user,
                client_id=str(uuid.uuid4()),
                digest=b"",
                content=f"{number} {LINES[number % len(LINES)]}",
                created_at=now - timedelta(seconds=30 * (count - number)),
            )
            for number in range(1, count + 1)
        ),
        batch_size=1_000,
    )
    row.last_seq += count
    row.version += count
    row.last_activity_at = now
    row.save(update_fields=["last_seq", "version", "last_activity_at"])
    Membership.objects.filter(conversation=row).update(read_seq=row.last_seq, received_seq=row.last_seq)


@transaction.atomic
def join_groups(username: str, count: int) -> None:
    """Make somebody the owner of so many groups with one message in each, one minute older than the other."""
    user = User.objects.get(username=username)
    now = timezone.now().replace(microsecond=0)
    times = [now - timedelta(minutes=number) for number in range(1, count + 1)]
    groups = Conversation.objects.bulk_create(
        Conversation(kind="group", title=f"Group {number}", last_seq=1, version=1, last_activity_at=at)
        for number, at in enumerate(times, start=1)
    )
    # Long ago: what is new of a membership is told to every page that is opened.
    joined = {"joined_at": now - timedelta(days=1), "changed_at": now - timedelta(days=1)}
    Membership.objects.bulk_create(
        Membership(conversation=group, user=user, role="owner", read_seq=1, received_seq=1, **joined)
        for group in groups
    )
    Message.objects.bulk_create(
        Message(
            conversation=group,
            seq=1,
            version=1,
            sent_version=1,
            sender=user,
            client_id=str(uuid.uuid4()),
            digest=b"",
            content=LINES[number % len(LINES)],
            created_at=at,
        )
        for number, (group, at) in enumerate(zip(groups, times, strict=True))
    )
