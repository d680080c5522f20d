"""How long a search takes among 200,000 messages, and what its index costs.

    python -m bench.search            on SQLite, in a temporary directory
    DATABASE_URL=postgres://… python -m bench.search
                                      on that server, in a database of its own that is removed afterwards

One busy person is in 100 conversations of very different size, which hold half of the messages. The other half is said
by others, to show that it costs nothing. Words and characters are as common as they are in real text (Zipf), whatever
they spell. The messages are written past the services and indexed by them; then every search is asked for a few dozen
times through the selector: the first page, 50 messages.
"""

from __future__ import annotations

import argparse
import atexit
import itertools
import os
import random
import shutil
import statistics
import string
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
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from chat.models import Conversation, Membership, Message  # noqa: E402
from chat.selectors.search import SearchFilters, search_messages  # noqa: E402
from chat.services.search import search_catch_up  # noqa: E402

MESSAGES = 200_000
CONVERSATIONS = 100
RUNS = 40
DRAW = random.Random(1)  # the same data every time
HAN = list(map(chr, range(0x4E00, 0x4E00 + 3_000)))
WORDS = ["".join(DRAW.choices(string.ascii_lowercase, k=DRAW.randint(2, 9))) for _ in range(20_000)]
#: What is looked for: (name, text).
SEARCHES = (
    ("2 characters, rare", HAN[200] + HAN[300]),
    ("2 characters, common", HAN[0] + HAN[1]),
    ("4 characters", "".join(HAN[1:5])),
    ("1 character, in one message of three", HAN[2]),
    ("a rare word", WORDS[5_000]),
    ("a common word", WORDS[3]),
    ("the most common word", WORDS[0]),
    ("two common words", f"{WORDS[0]} {WORDS[1]}"),
    ("the first two letters of a word", WORDS[5_000][:2]),
    ("a number's beginning", "1230"),
    ("nothing", "xylophone"),
)


def weights(count: int) -> list[float]:
    """How common each of so many words is, as an itertools.accumulate for random.choices."""
    return list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))


def populate(user: User, other: User, messages: int) -> list[int]:
    """Conversations with their messages; their ids."""
    words, han, sizes = weights(len(WORDS)), weights(len(HAN)), weights(CONVERSATIONS)
    now = timezone.now().replace(microsecond=0)
    ids: list[int] = []
    for share, members in ((messages // 2, [user, other]), (messages // 2, [other])):
        conversations = [Conversation(kind="group", title=f"Group {number}") for number in range(CONVERSATIONS)]
        Conversation.objects.bulk_create(conversations)
        Membership.objects.bulk_create(
            Membership(conversation=conversation, user=member, role="owner" if member is other else "member")
            for conversation in conversations
            for member in members
        )
        numbers = dict.fromkeys((conversation.pk for conversation in conversations), 0)
        rows = []
        for index, conversation in enumerate(DRAW.choices(conversations, cum_weights=sizes, k=share)):
            numbers[conversation.pk] = seq = numbers[conversation.pk] + 1
            text = [
                *DRAW.choices(WORDS, cum_weights=words, k=DRAW.randint(0, 8)),
                "".join(DRAW.choices(HAN, cum_weights=han, k=DRAW.randint(2, 25))),
                *([str(DRAW.randint(10_000, 99_999))] if index % 7 == 0 else []),
            ]
            sent_at = now - timedelta(minutes=share - index)
            rows.append(
                Message(
                    conversation=conversation,
                    seq=seq,
                    version=seq,
                    sent_version=seq,
                    sender=other,
                    client_id=f"{len(ids)}-{index}",
                    digest=b"",
                    content=" ".join(text),
                    created_at=sent_at,
                )
            )
            if len(rows) == 1_000:
                Message.objects.bulk_create(rows)
                rows.clear()
        Message.objects.bulk_create(rows)
        for conversation in conversations:
            conversation.last_seq = conversation.version = numbers[conversation.pk]
        Conversation.objects.bulk_update(conversations, ["last_seq", "version"])
        ids += [conversation.pk for conversation in conversations]
    return ids


def index(ids: list[int]) -> None:
    """All of it, in the batches of the background."""
    for conversation_id in ids:
        while search_catch_up(conversation_id=conversation_id):
            pass


def sizes() -> str:
    """Of the messages with their indexes, and of all that search adds, in MB."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_total_relation_size('chat_message'), pg_total_relation_size('chat_searchentry'),"
                " pg_relation_size('chat_searchentry_terms')"
            )
            messages, entries, terms = cursor.fetchone()
        else:
            cursor.execute(
                "SELECT sum(pgsize) FILTER (WHERE name LIKE '%message%'),"
                " sum(pgsize) FILTER (WHERE name LIKE '%chat_search%'),"
                " sum(pgsize) FILTER (WHERE name LIKE 'chat_searchindex%') FROM dbstat"
            )
            messages, entries, terms = cursor.fetchone()
    return f"messages {messages / 1e6:.0f} MB, search {entries / 1e6:.0f} MB (full-text index {terms / 1e6:.0f} MB)"


def measure(user: User, text: str) -> tuple[int, bool, float, float]:
    """Results on the first page, whether there are more, and p50 and p99 in milliseconds."""
    page = search_messages(user_id=user.pk, text=text, filters=SearchFilters())
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        search_messages(user_id=user.pk, text=text, filters=SearchFilters())
        seconds.append(time.perf_counter() - start)
    return (
        len(page.results),
        page.next is not None,
        statistics.median(seconds) * 1000,
        statistics.quantiles(seconds, n=100)[98] * 1000,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    messages = parser.parse_args().messages
    settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(_scratch / "bench.sqlite3")
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        user, other = User.objects.create(username="busy"), User.objects.create(username="other")
        ids = populate(user, other, messages)
        start = time.perf_counter()
        index(ids)
        seconds = time.perf_counter() - start
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # what autovacuum does
        print(f"{connection.display_name}, {messages:,} messages, half of them in the searcher's conversations")
        print(f"indexed {messages / seconds:,.0f} messages/s; {sizes()}")
        print(f"{'search':<36}{'results':>9}{'p50 ms':>9}{'p99 ms':>9}")
        for name, text in SEARCHES:
            count, more, p50, p99 = measure(user, text)
            print(f"{name:<36}{f'{count}+' if more else count:>9}{p50:>9.1f}{p99:>9.1f}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
