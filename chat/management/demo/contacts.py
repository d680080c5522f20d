"""Who of the demo's people know each other, and who would like to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chat.services import contacts

FRIENDS = (
    ("linxia", "mara"),
    ("linxia", "chenyu"),
    ("linxia", "wangfang"),
    ("linxia", "linjianguo"),
    ("linxia", "zhouwei"),
    ("mara", "emily"),
    ("mara", "tomas"),
    ("mara", "zhouwei"),
)

#: Who asks whom, with which note; not answered yet.
REQUESTS = (
    ("emily", "linxia", "Hi, it is Emily from the design team. See you on the mountain!"),
    ("chenyu", "mara", "你好 Mara，我是林夏的朋友陈宇 👋"),
)


def befriend(ids: Mapping[str, int], *, now: datetime) -> None:
    """`ids`: user ids by username."""
    for one, other in FRIENDS:
        contacts.contact_request(user_id=ids[one], username=other, now=now)
        contacts.request_accept(user_id=ids[other], username=one, now=now)
    for sender, receiver, note in REQUESTS:
        contacts.contact_request(user_id=ids[sender], username=receiver, note=note, now=now)
