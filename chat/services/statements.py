"""The statements of a batch of sends, written out: one for each step, whatever the batch. Why: see chat.selectors.sql.

Rows come as models with just the fields that a send needs, and go by arrays on PostgreSQL, where a round trip costs
most, and row after row within one call on SQLite, where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from accounts.models import User
from chat.models import Conversation, Membership, Message
from chat.selectors.sql import among, columns, fetch, table, values

M = TypeVar("M", bound=Model)

# In the order of the models' own fields, as `Model.from_db` has them.
_CONVERSATION = ("id", "kind", "direct_key", "who_sends", "last_seq", "version", "members_version")
_MEMBERSHIP = ("id", "conversation", "user", "role", "is_blocked", "read_seq", "seen_seq", "received_seq")
_USER = ("id", "username", "is_active")
_MESSAGE = (
    "conversation",
    "seq",
    "version",
    "sent_version",
    "sender",
    "client_id",
    "digest",
    "kind",
    "content",
    "reply_to",
    "mentions",
    "payload",
    "silent",
    "created_at",
)


def lock_conversations(*, ids: Iterable[int], direct_keys: Iterable[str]) -> list[Conversation]:
    """These conversations, locked until the transaction ends. SQLite's transactions lock everything."""
    rows = fetch(_lock_text(connection.vendor), values(ids), values(direct_keys))
    return [_row(Conversation, _CONVERSATION, row) for row in rows]


def read_memberships(places: Collection[tuple[int, int]]) -> list[Membership]:
    """The live memberships among these (conversation id, user id), each with its user."""
    memberships = []
    for row in fetch(_memberships_text(connection.vendor), *_pairs(places)):
        membership = _row(Membership, _MEMBERSHIP, row)
        membership.user = _row(User, _USER, row[len(_MEMBERSHIP) :])
        memberships.append(membership)
    return memberships


def read_stored(keys: Collection[tuple[int, str]]) -> list[Message]:
    """The messages that have one of these (sender id, client id) already: mostly none."""
    found = fetch(_stored_text(connection.vendor), *_pairs(keys))
    return list(Message.objects.filter(pk__in=[pk for (pk,) in found])) if found else []


def insert_messages(messages: Sequence[Message]) -> None:
    """Store new messages. They get no primary key here: nothing of a send needs it.

    Raises:
        IntegrityError: one of the ids was stored meanwhile.
    """
    rows = [
        (
            message.conversation_id,
            message.seq,
            message.version,
            message.sent_version,
            message.sender_id,
            message.client_id,
            message.digest,
            message.kind,
            message.content,
            message.reply_to,
            json.dumps(message.mentions),
            None if message.payload is None else json.dumps(message.payload),
            message.silent,
            _time(message.created_at),
        )
        for message in messages
    ]
    _write(_insert_text(Message, _MESSAGE, connection.vendor), rows)


def update_numbers(conversations: Iterable[Conversation]) -> None:
    """Write locked conversations' numbers back."""
    fields = ("last_seq", "version", "last_activity_at")
    rows = [(row.last_seq, row.version, _time(row.last_activity_at), row.pk) for row in conversations]
    _write(_update_text(Conversation, fields, connection.vendor), rows)


def update_pointers(memberships: Iterable[Membership]) -> None:
    """Write senders' read pointers."""
    fields = ("read_seq", "seen_seq", "received_seq", "changed_at")
    rows = [(row.read_seq, row.seen_seq, row.received_seq, _time(row.changed_at), row.pk) for row in memberships]
    _write(_update_text(Membership, fields, connection.vendor), rows)


def update_steps(memberships: Iterable[Membership]) -> None:
    """Write from where and when senders read on."""
    fields = ("seen_from", "seen_at")
    rows = [(row.seen_from, _time(row.seen_at), row.pk) for row in memberships]
    _write(_update_text(Membership, fields, connection.vendor), rows)


def update_received(memberships: Iterable[Membership]) -> None:
    """Write locked memberships' marks of what devices have."""
    fields = ("received_seq", "changed_at")
    rows = [(row.received_seq, _time(row.changed_at), row.pk) for row in memberships]
    _write(_update_text(Membership, fields, connection.vendor), rows)


