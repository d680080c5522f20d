"""Times as people read them, in the reader's zone and language. The pages' script writes the same with `Intl`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def moment(timestamp_ms: int) -> datetime:
    """Unix milliseconds (the wire's time) in the reader's zone."""
    return datetime.fromtimestamp(timestamp_ms / 1000, tz=timezone.get_current_timezone())


def today() -> date:
    """The reader's calendar day."""
    return timezone.localdate()


def clock_time(at: datetime) -> str:
    """“14:05”."""
    return dateformat.format(at, "H:i")


def full_time(at: datetime) -> str:
    """With the date, for the tooltip."""
    # Translators: a date and time format of Django: weekday, month, day, year, hours and minutes.
    return dateformat.format(at, pgettext("date format", "l, F j, Y, H:i"))


def day_heading(day: date, *, today: date) -> str:
    """“Today”, “Yesterday”, else the date; with the year when it is another one."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day.year == today.year:
        # Translators: a date format of Django: weekday, month and day.
        return dateformat.format(day, pgettext("date format", "l, F j"))
    # Translators: a date format of Django: weekday, month, day and year.
    return dateformat.format(day, pgettext("date format", "l, F j, Y"))


def list_time(at: datetime, *, today: date) -> str:
    """Short, for the list: “just now”, the time today, “Yesterday”, the weekday within a week, then the date."""
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    day = at.date()
    if day >= today:
        return clock_time(at)
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return dateformat.format(at, "l")
    if day.year == today.year:
        # Translators: a date format of Django: month and day, short.
        return dateformat.format(at, pgettext("date format", "M j"))
    return dateformat.format(at, "Y/n/j")
