"""What an installation must not start with. `manage.py` runs these with Django's own checks; asgi.py runs them, too.

A wrong setting that would lose messages or open a door is an error and stops the start; each says what to do instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

TAG = "imsite"


@register(TAG)
def check_secret_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        is_set = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        is_set = False
    if settings.DEBUG or is_set:
        return []
    command = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    return [
        Error("DEBUG is off and SECRET_KEY is not set.", hint=f"Make one and keep it secret: {command}", id="im.E001")
    ]


@register(TAG)
def check_allowed_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "DEBUG is off and ALLOWED_HOSTS has *: any page of the web could open a socket here as the visitor.",
            hint="Name the hosts: ALLOWED_HOSTS=chat.example.org",
            id="im.E002",
        )
    ]


@register(TAG)
def check_layer(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.IM_WORKERS == 1 or settings.REDIS_URL:
        return []
    return [
        Error(
            f"IM_WORKERS is {settings.IM_WORKERS} and the channel layer is in memory: "
            "what one process pushes does not reach those who are connected to another.",
            hint="Set REDIS_URL=redis://host:6379/0",
            id="im.E003",
        )
    ]


@register(TAG)
def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.IM_WORKERS == 1 or settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    return [
        Error(
            f"IM_WORKERS is {settings.IM_WORKERS} and the database is SQLite, which takes one writer at a time.",
            hint="Set DATABASE_URL=postgresql://user:password@host:5432/name",
            id="im.E004",
        )
    ]


@register(TAG)
def check_proxy_protocol(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.IM_TCP_PROXY_PROTOCOL or settings.IM_TRUSTED_PROXIES:
        return []
    return [
        Error(
            "IM_TCP_PROXY_PROTOCOL is on and IM_TRUSTED_PROXIES is empty: nobody is believed, so nobody gets in.",
            hint="Name the balancers: IM_TRUSTED_PROXIES=10.0.0.0/24",
            id="im.E005",
        )
    ]


@register(TAG)
def check_storage(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.S3_BUCKET or find_spec("storages") is not None:
        return []
    return [
        Error(
            "S3_BUCKET is set and django-storages is not installed.",
            hint="pip install --require-hashes -r requirements/s3.txt",
            id="im.E006",
        )
    ]


@register(TAG)
def check_tls(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.IM_TLS_HTTP or settings.IM_TLS_CERTIFICATE:
        return []
    return [
        Error(
            "IM_TLS_HTTP is on and there is no certificate: the site would be served without TLS.",
            hint="Set IM_TLS_CERTIFICATE=/path/to/chain.pem, and IM_TLS_KEY",
            id="im.E007",
        )
    ]


def refuse_unsafe_settings() -> None:
    """For starts that do not go through manage.py.

    Raises:
        ImproperlyConfigured: with every finding of this file.
    """
    findings = run_checks(tags=[TAG])
    if findings:
        raise ImproperlyConfigured("\n".join(str(finding) for finding in findings))
