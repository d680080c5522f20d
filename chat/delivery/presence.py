"""Who is online, told to those who look.

No store: a process that has sessions of a user answers when another asks (`PresenceAsked`), and
says so by itself when its first session of the user begins or its last one ends. What a process said expires when
it stops answering, so a crash leaves nobody online. The cost is per viewer, never per user.

Who may not see somebody looks all the same, and is told what is told of nobody: "offline", never seen. So what people
choose (`PrivacyChanged`) takes effect at once, in sessions that began before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from itertools import islice
from typing import Any

from chat.delivery.push import Push
from chat.delivery.routing import presence_group
from chat.delivery.subscriber import LocalSession
from chat.delivery.subscriptions import Subscriptions
from chat.events import Event, PresenceAsked, PresenceChanged, PrivacyChanged
from chat.protocol import frames

logger = logging.getLogger(__name__)

Pair = tuple[int, int]  # ids: of who looks, and at whom

ONLINE, AWAY, OFFLINE = "online", "away", "offline"

#: A person who did nothing for this long is away; heartbeats are not doing.
AWAY_AFTER_S = 300
#: How often watched users are asked for again, and how long an answer holds: two may get lost.
ASK_EVERY_S = 20
HOLDS_S = 60
#: How long a first question waits for other processes before the answer is "offline".
SETTLE_S = 0.3
#: People whom one session may look at, the last it asked for: several screens full.
WATCHED_MAX = 500
#: How often it is asked again who may see whom, for when a `PrivacyChanged` was lost or came while a session began to
#: look; and about how many at a time. Ten thousand people who look at thirty each are 300 pages a minute.
REVIEW_EVERY_S = 60
REVIEW_PAGE = 1_000


class Watch:
    """A user whom some local session looks at."""

    __slots__ = ("answers", "last_seen", "sessions", "settled", "state", "user_id", "username")

    def __init__(self, user_id: int, username: str, last_seen: int | None) -> None:
        self.user_id = user_id
        self.username = username
        self.last_seen = last_seen
        self.sessions: dict[LocalSession, bool] = {}  # and whether it may see the user
        self.answers: dict[str, tuple[str, float]] = {}  # node: (state, holds until)
        self.state = OFFLINE
        self.settled = False

    def aggregate(self, now: float) -> str:
        self.answers = {node: answer for node, answer in self.answers.items() if answer[1] > now}
        states = {state for state, _ in self.answers.values()}
        return ONLINE if ONLINE in states else AWAY if AWAY in states else OFFLINE

    def frame(self) -> frames.Presence:
        return frames.Presence(user=self.username, state=self.state, last_seen=self.last_seen)

    def frame_of_nobody(self) -> frames.Presence:
        """What is told to who may not see the user."""
        return frames.Presence(user=self.username, state=OFFLINE, last_seen=None)


class Presence:
    """This process's part of presence. All methods belong to the event loop's thread."""

    def __init__(
        self,
        *,
        node: str,
        subscriptions: Subscriptions,
        publish: Callable[[Event], None],
        sessions_of: Callable[[int], list[LocalSession]],
        see_each_other: Callable[[Collection[Pair]], Awaitable[set[Pair]]],
        wall_ms: Callable[[], int],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._node = node
        self._subscriptions = subscriptions
        self._publish = publish  # to every process, this one included
        self._sessions_of = sessions_of
        self._see_each_other = see_each_other
        self._wall_ms = wall_ms
        self._loop = loop
        self._watches: dict[int, Watch] = {}
        self._watched_by: dict[LocalSession, dict[int, None]] = {}  # ids, the last asked for at the end
        self._told: dict[int, str] = {}  # what we last said of our own users
        self._tasks: set[asyncio.Task[None]] = set()
        self._reviewing = asyncio.Lock()  # so that an answer never overtakes one that was asked for later

    # --- our own users -------------------------------------------------------

    def changed(self, user_id: int) -> None:
        """A session of the user began, ended, or did something: say so if that changes the state."""
        state = self._local_state(user_id)
        if self._told.get(user_id, OFFLINE) != state:
            self._tell(user_id, state)

    def _local_state(self, user_id: int) -> str:
        sessions = self._sessions_of(user_id)
        if not sessions:
            return OFFLINE
        active_at = max(session.active_at for session in sessions)
        return AWAY if self._loop.time() - active_at > AWAY_AFTER_S else ONLINE

    def _tell(self, user_id: int, state: str) -> None:
        if state == OFFLINE:
            self._told.pop(user_id, None)
        else:
            self._told[user_id] = state
        self._publish(PresenceChanged(node=self._node, user_id=user_id, state=state, last_seen=self._wall_ms()))

    def handle(self, events: Iterable[PresenceChanged | PresenceAsked | PrivacyChanged]) -> None:
        """Take events of this process or another one."""
        for event in events:
            match event:
                case PresenceChanged():
                    self._on_changed(event)
                case PresenceAsked():
                    self._on_asked(event)
                case PrivacyChanged():
                    self._spawn(self._review(self._pairs_with(event.user_id)))

    def _on_asked(self, event: PresenceAsked) -> None:
        state = self._local_state(event.user_id)
        if state != OFFLINE:
            self._tell(event.user_id, state)

    # --- whom our sessions look at -------------------------------------------

    def watch(
        self, session: LocalSession, user_id: int, username: str, last_seen: int | None, *, is_visible: bool
    ) -> None:
        """Tell `session` the user's presence now and on every change, as long as it may see the user."""
        watching = self._watched_by.setdefault(session, {})
        if user_id in watching:
            del watching[user_id]
        elif len(watching) >= WATCHED_MAX:
            oldest = next(iter(watching))
            del watching[oldest]
            self._look_away(session, oldest)
        watching[user_id] = None
        watch = self._watches.get(user_id)
        if watch is None:
            watch = self._watches[user_id] = Watch(user_id, username, last_seen)
            self._spawn(self._begin(watch))
        watch.sessions[session] = is_visible
        # An answer, not one of the changes that may be lost.
        if not is_visible:
            session.push(Push(watch.frame_of_nobody()))
        elif watch.settled:
            session.push(Push(watch.frame()))

    async def _begin(self, watch: Watch) -> None:
        if self._watches.get(watch.user_id) is not watch:
            return  # nobody looks any more
        await self._subscriptions.add([presence_group(watch.user_id)])
        self._publish(PresenceAsked(user_id=watch.user_id))
        self._loop.call_later(SETTLE_S, self._settle, watch)

    def _settle(self, watch: Watch) -> None:
        if not watch.settled and self._watches.get(watch.user_id) is watch:
            watch.settled = True
            watch.state = watch.aggregate(self._loop.time())
            self._show(watch, answer=True)

    def forget(self, session: LocalSession) -> None:
        """The session ended: it looks at nobody any more."""
        for user_id in self._watched_by.pop(session, ()):
            self._look_away(session, user_id)

    def _look_away(self, session: LocalSession, user_id: int) -> None:
        watch = self._watches.get(user_id)
        if watch is None:
            return
        watch.sessions.pop(session, None)
        if not watch.sessions:
            del self._watches[user_id]
            self._subscriptions.discard(presence_group(user_id))

    def _on_changed(self, event: PresenceChanged) -> None:
        watch = self._watches.get(event.user_id)
        if watch is None:
            return
        if event.state == OFFLINE:
            watch.answers.pop(event.node, None)
        else:
            watch.answers[event.node] = (event.state, self._loop.time() + HOLDS_S)
        watch.last_seen = max(watch.last_seen or 0, event.last_seen)
        self._update(watch, answered=event.state != OFFLINE)

    def _update(self, watch: Watch, *, answered: bool) -> None:
        state = watch.aggregate(self._loop.time())
        if not watch.settled:
            # Somebody who is there is shown at once; that nobody is, only time can tell.
            if answered:
                watch.settled = True
                watch.state = state
                self._show(watch, answer=True)
            return
        if state != watch.state:
            watch.state = state
            self._show(watch, answer=False)

    def _show(self, watch: Watch, *, answer: bool) -> None:
        push = Push(watch.frame(), ephemeral=not answer)
        for session, is_visible in watch.sessions.items():
            if is_visible:
                session.push(push)

    # --- who may see whom ------------------------------------------------------

    def _pairs_with(self, user_id: int) -> set[Pair]:
        """Who of here looks at the user, and at whom the user looks."""
        watch = self._watches.get(user_id)
        pairs = {(session.user_id, user_id) for session in watch.sessions} if watch is not None else set()
        for session in self._sessions_of(user_id):
            pairs |= {(user_id, other_id) for other_id in self._watched_by.get(session, ())}
        return pairs

    async def _review(self, pairs: Collection[Pair]) -> None:
        """Ask again who of these may see whom, and tell those for whom that changed."""
        remaining = iter(pairs)
        while page := set(islice(remaining, REVIEW_PAGE)):
            async with self._reviewing:
                visible = await self._see_each_other(page)
                for viewer_id, user_id in page:
                    self._set_visible(viewer_id, user_id, (viewer_id, user_id) in visible)

    def _set_visible(self, viewer_id: int, user_id: int, is_visible: bool) -> None:
        watch = self._watches.get(user_id)
        if watch is None:
            return
        for session in self._sessions_of(viewer_id):
            if watch.sessions.get(session, is_visible) is not is_visible:
                watch.sessions[session] = is_visible
                session.push(Push(watch.frame() if is_visible else watch.frame_of_nobody()))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Asked again before long.
            logger.warning("presence.task_failed error=%s", type(error).__name__)

    async def run(self) -> None:
        """Ask again for those who are watched, let answers expire, notice who went away. Until cancelled."""
        rounds = 0
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            rounds += 1
            if rounds % (REVIEW_EVERY_S // ASK_EVERY_S) == 0:
                self._spawn(
                    self._review({(s.user_id, pk) for s, watched in self._watched_by.items() for pk in watched})
                )
            for watch in list(self._watches.values()):
                self._publish(PresenceAsked(user_id=watch.user_id))
                self._update(watch, answered=False)
            for user_id in list(self._told):
                self.changed(user_id)

    def leave(self) -> None:
        """The process is about to stop: its users are not online here any more."""
        for user_id in list(self._told):
            self._tell(user_id, OFFLINE)
