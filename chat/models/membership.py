"""Memberships: who is in a conversation, in which role, and how far they have read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Membership(models.Model):
    """One user in one conversation. The row stays when the user leaves (`left_at`), so that sync can say so."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Admin")
        MEMBER = "member", _("Member")

    # No index of its own: it begins a unique constraint.
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    joined_seq = models.BigIntegerField(default=0, help_text="Messages up to this one were there before; never unread.")
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    was_removed = models.BooleanField(
        default=False, help_text="Ended by somebody else: no link alone brings them back."
    )

    is_blocked = models.BooleanField(
        _("blocked"),
        default=False,
        help_text="In a direct conversation: the other one has blocked this member. Kept with accounts.Block.",
    )

    read_seq = models.BigIntegerField(
        _("read up to"), default=0, help_text="What this user's devices show; only an explicit “unread” lowers it."
    )
    seen_seq = models.BigIntegerField(
        default=0, help_text="The highest read_seq that others were told of: what receipts show."
    )
    #: The last step of `seen_seq`: where it began, and when. So it is known exactly when these messages were read.
    seen_from = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    received_seq = models.BigIntegerField(_("received up to"), default=0)

    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    pinned = models.BooleanField(_("pinned"), default=False)
    archived = models.BooleanField(_("archived"), default=False)
    #: When anything above last changed: sync sends conversations whose receipts or settings are newer than a device.
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="membership_unique"),
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(role="owner", left_at=None), name="membership_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(
                    # Where nobody is told what was read, `seen_seq` stays behind.
                    read_seq__gte=0,
                    seen_seq__gte=0,
                    received_seq__gte=models.F("seen_seq"),
                ),
                name="membership_receipts",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "conversation"], condition=Q(left_at=None), name="membership_live"),
            models.Index(fields=["conversation", "changed_at"], name="membership_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class Inbox(models.Model):
    """One row per user: `version` grows with every change of which conversations the user is in.

    Delivery compares it to notice a membership change whose push was lost.
    """

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="inbox")
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"inbox of {self.user_id}"
