from __future__ import annotations

from typing import Any

import chat.models.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A GIN index without a list of pending entries, which every search would have to read: the indexer can wait, readers not.
POSTGRESQL = "CREATE INDEX chat_searchentry_terms ON chat_searchentry USING gin (terms) WITH (fastupdate = off)"

# FTS5 over the text of another table, kept by triggers in the way its documentation shows (external content). It needs
# no positions, since chat.search decides on the text itself. The tokenizer `ascii` splits at ASCII that is neither letter
# nor digit and takes all else as it is: what chat.search.tokens makes comes out as it went in.
SQLITE = [
    """CREATE VIRTUAL TABLE chat_searchindex USING fts5(
        terms, content='chat_searchentry', content_rowid='message_id', tokenize='ascii', detail=none, columnsize=0
    )""",
    """CREATE TRIGGER chat_searchentry_insert AFTER INSERT ON chat_searchentry BEGIN
        INSERT INTO chat_searchindex(rowid, terms) VALUES (new.message_id, new.terms);
    END""",
    """CREATE TRIGGER chat_searchentry_delete AFTER DELETE ON chat_searchentry BEGIN
        INSERT INTO chat_searchindex(chat_searchindex, rowid, terms) VALUES ('delete', old.message_id, old.terms);
    END""",
    """CREATE TRIGGER chat_searchentry_update AFTER UPDATE OF terms ON chat_searchentry BEGIN
        INSERT INTO chat_searchindex(chat_searchindex, rowid, terms) VALUES ('delete', old.message_id, old.terms);
        INSERT INTO chat_searchindex(rowid, terms) VALUES (new.message_id, new.terms);
    END""",
]
SQLITE_UNDO = [
    "DROP TRIGGER chat_searchentry_insert",
    "DROP TRIGGER chat_searchentry_delete",
    "DROP TRIGGER chat_searchentry_update",
    "DROP TABLE chat_searchindex",
]


def create_index(apps: Any, schema_editor: Any) -> None:
    """The engine's own full-text index over the terms."""
    for statement in [POSTGRESQL] if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps: Any, schema_editor: Any) -> None:
    # On PostgreSQL it goes with its table.
    if schema_editor.connection.vendor == "sqlite":
        for statement in SQLITE_UNDO:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Creates an empty index: the servers fill it in the background, or `manage.py reindex_search` at once."""

    dependencies = [
        ("chat", "0002_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchProgress",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_progress",
                        serialize=False,
                        to="chat.conversation",
                    ),
                ),
                ("version", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="chat.message",
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("kind", models.CharField(max_length=6)),
                ("created_at", models.DateTimeField()),
                ("terms", chat.models.search.TermsField()),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="chat.conversation",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(create_index, drop_index),
    ]
