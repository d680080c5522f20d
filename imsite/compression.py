"""Pages go out compressed: a conversation is 300 kB of HTML, and 33 kB on its way."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """Compress HTML for browsers that take it, and nothing else: files have their length and their ranges.

    The lengths tell nobody what is secret (BREACH, CVE-2013-3587): Django masks the token of each form anew for every
    answer and adds a random number of bytes; and cookies do not go with what other sites ask for (SameSite).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
