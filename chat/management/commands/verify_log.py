"""`manage.py verify_log`: does the log keep its rules?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.selectors.audit import log_breaches


class Command(BaseCommand):
    """Exits 0 when every rule holds, else 1 with one line for each breach. Changes nothing."""

    help = (
        "Check the numbers of every conversation, the receipts of every member, and that recalled messages are empty."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        breaches = 0
        for breach in log_breaches():
            breaches += 1
            self.stdout.write(breach)
        if breaches:
            raise CommandError(f"The log has {breaches} broken rules.")
        self.stdout.write("The log keeps its rules.")
