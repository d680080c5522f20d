"""The API's description: `/api/schema/` for programs, `/api/docs/` for people."""

from __future__ import annotations

import functools
import json

from django.http import HttpRequest, HttpResponse
from django.views import View
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator


class SchemaView(View):
    """OpenAPI 3.1 as JSON."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(_schema(), content_type="application/json")


@functools.cache
def _schema() -> bytes:
    """Made once for each process: it takes a while, and anybody may ask."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True), ensure_ascii=False).encode()


class DocsView(TemplateView):
    """The description as a page where requests can be tried. All of it comes from this server."""

    template_name = "api/docs.html"
