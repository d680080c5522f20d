"""What all views of the API share: reading a body or a query into its type, and saying who asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors
from accounts.models import User
from accounts.principal import Principal
from chat.api.authentication import BearerAuthentication, BrowserAuthentication, IsSignedIn
from chat.api.bodies import Body
from chat.api.decoding import decode_json, decode_query
from chat.api.errors import handle_exception
from chat.api.rendering import JsonOnly, StructRenderer
from chat.api.throttles import Throttle
from chat.errors import ErrorCode, ImError

B = TypeVar("B", bound=Body)


class ApiView(APIView):
    """One route. Views only translate: they read the request, call one service or selector, and name the status."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (BearerAuthentication, BrowserAuthentication)
    permission_classes: Sequence[type[BasePermission]] = (IsSignedIn,)
    throttle_classes: Sequence[type[Throttle]] = (Throttle,)
    renderer_classes = (StructRenderer,)
    parser_classes = (JSONParser,)  # names the media type; `body` does the reading
    content_negotiation_class = JsonOnly
    http_method_names = ("get", "head", "post", "put", "patch", "delete")  # what there is, /api/schema/ says

    #: Bytes of a body: what a frame may have, since the same things are said in both.
    body_max_bytes: int | None = None
    #: What one person was told is for no cache to tell another, nor the same one later.
    cache_control = "no-store"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # `%00` in a path names nothing that exists, and databases refuse to look for it.
        if any("\x00" in value for value in kwargs.values() if isinstance(value, str)):
            raise ImError(ErrorCode.NOT_FOUND)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return handle_exception

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = self.cache_control
        return response

    @property
    def principal(self) -> Principal:
        """Who asks."""
        principal = self.request.auth
        assert isinstance(principal, Principal)
        return principal

    def user(self) -> User:
        """The row of who asks."""
        return selectors.get_user(self.principal.user_id)

    def body(self, body_type: type[B], *, optional: bool = False) -> B:
        """The request's JSON as `body_type`; when it is `optional`, no body at all is `{}`.

        Read here and not by a DRF parser: those skip a body without Content-Length, which HTTP allows.

        Raises:
            ImError: BAD_FRAME with the field, or TOO_LARGE.
        """
        data = self.raw_body(self.body_max_bytes or settings.IM_FRAME_BYTES)
        if not data:
            if not optional:
                raise ImError(ErrorCode.BAD_FRAME, "This takes a JSON body.")
            data = b"{}"
        elif self.request._request.content_type != "application/json":
            # Also what keeps a plain HTML form on another site from writing here.
            raise exceptions.UnsupportedMediaType(
                self.request._request.content_type or "", detail="The body must be application/json."
            )
        return decode_json(data, body_type)

    def raw_body(self, max_bytes: int) -> bytes:
        """The request's bytes.

        Raises:
            ImError: TOO_LARGE.
        """
        data: bytes = self.request._request.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise ImError(ErrorCode.TOO_LARGE, f"A body has {max_bytes} bytes at most here.")
        return data

    def query(self, query_type: type[B]) -> B:
        """The query of the URL as `query_type`.

        Raises:
            ImError: BAD_FRAME with the field.
        """
        return decode_query(self.request._request.GET, query_type)


def given(body: msgspec.Struct) -> dict[str, Any]:
    """The fields that a body of changes holds."""
    return {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
