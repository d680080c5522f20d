"""Every write to users and devices.

Each function is one transaction, and does its slow work (hashing, pictures) before that begins. Input that
cannot be accepted raises Django's ValidationError by field; sessions that end are announced through
`accounts.signals.sessions_revoked` after the commit. Lock order: the user's row, then device rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import IO, Any, TypedDict, Unpack

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import time_zones
from accounts.avatars import process_avatar
from accounts.models import Device, User
from accounts.signals import privacy_changed, sessions_revoked
from accounts.text import clean_name
from accounts.tokens import new_token, token_digest

#: `last_seen_at` is for people to read, so a minute is exact enough and spares most writes.
SEEN_RESOLUTION = timedelta(minutes=1)

#: Live devices of one user: nobody has so many, but a client that makes up a new id for every sign-in does.
DEVICES_MAX = 100


class UserChanges(TypedDict, total=False):
    """What users may change of their own accounts. `avatar` is an uploaded file, or None for no picture."""

    name: str
    email: str
    language: str
    time_zone: str
    theme: str
    density: str
    text_size: str
    enter_sends: bool
    undo_send: int
    presence_to: str
    read_receipts: bool
    direct_from: str
    groups_from: str
    avatar: IO[bytes] | None


def user_create(*, username: str, password: str, name: str = "", language: str = "") -> User:
    """A new account.

    Usernames are compared in NFKC and without case, so that no two differ by encoding alone.

    Raises:
        ValidationError: by field: the username is taken, or something is not acceptable.
    """
    user = User(username=User.normalize_username(username))
    errors = _assign(user, {"name": name, "language": language})
    try:
        validate_password(password, user)
    except ValidationError as error:
        errors["password"] = error.error_list
    try:
        user.full_clean(exclude={"password", *errors})
    except ValidationError as error:
        errors |= _by_field(error)
    if errors:
        raise ValidationError(errors)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        # Somebody took the name between the check and here.
        raise ValidationError({"username": ValidationError(_("This username is taken."), code="unique")}) from error
    return user


def user_update(*, user: User, **changes: Unpack[UserChanges]) -> User:
    """Change one's own profile and settings. What is not given stays.

    Raises:
        ValidationError: by field.
    """
    unknown = changes.keys() - UserChanges.__annotations__.keys()
    if unknown:
        raise TypeError(f"not a field of one's own account: {', '.join(sorted(unknown))}")
    storage, old_avatar = user.avatar.storage, user.avatar.name
    errors = _assign(user, changes)
    try:
        # The picture was made by us just now; of the rest, what did not change is not judged again.
        kept = {field.name for field in User._meta.fields} - changes.keys()
        user.clean_fields(exclude={"avatar", *kept, *errors})
    except ValidationError as error:
        errors |= _by_field(error)
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        user.save(update_fields=list(changes))
        if old_avatar and "avatar" in changes:
            transaction.on_commit(partial(storage.delete, old_avatar), robust=True)
        if "presence_to" in changes:
            transaction.on_commit(partial(privacy_changed.send_robust, sender=User, user_id=user.pk))
    return user


def user_set_password(*, user: User, password: str, keep_device: Device | None = None) -> None:
    """A new password. Every token and browser session ends, except those of `keep_device`.

    Django's own session of that device ends too, because it is tied to the password: the view that changes it
    calls `accounts.browser_sessions.keep_signed_in` afterwards.

    Raises:
        ValidationError: field `password`.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.error_list}) from error
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        _revoke_all(user, keep=keep_device, now=timezone.now())


