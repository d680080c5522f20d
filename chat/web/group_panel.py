"""What the pages about an open conversation show of it beside its messages: who may do what, and what is pinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation, Membership
from chat.selectors.pins import newest_pin_of
from chat.selectors.rights import Level, Right, level_of, may, may_set
from chat.web.people import People
from chat.web.rows import make_quote

#: Where the box to write in would be, for who may not write.
_NOTES: dict[tuple[str, Level], str | Promise] = {
    (Conversation.Kind.GROUP, Level.ADMINS): _("Only the owner and admins write in this group."),
    (Conversation.Kind.GROUP, Level.OWNER): _("Only the owner writes in this group."),
    (Conversation.Kind.CHANNEL, Level.ADMINS): _("Only the owner and admins write in this channel."),
    (Conversation.Kind.CHANNEL, Level.OWNER): _("Only the owner writes in this channel."),
}
_RIGHTS: dict[Right, str | Promise] = {
    Right.SEND: _("Write messages"),
    Right.ADD: _("Add people and make invite links"),
    Right.EDIT: _("Change title, picture and description"),
    Right.PIN: _("Pin messages"),
}


@dataclass(frozen=True, slots=True)
class PinnedBar:
    """What stands above the history: what was pinned last, and how many there are."""

    seq: int
    name: str
    text: str
    seqs: list[int]

    @property
    def number(self) -> int:
        return len(self.seqs)


@dataclass(frozen=True, slots=True)
class PermissionField:
    """One right in the form. `choices` are those that the reader may give it: value, words, whether it is so."""

    name: str
    words: str | Promise
    choices: Sequence[tuple[str, str | Promise, bool]]
    is_fixed: bool


def rights_of(row: Conversation, membership: Membership) -> dict[str, bool]:
    """What the reader may do, by the names of the rights."""
    return {right.value: may(row, membership, right) for right in Right}


def composer_note(row: Conversation) -> str | Promise:
    """Why there is no box to write in. Empty for a direct conversation, which always has one."""
    return _NOTES.get((row.kind, level_of(row, Right.SEND)), "")


def pinned_bar(row: Conversation, people: People) -> PinnedBar | None:
    """What was pinned last, in a line."""
    newest = newest_pin_of(row)
    if newest is None:
        return None
    people.load([newest.message.sender])
    quote = make_quote(newest.message, people)
    return PinnedBar(quote.seq, quote.person.name, quote.text, newest.seqs)


def permission_fields(row: Conversation, membership: Membership) -> list[PermissionField]:
    """The form in which owner and admins say who may do what."""
    fields = []
    for right, words in _RIGHTS.items():
        now = level_of(row, right)
        possible = [level for level in Level if level == now or may_set(row, membership, right, level)]
        if right is Right.SEND and row.kind == Conversation.Kind.CHANNEL:
            possible.remove(Level.EVERYBODY)
        choices = [(level.name.lower(), level.label, level == now) for level in possible]
        fields.append(PermissionField(right.value, words, choices, is_fixed=len(choices) == 1))
    return fields
