"""What is known of conversations and messages. Pure: no clock, no network.

One rule for messages: of two states of the same (conversation, seq) the higher version holds. Unread numbers are
derived, never counted up and down: the server's last word about a conversation is kept as it came (the baseline), and
what followed is laid over it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lian_client.frames import Conversation, Message, Receipt

#: Messages kept per conversation, the newest. Older ones are a REST call away.
KEPT_MESSAGES = 500


class _Entry:
    """One conversation."""

    def __init__(self, baseline: Conversation) -> None:
        self.baseline = baseline
        self.messages: dict[int, Message] = {}
        self.last_seq = baseline.last_seq
        self.read_seq = baseline.read_seq
        self.receipts: dict[str, tuple[int, int]] = {}
        self.last_message = baseline.last_message

    def raise_receipt(self, user: str, received: int, read: int) -> None:
        """Receipts only grow, and what was read was received."""
        old_received, old_read = self.receipts.get(user, (0, 0))
        new_read = max(old_read, read)
        self.receipts[user] = (max(old_received, received, new_read), new_read)

    def offer_last(self, message: Message) -> None:
        last = self.last_message
        if last is None or (message.seq, message.version) >= (last.seq, last.version):
            self.last_message = message

    @property
    def unread(self) -> int:
        """What the baseline counted and is still unread, and what came since.

        Exact but for one case: of what the baseline counted, a part was read whose messages are not all known here.
        """
        baseline = self.baseline
        since = [message for message in self.messages.values() if message.seq > self.read_seq]
        count = sum(1 for message in since if message.seq > baseline.last_seq and _is_counted(message))
        left = baseline.last_seq - self.read_seq
        if left <= 0:
            return count
        recalled = sum(
            1
            for message in self.messages.values()
            if baseline.read_seq < message.seq <= baseline.last_seq
            and message.recalled_at is not None
            and message.version > baseline.version
        )
        before = max(0, baseline.unread - recalled)
        if self.read_seq <= baseline.read_seq:
            return count + before
        known = [message for message in since if message.seq <= baseline.last_seq]
        still = sum(map(_is_counted, known)) if len(known) == left else left
        return count + min(before, still)


class Store:
    """The conversations of one user, and their newest messages."""

    def __init__(self) -> None:
        self.me = ""
        self._entries: dict[str, _Entry] = {}

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._entries

    def __iter__(self) -> Iterator[str]:
        """Ids of the conversations."""
        return iter(list(self._entries))

    def conversation(self, id: str) -> Conversation | None:
        """Its state now: the server's word, with what was learned since."""
        entry = self._entries.get(id)
        if entry is None:
            return None
        return msgspec.structs.replace(
            entry.baseline,
            last_seq=entry.last_seq,
            read_seq=entry.read_seq,
            unread=entry.unread,
            receipts=dict(entry.receipts) or None,
            last_message=entry.last_message,
            reset=None,
        )

    def conversations(self) -> list[Conversation]:
        """All of them, the last active first."""
        known = [conversation for id in self if (conversation := self.conversation(id)) is not None]
        return sorted(known, key=lambda each: each.last_message.timestamp if each.last_message else 0, reverse=True)

    def messages(self, id: str) -> list[Message]:
        """The messages that are kept of a conversation, in their order."""
        entry = self._entries.get(id)
        return [entry.messages[seq] for seq in sorted(entry.messages)] if entry is not None else []

    def message(self, id: str, seq: int) -> Message | None:
        entry = self._entries.get(id)
        return entry.messages.get(seq) if entry is not None else None

    def direct_with(self, username: str) -> str | None:
        """The direct conversation with this user, if there is one that is known."""
        for id, entry in self._entries.items():
            others = {user for user in entry.receipts if user != self.me}
            if entry.baseline.kind == "direct" and username in (others or {self.me}):
                return id
        return None

    def apply_conversation(self, conversation: Conversation, *, read_at_least: int = 0) -> None:
        """The server's word. `read_at_least`: what was read here a moment ago, which it may not know yet."""
        id = conversation.conversation
        if conversation.left:
            self.remove(id)
            return
        entry = self._entries.get(id)
        if entry is None or conversation.reset:
            entry = self._entries[id] = _Entry(conversation)
        entry.baseline = conversation
        entry.last_seq = max(entry.last_seq, conversation.last_seq)
        entry.read_seq = max(conversation.read_seq, read_at_least)
        for user, (received, read) in (conversation.receipts or {}).items():
            entry.raise_receipt(user, received, read)
        if conversation.last_message is not None:
            entry.offer_last(conversation.last_message)

    def apply_message(self, message: Message) -> bool:
        """Whether this state was news. Of a conversation that is not known it is not taken."""
        entry = self._entries.get(message.conversation)
        if entry is None:
            return False
        known = entry.messages.get(message.seq)
        if known is not None and known.version >= message.version:
            return False
        entry.messages[message.seq] = message
        if len(entry.messages) > KEPT_MESSAGES:
            del entry.messages[min(entry.messages)]
        entry.last_seq = max(entry.last_seq, message.seq)
        entry.offer_last(message)
        if message.sender == self.me:
            entry.read_seq = max(entry.read_seq, message.seq)
        else:
            entry.raise_receipt(message.sender, message.seq, message.seq)
        return True

    def apply_receipt(self, receipt: Receipt) -> None:
        entry = self._entries.get(receipt.conversation)
        if entry is not None:
            entry.raise_receipt(receipt.user, receipt.received_seq or 0, receipt.read_seq or 0)

    def advance_read(self, id: str, seq: int) -> bool:
        """The user has read up to here. Whether that was news."""
        entry = self._entries.get(id)
        if entry is None or min(seq, entry.last_seq) <= entry.read_seq:
            return False
        entry.read_seq = min(seq, entry.last_seq)
        return True

    def remove(self, id: str) -> bool:
        """Whether it was there."""
        return self._entries.pop(id, None) is not None

    def clear(self) -> None:
        """Everything known is void: the store behind the server is another one."""
        self._entries.clear()


def _is_counted(message: Message) -> bool:
    return message.kind != "system" and message.recalled_at is None
