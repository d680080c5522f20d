"""Conversations: numbered logs that members share."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TITLE_MAX_CHARS = 100
DESCRIPTION_MAX_CHARS = 300  # A few sentences: it stands above everything else about a group.


def new_conversation_id() -> int:
    """A random 63-bit id: its decimal text is the opaque id on the wire, and it tells nothing."""
    return secrets.randbits(62) | (1 << 62)


class Conversation(models.Model):
    """A direct chat, a group or a channel.

    `last_seq` numbers messages, `version` numbers changes to them, `members_version` numbers
    changes of who is a member. All three are only taken under this row's lock (services.log).
    """

    class Kind(models.TextChoices):
        DIRECT = "direct", _("Direct")
        GROUP = "group", _("Group")
        CHANNEL = "channel", _("Channel")

    class Level(models.IntegerChoices):
        """Who may do something: a role at least as high. Two bytes each, so that every send can look at one."""

        EVERYBODY = 0, _("Everybody")
        ADMINS = 1, _("Owner and admins")
        OWNER = 2, _("Only the owner")

    id = models.BigIntegerField(primary_key=True, default=new_conversation_id, editable=False)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    title = models.CharField(_("title"), max_length=TITLE_MAX_CHARS, blank=True)
    direct_key = models.CharField(
        max_length=41,
        unique=True,
        null=True,
        editable=False,
        help_text="The two user ids, lower first; direct chats only.",
    )
    description = models.CharField(_("description"), max_length=DESCRIPTION_MAX_CHARS, blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    # What they mean for whom: chat.selectors.rights.
    who_sends = models.PositiveSmallIntegerField(_("who may write"), choices=Level, default=Level.EVERYBODY)
    who_adds = models.PositiveSmallIntegerField(_("who may add people"), choices=Level, default=Level.ADMINS)
    who_edits = models.PositiveSmallIntegerField(
        _("who may change title and picture"), choices=Level, default=Level.ADMINS
    )
    who_pins = models.PositiveSmallIntegerField(_("who may pin messages"), choices=Level, default=Level.ADMINS)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    last_seq = models.BigIntegerField(_("messages"), default=0, editable=False)
    version = models.BigIntegerField(_("version"), default=0, editable=False)
    members_version = models.BigIntegerField(default=0, editable=False)
    join_requests = models.PositiveIntegerField(
        default=0, editable=False, help_text="How many wait for an answer: counted under the lock whenever they change."
    )
    last_activity_at = models.DateTimeField(_("last activity"), default=timezone.now)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="direct", direct_key__isnull=False)
                | (~models.Q(kind="direct") & models.Q(direct_key__isnull=True)),
                name="conversation_direct_key",
            ),
            # Every message is a change, so there are at least as many changes as messages.
            models.CheckConstraint(
                condition=models.Q(last_seq__gte=0, version__gte=models.F("last_seq")), name="conversation_version"
            ),
        ]
        indexes = [models.Index(fields=["-last_activity_at"], name="conversation_activity")]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"
