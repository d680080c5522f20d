"""Paths under `/api/` that lead nowhere."""

from __future__ import annotations

from typing import Any, NoReturn

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from chat.api.base import ApiView
from chat.errors import ErrorCode, ImError


@extend_schema(exclude=True)
class MissingView(ApiView):
    """`not_found` for every method, signed in or not, where Django would answer with a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such route; every path ends in a slash.")
