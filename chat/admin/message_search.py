"""What a moderator types to find a message, taken apart.

`#12` is a seq, `4611686018427387904` a conversation, `4611686018427387904#12` both, `@alice` a sender; the words
that are left are looked for in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.selectors.access import parse_conversation_id

_PLACE = re.compile(r"(?P<conversation>[0-9]{10,19})?(?:#(?P<seq>[0-9]{1,18}))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class MessageSearch:
    """`words` are all to be in the text; the rest says where to look."""

    conversation_id: int | None = None
    seq: int | None = None
    sender: str = ""
    words: tuple[str, ...] = ()


def parse_search(text: str) -> MessageSearch:
    """Never fails: what is no number and no name is a word to look for."""
    conversation_id: int | None = None
    seq: int | None = None
    sender = ""
    words: list[str] = []
    for term in text.split():
        place = _PLACE.match(term)
        if place is not None:
            if place["conversation"]:
                # An id that no conversation can have finds nothing, as an unknown one does.
                conversation_id = parse_conversation_id(place["conversation"]) or 0
            if place["seq"]:
                seq = int(place["seq"])
        elif term.startswith("@") and len(term) > 1:
            sender = term[1:]
        else:
            words.append(term)
    return MessageSearch(conversation_id, seq, sender, tuple(words))
