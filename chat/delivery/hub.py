"""This process's online users, and the one place where a change fans out to their sessions.

One subscription per conversation and process, whatever the number of members; one encoding per
codec, whatever the number of sessions; one write per connection and loop turn, whatever the number of frames.
All methods belong to the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from chat.delivery import metrics
from chat.delivery.feed import Feed
from chat.delivery.ports import ConversationState, LogReader
from chat.delivery.push import MessagePushes, Push
from chat.delivery.routing import conversation_group, user_group
from chat.delivery.subscriber import LocalSession, Subscriber
from chat.delivery.subscriptions import Subscriptions
from chat.errors import CloseCode
from chat.events import (
    ContactRequestsChanged,
    ConversationChanged,
    Event,
    MembersChanged,
    MessageChanged,
    ReceiptAdvanced,
    SessionsRevoked,
    Typing,
)
from chat.protocol import frames

logger = logging.getLogger(__name__)

#: How long a missing change may be late before the log is read: two processes that publish at
#: once are rarely more than a few milliseconds apart.
LATE_S = 0.05
#: Messages read from the log at a time when pushes were lost.
REPAIR_PAGE = 500
#: Messages pushed of a conversation whose joining was noticed late.
RECENT = 50


class LocalUser:
    """A user with at least one subscriber in this process."""

    __slots__ = ("conversations", "id", "inbox_version", "loaded", "subscribers", "untold")

    def __init__(self, user_id: int, loaded: asyncio.Future[None]) -> None:
        self.id = user_id
        self.subscribers: list[Subscriber] = []
        self.conversations: set[str] = set()
        #: Entered or left, and no view has said so yet: these are two pushes, one of which may be lost.
        self.untold: set[str] = set()
        self.inbox_version = -1
        self.loaded = loaded  # done when the memberships are known


class Hub:
    """Fan-out to the sessions of this process."""

    def __init__(self, *, log: LogReader, subscriptions: Subscriptions, loop: asyncio.AbstractEventLoop) -> None:
        self._log = log
        self._subscriptions = subscriptions
        self._loop = loop
        self.users: dict[int, LocalUser] = {}
        self.feeds: dict[str, Feed] = {}
        self.sessions: dict[str, LocalSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- who is here ---------------------------------------------------------

    async def attach(self, subscriber: Subscriber) -> None:
        """Let `subscriber` take part. When this returns, no later change can pass it by.

        Raises what the log reader raises; the subscriber is then not attached.
        """
        user = self.users.get(subscriber.user_id)
        try:
            if user is None:
                user = LocalUser(subscriber.user_id, self._loop.create_future())
                self.users[user.id] = user
                user.subscribers.append(subscriber)
                await self._load_user(user)
            else:
                user.subscribers.append(subscriber)
                await asyncio.shield(user.loaded)
        except BaseException:
            self.detach(subscriber)
            raise
        if isinstance(subscriber, LocalSession):
            self.sessions[subscriber.id] = subscriber
            metrics.SESSIONS.set(len(self.sessions))

    def detach(self, subscriber: Subscriber) -> bool:
        """Forget a subscriber; True when it was the user's last one here."""
        if self.sessions.pop(subscriber.id, None) is not None:
            metrics.SESSIONS.set(len(self.sessions))
        user = self.users.get(subscriber.user_id)
        if user is None or subscriber not in user.subscribers:
            return False
        user.subscribers.remove(subscriber)
        if user.subscribers:
            return False
        del self.users[user.id]
        for conversation in list(user.conversations):
            self._disregard(user, conversation)
        self._subscriptions.discard(user_group(user.id))
        return True

    def is_member(self, user_id: int, conversation: str) -> bool:
        """Whether delivery takes the user for a live member, without asking the database."""
        feed = self.feeds.get(conversation)
        return feed is not None and user_id in feed.members

    def versions_of(self, conversations: Iterable[str]) -> dict[str, int]:
        """Up to where these conversations were passed on here; those that are not followed are left out."""
        return {one: self.feeds[one].version for one in conversations if one in self.feeds}

    async def _load_user(self, user: LocalUser) -> None:
        try:
            # First listen, then read: a membership that begins in between arrives as an event.
            await self._subscriptions.add([user_group(user.id)])
            user.inbox_version, conversations = await self._log.audience(user.id)
            await self._join(user, conversations)
        except BaseException as error:
            user.loaded.set_exception(error if isinstance(error, Exception) else ConnectionError())
            user.loaded.exception()  # seen: nobody else may be waiting for it
            raise
        user.loaded.set_result(None)

    async def _join(self, user: LocalUser, conversations: Iterable[str]) -> None:
        """Make the user part of the audience of these conversations, as far as the log says so."""
        wanted = list(conversations)
        if not wanted or self.users.get(user.id) is not user:
            return  # or gone, while the log was read for them
        for conversation in wanted:
            feed = self.feeds.get(conversation)
            if feed is None:
                feed = self.feeds[conversation] = Feed(conversation, loading=True)
            feed.interested.add(user.id)
            user.conversations.add(conversation)
        metrics.TRACKED.set(len(self.feeds))
        await self._subscriptions.add([conversation_group(conversation) for conversation in wanted])
        states = await self._log.states(wanted, [user.id])
        for conversation in wanted:
            feed, state = self.feeds.get(conversation), states.get(conversation)
            if feed is None or user.id not in feed.interested:
                continue  # left meanwhile
            if state is None or user.id not in state.member_ids:
                self._disregard(user, conversation)
                continue
            feed.members.add(user.id)
            feed.hear_of(version=0 if feed.loading else state.version, members_version=state.members_version)
            if feed.loading:
                feed.loading = False
                feed.members_version = state.members_version
                self._fan_out(feed, feed.caught_up(state.version))
            if feed.behind:
                self._await_missing(feed)

    def _disregard(self, user: LocalUser, conversation: str) -> None:
        """The user has nothing (more) to do with the conversation; without local users its feed ends."""
        user.conversations.discard(conversation)
        feed = self.feeds.get(conversation)
        if feed is None:
            return
        feed.members.discard(user.id)
        feed.interested.discard(user.id)
        if not feed.interested:
            del self.feeds[conversation]
            metrics.TRACKED.set(len(self.feeds))
            self._subscriptions.discard(conversation_group(conversation))

    # --- what happens --------------------------------------------------------

    def handle(self, events: Iterable[Event]) -> None:
        """Deliver events, in order, to whom they concern here. Unknown conversations and users are no one's here."""
        for conversation, run in groupby(events, _conversation_of_message):
            if conversation is not None:
                self._on_messages(conversation, run)  # type: ignore[arg-type]  # they are of that kind
            else:
                for event in run:
                    self._handle(event)

    def _handle(self, event: Event) -> None:
        match event:
            case ReceiptAdvanced():
                frame = frames.Receipt(
                    conversation=event.conversation,
                    user=event.user,
                    read_seq=event.read_seq,
                    received_seq=event.received_seq,
                )
                self._to_members(event.conversation, Push(frame), but=event.user_id)
            case Typing():
                frame_ = frames.Typing(conversation=event.conversation, sender=event.sender)
                self._to_members(event.conversation, Push(frame_, ephemeral=True), but=event.user_id)
            case ConversationChanged():
                self._on_conversation(event)
            case ContactRequestsChanged():
                self._to_sessions(event.user_id, Push(frames.ContactRequests()))
            case MembersChanged():
                self._on_members(event)
            case SessionsRevoked():
                self._on_revoked(event)
            case _:
                logger.warning("delivery.unknown_event kind=%s", type(event).__name__)

    def _on_messages(self, conversation: str, events: Iterable[MessageChanged]) -> None:
        feed = self.feeds.get(conversation)
        if feed is None:
            for event in events:
                self._ack(event)
            return
        due: list[MessageChanged] = []
        for event in events:
            ready = feed.accept(event)
            due += ready
            if not any(one is event for one in ready):
                self._ack(event)  # out of order here, but committed: an ack never waits
                feed.acknowledged(event)
        self._fan_out(feed, due)
        if feed.behind:
            self._await_missing(feed)

    def _fan_out(self, feed: Feed, events: Sequence[MessageChanged]) -> None:
        """Pass on consecutive changes: to who sent one of them its ack in its place."""
        if not events:
            return
        pushes = MessagePushes(feed.id, [event.message for event in events])
        origins = {event.origin for event in events if event.origin in self.sessions}
        for session_id in origins:
            self._to_sender(self.sessions[session_id], feed, events, pushes)
        count = 0
        users = self.users
        for user_id in feed.members:
            user = users.get(user_id)
            if user is None:
                continue
            for subscriber in user.subscribers:
                if subscriber.id not in origins:
                    subscriber.push_messages(pushes)
                    count += 1
        metrics.PUSHES.inc(count * len(events))

    def _to_sender(
        self, session: LocalSession, feed: Feed, events: Sequence[MessageChanged], pushes: MessagePushes
    ) -> None:
        for event, push in zip(events, pushes.pushes, strict=True):
            if event.origin == session.id:
                self._ack(event)
            elif session.user_id in feed.members:
                session.push(push, feed.id, event.message.version)

    def _ack(self, event: MessageChanged) -> None:
        session = self.sessions.get(event.origin) if event.origin is not None else None
        if session is None or event.request_id is None:
            return
        message = event.message
        ack = frames.Ack(
            id=event.request_id,
            conversation=message.conversation,
            seq=message.seq,
            version=message.version,
            timestamp=message.timestamp,
        )
        session.outbox.put(session.variant.encode(ack))

    def _on_conversation(self, event: ConversationChanged) -> None:
        user = self.users.get(event.user_id)
        if user is None:
            return
        user.untold.discard(event.conversation.conversation)
        push = Push(frames.Conversation(**msgspec.structs.asdict(event.conversation)))
        for subscriber in user.subscribers:
            if subscriber.id != event.origin:
                subscriber.push(push)

    def _to_sessions(self, user_id: int, push: Push) -> None:
        """What is no part of a sync; so a long poll, which brings nothing else, is not woken by it."""
        user = self.users.get(user_id)
        for subscriber in user.subscribers if user is not None else ():
            if isinstance(subscriber, LocalSession):
                subscriber.push(push)

    def _on_members(self, event: MembersChanged) -> None:
        feed = self.feeds.get(event.conversation)
        joined = [self.users[user_id] for user_id in event.joined if user_id in self.users]
        gone = [self.users[user_id] for user_id in event.left if user_id in self.users]
        for user in (*joined, *gone):
            user.untold.add(event.conversation)
        if feed is None:
            if joined:
                self._begin_feed(event, joined)
            return
        if feed.loading or event.members_version <= feed.members_version:
            # The audience was, or is being, read from the log, which may have been for other users only.
            for user in joined:
                if user.id not in feed.members:
                    self._spawn(self._join_late(user, event))
            return
        feed.hear_of(version=event.version, members_version=event.members_version)
        follows = event.members_version == feed.members_version + 1
        if follows:
            feed.members_version = event.members_version
        for user in joined:
            if follows:
                feed.members.add(user.id)
                feed.interested.add(user.id)
                user.conversations.add(feed.id)
            else:
                self._spawn(self._join_late(user, event))
        for user in gone:
            self._disregard(user, event.conversation)
        self._fan_out(feed, feed.due())
        if feed.behind:
            self._await_missing(feed)

    def _begin_feed(self, event: MembersChanged, joined: list[LocalUser]) -> None:
        # Its place in the log is told by the event itself, so what follows can be delivered at
        # once; what slips by before the subscription stands is found by the check after it.
        feed = Feed(event.conversation, version=event.version, members_version=event.members_version, loading=False)
        self.feeds[feed.id] = feed
        metrics.TRACKED.set(len(self.feeds))
        for user in joined:
            feed.members.add(user.id)
            feed.interested.add(user.id)
            user.conversations.add(feed.id)
        self._spawn(self._subscribe_then_check(feed))

    def _on_revoked(self, event: SessionsRevoked) -> None:
        user = self.users.get(event.user_id)
        if user is None:
            return
        for subscriber in list(user.subscribers):
            named = event.device_ids is None or subscriber.device_id in event.device_ids
            if named and subscriber.device_id != event.keep_device_id:
                subscriber.end(CloseCode.FORBIDDEN)

    def _to_members(self, conversation: str, push: Push, *, but: int) -> None:
        feed = self.feeds.get(conversation)
        if feed is None:
            return
        for user_id in feed.members:
            if user_id == but:
                continue
            user = self.users.get(user_id)
            if user is not None:
                for subscriber in user.subscribers:
                    subscriber.push(push)

    # --- what was lost -------------------------------------------------------

    def _await_missing(self, feed: Feed) -> None:
        """Something is missing: give it a moment to arrive, then read the log."""
        if not feed.waiting:
            feed.waiting = True
            self._loop.call_later(LATE_S, self._look, feed)

    def _look(self, feed: Feed) -> None:
        feed.waiting = False
        if feed.behind:
            self.repair(feed.id, cause="gap")

    def hear_of(self, versions: Mapping[str, tuple[int, int]]) -> None:
        """The log says that conversations are at (version, members_version): repair those that stay behind."""
        for conversation, (version, members_version) in versions.items():
            feed = self.feeds.get(conversation)
            if feed is not None and not feed.loading:
                feed.hear_of(version=version, members_version=members_version)
                if feed.behind:
                    self._await_missing(feed)

    def repair(self, conversation: str, *, cause: str) -> None:
        """Bring this conversation's sessions level with the log."""
        feed = self.feeds.get(conversation)
        if feed is not None and not feed.loading and not feed.repairing:
            metrics.REPAIRS.labels(cause=cause).inc()
            feed.repairing = True
            self._spawn(self._repair(feed))

    async def _repair(self, feed: Feed) -> None:
        try:
            while self.feeds.get(feed.id) is feed:
                asked = list(feed.interested)
                state = (await self._log.states([feed.id], asked)).get(feed.id)
                if state is None:
                    return
                self._set_audience(feed, asked, state)
                if state.version <= feed.version:
                    break
                # Bounded by the state's version: of that moment it is known who was a member.
                changes = await self._log.changes(feed.id, after=feed.version, upto=state.version, limit=REPAIR_PAGE)
                for event in changes:
                    if event.message.version > feed.version:
                        feed.version = event.message.version
                        self._fan_out(feed, [feed.as_it_came(event)])
                if len(changes) < REPAIR_PAGE:
                    self._fan_out(feed, feed.caught_up(state.version))
                    break
        except Exception as error:
            # Not lost: the periodic check comes back to it.
            logger.warning("delivery.repair_failed conversation=%s error=%s", feed.id, type(error).__name__)
        finally:
            feed.repairing = False

    def _set_audience(self, feed: Feed, asked: list[int], state: ConversationState) -> None:
        if state.members_version < feed.members_version:
            return
        feed.members_version = state.members_version
        feed.hear_of(version=0, members_version=state.members_version)
        for user_id in asked:
            user = self.users.get(user_id)
            if user is None:
                continue
            if user_id in state.member_ids:
                feed.members.add(user_id)
            else:
                user.untold.add(feed.id)
                self._disregard(user, feed.id)

    async def _subscribe_then_check(self, feed: Feed) -> None:
        if self.feeds.get(feed.id) is not feed:
            return  # ended before this began
        await self._subscriptions.add([conversation_group(feed.id)])
        self.repair(feed.id, cause="join")

    async def reload_user(self, user_id: int) -> None:
        """The user's memberships changed without our hearing of it: read them and tell the sessions."""
        user = self.users.get(user_id)
        if user is None:
            return
        inbox_version, conversations = await self._log.audience(user_id)
        if inbox_version <= user.inbox_version:
            return
        gone = user.conversations - conversations
        new = conversations - user.conversations
        user.untold |= gone | new
        if gone:
            # What was joined after the memberships were read is not gone.
            states = await self._log.states(gone, [user_id])
            gone = {one for one in gone if one not in states or user_id not in states[one].member_ids}
            for conversation in gone:
                self._disregard(user, conversation)
        if new:
            await self._join(user, new)
        if untold := set(user.untold):
            for event in await self._log.conversation_views(user_id, untold):
                # Whoever was blocked is in no audience, and has not left: they are not told.
                if event.conversation.left or event.conversation.conversation in user.conversations:
                    self._on_conversation(event)
            user.untold -= untold
        for conversation in new:
            feed = self.feeds.get(conversation)
            if feed is not None:
                # When the user joined is not known here: what is newest, as in a sync.
                await self._bring(user, conversation, after=max(0, feed.version - RECENT))
        user.inbox_version = inbox_version  # at the end: if the log fails meanwhile, the next check comes back

    async def _join_late(self, user: LocalUser, event: MembersChanged) -> None:
        """The user joined, and others have been served since: bring what the user was not."""
        await self._join(user, [event.conversation])
        await self._bring(user, event.conversation, after=event.version)

    async def _bring(self, user: LocalUser, conversation: str, *, after: int) -> None:
        """Push what was already passed on to others to this user's sessions only."""
        feed = self.feeds.get(conversation)
        if feed is None or user.id not in feed.members or feed.version <= after:
            return
        changes = await self._log.changes(conversation, after=after, upto=feed.version, limit=REPAIR_PAGE)
        if user.id in feed.members:
            pushes = MessagePushes(conversation, [change.message for change in changes])
            for subscriber in user.subscribers:
                subscriber.push_messages(pushes)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The periodic check comes back to whatever this was about.
            logger.warning("delivery.task_failed error=%s", type(error).__name__)


def _conversation_of_message(event: Event) -> str | None:
    """What events are joined by: a conversation's messages, and nothing else."""
    return event.message.conversation if isinstance(event, MessageChanged) else None
