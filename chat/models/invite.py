"""Invite links: whoever has one can make themself a member, or ask to become one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import NOTE_MAX_CHARS


class Invite(models.Model):
    """One link into a group or channel. Its token is known to those who were given it; here is only the digest.

    Written only under the conversation's lock, so `uses` is exact.
    """

    #: The id on the wire: it names the link for those who manage it, and opens nothing.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="invites")
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    max_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)
    needs_approval = models.BooleanField(default=False, help_text="Who comes by it asks first.")

    class Meta:
        verbose_name = _("invite link")
        verbose_name_plural = _("invite links")
        constraints = [
            models.CheckConstraint(condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")), name="invite_uses"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class JoinRequest(models.Model):
    """Somebody with a link asks to become a member. Accepted or taken back, the row goes.

    Refused, it stays for a while, so that nobody asks again and again. Written only under the conversation's lock.
    """

    # No index of its own: it begins a unique constraint.
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="requests_to_join", db_index=False
    )
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    invite = models.ForeignKey(Invite, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=NOTE_MAX_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="join_request_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.conversation_id}"
