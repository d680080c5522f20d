"""What written-out SQL needs to read alike on SQLite and PostgreSQL, with the models as the only source of names.

The ORM builds its SQL anew at each call; on the path of every message that costs several times what running it does
(bench/README.md, "Storing"). Texts made here never change with the number of rows, so the driver keeps them prepared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from django.db import connection
from django.db.models import Model

Key = Literal["bigint", "text"]


def table(model: type[Model]) -> str:
    """The quoted name of a model's table."""
    return f'"{model._meta.db_table}"'


def columns(model: type[Model], *fields: str) -> str:
    """The quoted columns of these fields, with their table, for a SELECT."""
    return ", ".join(f'{table(model)}."{model._meta.get_field(name).column}"' for name in fields)  # type: ignore[union-attr]


def among(column: str, key: Key) -> str:
    """A condition with one parameter, `values(…)`: that the column is one of them."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::{key}[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def values(wanted: Iterable[int] | Iterable[str]) -> Any:
    """The parameter of `among`."""
    found = list(wanted)
    return found if connection.vendor == "postgresql" else msgspec.json.encode(found).decode()


def fetch(text: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return list(cursor.fetchall())
