"""The API's description: OpenAPI, AsyncAPI and Protobuf for programs, `/api/docs/` for people."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views import View
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator

from chat import codecs
from chat.api import asyncapi

PROTO = Path(codecs.__file__).with_name("im.proto")

#: Long enough for a page and its reader, short enough for nobody to build upon the last release.
MAX_AGE_S = 300


class SchemaView(View):
    """OpenAPI 3.1 as JSON."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return _published(request, _schema(), "application/json")


class AsyncApiView(View):
    """The sockets' frames as AsyncAPI 3.0."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        document = asyncapi.document(host=request.get_host(), is_secure=request.is_secure())
        return _published(request, json.dumps(document, ensure_ascii=False).encode(), asyncapi.MEDIA_TYPE)


class ProtoView(View):
    """The frames in Protobuf, as a source for protoc. It has no media type of its own; browsers show it as text."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return _published(request, _proto(), "text/plain; charset=utf-8")


def _published(request: HttpRequest, body: bytes, content_type: str) -> HttpResponseBase:
    """`body` for everybody to keep, and only its name when the client has it already (RFC 9110 §13.1.2)."""
    response = HttpResponse(
        body, content_type=content_type, headers={"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    )
    patch_cache_control(response, public=True, max_age=MAX_AGE_S)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@functools.cache
def _proto() -> bytes:
    return PROTO.read_bytes()


@functools.cache
def _schema() -> bytes:
    """Made once for each process: it takes a while, and anybody may ask."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True), ensure_ascii=False).encode()


class DocsView(TemplateView):
    """The description as a page where requests can be tried. All of it comes from this server."""

    template_name = "api/docs.html"
