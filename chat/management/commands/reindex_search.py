"""`manage.py reindex_search`: make the search index anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.models import Conversation
from chat.services.search import search_rebuild


class Command(BaseCommand):
    """Conversation by conversation, in short transactions: servers may run, and searches stay right meanwhile."""

    help = (
        "Make the search index anew, for all conversations or the given ones: after an upgrade that changed how text is"
        " taken apart, after a restore without the index, or at once instead of in the background."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("conversations", nargs="*", type=int, metavar="id", help="of a conversation")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Conversation.objects.order_by("pk")
        if options["conversations"]:
            rows = rows.filter(pk__in=options["conversations"])
        done = 0
        for pk in rows.values_list("pk", flat=True).iterator():
            search_rebuild(conversation_id=pk)
            done += 1
        self.stdout.write(f"Indexed {done} conversations.")
