"""`manage.py sweep_attachments`: delete the files that nobody sent."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from chat.services.attachments import attachments_sweep


class Command(BaseCommand):
    """Safe at any time, and while the server runs."""

    help = "Delete uploads that are in no message after 24 hours, and bytes that a crash has left behind."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Files deleted: {attachments_sweep(now=timezone.now())}")
