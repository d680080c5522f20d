"""Server processes send what is due by themselves: what came due while none ran, and what is due while one does."""

from __future__ import annotations

from tests.support.engines import wait_until
from tests.support.town import Town


def test_what_is_due__is_sent_once_by_servers_that_were_down_and_are_killed(town: Town) -> None:
    def numbers(table: str) -> int:
        return int(town.site.query(f"SELECT count(*) FROM {table}")[0][0])

    town.site.manage("shell", "--command", SCHEDULE, REDIS_URL="")
    server = town.site.server(IM_REPAIR_SECONDS="0.1")
    assert wait_until(lambda: numbers("chat_message") > 0, timeout_s=20)
    server.kill()  # wherever it is
    server.start()
    assert wait_until(lambda: numbers("chat_scheduledmessage") == 0, timeout_s=20)
    sent = town.site.query("SELECT seq, content FROM chat_message ORDER BY seq")
    assert [(int(seq), content) for seq, content in sent] == [(n + 1, str(n)) for n in range(70)]
    server.stop()


#: More than one transaction takes. Most are due before the server is there.
SCHEDULE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from chat.services.conversations import direct_get_or_create
from chat.services.scheduling import scheduled_create
sender, now = User.objects.get(username="p0001"), timezone.now()
where, _ = direct_get_or_create(user_id=sender.pk, username="p0002", now=now)
for n in range(70):
    scheduled_create(user_id=sender.pk, scheduled=f"s{n}", conversation=str(where.pk), content=str(n),
        send_at=now + timedelta(seconds=1 + n / 50), now=now)
"""
