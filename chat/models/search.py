"""The search index: what each message is found by, and how far it has been brought.

One table on every engine, written in the same way; the engine's own full-text index follows it by itself. On PostgreSQL
`terms` is a tsvector under a GIN index; on SQLite it is text, which triggers keep in an FTS5 index (migration 0002).

Every term begins with a mark of its conversation. So a search reads what its own conversations hold and nothing else:
what it costs depends neither on how much others wrote, nor tells what they did (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup

from chat.search.query import Wanted

if TYPE_CHECKING:
    _Field = models.Field[list[str], str]
    _Lookup = Lookup[Any]
else:  # Django's own classes take no type parameters
    _Field, _Lookup = models.Field, Lookup

#: FTS5's table on SQLite, whose rows have the ids of chat_searchentry.
FTS_TABLE = "chat_searchindex"

_SCOPE_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_SCOPE_CHARS = 5


def scope_of(conversation_id: int) -> str:
    """The mark of a conversation: 25 bits of its random id. Two that share one cost each other time, and no more."""
    return "".join(_SCOPE_DIGITS[conversation_id >> shift & 31] for shift in range(0, 5 * _SCOPE_CHARS, 5))


class TermsField(_Field):
    """The terms of one text: a list of strings without blanks, quotes, colons or backslashes. Written, never read."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_prep_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value


@TermsField.register_lookup
class Holds(_Lookup):
    """`terms__holds=(conversation ids, wanted)`: all of what is wanted, in one of these conversations."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        conversation_ids, wanted = self.rhs
        queries = [" & ".join(_tsquery(scope_of(pk), wanted)) for pk in conversation_ids]
        # One look into the index for each conversation. A single query of ORs would be judged whole for every row.
        return f"{column} @@ ANY(%s::tsquery[])", [*parameters, queries]

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        conversation_ids, wanted = self.rhs
        table = connection.ops.quote_name(self.lhs.alias)
        match = " OR ".join(f"({' AND '.join(_fts5(scope_of(pk), wanted))})" for pk in conversation_ids)
        return f"{table}.message_id IN (SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s)", [match]  # noqa: S608 - names of our own


def _tsquery(scope: str, wanted: Iterable[Wanted]) -> list[str]:
    return [f"'{scope}{each.token}'{':*' if each.is_prefix else ''}" for each in wanted]


def _fts5(scope: str, wanted: Iterable[Wanted]) -> list[str]:
    return [f'"{scope}{each.token}"{"*" if each.is_prefix else ""}' for each in wanted]


class SearchEntry(models.Model):
    """One message in the index, with what results are filtered and ordered by; none of that ever changes."""

    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, primary_key=True, related_name="+")
    # The message's own rows guard these: no constraints, and no indexes that every entry would pay for.
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    sender = models.ForeignKey(
        "accounts.User", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=6)
    created_at = models.DateTimeField()
    terms = TermsField()

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq}"


class SearchProgress(models.Model):
    """Up to which version of a conversation's log the index is brought; no row: nothing of it yet."""

    conversation = models.OneToOneField(
        "chat.Conversation", on_delete=models.CASCADE, primary_key=True, related_name="search_progress"
    )
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.conversation_id} up to {self.version}"
