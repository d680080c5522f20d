"""Accounts, sign-ins, devices, profiles."""

from __future__ import annotations

import io

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors, services
from accounts.addresses import client_address
from accounts.authentication import check_credentials
from accounts.avatars import UPLOAD_MAX_BYTES
from chat.api import bodies, objects
from chat.api.base import ApiView, given
from chat.api.schema import operation
from chat.api.throttles import SignInThrottle, SignUpThrottle, Throttle
from chat.errors import ErrorCode, ImError
from chat.events import UserObject
from chat.services.notifications import notifications_update


class AccountsView(ApiView):
    """Signing up."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (Throttle, SignUpThrottle)

    @operation(
        "signUp",
        "Sign up",
        tag="people",
        body=bodies.NewAccount,
        answers={201: UserObject},
        errors=(ErrorCode.CONFLICT, ErrorCode.FORBIDDEN),
        is_public=True,
    )
    def post(self, request: Request) -> Response:
        """Make an account. `conflict`: the username is taken. `forbidden`: this site takes no new accounts."""
        if not settings.IM_SIGNUP:
            raise ImError(ErrorCode.FORBIDDEN, "New accounts are made by the administrator here.")
        body = self.body(bodies.NewAccount)
        user = services.user_create(
            username=body.username, password=body.password, name=body.name, language=body.language
        )
        return Response(objects.user_object(user), status=201)


class TokensView(ApiView):
    """Signing in."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (Throttle, SignInThrottle)

    @operation(
        "signIn",
        "Sign in",
        tag="people",
        body=bodies.SignIn,
        answers={201: objects.TokenObject},
        errors=(ErrorCode.BAD_CREDENTIALS,),
        is_public=True,
    )
    def post(self, request: Request) -> Response:
        """A token for one device. Signing in again with the same `device.id` ends the device's old token.

        After five wrong passwords for one username it takes half an hour without a try (`rate_limited`).
        """
        body = self.body(bodies.SignIn)
        user = check_credentials(
            username=body.username, password=body.password, address=client_address(request._request)
        )
        device, token = services.device_sign_in(
            user=user,
            client_id=body.device.id,
            platform=body.device.platform,
            name=body.device.name,
            now=timezone.now(),
        )
        return Response(
            objects.TokenObject(
                token=token,
                expires_at=int(device.expires_at.timestamp() * 1000),
                user=objects.user_object(user),
            ),
            status=201,
        )


class CurrentTokenView(ApiView):
    """Signing out."""

    @operation("signOut", "Sign out", tag="people", answers={204: None})
    def delete(self, request: Request) -> Response:
        """End this device's token or browser session, and its sockets."""
        device = selectors.get_device(self.principal.device_id)
        services.device_revoke(device=device, now=timezone.now())
        return Response(status=204)


class DevicesView(ApiView):
    """Where the user is signed in."""

    @operation("listDevices", "One's devices", tag="people", answers={200: objects.DevicePage})
    def get(self, request: Request) -> Response:
        """Where one is signed in, most recently seen first."""
        devices = selectors.list_devices(self.user())
        return Response(
            objects.DevicePage(results=[objects.device_object(device, principal=self.principal) for device in devices])
        )


class DeviceView(ApiView):
    """One device of the user's."""

    @operation(
        "revokeDevice",
        "Sign another device out",
        tag="people",
        path=("device",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def delete(self, request: Request, device: str) -> Response:
        """End a device's token or browser session. Its sockets close within two seconds."""
        row = selectors.get_live_device_or_none(user_id=self.principal.user_id, client_id=device)
        if row is None:
            raise ImError(ErrorCode.NOT_FOUND)
        services.device_revoke(device=row, now=timezone.now())
        return Response(status=204)


class MeView(ApiView):
    """One's own account."""

    @operation("getMe", "One's own account", tag="people", answers={200: objects.MeObject})
    def get(self, request: Request) -> Response:
        """Profile and settings."""
        return Response(objects.me_object(self.user()))

    @operation(
        "updateMe", "Change one's account", tag="people", body=bodies.AccountChanges, answers={200: objects.MeObject}
    )
    def patch(self, request: Request) -> Response:
        """Change what the body holds. A username never changes."""
        changes = given(self.body(bodies.AccountChanges))
        notifications = changes.pop("notifications", None)
        if notifications is not None:
            notifications_update(user_id=self.principal.user_id, **given(notifications))
        return Response(objects.me_object(services.user_update(user=self.user(), **changes)))


class AvatarView(ApiView):
    """One's own picture: the body is the file."""

    @operation("setAvatar", "Set one's picture", tag="people", upload="image/*", answers={200: objects.MeObject})
    def put(self, request: Request) -> Response:
        """The body is the file: JPEG, PNG, WebP or GIF, up to 8 MB. It is cropped to a square."""
        upload = io.BytesIO(self.raw_body(UPLOAD_MAX_BYTES))
        return Response(objects.me_object(services.user_update(user=self.user(), avatar=upload)))

    @operation("removeAvatar", "Remove one's picture", tag="people", answers={204: None})
    def delete(self, request: Request) -> Response:
        """Clients draw the initials then."""
        services.user_update(user=self.user(), avatar=None)
        return Response(status=204)


class UsersView(ApiView):
    """Finding people."""

    @operation("searchUsers", "Find people", tag="people", query=bodies.UserSearch, answers={200: objects.UserPage})
    def get(self, request: Request) -> Response:
        """By part of their name or username: exact usernames first, twenty at most, nobody without a search."""
        users = selectors.search_users(self.query(bodies.UserSearch).search, bodies.USERS_MAX)
        return Response(objects.UserPage(results=[objects.user_object(user) for user in users]))
