"""Who is asking: the answer to every check of a token or a browser session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A user on one device. Plain data, so that sockets can hold it without the ORM."""

    user_id: int
    username: str
    name: str
    avatar: str | None
    device_id: int
    platform: str
    expires_at: datetime | None
