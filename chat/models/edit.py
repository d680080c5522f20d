"""What messages said before they were edited."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Edit(models.Model):
    """A content that an edit replaced, in the order of the edits. What is recalled has none (chat.services.edits)."""

    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="edits")
    content = models.TextField(_("content"))
    written_at = models.DateTimeField(_("written"), help_text="When the message began to say this.")

    class Meta:
        verbose_name = _("earlier content")
        verbose_name_plural = _("earlier contents")

    def __str__(self) -> str:
        return f"{self.message_id} at {self.written_at}"
