"""One conversation as this process delivers it: in version order, to the members who are online here.

Changes may arrive late, twice or not at all (the layer promises nothing, and two processes may
publish in another order than they committed). A feed passes on exactly the next version, keeps what came
too early for a moment, and knows when something is missing.
"""

from __future__ import annotations

import msgspec

from chat.events import MessageChanged

#: Early changes kept per conversation while a missing one is awaited. More means that the log must be read anyway.
EARLY_MAX = 256


class Feed:
    """The delivery state of one conversation.

    `version` is the last change that was passed on, `members_version` the change of members as of which
    `members` is right; the `known_` ones are the highest that this process has heard of.
    """

    __slots__ = (
        "early",
        "id",
        "interested",
        "known_members_version",
        "known_version",
        "loading",
        "members",
        "members_version",
        "repairing",
        "version",
        "waiting",
    )

    def __init__(self, conversation: str, *, version: int = 0, members_version: int = 0, loading: bool) -> None:
        self.id = conversation
        self.version = self.known_version = version
        self.members_version = self.known_members_version = members_version
        self.loading = loading  # the numbers are not known yet
        self.interested: set[int] = set()  # local user ids that were or may be members
        self.members: set[int] = set()  # those of them who are live members: who gets what is passed on
        self.early: dict[int, MessageChanged] = {}
        self.waiting = False  # a look at what is missing is scheduled
        self.repairing = False  # the log is being read

    def accept(self, event: MessageChanged) -> list[MessageChanged]:
        """Take a change that arrived; return those that are due now, in order.

        A change is due when it is the next version *and* the audience is known as of that
        change or later: a member removed before it must not get it.
        """
        version = event.message.version
        self.hear_of(version=version, members_version=event.members_version)
        if not self.loading and version <= self.version:
            return []
        if len(self.early) < EARLY_MAX:
            self.early[version] = event
        return self.due()

    def acknowledged(self, event: MessageChanged) -> None:
        """The session that sent it has its ack already, and needs no second one when its turn comes."""
        version = event.message.version
        if version in self.early:
            self.early[version] = msgspec.structs.replace(event, request_id=None)

    def as_it_came(self, change: MessageChanged) -> MessageChanged:
        """A change that was read from the log, as it arrived here if it did: only that knows the session it is of."""
        return self.early.pop(change.message.version, change)

    def hear_of(self, *, version: int, members_version: int) -> None:
        """Note that the conversation is at least this far."""
        self.known_version = max(self.known_version, version)
        self.known_members_version = max(self.known_members_version, members_version)

    def due(self) -> list[MessageChanged]:
        """The kept changes that may be passed on now, in order; they count as passed on."""
        ready: list[MessageChanged] = []
        if self.loading:
            return ready
        while (event := self.early.get(self.version + 1)) is not None:
            if event.members_version > self.members_version:
                break
            del self.early[self.version + 1]
            self.version += 1
            ready.append(event)
        return ready

    def caught_up(self, version: int) -> list[MessageChanged]:
        """Everything up to `version` was passed on, or need not be; return what is due after it."""
        self.version = max(self.version, version)
        self.known_version = max(self.known_version, self.version)
        for early in [number for number in self.early if number <= self.version]:
            del self.early[early]
        return self.due()

    @property
    def behind(self) -> bool:
        """Whether something is known to exist that has not come."""
        return self.version < self.known_version or self.members_version < self.known_members_version
