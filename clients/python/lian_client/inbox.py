"""What arrives: frames become the state in the store and events for the program, in order and each once.

A program that is slow is waited for by asking again, not by keeping: while the queue of events has no room, what
arrives is let go of and the cursors stay where they are. When half of it is free again, `sync` brings everything above
them. So memory is bounded, acks and heartbeats go on, and nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lian_client.event_queue import EventQueue
from lian_client.events import (
    ContactRequestsChanged,
    ConversationChanged,
    ConversationLeft,
    ConversationReset,
    Event,
    MessageReceived,
    PresenceChanged,
    ReceiptChanged,
    TypingNoticed,
)
from lian_client.frames import (
    AnyServerFrame,
    ContactRequests,
    Conversation,
    LoginReply,
    Message,
    Presence,
    Receipt,
    SyncReply,
    Typing,
)
from lian_client.receipts import Receipts
from lian_client.storage import Era, Place, Position, Saved
from lian_client.store import Store
from lian_client.sync import Sync


class Inbox:
    """Wires store, sync and queue."""

    def __init__(
        self,
        *,
        store: Store,
        sync: Sync,
        queue: EventQueue,
        receipts: Receipts,
        on_own: Callable[[Message], object],
    ) -> None:
        """`on_own`: a message of this user's is in the log, whichever of the user's sessions sent it."""
        self._store = store
        self._sync = sync
        self._queue = queue
        self._receipts = receipts
        self._on_own = on_own
        self._era: Era | None = None
        #: By conversation: the highest seq that has been taken, and the highest of those that others wrote.
        self._seqs: dict[str, int] = {}
        self._theirs: dict[str, int] = {}
        #: What arrived was let go of for want of room.
        self._is_starved = False
        self._unannounced: set[str] = set()

    @property
    def is_level(self) -> bool:
        """Whether everything that is known to be there has been taken."""
        return not self._is_starved and not self._sync.is_catching_up

    def restore(self, saved: Saved) -> None:
        """Take on what an earlier run left."""
        self._era = saved.era
        for id, place in saved.places.items():
            self._store.apply_conversation(place.conversation)
            self._seqs[id] = place.position.seq
        self._sync.restore({id: place.position.version for id, place in saved.places.items()})

    def on_login(self, reply: LoginReply, login_id: str) -> Era | None:
        """A session began. The new era, if the store behind the server is not the one that was known."""
        if self._era is not None and self._era.epoch == reply.epoch:
            self._sync.on_login(login_id)
            return None
        is_first = self._era is None
        self._era = Era(reply.epoch, reply.timestamp)
        if is_first:
            self._sync.on_login(login_id)
            return self._era
        for id in self._store:
            self._queue.put(ConversationReset(id))
            self._receipts.forget(id)
        self._queue.forget_marks()
        self._store.clear()
        self._seqs.clear()
        self._theirs.clear()
        self._sync.clear()
        self._sync.request()
        return self._era

    def on_lost(self) -> None:
        self._sync.on_lost()

    def on_room(self) -> None:
        """The program has caught up with the queue."""
        for id in list(self._unannounced):
            conversation = self._store.conversation(id)
            if not self._announce(ConversationChanged(conversation) if conversation else ConversationLeft(id)):
                break
            self._unannounced.discard(id)
        if self._is_starved:
            self._is_starved = False
            self._sync.request()

    def places(self, positions: Mapping[str, Position]) -> dict[str, Place | None]:
        """What to keep of conversations that have been handled up to these positions."""
        places: dict[str, Place | None] = {}
        for id, position in positions.items():
            conversation = self._store.conversation(id)
            places[id] = Place(position, conversation) if conversation is not None else None
            self._receipts.say("received", id, min(position.seq, self._theirs.get(id, 0)))
        return places

    def take(self, frame: AnyServerFrame) -> None:
        """Any frame that answers nothing."""
        match frame:
            case Message():
                self.take_message(frame)
            case Conversation():
                self._take_conversation(frame)
                if not frame.left:
                    self._sync.note_version(frame.conversation, frame.version)
            case SyncReply():
                self._take_page(frame)
            case Receipt():
                self._store.apply_receipt(frame)
                self._announce(ReceiptChanged(frame))
            case Typing() if not self._queue.is_half_full:
                self._announce(TypingNoticed(frame))
            case Presence() if not self._queue.is_half_full:
                self._announce(PresenceChanged(frame))
            case ContactRequests():
                self._announce(ContactRequestsChanged())

    def take_message(self, message: Message) -> None:
        """A push, or an own message that was acknowledged."""
        if self._is_starved or not self._queue.room:
            self._is_starved = True
            return
        self._apply(self._sync.take(message), [message.conversation])

    def _take_page(self, page: SyncReply) -> None:
        if not self._sync.is_expected(page):
            return
        # A queue that is not half full takes any page: else one that is longer than the queue would never be taken.
        if self._is_starved or (self._queue.is_half_full and self._queue.room < len(page.messages)):
            self._is_starved = True
            self._sync.abandon()
            # What has no version (muted, pinned, marks) does not come a second time; a reset does.
            for conversation in page.conversations:
                if not conversation.reset:
                    self._take_conversation(conversation)
            return
        for conversation in page.conversations:
            self._take_conversation(conversation)
        messages = self._sync.take_page(page)
        self._apply(messages, {message.conversation for message in messages} | page.cursors.keys())

    def _take_conversation(self, conversation: Conversation) -> None:
        id = conversation.conversation
        if conversation.left:
            self._sync.forget(id)
            self._receipts.forget(id)
            if self._store.remove(id):
                self._announce(ConversationLeft(id))
            self._queue.mark({id: Position(0, 0)})
            return
        if conversation.reset:
            self._sync.forget(id)
            self._seqs.pop(id, None)
            self._queue.put(ConversationReset(id))
        known = self._store.conversation(id)
        crossing = self._receipts.read_crossing(id)
        if known is not None and conversation.read_seq < known.read_seq and not crossing:
            self._receipts.forget(id)  # marked unread on another device: what was said holds no longer
        self._store.apply_conversation(conversation, read_at_least=crossing)
        changed = self._store.conversation(id)
        if changed is not None and changed != known:
            self._announce(ConversationChanged(changed))
        self._mark([id])

    def _apply(self, messages: Iterable[Message], conversations: Iterable[str]) -> None:
        """Messages whose turn it is. `conversations`: whose cursors may have moved."""
        floors = {id: self._seqs.get(id, 0) for id in conversations}
        began_at = self._era.began_at if self._era is not None else 0
        for message in messages:
            id, seq = message.conversation, message.seq
            is_new = seq > floors[id] and self._store.message(id, seq) is None
            if not self._store.apply_message(message) and id in self._store:
                continue
            self._seqs[id] = max(seq, self._seqs.get(id, 0))
            if message.sender == self._store.me:
                self._on_own(message)
            else:
                self._theirs[id] = max(seq, self._theirs.get(id, 0))
            self._queue.put(MessageReceived(message, is_new, is_history=message.timestamp < began_at))
        self._mark(floors)

    def _mark(self, conversations: Iterable[str]) -> None:
        cursors = {id: self._sync.cursor(id) for id in conversations}
        self._queue.mark(
            {id: Position(cursor, self._seqs.get(id, 0)) for id, cursor in cursors.items() if cursor is not None}
        )

    def _announce(self, event: Event) -> bool:
        """Put the event, if there is room; a conversation is announced later if there is not."""
        if self._queue.room:
            self._queue.put(event)
            return True
        if isinstance(event, ConversationChanged):
            self._unannounced.add(event.conversation.conversation)
        elif isinstance(event, ConversationLeft):
            self._unannounced.add(event.conversation)
        elif isinstance(event, ReceiptChanged):
            self._unannounced.add(event.receipt.conversation)
        return False
