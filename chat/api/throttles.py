"""How often the API may be called: by user, or by address for those who are nobody yet.

Rates and counting are those of accounts.throttle: one increment in the shared cache, which a restart of Redis does not
stop. Pages count into the same limits. `IM_RATE_LIMITS` switches all of it off.
"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.addresses import client_address
from accounts.principal import Principal
from accounts.throttle import request_limit


class Throttle(BaseThrottle):
    """At most so many requests in a minute or an hour."""

    scope = "general"

    def allow_request(self, request: Request, view: APIView) -> bool:
        self._wait = request_limit(self.scope).hit(self.who(request))
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait

    def who(self, request: Request) -> str:
        """Whose requests are counted together."""
        if isinstance(request.auth, Principal):
            return f"user {request.auth.user_id}"
        return f"address {client_address(request._request)}"


class SignUpThrottle(Throttle):
    """New accounts from one address."""

    scope = "sign_up"


class SignInThrottle(Throttle):
    """Sign-ins from one address, right ones too: each costs a slow hash. Wrong passwords have a limit of their own."""

    scope = "sign_in"


class SearchThrottle(Throttle):
    """Searches of one user: each reads more than any other request."""

    scope = "search"


class UploadThrottle(Throttle):
    """Files of one user: each may cost a core some seconds."""

    scope = "upload"


class SendThrottle(Throttle):
    """Messages, edits, recalls and reactions of one user: as many in a minute as a socket takes."""

    scope = "send"
