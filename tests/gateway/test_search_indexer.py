"""The index follows the log by itself, whatever wrote it, also while no server ran."""

from __future__ import annotations

from tests.support.engines import wait_until
from tests.support.town import Town


def test_the_index__follows_the_log(town: Town) -> None:
    def indexed() -> int:
        return int(town.site.query("SELECT count(*) FROM chat_searchentry")[0][0])

    town.site.manage("shell", "--command", WRITE, REDIS_URL="")
    assert indexed() == 0
    server = town.site.server(IM_REPAIR_SECONDS="0.1")
    assert wait_until(lambda: indexed() == 60, timeout_s=20)
    town.site.manage("shell", "--command", WRITE, REDIS_URL="")
    assert wait_until(lambda: indexed() == 120, timeout_s=20)
    server.stop()


#: More than one batch.
WRITE = """
from uuid import uuid4
from django.utils import timezone
from accounts.models import User
from chat.services.messages import SendRequest, messages_send
sender = User.objects.get(username="p0001")
messages_send(
    [SendRequest(sender_id=sender.pk, client_id=str(uuid4()), receiver="p0002", content=str(n)) for n in range(60)],
    now=timezone.now(),
)
"""
