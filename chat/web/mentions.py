"""Whom a text written on a page mentions. Sockets and REST say so themselves."""

from __future__ import annotations

from collections.abc import Collection

from chat.markup.mentions import mention_pattern
from chat.protocol.limits import MENTIONS_MAX


def mentions_in(content: str, usernames: Collection[str]) -> list[str]:
    """Those of `usernames` that stand in `content` as “@username”, in the order in which they do."""
    pattern = mention_pattern(sorted(usernames))
    if pattern is None:
        return []
    by_name = {username.lower(): username for username in usernames}
    found = (by_name.get(match[0][1:].lower()) for match in pattern.finditer(content))
    return list(dict.fromkeys(username for username in found if username is not None))[:MENTIONS_MAX]
