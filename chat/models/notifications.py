"""What a user wants to be told of while looking elsewhere."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: More words than anybody remembers having asked for; each is looked for in every message that comes.
KEYWORDS_MAX = 20
KEYWORD_MAX_CHARS = 50
#: The list is printed into every page; ids have 19 digits, so it is 20 KB at most, and nobody makes a tenth of these.
MENTIONS_ONLY_MAX = 1_000


class NotificationSettings(models.Model):
    """One row for each user who changed something. Clients decide by it (`js/notify/decide.js` does for the pages)."""

    class Level(models.TextChoices):
        ALL = "all", _("Every message")
        MENTIONS = "mentions", _("Mentions only")
        NONE = "none", _("Nothing")

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="+")
    level = models.CharField(_("notify me of"), max_length=8, choices=Level, default=Level.ALL)
    hide_text = models.BooleanField(_("hide what was written"), default=True)
    sound = models.BooleanField(_("play a sound"), default=True)
    #: Times of the day in the user's zone. The end is before the begin where the night lies between them.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    keywords = models.JSONField(_("keywords"), default=list, blank=True)
    mentions_only = models.JSONField(
        default=list, blank=True, editable=False, help_text="Conversations of which only mentions are told: wire ids."
    )

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notification_quiet_both",
            ),
        ]

    def __str__(self) -> str:
        return f"notifications of {self.user_id}"
