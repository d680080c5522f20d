"""Numbers of related rows beside the rows of a list, without a query for each."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(related: QuerySet[Any], by: str) -> Coalesce:
    """How many of `related` (filtered to `by` being the outer row) a row has.

    A subquery, where a join and a GROUP BY would read the whole table to show one page of it.
    """
    counted = related.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
