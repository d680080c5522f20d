"""What storing a message costs: batches of 1, 8 and 50 sends in one conversation, and of 50 in 50 conversations.

    python -m bench.storing            on SQLite, in a temporary directory, every commit on the disk
    DATABASE_URL=postgres://… python -m bench.storing
                                       on that server, in a database of its own that is removed afterwards

Each batch is one `messages_send`: checks, locks, numbers, rows, commit. CPU is this process's, so on PostgreSQL the
server's own share is not in it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

_scratch = Path(tempfile.mkdtemp(prefix="im-bench-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ |= {"VAR_DIR": str(_scratch), "DJANGO_SETTINGS_MODULE": "imsite.settings", "IM_RATE_LIMITS": "off"}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from chat.services import conversations, messages  # noqa: E402

TEXT = "The quick brown fox jumps over the lazy dog, and 我们在车站见面好吗？" * 2
MESSAGES = 4_000
CASES = ((1, 1), (8, 1), (50, 1), (50, 50))  # messages in a batch, conversations that they are in


def measure(senders: list[User], places: list[str], batch: int) -> tuple[float, float]:
    """Microseconds of CPU and of time per message."""
    run = f"{batch}-{len(places)}"
    cpu, start = 0.0, time.perf_counter()
    count = MESSAGES // 4 if batch == 1 else MESSAGES
    for number in range(0, count, batch):
        requests = [
            messages.SendRequest(
                sender_id=senders[each % len(places)].pk,
                client_id=f"bench-{run}-{each}",
                conversation=places[each % len(places)],
                content=TEXT,
            )
            for each in range(number, number + batch)
        ]
        before = time.process_time()
        results = messages.messages_send(requests, now=timezone.now())
        cpu += time.process_time() - before
        assert all(isinstance(result, messages.SendResult) and result.created for result in results)
    return cpu / count * 1e6, (time.perf_counter() - start) / count * 1e6


def main() -> None:
    settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(_scratch / "bench.sqlite3")
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        users = User.objects.bulk_create(User(username=f"user{number}", password="!") for number in range(200))  # noqa: S106
        names = [user.username for user in users]
        groups = [
            conversations.group_create(
                creator_id=user.pk,
                kind="group",
                title=f"Group {number}",
                usernames=[name for name in names if name != user.username],
                now=timezone.now(),
            )
            for number, user in enumerate(users[: max(places for _, places in CASES)])
        ]
        ids = [str(group.pk) for group in groups]
        measure(users, ids[:1], 2)  # imports, prepared statements
        print(f"{connection.display_name}, groups of {len(users)}")
        print("| messages a batch | conversations | µs CPU/message | µs/message |")
        print("|--:|--:|--:|--:|")
        for batch, places in CASES:
            cpu, total = measure(users, ids[:places], batch)
            print(f"| {batch} | {places} | {cpu:.0f} | {total:.0f} |")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
