"""Who may do and see what, by what people chose and whom they block: reads only, in few queries for any number.

Whether two people see each other's presence is one question for both: who hides does not see (UX §2.6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from django.db.models import Q

from accounts.models import Block, Contact, User

Audience = User.Audience
Pair = tuple[int, int]


class Refusal(Enum):
    """Why somebody may not."""

    BLOCKED = "blocked"
    NOT_WANTED = "not wanted"


def see_each_other(pairs: Collection[Pair]) -> set[Pair]:
    """Those of the pairs of user ids who may see each other's presence. Everybody sees themself."""
    others = {pair for pair in pairs if pair[0] != pair[1]}
    ids = {user_id for pair in others for user_id in pair}
    shown_to = dict(User.objects.filter(pk__in=ids, is_active=True).values_list("pk", "presence_to")) if ids else {}
    open_ = {pair for pair in others if all(shown_to.get(each, Audience.NOBODY) != Audience.NOBODY for each in pair)}
    choosy = {pair for pair in open_ if any(shown_to[each] == Audience.CONTACTS for each in pair)}
    open_ -= choosy - contacts_among(choosy)
    blocked = blocks_among({*open_, *_turned(open_)}) if open_ else set()
    return set(pairs) - others | open_ - blocked - _turned(blocked)


def refusals(wanted: Mapping[Pair, str]) -> dict[Pair, Refusal]:
    """Who may not, and why: of the pairs (user, somebody who wants something of them), each with whom the user lets."""
    pairs = {pair for pair in wanted if pair[0] != pair[1]}
    if not pairs:
        return {}
    unknown = {pair for pair in pairs if wanted[pair] == Audience.CONTACTS}
    unknown -= contacts_among(unknown)
    nobody = {pair for pair in pairs if wanted[pair] == Audience.NOBODY}
    return dict.fromkeys(unknown | nobody, Refusal.NOT_WANTED) | dict.fromkeys(blocks_among(pairs), Refusal.BLOCKED)


def blocks_among(pairs: Collection[Pair]) -> set[Pair]:
    """Those of the pairs (user, other) in which the user has blocked the other."""
    found = Block.objects.filter(user__in={user for user, _ in pairs}, blocked__in={other for _, other in pairs})
    return set(found.values_list("user_id", "blocked_id")) & set(pairs)


def contacts_among(pairs: Collection[Pair]) -> set[Pair]:
    """Those of the pairs who are contacts."""
    if not pairs:
        return set()
    found = Contact.objects.filter(user__in={user for user, _ in pairs}, contact__in={other for _, other in pairs})
    return set(found.values_list("user_id", "contact_id")) & set(pairs)


def either_way(first_id: int, second_id: int, *, of: str, to: str) -> Q:
    """The rows of a relation with these two, whoever of them is `of` and who `to`."""
    return Q(**{of: first_id, to: second_id}) | Q(**{of: second_id, to: first_id})


def _turned(pairs: Iterable[Pair]) -> set[Pair]:
    return {(second, first) for first, second in pairs}
