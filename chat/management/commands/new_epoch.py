"""`manage.py new_epoch`: to be run once after the database was restored from a backup."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chat.services.store import epoch_renew


class Command(BaseCommand):
    """Without it, clients would take the numbers that are given out again for messages they already have."""

    help = "Give the store a new epoch, after a restore from a backup: clients forget their cursors and load afresh."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The epoch is {epoch_renew()}.")
