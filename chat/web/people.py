"""The people and conversations on a page, with their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypedDict

from django.utils.translation import gettext as _

from accounts.avatars import avatar_url
from accounts.models import User
from accounts.people import Person, Picture
from chat.events import ConversationObject, UserObject


class PersonData(TypedDict):
    """A person for the pages' script."""

    name: str
    avatar: str | None
    initials: str
    color: int
    wide: bool


class People:
    """Persons by username, looked up in one query. A name that nobody has (any more) stands for itself."""

    def __init__(self, me: User) -> None:
        self.me = person_of(me)
        self.my_id = me.pk
        self.enter_sends = me.enter_sends
        self.undo_s = me.undo_send
        self._known: dict[str, Person] = {me.username: self.me}

    def add(self, objects: Iterable[UserObject]) -> None:
        """Take people that were read already."""
        for each in objects:
            self._known[each.username] = Person(each.username, each.name, each.avatar)

    def load(self, usernames: Iterable[str]) -> None:
        """Look up those that are not known yet, all at once."""
        missing = set(usernames) - self._known.keys()
        if missing:
            for user in User.objects.filter(username__in=missing).only("username", "name", "avatar"):
                self._known[user.username] = person_of(user)

    def __getitem__(self, username: str) -> Person:
        return self._known.get(username) or Person(username, username)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._known.values())

    def is_me(self, username: str) -> bool:
        return username == self.me.username

    def data(self) -> dict[str, PersonData]:
        """Everybody, for the pages' script."""
        return {person.username: person_data(person) for person in self}


def person_of(user: User) -> Person:
    return Person(user.username, user.display_name, avatar_url(user))


def person_data(person: Person) -> PersonData:
    picture = person.picture
    return PersonData(
        name=person.name, avatar=picture.url, initials=picture.initials, color=picture.colour, wide=picture.is_wide
    )


def peer_of(conversation: ConversationObject) -> str | None:
    """The other one's username in a direct conversation; None in others and in the chat with oneself."""
    if conversation.kind != "direct":
        return None
    return next(iter(conversation.receipts or {}), None)


def is_self_chat(conversation: ConversationObject) -> bool:
    """Whether this is where a user writes to nobody else."""
    return conversation.kind == "direct" and not conversation.receipts


def conversation_title(conversation: ConversationObject) -> str:
    """What the conversation is called on pages."""
    return _("Saved messages") if is_self_chat(conversation) else conversation.title


def conversation_picture(conversation: ConversationObject) -> Picture:
    """The other's picture in a direct conversation; initials or a symbol for the others."""
    if is_self_chat(conversation):
        return Picture.of(conversation.conversation, conversation.title, symbol="saved")
    peer = peer_of(conversation)
    if peer is not None:
        return Picture.of(peer, conversation.title, url=conversation.avatar)
    symbol = "channel" if conversation.kind == "channel" else ""
    return Picture.of(
        conversation.conversation, conversation.title, url=conversation.avatar, symbol=symbol, square=True
    )