@transaction.atomic
def user_deactivate(*, user: User) -> None:
    """Ban or close the account: nobody signs in to it any more, and all of its sessions end."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    _revoke_all(user, keep=None, now=timezone.now())


@transaction.atomic
def user_reactivate(*, user: User) -> None:
    """Let the user sign in again. Sessions that ended stay ended."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def device_sign_in(*, user: User, client_id: str, platform: str, name: str = "", now: datetime) -> tuple[Device, str]:
    """Sign an app in: its device, and the token, which is stored only as a digest and never shown again.

    `user` is as it was when the password was checked: checking takes a tenth of a second, in which another device may
    have set a new one to shut this one out.

    There is one token per device: signing in again with the same `client_id` ends what was signed in before.
    A token lives for `IM_TOKEN_DAYS` from now, used or not, so a stolen one cannot be kept alive by using it.

    Raises:
        ValidationError: by field, or code `inactive`: the account was closed meanwhile; `changed`: the password was.
    """
    active = _lock_active(user)
    if active.password != user.password:
        raise ValidationError(_("The password was changed a moment ago. Sign in again."), code="changed")
    token = new_token()
    device = Device(
        user=active,
        client_id=client_id,
        platform=platform,
        name=name,
        token_digest=token_digest(token),
        expires_at=now + timedelta(days=settings.IM_TOKEN_DAYS),
        last_seen_at=now,
    )
    device.clean_fields(exclude={"user"})
    _revoke(Device.objects.filter(user=user, client_id=client_id), now=now)
    device.save(force_insert=True)
    _revoke_beyond_limit(user, now=now)
    return device, token


@transaction.atomic
def device_sign_in_browser(*, user: User, session_key: str, name: str, now: datetime) -> Device:
    """Note that a browser signed in, so that it is listed and can be revoked like an app.

    Signing in once more in the same session keeps its device.

    Raises:
        ValidationError: code `inactive`: the account was closed meanwhile.
    """
    device, created = Device.objects.get_or_create(
        user=_lock_active(user),
        session_key=session_key,
        revoked_at=None,
        defaults={
            "client_id": f"browser-{secrets.token_hex(12)}",
            "platform": Device.Platform.WEB,
            "name": name[: Device._meta.get_field("name").max_length],
            "expires_at": now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            "last_seen_at": now,
        },
    )
    if created:
        _revoke_beyond_limit(user, now=now)
    else:
        device.expires_at = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        device.last_seen_at = now
        device.save(update_fields=["expires_at", "last_seen_at"])
    return device


@transaction.atomic
def device_move_session(*, device: Device, session_key: str) -> None:
    """The browser session of `device` goes on under another key (Django changes it with the password)."""
    device.session_key = session_key
    device.save(update_fields=["session_key"])


@transaction.atomic
def device_revoke(*, device: Device, now: datetime) -> None:
    """End what is signed in on `device`: its token, browser session and sockets. Twice is as good as once."""
    _revoke(Device.objects.filter(pk=device.pk), now=now)


@transaction.atomic
def devices_revoke_others(*, user: User, keep: Device | None, now: datetime) -> None:
    """End everything that the user is signed in on, except `keep`."""
    _revoke_all(user, keep=keep, now=now)


@transaction.atomic
def session_revoke(*, session_key: str, now: datetime) -> None:
    """End the device of a browser session, if it has one."""
    _revoke(Device.objects.filter(session_key=session_key), now=now)


def device_seen(*, device_id: int, now: datetime) -> None:
    """Note that a device, and so its user, is here. Cheap to repeat: most calls change no row."""
    before = now - SEEN_RESOLUTION
    Device.objects.filter(pk=device_id, last_seen_at__lt=before).update(last_seen_at=now)
    User.objects.filter(Q(last_seen_at=None) | Q(last_seen_at__lt=before), devices=device_id).update(last_seen_at=now)


@transaction.atomic
def device_begin_session(*, device_id: int, now: datetime) -> tuple[bool, datetime | None]:
    """A connection of the device begins: whether the device still is signed in, and when its last one began.

    What changed since then may not have reached it, so a sync brings it again.
    """
    live = Device.objects.filter(pk=device_id, revoked_at=None, expires_at__gt=now, user__is_active=True)
    device = live.only("synced_at").first()
    if device is None:
        return False, None
    Device.objects.filter(pk=device_id).update(synced_at=now, last_seen_at=now)
    return True, device.synced_at


def device_synced(*, device_id: int, now: datetime) -> None:
    """The device was just told everything up to `now`, without a connection."""
    Device.objects.filter(pk=device_id).update(synced_at=now, last_seen_at=now)


