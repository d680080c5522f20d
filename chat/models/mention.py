"""Who was mentioned where, to be found by reader: messages themselves are found by conversation."""

from __future__ import annotations

from django.db import models


class Mention(models.Model):
    """One user, mentioned by somebody else in the message with this seq. Whether it is unread follows from `read_seq`.

    It names the message by its number and not by its key, which a send never learns (chat.services.statements).
    """

    # No index of their own: the constraint serves both, for a conversation is asked about with its user.
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "conversation", "seq"], name="mention_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}#{self.seq}"
