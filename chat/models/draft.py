"""What a user has begun to write and not sent yet, for their other devices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Draft(models.Model):
    """One per user and conversation. `version` grows by 1 with every change; what was sent or thrown away stays as an
    empty text, so that a device that comes late with an older one is told apart."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    # Indexed: who deletes a conversation must not read all drafts for it.
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    reply_to = models.BigIntegerField(null=True)
    version = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "conversation"], name="draft_unique"),
            models.CheckConstraint(condition=Q(version__gte=1), name="draft_version"),
        ]
        indexes = [models.Index(fields=["user", "-changed_at"], name="draft_changed")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"
