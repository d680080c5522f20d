"""Log lines for people and machines: `time LEVEL logger message key=value …`.

Values come from `extra=` and are ids, codes and numbers: never message bodies, tokens or raw
frames. Objects (a request, an exception) are left out because their text may hold any of these.
"""

from __future__ import annotations

import datetime
import json
import logging
import re

#: What every record has; everything else came through `extra=`.
_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _quoted(text: str) -> str:
    """`text` on one line and in one piece, so that nobody's input can forge a line or a key."""
    if text and text.isprintable() and not set(text) & set(' "='):
        return text
    return json.dumps(text, ensure_ascii=False)


class KeyValueFormatter(logging.Formatter):
    """One line a record; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, tz=datetime.UTC)
        message = record.getMessage()
        parts = [
            at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            record.levelname,
            record.name,
            message if message.isprintable() else json.dumps(message, ensure_ascii=False),
        ]
        for name, value in record.__dict__.items():
            if name not in _OWN_FIELDS and isinstance(value, str | int | float | bool):
                parts.append(f"{name}={_quoted(str(value))}")
        line = " ".join(parts)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class WithoutInvites(logging.Filter):
    """Django names the path of a request that fails, and that of an invite link is all one needs to join."""

    _LINK = re.compile(r"(/i/|/invites/)[^/\s]+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._LINK.sub(r"\1…", record.getMessage()), ()
        return True


class FromAnybody(logging.Filter):
    """What any stranger can cause with one request is worth a warning: no stack, and nobody's pager."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
        return True
