"""Who people are: users, and the devices they are signed in on.

Rules: no business logic here (see accounts.services) and no import of chat.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Long enough for a name with a UUID in it, short enough for one line on a phone.
USERNAME_MAX_CHARS = 64
NAME_MAX_CHARS = 64

#: Starts with a letter or digit, so that "." and ".." never become a URL path segment.
validate_username = RegexValidator(
    r"^[^\W_][\w.@+-]*\Z",
    _("A username starts with a letter or digit; then letters, digits and . _ - + @ may follow."),
    code="invalid_username",
)


class User(AbstractBaseUser, PermissionsMixin):
    """A person (or a bot). The username is the user's id on the wire and never changes."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = models.CharField(
        _("username"),
        max_length=USERNAME_MAX_CHARS,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": _("This username is taken.")},
    )
    name = models.CharField(_("display name"), max_length=NAME_MAX_CHARS, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    is_staff = models.BooleanField(_("may use the admin site"), default=False)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: the user is banned; every session ends at once.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            # alice and Alice are one person; sign-in is case-insensitive too.
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_code="unique",
                violation_error_message=_("This username is taken."),
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def display_name(self) -> str:
        """The name people see: the chosen one, else the username."""
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Device(models.Model):
    """One place where a user is signed in: an app with a token, or a browser with a session cookie.

    There is one live row per (user, client_id). Revoking a device ends its token, its
    browser session and its sockets. Only the SHA-256 digest of a token is stored: tokens
    are 256 random bits, so a slow hash would add cost and no safety.
    """

    class Platform(models.TextChoices):
        WEB = "web", _("Web")
        IOS = "ios", "iOS"
        ANDROID = "android", "Android"
        DESKTOP = "desktop", _("Desktop")
        BOT = "bot", _("Bot")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices", verbose_name=_("user"))
    client_id = models.CharField(_("device id"), max_length=64, help_text=_("Chosen by the client."))
    platform = models.CharField(_("platform"), max_length=8, choices=Platform, default=Platform.WEB)
    name = models.CharField(_("name"), max_length=120, blank=True)
    token_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    session_key = models.CharField(max_length=40, unique=True, null=True, editable=False)
    created_at = models.DateTimeField(_("signed in"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    synced_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When this device last began a session: receipts since then are sent again.",
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"], condition=models.Q(revoked_at=None), name="device_live_unique"
            ),
        ]
        indexes = [models.Index(fields=["user", "-last_seen_at"], name="device_user_seen")]

    def __str__(self) -> str:
        return self.name or self.client_id
