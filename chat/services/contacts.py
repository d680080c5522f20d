"""Becoming contacts: one asks, the other one accepts, ignores or blocks.

Contacts are mutual, two rows at a time, and change under both inboxes, as blocks do. To ask for what already is changes
nothing, so a retry is free.
"""

from __future__ import annotations

import enum
from datetime import datetime

from django.db import transaction

from accounts.models import Contact, ContactRequest, User
from accounts.privacy import blocks_among, contacts_among, either_way
from accounts.throttle import request_limit
from chat.errors import ErrorCode, ImError
from chat.events import ContactRequestsChanged, PrivacyChanged
from chat.selectors.people import get_directory
from chat.services import log
from chat.services.validation import clean_note

#: More people than anybody knows; it bounds the page and the answer that show all of them.
CONTACTS_MAX = 2_000
#: Requests of one user that wait: who has so many is not asking people they know.
WAITING_MAX = 100

State = ContactRequest.State


class Asked(enum.StrEnum):
    """What came of asking."""

    WAITING = "waiting"
    ACCEPTED = "accepted"  # they are contacts: the other one had asked, too, or they were before


def contact_request(*, user_id: int, username: str, note: str = "", now: datetime) -> tuple[Asked, bool]:
    """Ask somebody to be a contact, with a word about oneself: what came of it, and whether that is new.

    Who has been asked by the other one accepts by asking back.

    Raises:
        ImError: NOT_FOUND: no such active person; BAD_FRAME: it is the user, or the note holds control characters;
            TOO_LARGE: the note, or too many wait; BLOCKED; FORBIDDEN: the user has blocked the other one;
            RATE_LIMITED: too many today.
    """
    note = clean_note(note)
    other = _other(user_id, username)
    with transaction.atomic():
        log.lock_inboxes([user_id, other.pk])
        _check_blocks(user_id, other)
        if contacts_among({(user_id, other.pk)}):
            return Asked.ACCEPTED, False
        if _open(sender_id=other.pk, receiver_id=user_id):
            _befriend(user_id, other, now=now)
            return Asked.ACCEPTED, True
        request = ContactRequest.objects.filter(sender_id=user_id, receiver=other).first()
        if request is not None and request.state != State.WITHDRAWN:
            return Asked.WAITING, False
        _check_may_ask(user_id)
        if request is None:
            request = ContactRequest(sender_id=user_id, receiver=other)
        else:
            request.state = State.IGNORED  # asked again: the answer was silence
        request.note, request.created_at = note, now
        request.save()
        if request.state == State.OPEN:
            log.publish_on_commit([ContactRequestsChanged(user_id=other.pk)])
    return Asked.WAITING, True


@transaction.atomic
def request_accept(*, user_id: int, username: str, now: datetime) -> None:
    """Become a contact of somebody who asked, even if that was ignored before. The second time does nothing.

    Raises:
        ImError: NOT_FOUND: nobody of this name asked; TOO_LARGE: one of the two has too many contacts.
    """
    other = _locked(user_id, username)
    if contacts_among({(user_id, other.pk)}):
        return
    if not _open(sender_id=other.pk, receiver_id=user_id):
        raise ImError(ErrorCode.NOT_FOUND, "There is no such request.")
    _befriend(user_id, other, now=now)


@transaction.atomic
def request_ignore(*, user_id: int, username: str) -> None:
    """Put a request away; who asked is not told. The second time does nothing.

    Raises:
        ImError: NOT_FOUND: nobody of this name asked.
    """
    other = _locked(user_id, username)
    requests = ContactRequest.objects.filter(sender=other, receiver_id=user_id).exclude(state=State.WITHDRAWN)
    if not requests.update(state=State.IGNORED):
        raise ImError(ErrorCode.NOT_FOUND, "There is no such request.")
    log.publish_on_commit([ContactRequestsChanged(user_id=user_id)])


@transaction.atomic
def request_withdraw(*, user_id: int, username: str) -> None:
    """Take one's request back. Where there is none this does nothing.

    Raises:
        ImError: NOT_FOUND: there is no such person.
    """
    other = _locked(user_id, username)
    requests = ContactRequest.objects.filter(sender_id=user_id, receiver=other)
    if requests.filter(state=State.OPEN).delete()[0]:
        log.publish_on_commit([ContactRequestsChanged(user_id=other.pk)])
    requests.filter(state=State.IGNORED).update(state=State.WITHDRAWN)


@transaction.atomic
def contact_remove(*, user_id: int, username: str) -> None:
    """Be contacts no more, on both sides. Who is none already stays that.

    Raises:
        ImError: NOT_FOUND: there is no such person.
    """
    other = _locked(user_id, username)
    if Contact.objects.filter(either_way(user_id, other.pk, of="user_id", to="contact_id")).delete()[0]:
        log.publish_on_commit([PrivacyChanged(user_id=user_id)])


def _other(user_id: int, username: str) -> User:
    other = get_directory(usernames=[username]).named(username)
    if other is None or not other.is_active:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    if other.pk == user_id:
        raise ImError(ErrorCode.BAD_FRAME, "Nobody is a contact of themself.")
    return other


def _locked(user_id: int, username: str) -> User:
    """Somebody else, active or not, with nothing else happening between the two until the transaction ends."""
    other = get_directory(usernames=[username]).named(username)
    if other is None or other.pk == user_id:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    log.lock_inboxes([user_id, other.pk])
    return other


def _check_blocks(user_id: int, other: User) -> None:
    pair = (user_id, other.pk)
    blocks = blocks_among({pair, (other.pk, user_id)})
    if pair in blocks:
        raise ImError(ErrorCode.FORBIDDEN, "You have blocked this person; unblock them first.")
    if blocks:
        raise ImError(ErrorCode.BLOCKED)


def _check_may_ask(user_id: int) -> None:
    if ContactRequest.objects.filter(sender_id=user_id).exclude(state=State.WITHDRAWN).count() >= WAITING_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"At most {WAITING_MAX} requests can wait; take some back first.")
    wait_s = request_limit("contact").hit(f"user {user_id}")
    if wait_s is not None:
        raise ImError(ErrorCode.RATE_LIMITED, "That was enough requests for today.", retry_after=wait_s)


def _open(*, sender_id: int, receiver_id: int) -> bool:
    """Whether one has asked the other, ignored or not."""
    requests = ContactRequest.objects.filter(sender_id=sender_id, receiver_id=receiver_id)
    return requests.exclude(state=State.WITHDRAWN).exists()


def _befriend(user_id: int, other: User, *, now: datetime) -> None:
    for pk in (user_id, other.pk):
        if Contact.objects.filter(user_id=pk).count() >= CONTACTS_MAX:
            raise ImError(ErrorCode.TOO_LARGE, f"There is room for {CONTACTS_MAX} contacts.")
    Contact.objects.bulk_create(
        [
            Contact(user_id=user_id, contact=other, created_at=now),
            Contact(user=other, contact_id=user_id, created_at=now),
        ]
    )
    ContactRequest.objects.filter(either_way(user_id, other.pk, of="sender_id", to="receiver_id")).delete()
    log.publish_on_commit([PrivacyChanged(user_id=user_id), ContactRequestsChanged(user_id=user_id)])
