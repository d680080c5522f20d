"""How far one's own message has come, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.events import ConversationObject, MessageObject


@dataclass(frozen=True, slots=True)
class Tick:
    """`state` names the symbol (`tick-…`); `text` says the same to those who do not see it."""

    state: str
    text: str


def tick_of(message: MessageObject, conversation: ConversationObject) -> Tick:
    """Sent; delivered when a device of another member has it; read when another member has read it."""
    receipts = (conversation.receipts or {}).values()
    readers = sum(read_seq >= message.seq for _received_seq, read_seq in receipts)
    if readers and conversation.kind == "direct":
        return Tick("read", _("Read"))
    if readers:
        return Tick("read", ngettext("Read by %(count)d", "Read by %(count)d", readers) % {"count": readers})
    if any(received_seq >= message.seq for received_seq, _read_seq in receipts):
        return Tick("delivered", _("Delivered"))
    return Tick("sent", _("Sent"))
