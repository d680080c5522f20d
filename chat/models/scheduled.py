"""Messages that are to be sent later, by whichever server process comes to it first."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ScheduledMessage(models.Model):
    """A message that waits for its time. Once it is sent there is a Message with its `client_id`, and no row here.

    What the server would not send stays, with the code of the refusal, until its owner has seen to it.
    """

    # No index of its own: the constraint begins with it.
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    # Indexed: who deletes a conversation must not read all of them for it.
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="+")
    client_id = models.CharField(max_length=64, help_text="Of the message: sent twice, it is one.")
    content = models.TextField()
    reply_to = models.BigIntegerField(null=True)
    mentions = models.JSONField(default=list)
    silent = models.BooleanField(default=False)
    send_at = models.DateTimeField()
    refusal = models.CharField(max_length=20, blank=True, help_text="Why it was not sent: a code of chat.errors.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client_id"], name="scheduled_unique")]
        # What every process asks for every few seconds: the first that is due.
        indexes = [models.Index(fields=["send_at"], condition=Q(refusal=""), name="scheduled_due")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id} at {self.send_at}"
