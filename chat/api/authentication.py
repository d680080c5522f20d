"""Who asks: a bearer token, else the browser's session. `request.auth` is the Principal, or None for nobody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import counters
from accounts.principal import Principal
from accounts.selectors import authenticate_token, principal_for_session
from accounts.services import SEEN_RESOLUTION, device_seen


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`. A token that was given must be good: no cookie makes up for a bad one."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        principal = authenticate_token(token.strip(), timezone.now())
        if principal is None:
            raise exceptions.AuthenticationFailed
        _note_seen(principal)
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, which tells the reason instead of making a page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


class BrowserAuthentication(BaseAuthentication):
    """The session cookie of the web pages. Since browsers send it by themselves, writes need the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        principal = principal_for_session(request._request.session, timezone.now())
        if principal is None:
            return None
        check = _CsrfCheck(lambda _: HttpResponse())
        check.process_request(request._request)
        if check.process_view(request._request, lambda _: HttpResponse(), (), {}):
            raise exceptions.PermissionDenied("The CSRF token is missing or wrong.")
        _note_seen(principal)
        return principal, principal


def _note_seen(principal: Principal) -> None:
    """Who calls is here. The database is told of it once in a while, not with every request."""
    if counters.increment(f"seen:{principal.device_id}", ttl_s=int(SEEN_RESOLUTION.total_seconds())) == 1:
        device_seen(device_id=principal.device_id, now=timezone.now())


class IsSignedIn(BasePermission):
    """Somebody, by either way. What they may do is for services and selectors to say."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None
