"""The ASGI application: HTTP to Django, WebSocket to the gateway, as far as they belong to this process's role.

Runs on daphne, uvicorn and any other server.
"""

from __future__ import annotations

import os
from typing import Any, cast

from asgiref.typing import ASGI3Application
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imsite.settings")

# First: it loads the apps, which everything below imports models from.
django_application = cast(ASGI3Application, get_asgi_application())

from chat.api.long_poll import LongPoll  # noqa: E402
from chat.gateway.roles import Role  # noqa: E402
from chat.gateway.runtime import WithGateway  # noqa: E402
from imsite.body_limit import BodyLimit  # noqa: E402
from imsite.checks import refuse_unsafe_settings  # noqa: E402
from imsite.health import HealthEndpoints  # noqa: E402
from imsite.roles import OnlyRole  # noqa: E402
from imsite.routing import NotUpgraded, websocket_application  # noqa: E402

refuse_unsafe_settings()

_role = Role(settings.IM_ROLE)

application: Any = ProtocolTypeRouter(
    {
        "http": HealthEndpoints(NotUpgraded(OnlyRole(BodyLimit(WithGateway(LongPoll(django_application))), _role))),
        "websocket": OnlyRole(websocket_application, _role),
    }
)
if settings.IM_TRUSTED_PROXIES:
    # Everything inside sees the client and its scheme, and nobody else's word for them is taken.
    application = ProxyHeadersMiddleware(
        application, trusted_hosts=[str(proxy) for proxy in settings.IM_TRUSTED_PROXIES]
    )