def _assign(user: User, changes: UserChanges) -> dict[str, list[ValidationError]]:
    """Put cleaned values on `user`; the fields that could not be cleaned, with the reasons."""
    errors: dict[str, list[ValidationError]] = {}
    for field, value in changes.items():
        try:
            setattr(user, field, _CLEANERS[field](value))
        except ValidationError as error:
            errors[field] = error.error_list
    return errors


def _clean_language(language: str) -> str:
    if language and language not in dict(settings.LANGUAGES):
        raise ValidationError(_("This language is not available."), code="invalid_choice")
    return language


def _clean_time_zone(time_zone: str) -> str:
    if time_zone and time_zone not in time_zones.known():
        raise ValidationError(_("There is no such time zone."), code="invalid_choice")
    return time_zone


def _clean_avatar(upload: IO[bytes] | None) -> ContentFile[bytes] | None:
    return None if upload is None else process_avatar(upload)


_CLEANERS: dict[str, Callable[[Any], object]] = {
    "name": clean_name,
    "email": str.strip,
    "language": _clean_language,
    "time_zone": _clean_time_zone,
    "theme": str,
    "density": str,
    "text_size": str,
    "enter_sends": bool,
    "undo_send": int,
    "presence_to": str,
    "read_receipts": bool,
    "direct_from": str,
    "groups_from": str,
    "avatar": _clean_avatar,
}


def _by_field(error: ValidationError) -> dict[str, list[ValidationError]]:
    """The reasons by field. A constraint names none; the one on users is about the username."""
    reasons = error.error_dict
    if NON_FIELD_ERRORS in reasons:
        reasons.setdefault("username", []).extend(reasons.pop(NON_FIELD_ERRORS))
    return reasons


def _lock_active(user: User) -> User:
    """`user` as it is now, locked against a concurrent sign-in, new password or ban."""
    locked = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).first()
    if locked is None:
        raise ValidationError(_("This account is not active."), code="inactive")
    return locked


def _revoke_all(user: User, *, keep: Device | None, now: datetime) -> None:
    devices = Device.objects.filter(user=user)
    if keep is not None:
        devices = devices.exclude(pk=keep.pk)
    _end(devices, now=now)
    # Announced even without a device row: the sockets of one that was deleted by hand end too.
    _announce(user.pk, device_ids=None, keep_device_id=keep.pk if keep is not None else None)


def _revoke(devices: QuerySet[Device], *, now: datetime) -> None:
    by_user: dict[int, list[int]] = {}
    for device in _end(devices, now=now):
        by_user.setdefault(device.user_id, []).append(device.pk)
    for user_id, device_ids in by_user.items():
        _announce(user_id, device_ids=device_ids, keep_device_id=None)


def _revoke_beyond_limit(user: User, *, now: datetime) -> None:
    """End those devices that were not used for the longest time, if there are too many."""
    live = Device.objects.filter(user=user, revoked_at=None).order_by("-last_seen_at", "-pk")
    beyond = list(live.values_list("pk", flat=True)[DEVICES_MAX:])
    if beyond:
        _revoke(Device.objects.filter(pk__in=beyond), now=now)


def _end(devices: QuerySet[Device], *, now: datetime) -> list[Device]:
    """Mark the live ones of `devices` as revoked, with what they could be recognised by; the rows stay as a record."""
    ended = list(devices.filter(revoked_at=None).select_for_update(no_key=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for device in ended:
        if device.session_key is not None:
            store(device.session_key).delete()
    Device.objects.filter(pk__in=[device.pk for device in ended]).update(
        revoked_at=now, token_digest=None, session_key=None
    )
    return ended


def _announce(user_id: int, *, device_ids: list[int] | None, keep_device_id: int | None) -> None:
    transaction.on_commit(
        partial(
            sessions_revoked.send_robust,
            sender=Device,
            user_id=user_id,
            device_ids=device_ids,
            keep_device_id=keep_device_id,
        )
    )
