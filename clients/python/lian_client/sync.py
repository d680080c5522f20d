"""Cursors: up to where each conversation's changes have been taken, and when to ask for more.

A push is only a hint. Its `version` says whether it is the next one. What is ahead of a gap is held back, for half a
second, in which what is missing may still arrive by itself; then `sync` brings it. So a conversation's messages come
out of here in the order of their versions, each state once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lian_client.frames import ClientFrame, Error, Message, SyncReply, SyncRequest
from lian_client.ids import new_id
from lian_client.timers import Timer, Timers

#: Pushes of different server processes may cross on the way; a gap younger than this is not one.
GAP_WAIT_S = 0.5
#: A `sync` whose next page does not come for this long is asked again.
PAGE_TIMEOUT_S = 30.0
#: After a refused `sync` that names no time of its own.
REFUSED_WAIT_S = 5.0
#: Held back per conversation; what is beyond it is let go of, for `sync` brings it again.
HELD_MAX = 200
#: Never more of a frame than this: a server takes 64 KiB, and a login carries the cursors too.
CURSORS_MAX_BYTES = 48 * 1024


class Sync:
    """Knows numbers and times. What is in order is returned; nothing is stored here."""

    def __init__(self, timers: Timers, *, send: Callable[[ClientFrame], bool]) -> None:
        self._timers = timers
        self._send = send
        #: By conversation, in the order of their last change, so that the oldest are left out when they do not all fit.
        self._cursors: dict[str, int] = {}
        self._held: dict[str, dict[int, Message]] = {}
        #: Versions that conversations are said to be at, though the changes themselves have not been seen.
        self._rumours: dict[str, int] = {}
        self._timer: Timer | None = None
        #: The id of the `sync` (or login) whose last page has not come yet.
        self._waiting_for: str | None = None
        self._is_asked_again = False
        self._cursors_bytes = CURSORS_MAX_BYTES
        #: The highest version held of each conversation when the question was put.
        self._asked_about: dict[str, int] = {}

    @property
    def is_catching_up(self) -> bool:
        return self._waiting_for is not None

    def restore(self, cursors: Mapping[str, int]) -> None:
        """Take on what an earlier run left."""
        self._cursors.update(cursors)

    def note_frame_bytes(self, frame_bytes: int) -> None:
        """As long a frame as the server takes: cursors are to leave room for the rest of theirs."""
        self._cursors_bytes = min(CURSORS_MAX_BYTES, frame_bytes * 3 // 4)

    def cursor(self, conversation: str) -> int | None:
        return self._cursors.get(conversation)

    def cursors(self) -> dict[str, int]:
        """For a `login` or `sync`.

        With so many conversations that they do not fit into a frame, those that changed longest ago are left out: the
        server then sends their newest messages again, which costs and harms nothing.
        """
        chosen: dict[str, int] = {}
        size = 2
        for conversation, version in reversed(self._cursors.items()):
            size += len(conversation) + len(str(version)) + 4
            if size > self._cursors_bytes:
                break
            chosen[conversation] = version
        return chosen

    def clear(self) -> None:
        """The store behind the server is another one: what was counted is void."""
        self._cursors.clear()
        self._held.clear()
        self._rumours.clear()

    def on_login(self, login_id: str) -> None:
        """A session began, whose login carried our cursors: its pages come under that id."""
        self._await(login_id)

    def on_lost(self) -> None:
        """Every answer under way is gone; the next login asks for everything above the cursors."""
        self._held.clear()
        self._rumours.clear()
        self.abandon()

    def request(self) -> None:
        """Ask for everything above the cursors; if an answer is under way, once more after it."""
        if self.is_catching_up:
            self._is_asked_again = True
            return
        id = new_id()
        if self._send(SyncRequest(id=id, cursors=self.cursors())):
            self._await(id)

    def abandon(self) -> None:
        """The answer under way cannot be taken: the caller asks again when it can."""
        self._waiting_for = None
        self._is_asked_again = False
        self._disarm()

    def is_expected(self, page: SyncReply) -> bool:
        """Whether the page belongs to the answer that is waited for. Of any other one a part may be missing."""
        return page.id == self._waiting_for

    def take(self, message: Message) -> list[Message]:
        """What a push makes ready: nothing, itself, or itself and what was held for it."""
        conversation = message.conversation
        cursor = self._begin(conversation, message.version)
        if cursor is not None and message.version <= cursor:
            return []
        held = self._held.setdefault(conversation, {})
        if len(held) < HELD_MAX:
            held[message.version] = message
        else:
            self.note_version(conversation, message.version)
        ready = self._settle(conversation)
        if conversation in self._held:
            self._ask_if_gap_stays(at_once=cursor is None)
        return ready

    def note_version(self, conversation: str, version: int) -> None:
        """The conversation is known to be at this version, by whatever was not the change itself."""
        cursor = self._begin(conversation, version)
        if cursor is None or version > cursor:
            self._rumours[conversation] = max(version, self._rumours.get(conversation, 0))
            self._ask_if_gap_stays(at_once=cursor is None)

    def forget(self, conversation: str) -> None:
        """The user is no longer a member, or everything known of it is void."""
        self._cursors.pop(conversation, None)
        self._held.pop(conversation, None)
        self._rumours.pop(conversation, None)

    def take_page(self, page: SyncReply) -> list[Message]:
        """The messages of an expected page that are news, and what was held for them, in order.

        The caller has dealt with the page's conversations: those to be reset are forgotten.
        """
        ready: list[Message] = []
        for message in page.messages:
            cursor = self._cursors.get(message.conversation)
            if cursor is None:
                ready.append(message)  # of a conversation that was not known: what comes with the page counts
            elif message.version > cursor:
                ready.append(message)
                self._advance(message.conversation, message.version)
        for conversation, version in page.cursors.items():
            # Pushes may have carried the cursor past a page that was read before them.
            self._advance(conversation, max(version, self._cursors.get(conversation, 0)))
            ready += self._settle(conversation)
        if page.more:
            self._arm(PAGE_TIMEOUT_S, self._ask_anew)
        else:
            self._done()
        return ready

    def on_error(self, error: Error) -> bool:
        """Whether it answered a `sync`."""
        if error.id is None or error.id != self._waiting_for:
            return False
        self._arm(error.retry_after or REFUSED_WAIT_S, self._ask_anew)
        return True

    def _begin(self, conversation: str, version: int) -> int | None:
        """The cursor. Before a conversation's very first change there is nothing, so there it need not be asked for."""
        if version == 1:
            return self._cursors.setdefault(conversation, 0)
        return self._cursors.get(conversation)

    def _settle(self, conversation: str) -> list[Message]:
        """What was held and is next now. The cursor moves over it."""
        ready: list[Message] = []
        cursor = self._cursors.get(conversation)
        if cursor is None:
            return ready
        held = self._held.get(conversation, {})
        while (message := held.pop(cursor + 1, None)) is not None:
            ready.append(message)
            cursor += 1
        for version in [version for version in held if version <= cursor]:
            del held[version]
        if not held:
            self._held.pop(conversation, None)
        if self._rumours.get(conversation, 0) <= cursor:
            self._rumours.pop(conversation, None)
        self._advance(conversation, cursor)
        return ready

    def _advance(self, conversation: str, version: int) -> None:
        self._cursors.pop(conversation, None)
        self._cursors[conversation] = version

    def _ask_if_gap_stays(self, *, at_once: bool) -> None:
        """`at_once`: nothing that may still arrive by itself would fill the gap.

        While pages are still coming they may well be what fills it: the last one looks again.
        """
        if self.is_catching_up:
            return
        if at_once:
            self.request()
        elif self._timer is None:
            self._arm(GAP_WAIT_S, self._on_gap)

    def _on_gap(self) -> None:
        if self._held or self._rumours:
            self.request()

    def _ask_anew(self) -> None:
        self._waiting_for = None
        self.request()

    def _await(self, id: str) -> None:
        self._waiting_for = id
        self._rumours.clear()
        self._asked_about = {conversation: max(held) for conversation, held in self._held.items()}
        self._arm(PAGE_TIMEOUT_S, self._ask_anew)

    def _done(self) -> None:
        self._waiting_for = None
        self._disarm()
        self._drop_what_was_not_brought()
        if self._is_asked_again:
            self._is_asked_again = False
            self.request()
        elif self._held or self._rumours:
            self._ask_if_gap_stays(at_once=False)

    def _drop_what_was_not_brought(self) -> None:
        """What the answer to a question did not bring (the user left, say), a second one would not bring either."""
        for conversation, version in self._asked_about.items():
            held = self._held.get(conversation, {})
            kept = {number: message for number, message in held.items() if number > version}
            if kept:
                self._held[conversation] = kept
            else:
                self._held.pop(conversation, None)
        self._asked_about = {}

    def _arm(self, seconds: float, callback: Callable[[], object]) -> None:
        self._disarm()

        def fire() -> None:
            self._timer = None
            callback()

        self._timer = self._timers.call_later(seconds, fire)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
