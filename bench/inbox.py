"""How long the inbox of a busy person takes: 1,000 conversations, as a page and over REST.

    python -m bench.inbox            on SQLite, in a temporary directory
    DATABASE_URL=postgres://… python -m bench.inbox
                                     on that server, in a database of its own that is removed afterwards

Everything is made through the services and asked for through the URLs, in this process: what is measured is the
site's own work, without a server or a network. Somebody with ten conversations is asked first, to show that the
number of queries does not depend on how many there are.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

_scratch = Path(tempfile.mkdtemp(prefix="im-bench-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ |= {"VAR_DIR": str(_scratch), "DJANGO_SETTINGS_MODULE": "imsite.settings", "IM_RATE_LIMITS": "off"}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import (  # noqa: E402
    CaptureQueriesContext,
    setup_databases,
    setup_test_environment,
    teardown_databases,
)
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from chat.services import conversations, messages  # noqa: E402

BUSY = 1_000
QUIET = 10
MESSAGES_EACH = 3
RUNS = 10
PATHS = ("/c/", "/c/?all", "/api/v1/conversations/")


def populate(user: User, count: int) -> None:
    """Half direct chats, half groups of three, a few messages in each, nothing of it read."""
    others = User.objects.bulk_create(
        User(username=f"{user.username}-friend-{number}", name=f"Friend {number}", password="!")  # noqa: S106 - nobody signs in with it
        for number in range(count + 2)
    )
    now = timezone.now() - timedelta(days=30)
    for number in range(count):
        now += timedelta(minutes=1)
        other = others[number]
        if number % 2:
            conversation, _ = conversations.direct_get_or_create(user_id=user.pk, username=other.username, now=now)
        else:
            conversation = conversations.group_create(
                creator_id=user.pk,
                kind="group",
                title=f"Group {number}",
                usernames=[other.username, others[number + 1].username],
                now=now,
            )
        requests = [
            messages.SendRequest(
                sender_id=other.pk,
                client_id=f"bench-{user.pk}-{number}-{line}",
                conversation=str(conversation.pk),
                content=f"Line {line}: shall we meet at the station? 我们在车站见面好吗？",
            )
            for line in range(MESSAGES_EACH)
        ]
        messages.messages_send(requests, now=now)


def measure(user: User, path: str) -> tuple[int, float, int]:
    """Queries, median milliseconds and bytes of one GET."""
    client = Client(headers={"accept-encoding": "identity"})
    client.force_login(user)
    client.get(path)  # imports, template and URL caches
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    queries = len(captured)  # counted now: the next request empties the record
    assert response.status_code == 200, f"{path}: {response.status_code}"
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - start)
    return queries, statistics.median(seconds) * 1000, len(response.content)


def main() -> None:
    settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(_scratch / "bench.sqlite3")
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"{connection.display_name}, median of {RUNS}")
        print(f"{'path':<28}{'conversations':>14}{'queries':>9}{'ms':>9}{'kB':>8}")
        for name, count in (("quiet", QUIET), ("busy", BUSY)):
            user = User.objects.create(username=name)
            populate(user, count)
            for path in PATHS:
                queries, milliseconds, size = measure(user, path)
                print(f"{path:<28}{count:>14,}{queries:>9}{milliseconds:>9.1f}{size / 1000:>8.1f}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
