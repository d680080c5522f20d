"""Who people are: users, the devices they are signed in on, and whom they know or want nothing to do with.

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
#: What one says with a request to become a contact, or to join a group: who one is, a sentence or two.
NOTE_MAX_CHARS = 200

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

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact: more on the screen")

    class TextSize(models.TextChoices):
        SMALL = "small", _("Small")
        NORMAL = "normal", _("Normal")
        LARGE = "large", _("Large")
        LARGER = "larger", _("Very large")

    class UndoSend(models.IntegerChoices):
        OFF = 0, _("Send at once")
        SHORT = 5, _("For 5 seconds")
        LONG = 10, _("For 10 seconds")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        CONTACTS = "contacts", _("My contacts")
        NOBODY = "nobody", _("Nobody")

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
    density = models.CharField(_("density"), max_length=11, choices=Density, default=Density.COMFORTABLE)
    text_size = models.CharField(_("text size"), max_length=6, choices=TextSize, default=TextSize.NORMAL)
    enter_sends = models.BooleanField(_("Enter sends"), default=True)
    undo_send = models.PositiveSmallIntegerField(
        _("undo sending"),
        choices=UndoSend,
        default=UndoSend.OFF,
        help_text=_("Seconds for which a sent message waits."),
    )
    presence_to = models.CharField(
        _("who sees when they are here"), max_length=8, choices=Audience, default=Audience.EVERYONE
    )
    read_receipts = models.BooleanField(
        _("tells what was read"), default=True, help_text=_("In direct conversations, where both must.")
    )
    direct_from = models.CharField(
        _("who may begin a conversation"), max_length=8, choices=Audience, default=Audience.EVERYONE
    )
    groups_from = models.CharField(
        _("who may add them to groups"), max_length=8, choices=Audience, default=Audience.EVERYONE
    )
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


class Contact(models.Model):
    """Somebody whom `user` knows. Always mutual: where there is this row there is the other one."""

    # No index of its own: it begins a unique constraint.
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="contacts", db_index=False, verbose_name=_("user")
    )
    contact = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("contact"))
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.UniqueConstraint(fields=["user", "contact"], name="contact_unique")]

    def __str__(self) -> str:
        return f"{self.contact_id} of {self.user_id}"


class ContactRequest(models.Model):
    """`sender` asks to become a contact of `receiver`. Accepted, or taken back, it is gone.

    One that was ignored stays, so that to ask again changes nothing; who asked is not told.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        IGNORED = "ignored", _("Ignored")
        WITHDRAWN = "withdrawn", _("Ignored, then taken back")

    # No index of its own: it begins a unique constraint.
    sender = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="requests_sent", db_index=False, verbose_name=_("from")
    )
    receiver = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="requests_received", db_index=False, verbose_name=_("to")
    )
    note = models.CharField(_("note"), max_length=NOTE_MAX_CHARS, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        constraints = [models.UniqueConstraint(fields=["sender", "receiver"], name="contact_request_unique")]
        indexes = [models.Index(fields=["receiver", "state"], name="contact_request_open")]

    def __str__(self) -> str:
        return f"{self.sender_id} to {self.receiver_id}"


class Block(models.Model):
    """`user` wants nothing to do with `blocked`: no messages, no presence, no typing, no receipts either way."""

    # No index of its own: it begins a unique constraint.
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="blocks", db_index=False, verbose_name=_("who blocks")
    )
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("who is blocked"))
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [models.UniqueConstraint(fields=["user", "blocked"], name="block_unique")]

    def __str__(self) -> str:
        return f"{self.blocked_id} by {self.user_id}"
