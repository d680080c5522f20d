"""Contacts, requests and blocks as their owner sees them, and whether somebody may reach somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Block, Contact, ContactRequest, User
from accounts.privacy import Refusal, blocks_among, contacts_among, refusals
from chat.errors import ErrorCode, ImError

#: Requests that are shown at once: who is asked by more people answers the newest first.
REQUESTS_SHOWN_MAX = 200

State = ContactRequest.State


@dataclass(frozen=True, slots=True)
class Relation:
    """What two people are to each other, as one of them may know: who is ignored or blocked is not told here."""

    is_contact: bool = False
    is_blocked: bool = False  # by the one who asks
    has_asked: bool = False  # the one who asks, and waits
    is_asked: bool = False  # by the other, and has not answered


def get_relation(*, user_id: int, other_id: int) -> Relation:
    """What the other is to the user."""
    pair = (user_id, other_id)
    requests = ContactRequest.objects.filter(sender__in=pair, receiver__in=pair).exclude(state=State.WITHDRAWN)
    states = dict(requests.values_list("sender_id", "state"))
    return Relation(
        is_contact=pair in contacts_among({pair}),
        is_blocked=pair in blocks_among({pair}),
        has_asked=user_id in states,
        is_asked=states.get(other_id) == State.OPEN,
    )


def list_contacts(*, user_id: int) -> list[Contact]:
    """Everybody the user knows, in no order: which one is right depends on the reader's language."""
    return list(Contact.objects.filter(user_id=user_id, contact__is_active=True).select_related("contact"))


def list_requests_received(*, user_id: int) -> list[ContactRequest]:
    """The newest that wait for the user's answer, newest first."""
    rows = _waiting_for(user_id).select_related("sender").order_by("-created_at", "-pk")
    return list(rows[:REQUESTS_SHOWN_MAX])


def list_requests_sent(*, user_id: int) -> list[ContactRequest]:
    """Those of the user's that have not been accepted, newest first; an ignored one looks like the others."""
    rows = ContactRequest.objects.filter(sender_id=user_id).exclude(state=State.WITHDRAWN)
    return list(rows.select_related("receiver").order_by("-created_at", "-pk"))


def count_requests_received(*, user_id: int) -> int:
    """How many wait for the user's answer."""
    return _waiting_for(user_id).count()


def _waiting_for(user_id: int) -> QuerySet[ContactRequest]:
    return ContactRequest.objects.filter(receiver_id=user_id, state=State.OPEN, sender__is_active=True)


def list_blocks(*, user_id: int) -> list[Block]:
    """Whom the user has blocked, newest first."""
    return list(Block.objects.filter(user_id=user_id).select_related("blocked").order_by("-created_at", "-pk"))


def first_message_refusals(pairs: Iterable[tuple[User, int]]) -> dict[tuple[int, int], Refusal]:
    """Of these (receiver, sender id), by ids: between whom no direct conversation may begin, and why."""
    return refusals({(receiver.pk, sender_id): receiver.direct_from for receiver, sender_id in pairs})


def check_may_write_first(*, sender_id: int, receiver: User) -> None:
    """Whether a direct conversation may begin.

    Raises:
        ImError: BLOCKED; FORBIDDEN: the receiver chose to be written to by others only.
    """
    raise_refusal(first_message_refusals([(receiver, sender_id)]).get((receiver.pk, sender_id)))


def raise_refusal(refusal: Refusal | None) -> None:
    """Raises ImError BLOCKED or FORBIDDEN for a refusal of a first message."""
    if refusal is Refusal.BLOCKED:
        raise ImError(ErrorCode.BLOCKED)
    if refusal is not None:
        raise ImError(ErrorCode.FORBIDDEN, "This person takes first messages from contacts only, or from nobody.")


def check_may_add(*, actor_id: int, users: Iterable[User]) -> None:
    """Whether these people let the user add them to groups and channels.

    Raises:
        ImError: FORBIDDEN; `fields` names `members`. One who has blocked the user is not told apart.
    """
    by_id = {user.pk: user for user in users}
    refused = refusals({(pk, actor_id): user.groups_from for pk, user in by_id.items()})
    if refused:
        names = ", ".join(sorted(by_id[pk].username for pk, _ in refused))
        detail = f"These people do not let you add them; send them an invite link: {names}."
        raise ImError(ErrorCode.FORBIDDEN, detail, fields={"members": detail})
