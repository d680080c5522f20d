"""Messages and the reactions to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: In the payload of what was forwarded: the username of whoever wrote it first.
FORWARDED_FROM = "forwarded_from"
EMOJI_MAX_CHARS = 32  # The longest emoji sequences (families with skin tones) have about 12 code points.


class Message(models.Model):
    """One numbered message. `version` is the change that last touched it.

    `(conversation, version)` is the sync feed: what a client with cursor N lacks is what has
    version > N. A recalled message keeps its row and its numbers and loses everything else.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        IMAGE = "image", _("Image")
        FILE = "file", _("File")
        VOICE = "voice", _("Voice")
        CARD = "card", _("Card")
        SYSTEM = "system", _("System")

    # Foreign keys that begin a unique constraint need no index of their own: every insert would pay for it.
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    seq = models.BigIntegerField()
    version = models.BigIntegerField()
    #: The change that created it: what the first ack said and every repeated ack says again. A repeated ack with the
    #: version of a later edit would let a client that still holds the first content believe that it is the newest.
    sent_version = models.BigIntegerField()
    sender = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("sender"), db_index=False
    )
    client_id = models.CharField(max_length=64, help_text="Chosen by the sender's client; one message for ever.")
    #: Of what was sent, so that a retry with other content is told apart after an edit too. Empty once recalled.
    digest = models.BinaryField(max_length=16)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.TEXT)
    content = models.TextField(_("content"), blank=True)
    reply_to = models.BigIntegerField(null=True, blank=True, help_text="The seq of the message this one answers.")
    mentions = models.JSONField(default=list, blank=True)
    payload = models.JSONField(null=True, blank=True)
    #: In the database, too, for a process of the version before stores messages without it while a new one starts.
    silent = models.BooleanField(
        _("silent"), default=False, db_default=False, help_text="Nobody is notified of it; it counts as unread."
    )
    created_at = models.DateTimeField(_("sent"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    recalled_at = models.DateTimeField(_("recalled"), null=True, blank=True)
    pinned_at = models.DateTimeField(_("pinned"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        # Staff see what is said in groups; what two people say to each other is another matter.
        permissions = [("view_direct_content", "Can view the content of direct chats")]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_unique"),
            models.UniqueConstraint(fields=["conversation", "version"], name="message_version_unique"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="message_client_id_unique"),
            models.CheckConstraint(
                condition=Q(seq__gte=1, sent_version__gte=models.F("seq"), version__gte=models.F("sent_version")),
                name="message_numbers",
            ),
            models.CheckConstraint(
                condition=Q(recalled_at__isnull=True) | Q(content="", payload__isnull=True, reply_to__isnull=True),
                name="message_recalled_is_empty",
            ),
        ]
        indexes = [
            # The few messages that never count as unread: unread = last_seq - read_seq - these.
            models.Index(
                fields=["conversation", "seq"],
                condition=Q(kind="system") | Q(recalled_at__isnull=False),
                name="message_uncounted",
            ),
            # What a conversation's page of pictures, files and links shows, and what is pinned in it: few rows of a
            # log that may have millions. A plain message enters none of them.
            models.Index(
                fields=["conversation", "seq"],
                condition=Q(kind__in=["image", "file", "voice"]),
                name="message_with_files",
            ),
            models.Index(
                fields=["conversation", "seq"], condition=Q(content__contains="://"), name="message_with_links"
            ),
            models.Index(
                fields=["conversation", "pinned_at"], condition=Q(pinned_at__isnull=False), name="message_pinned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq}"


class Reaction(models.Model):
    """One emoji of one user on one message."""

    # No index of its own, as in Message.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=EMOJI_MAX_CHARS)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [
            models.UniqueConstraint(fields=["message", "user", "emoji"], name="reaction_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} on {self.message_id}"


class Store(models.Model):
    """The one row that names this store. A restore from a backup gives it a new epoch (see `manage.py new_epoch`)."""

    epoch = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.epoch
