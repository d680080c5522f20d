"""Files that people send: the bytes in the storage, and who sent them where."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FILE_NAME_MAX_CHARS = 120  # What a list shows of one. File systems take 255 bytes, which is 85 CJK characters.
ALT_MAX_CHARS = 500  # A few sentences: more belongs into the text of the message.


class Blob(models.Model):
    """Bytes in the storage of attachments, under a name made of `id`, and of a picture a thumbnail beside them.

    The row is there before the first byte and until after the last one, so that whatever lies in the storage can be
    found and deleted, crashes or not.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        READY = "ready", _("Ready")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UPLOADING)
    #: Bytes; while uploading, those that are reserved.
    size = models.BigIntegerField(_("size"))
    media_type = models.CharField(_("type"), max_length=100, blank=True, help_text=_("By the content."))
    width = models.IntegerField(null=True, help_text=_("Pixels; pictures only."))
    height = models.IntegerField(null=True)
    is_animated = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        indexes = [models.Index(fields=["created_at"], name="blob_created")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    @property
    def content_name(self) -> str:
        """Where the bytes lie in the storage. Nothing that a client chose is in it."""
        return f"{self.pk.hex[:2]}/{self.pk.hex}"

    @property
    def thumbnail_name(self) -> str:
        return f"{self.content_name}-thumbnail"


class Attachment(models.Model):
    """A file of one message, or one that was uploaded and waits to be sent.

    A file that is forwarded is another attachment with the same blob. Recalling the message deletes the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: it begins a unique constraint.
    owner = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("sender"), db_index=False
    )
    client_id = models.CharField(
        max_length=64, null=True, help_text="Chosen by the owner's client for the upload; none of what was forwarded."
    )
    #: Of what was uploaded, so that a retry with other bytes is told apart.
    digest = models.BinaryField(max_length=16, default=b"")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, null=True, related_name="attachments")
    position = models.SmallIntegerField(default=0, help_text="In its message.")
    name = models.CharField(_("name"), max_length=FILE_NAME_MAX_CHARS)
    alt = models.CharField(_("description"), max_length=ALT_MAX_CHARS, blank=True)
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(fields=["owner", "client_id"], name="attachment_client_id_unique"),
        ]
        indexes = [
            # What was never sent, oldest first: the sweep.
            models.Index(fields=["created_at"], condition=Q(message=None), name="attachment_unsent"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
