"""`reindex_search` makes the index anew, whatever state it is in."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from chat.models import Conversation, SearchEntry
from tests.factories import make_direct, make_group, make_user, send

pytestmark = pytest.mark.django_db


def reindex(*conversations: Conversation) -> str:
    output = io.StringIO()
    call_command("reindex_search", *[conversation.pk for conversation in conversations], stdout=output)
    return output.getvalue().strip()


def entries() -> list[tuple[int, int]]:
    return sorted(SearchEntry.objects.values_list("conversation_id", "seq"))


def test_reindex__all_conversations_or_some() -> None:
    alice, bob = make_user("alice"), make_user("bob")
    direct, group = make_direct(alice, bob), make_group(alice, bob)
    for conversation in (direct, group):
        send(alice, conversation, "one")
    complete = sorted([(direct.pk, 1), (group.pk, 2)])
    assert reindex(direct) == "Indexed 1 conversations."
    assert entries() == [(direct.pk, 1)]
    assert reindex() == "Indexed 2 conversations."
    assert entries() == complete
    SearchEntry.objects.all().delete()
    assert reindex() == "Indexed 2 conversations."
    assert entries() == complete
