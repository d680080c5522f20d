"""Unread is what its definition says, after any history (PROTOCOL §1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat.errors import ImError
from chat.models import Conversation
from chat.selectors.conversations import get_conversation, list_conversations
from chat.selectors.pages import inbox_index
from chat.services.conversations import conversation_rename
from chat.services.memberships import member_add, member_leave
from chat.services.messages import message_recall
from chat.services.receipts import read_advance, received_advance, unread_mark
from tests.factories import NOW, make_group, make_user, send

PEOPLE = 3
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "send", "send", "recall", "system", "read", "unread", "received", "leave", "join"]),
        st.integers(0, PEOPLE - 1),
        st.integers(1, 12),
    ),
    max_size=30,
)


@dataclass
class Reader:
    """What the definition needs to know of one member."""

    read_seq: int = 0
    joined_seq: int = 0
    is_member: bool = True


@dataclass
class Model:
    """The definition, done the slow way: look at every message."""

    people: list[User]
    group: Conversation
    counts: list[bool] = field(default_factory=list)  # by seq - 1: neither recalled nor system
    readers: list[Reader] = field(default_factory=lambda: [Reader() for _ in range(PEOPLE)])

    def unread(self, who: int) -> int:
        reader = self.readers[who]
        return sum(self.counts[max(reader.read_seq, reader.joined_seq) :])

    def step(self, action: str, who: int, seq: int) -> None:
        user, reader, pk = self.people[who], self.readers[who], str(self.group.pk)
        if not reader.is_member and action != "join":
            return
        match action:
            case "send":
                send(user, self.group)
                self.counts.append(True)
                reader.read_seq = len(self.counts)
            case "recall" if seq <= len(self.counts):
                try:
                    message_recall(
                        actor_id=user.pk, conversation=pk, seq=seq, request_id="r", now=NOW + timedelta(minutes=1)
                    )
                    self.counts[seq - 1] = False
                except ImError:
                    pass  # of somebody else, or a system message: nothing changes
            case "system" if who == 0:
                conversation_rename(actor_id=user.pk, conversation=pk, title=f"{len(self.counts)}", now=NOW)
                self.counts.append(False)
            case "read":
                read_advance(user_id=user.pk, conversation=pk, seq=seq)
                reader.read_seq = max(reader.read_seq, min(seq, len(self.counts)))
            case "unread":
                unread_mark(user_id=user.pk, conversation=pk, seq=seq)
                if seq <= reader.read_seq:
                    reader.read_seq = seq - 1
            case "received":
                received_advance(user_id=user.pk, conversation=pk, seq=seq)
            case "leave" if who != 0:
                member_leave(user_id=user.pk, conversation=pk, now=NOW)
                self.counts.append(False)
                reader.is_member = False
            case "join" if not reader.is_member:
                reader.is_member, reader.joined_seq = True, len(self.counts)
                member_add(actor_id=self.people[0].pk, conversation=pk, username=user.username, now=NOW)
                self.counts.append(False)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(steps=STEPS)
def test_unread__is_as_defined_after_any_history(steps: list[tuple[str, int, int]], db: Any) -> None:
    people = [make_user() for _ in range(PEOPLE)]
    model = Model(people, make_group(*people), counts=[False])
    for action, who, seq in steps:
        model.step(action, who, seq)
        for number, user in enumerate(people):
            if model.readers[number].is_member:
                seen = get_conversation(user_id=user.pk, conversation=str(model.group.pk))
                assert (seen.unread, seen.read_seq) == (model.unread(number), model.readers[number].read_seq)
                assert list_conversations(user_id=user.pk)[0].unread == seen.unread
                assert inbox_index(user_id=user.pk, now=NOW).unread.get(str(model.group.pk), 0) == seen.unread
