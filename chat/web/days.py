"""A day of a conversation, by `?date=` in its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.selectors.dates import first_seq_since
from chat.web import clock
from chat.web.rows import DayLine
from chat.web.timeline import Position, Timeline

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
#: No message is older, or from later, and every time zone can tell these days' midnights.
_FIRST, _LAST = date(1970, 1, 2), date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class AskedDay:
    """A day that was asked for, and the page of the history that answers. `day` is None for what is no date."""

    day: date | None
    position: Position
    begins_at: int | None  # the first message of that day or later

    def notice(self, timeline: Timeline) -> str:
        """What to say when the page does not begin with that very day; empty when it does."""
        today = clock.today()
        if self.day is None:
            return _("That is no date. Write it as year, month and day: 2026-11-01.")
        asked = clock.day_heading(self.day, today=today)
        if self.begins_at is None:
            return _("Nothing was written on this day or later: %(day)s. These are the latest messages.") % {
                "day": asked
            }
        found = next((item.day for item in timeline.items if isinstance(item, DayLine)), None)
        if found is None or found == self.day:
            return ""
        words = {"day": asked, "next": clock.day_heading(found, today=today)}
        if self.begins_at == 1:
            return _("The conversation began after this day (%(day)s), on this one: %(next)s.") % words
        return _("Nothing was written on this day: %(day)s. The next messages are from: %(next)s.") % words


def ask_day(text: str, *, user_id: int, conversation: str, last_seq: int) -> AskedDay:
    """What `text`, as in `2026-11-01`, leads to: that day in the reader's time zone, the next one that has messages, or
    the end.

    Raises:
        ImError: NOT_FOUND.
    """
    day = parse_day(text)
    end = Position(before=last_seq + 1)
    if day is None:
        return AskedDay(None, end, None)
    midnight = datetime.combine(min(max(day, _FIRST), _LAST), time.min, timezone.get_current_timezone())
    seq = first_seq_since(user_id=user_id, conversation=conversation, moment=midnight)
    return AskedDay(day, end if seq is None else Position(after=seq - 1), seq)


def parse_day(text: str) -> date | None:
    """A day as addresses and date inputs write it; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
