"""For how long a conversation can be muted: the choices of every menu that says “Mute”."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: In the order of the menus. The pages' script knows the same names (`list/muting.js`).
MUTE_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("1h", _("For 1 hour")),
    ("8h", _("For 8 hours")),
    ("tomorrow", _("Until tomorrow morning")),
    ("1w", _("For 1 week")),
    ("forever", _("Until I turn it on")),
)

_PERIODS = {
    "1h": timedelta(hours=1),
    "8h": timedelta(hours=8),
    "1w": timedelta(weeks=1),
    # A hundred years.
    "forever": timedelta(days=36_500),
}
_MORNING_HOUR = 8


def muted_until(choice: str, *, now: datetime) -> datetime | None:
    """When it ends, in the reader's zone where that matters; None for a choice that is none: not muted."""
    if choice == "tomorrow":
        day = timezone.localtime(now) + timedelta(days=1)
        return day.replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)
    period = _PERIODS.get(choice)
    return now + period if period is not None else None
