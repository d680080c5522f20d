"""Every read of users and devices. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower, Now
from django.utils.crypto import constant_time_compare

from accounts.avatars import avatar_url
from accounts.models import Device, User
from accounts.principal import Principal
from accounts.privacy import see_each_other
from accounts.tokens import token_digest

#: Where a browser session keeps the id of its device row.
SESSION_DEVICE_KEY = "device_id"


def get_user_by_username_or_none(username: str) -> User | None:
    """The active user of that name, however it is capitalised."""
    return with_username(username).filter(is_active=True).first()


def with_username(username: str) -> QuerySet[User]:
    """The users (one at most, active or not) whom `username` means: in NFKC, without case, by the unique index."""
    return User.objects.alias(username_lower=Lower("username")).filter(
        # Lowered by the database on both sides, so that both mean the same.
        username_lower=Lower(Value(User.normalize_username(username).replace("\x00", "\ufffd")))
    )


def get_user(user_id: int) -> User:
    """The row of a user who is known to exist: that of a Principal."""
    return User.objects.get(pk=user_id)


def search_users(text: str, limit: int) -> list[User]:
    """Active users with `text` in their name or username: exact usernames first, then beginnings, then the rest."""
    text = User.normalize_username(" ".join(text.split()))
    if not text or "\x00" in text:
        return []
    rank = Case(
        When(username__iexact=text, then=Value(0)),
        When(Q(username__istartswith=text) | Q(name__istartswith=text), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = User.objects.filter(Q(username__icontains=text) | Q(name__icontains=text), is_active=True)
    return list(found.annotate(rank=rank).order_by("rank", "username")[:limit])


def get_device(device_id: int) -> Device:
    """The row of a device that is known to exist: that of a Principal."""
    return Device.objects.get(pk=device_id)


def get_live_device_or_none(*, user_id: int, client_id: str) -> Device | None:
    """The device of the user that signed in under this id, if it still is."""
    return Device.objects.filter(user_id=user_id, client_id=client_id, revoked_at=None, expires_at__gt=Now()).first()


def list_devices(user: User) -> list[Device]:
    """Where the user is signed in now, most recently seen first."""
    return list(user.devices.filter(revoked_at=None, expires_at__gt=Now()).order_by("-last_seen_at", "-pk"))


def authenticate_token(token: str, now: datetime) -> Principal | None:
    """Whose live token this is, or None: unknown, revoked, expired, or the account is not active."""
    return _principal(Device.objects.filter(token_digest=token_digest(token)), now)


def principal_for_session(session: SessionBase, now: datetime) -> Principal | None:
    """Who is signed in with this browser session, or None: nobody, or the device is revoked or expired.

    Like Django's own middleware it refuses a session from before the last change of password.
    """
    device = get_session_device_or_none(session)
    if device is None or session.get(SESSION_KEY) != str(device.user_id):
        return None
    presented = session.get(HASH_SESSION_KEY, "")
    accepted = [device.user.get_session_auth_hash(), *device.user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(presented, auth_hash) for auth_hash in accepted):
        return None
    return _principal_of(device, now)


def get_session_device_or_none(session: SessionBase) -> Device | None:
    """The device row of a browser session, live or not."""
    device_id = session.get(SESSION_DEVICE_KEY)
    return Device.objects.select_related("user").filter(pk=device_id).first() if device_id else None


def devices_still_valid(device_ids: Iterable[int], now: datetime) -> set[int]:
    """Those of `device_ids` that are still signed in, in one query."""
    return set(
        Device.objects.filter(
            pk__in=list(device_ids), revoked_at=None, expires_at__gt=now, user__is_active=True
        ).values_list("pk", flat=True)
    )


@dataclass(frozen=True, slots=True)
class PresenceSubject:
    """A user whose presence was asked for; `is_visible`: and may be seen, by who asks."""

    user_id: int
    username: str
    last_seen_ms: int | None
    is_visible: bool


def presence_subjects(usernames: Iterable[str], *, viewer_id: int) -> list[PresenceSubject]:
    """The active users of these names."""
    names = [User.normalize_username(name).lower() for name in usernames if "\x00" not in name]
    rows = User.objects.alias(username_lower=Lower("username")).filter(username_lower__in=names, is_active=True)
    found = list(rows.values_list("pk", "username", "last_seen_at"))
    visible = see_each_other({(viewer_id, pk) for pk, _, _ in found})
    return [
        PresenceSubject(
            pk, username, int(seen.timestamp() * 1000) if seen is not None else None, (viewer_id, pk) in visible
        )
        for pk, username, seen in found
    ]


def _principal(devices: QuerySet[Device], now: datetime) -> Principal | None:
    device = devices.select_related("user").first()
    return _principal_of(device, now) if device is not None else None


def _principal_of(device: Device, now: datetime) -> Principal | None:
    user = device.user
    if device.revoked_at is not None or device.expires_at <= now or not user.is_active:
        return None
    return Principal(
        user_id=user.pk,
        username=user.username,
        name=user.display_name,
        avatar=avatar_url(user),
        device_id=device.pk,
        platform=device.platform,
        expires_at=device.expires_at,
    )
