"""Members on the page about a group or channel: page by page, found by name, and what one may do with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.people import Person
from chat.models import Membership
from chat.selectors.conversations import MemberObject
from chat.selectors.rights import may_remove
from chat.web.people import People

#: Shown at once: some screens of a phone. With more, one can look for a name.
PAGE = 50

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member, and what the reader may do with them."""

    person: Person
    role: str
    is_me: bool
    may_promote: bool
    may_demote: bool
    may_transfer: bool
    may_remove: bool

    @property
    def has_menu(self) -> bool:
        return self.may_promote or self.may_demote or self.may_transfer or self.may_remove


@dataclass(frozen=True, slots=True)
class MemberList:
    """A page of members; `previous` and `following` are the numbers of those beside it."""

    rows: list[MemberRow]
    query: str
    is_long: bool
    previous: int | None
    following: int | None


def member_list(
    members: Sequence[MemberObject], people: People, actor: Membership, *, query: str, page: int
) -> MemberList:
    """The members whose name or username has `query` in it; pages count from 1."""
    wanted = query.strip().casefold()
    found = [each for each in members if wanted in each.name.casefold() or wanted in each.username.casefold()]
    start = (page - 1) * PAGE
    return MemberList(
        rows=[_row(each, people, actor) for each in found[start : start + PAGE]],
        query=query,
        is_long=len(members) > PAGE,
        previous=page - 1 if page > 1 else None,
        following=page + 1 if len(found) > start + PAGE else None,
    )


def _row(member: MemberObject, people: People, actor: Membership) -> MemberRow:
    is_me = people.is_me(member.username)
    is_owner = actor.role == Role.OWNER
    return MemberRow(
        person=people[member.username],
        role=member.role,
        is_me=is_me,
        may_promote=is_owner and member.role == Role.MEMBER,
        may_demote=is_owner and member.role == Role.ADMIN,
        may_transfer=is_owner and not is_me,
        may_remove=not is_me and may_remove(actor, Membership(role=member.role)),
    )
