"""When something is to be sent: as a reader writes a time, and what is offered for one tap. In the reader's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.web import clock

#: When people are at work again.
MORNING = time(9)
_MONDAY = 0
#: What `<input type="datetime-local">` takes and gives.
FORMAT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Preset:
    """A time that is offered, by the name under which a form gives it back."""

    name: str
    words: str
    at: datetime


def presets(now: datetime) -> list[Preset]:
    """In the order of the times. On a Sunday, tomorrow is Monday."""
    local = timezone.localtime(now)
    tomorrow = local.date() + timedelta(days=1)
    monday = tomorrow + timedelta(days=(_MONDAY - tomorrow.weekday()) % 7)
    offered = [
        Preset("hour", _("In an hour"), local_minute(now + timedelta(hours=1))),
        Preset("tomorrow", _("Tomorrow"), _morning(tomorrow)),
    ]
    if monday != tomorrow:
        offered.append(Preset("monday", _("Monday"), _morning(monday)))
    return offered


def local_minute(moment: datetime) -> datetime:
    """In the reader's zone, without seconds, which no form has."""
    return timezone.localtime(moment).replace(second=0, microsecond=0)


def read_time(text: str) -> datetime | None:
    """A time that was written down, in the reader's zone; None for what is none.

    Where clocks are put back an hour happens twice: the first is meant. Where they are put forward one is left out:
    what is written in it is as long after midnight as if it were there.
    """
    try:
        written = datetime.strptime(text, FORMAT).replace(tzinfo=timezone.get_current_timezone())
        return written.astimezone(UTC)  # no moment equals one in another zone while it lies in an hour that is left out
    except (ValueError, OverflowError):  # the latter for the first day and the last that there is
        return None


def time_words(at: datetime, *, now: datetime) -> str:
    """“Tomorrow, 09:00”, “Monday, March 16, 09:00”."""
    today = timezone.localtime(now).date()
    is_tomorrow = at.date() == today + timedelta(days=1)
    day = _("Tomorrow") if is_tomorrow else clock.day_heading(at.date(), today=today)
    return _("%(day)s, %(time)s") % {"day": day, "time": clock.clock_time(at)}


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=timezone.get_current_timezone())