# --- texts, made once for each kind of database ------------------------------------


@cache
def _lock_text(vendor: str) -> str:
    by_id = among(columns(Conversation, "id"), "bigint")
    by_key = among(columns(Conversation, "direct_key"), "text")
    lock = "FOR NO KEY UPDATE" if vendor == "postgresql" else ""
    return (
        f"SELECT {columns(Conversation, *_CONVERSATION)} FROM {table(Conversation)}"
        f" WHERE {by_id} OR {by_key} ORDER BY {columns(Conversation, 'id')} {lock}"
    )


@cache
def _memberships_text(vendor: str) -> str:
    return (
        f"SELECT {columns(Membership, *_MEMBERSHIP)}, {columns(User, *_USER)} FROM {table(Membership)}"
        f" JOIN {table(User)} ON {columns(User, 'id')} = {columns(Membership, 'user')}"
        f" WHERE ({columns(Membership, 'conversation', 'user')}) IN ({_pairs_text(vendor, 'bigint')})"
        f" AND {columns(Membership, 'left_at')} IS NULL"
    )


@cache
def _stored_text(vendor: str) -> str:
    return (
        f"SELECT {columns(Message, 'id')} FROM {table(Message)}"
        f" WHERE ({columns(Message, 'sender', 'client_id')}) IN ({_pairs_text(vendor, 'text')})"
    )


def _pairs_text(vendor: str, second: str) -> str:
    """A subquery with the parameters of `_pairs`: an id and something else."""
    if vendor == "postgresql":
        return f"SELECT * FROM unnest(%s::bigint[], %s::{second}[])"
    return "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)"


@cache
def _insert_text(model: type[Model], fields: tuple[str, ...], vendor: str) -> str:
    names = ", ".join(f'"{column}"' for column, _ in _typed(model, fields))
    return f"INSERT INTO {table(model)} ({names}) {_rows_text(model, fields, vendor)}"


@cache
def _update_text(model: type[Model], fields: tuple[str, ...], vendor: str) -> str:
    """By primary key, which comes last in each row."""
    names = [column for column, _ in _typed(model, fields)]
    if vendor != "postgresql":
        changes = ", ".join(f'"{name}" = %s' for name in names)
        return f'UPDATE {table(model)} SET {changes} WHERE "id" = %s'
    given = ", ".join(f'"{name}"' for name in [*names, "id"])
    changes = ", ".join(f'"{name}" = given."{name}"' for name in names)
    return (
        f"UPDATE {table(model)} SET {changes} FROM ({_rows_text(model, (*fields, 'id'), vendor)}) AS given ({given})"
        f' WHERE {table(model)}."id" = given."id"'
    )


def _rows_text(model: type[Model], fields: tuple[str, ...], vendor: str) -> str:
    if vendor != "postgresql":
        return f"VALUES ({', '.join('%s' for _ in fields)})"
    return f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for _, kind in _typed(model, fields))})"


def _typed(model: type[Model], fields: tuple[str, ...]) -> list[tuple[str, str]]:
    """Column and type of each field. A cast to varchar(n) would cut what is too long, so they go as text."""
    typed = []
    for name in fields:
        field: Any = model._meta.get_field(name)
        kind = field.db_type(connection)
        typed.append((field.column, "text" if kind.startswith("varchar") else kind))
    return typed


# --- rows -----------------------------------------------------------------------


def _row(model: type[M], fields: tuple[str, ...], row: tuple[Any, ...]) -> M:
    names = [model._meta.get_field(name).attname for name in fields]  # type: ignore[union-attr]
    return model.from_db(connection.alias, names, row[: len(names)])


def _pairs(pairs: Collection[tuple[int, int]] | Collection[tuple[int, str]]) -> list[Any]:
    if connection.vendor == "postgresql":
        return [[first for first, _ in pairs], [second for _, second in pairs]]
    return [json.dumps([list(pair) for pair in pairs])]


def _time(moment: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _write(text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(text, [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(text, rows)
