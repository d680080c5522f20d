"""Blocking somebody, and taking it back.

A block is a row of accounts, and a mark on the blocked one's membership of the direct conversation, if there is one:
so a send knows of it from rows that it reads anyway, and delivery leaves out the blocked one as it does somebody who
left (PROTOCOL §2, promise 7). The membership itself stays: what was said can still be read. Groups are not touched.

Lock order: the conversation, then both inboxes. Whoever begins a direct conversation takes the inboxes too
(`directs.insert_directs`) and looks for blocks under them, so that a block and a first message never miss each other.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Block, Contact, ContactRequest, User
from accounts.privacy import either_way
from chat.errors import ErrorCode, ImError
from chat.events import ContactRequestsChanged, Event, PrivacyChanged
from chat.models import Conversation, Membership
from chat.selectors.people import get_directory
from chat.services import log
from chat.services.directs import direct_key

#: More people than anybody wants nothing to do with; it bounds the page and the answer that show all of them.
BLOCKS_MAX = 1_000


@transaction.atomic
def block_add(*, user_id: int, username: str, now: datetime) -> None:
    """Have nothing to do with somebody any more; they are no contact then. The second time does nothing.

    Raises:
        ImError: NOT_FOUND: there is no such person; BAD_FRAME: it is the user; TOO_LARGE: too many are blocked.
    """
    other = _other(user_id, username)
    conversation = _lock(user_id, other)
    if Block.objects.filter(user_id=user_id, blocked=other).exists():
        return
    if Block.objects.filter(user_id=user_id).count() >= BLOCKS_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"At most {BLOCKS_MAX} people can be blocked.")
    Block.objects.create(user_id=user_id, blocked=other, created_at=now)
    Contact.objects.filter(either_way(user_id, other.pk, of="user_id", to="contact_id")).delete()
    if ContactRequest.objects.filter(either_way(user_id, other.pk, of="sender_id", to="receiver_id")).delete()[0]:
        log.publish_on_commit([ContactRequestsChanged(user_id=user_id)])
    _announce(user_id, other, conversation, is_blocked=True, now=now)


@transaction.atomic
def block_remove(*, user_id: int, username: str, now: datetime) -> None:
    """Take a block back. Where there is none this does nothing.

    Raises:
        ImError: NOT_FOUND: there is no such person.
    """
    other = _other(user_id, username)
    conversation = _lock(user_id, other)
    deleted, _ = Block.objects.filter(user_id=user_id, blocked=other).delete()
    if deleted:
        _announce(user_id, other, conversation, is_blocked=False, now=now)


def _other(user_id: int, username: str) -> User:
    """Whom the name means; who closed the account can be unblocked, too."""
    other = get_directory(usernames=[username]).named(username)
    if other is None:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    if other.pk == user_id:
        raise ImError(ErrorCode.BAD_FRAME, "Nobody can block themself.")
    return other


def _lock(user_id: int, other: User) -> Conversation | None:
    """The direct conversation of the two, if there is one: it cannot begin, and nothing happens in it, until the
    transaction ends."""
    key = [direct_key(user_id, other.pk)]
    found = log.lock_conversations(direct_keys=key)
    log.lock_inboxes([user_id, other.pk])
    if not found:
        found = log.lock_conversations(direct_keys=key)
    return found[0] if found else None


def _announce(user_id: int, other: User, conversation: Conversation | None, *, is_blocked: bool, now: datetime) -> None:
    events: list[Event] = [PrivacyChanged(user_id=user_id)]
    if conversation is not None:
        Membership.objects.filter(conversation=conversation, user=other).update(is_blocked=is_blocked)
        if is_blocked:
            events.append(log.count_membership_change(conversation, left=[other.pk]))
        else:
            events.append(log.count_membership_change(conversation, joined=[other.pk]))
            # Its version tells the other's devices what they missed.
            events += log.views_changed(conversation, [other.pk], now=now)
        log.save_numbers(conversation)
    log.publish_on_commit(events)
