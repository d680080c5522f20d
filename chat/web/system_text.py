"""What happened to a group or channel, in words.

The log keeps only the facts (`payload`); every reader gets a sentence of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.events import MessageObject
from chat.web.people import People

Sentence = str | Promise


class Wording(NamedTuple):
    """One fact, as told to whoever did it, to whom it was done, and to everybody else."""

    to_actor: Sentence
    to_subject: Sentence
    to_others: Sentence


WORDING: dict[str, Wording] = {
    "created": Wording(
        gettext_lazy("You created “%(title)s”"),
        "",
        gettext_lazy("%(actor)s created “%(title)s”"),
    ),
    "added": Wording(
        gettext_lazy("You added %(subject)s"),
        gettext_lazy("%(actor)s added you"),
        gettext_lazy("%(actor)s added %(subject)s"),
    ),
    "joined": Wording(
        gettext_lazy("You joined by an invite link"),
        "",
        gettext_lazy("%(actor)s joined by an invite link"),
    ),
    "left": Wording(
        gettext_lazy("You left"),
        "",
        gettext_lazy("%(actor)s left"),
    ),
    "removed": Wording(
        gettext_lazy("You removed %(subject)s"),
        gettext_lazy("%(actor)s removed you"),
        gettext_lazy("%(actor)s removed %(subject)s"),
    ),
    "renamed": Wording(
        gettext_lazy("You changed the title to “%(title)s”"),
        "",
        gettext_lazy("%(actor)s changed the title to “%(title)s”"),
    ),
    "permissions": Wording(
        gettext_lazy("You changed who may do what"),
        "",
        gettext_lazy("%(actor)s changed who may do what"),
    ),
    "described": Wording(
        gettext_lazy("You changed the description"),
        "",
        gettext_lazy("%(actor)s changed the description"),
    ),
    "picture": Wording(
        gettext_lazy("You changed the picture"),
        "",
        gettext_lazy("%(actor)s changed the picture"),
    ),
    "role:owner": Wording(
        gettext_lazy("You made %(subject)s the owner"),
        gettext_lazy("%(actor)s made you the owner"),
        gettext_lazy("%(actor)s made %(subject)s the owner"),
    ),
    "role:admin": Wording(
        gettext_lazy("You made %(subject)s an admin"),
        gettext_lazy("%(actor)s made you an admin"),
        gettext_lazy("%(actor)s made %(subject)s an admin"),
    ),
    "role:member": Wording(
        gettext_lazy("You made %(subject)s a plain member"),
        gettext_lazy("%(actor)s made you a plain member"),
        gettext_lazy("%(actor)s made %(subject)s a plain member"),
    ),
}


def system_usernames(message: MessageObject) -> Iterator[str]:
    """Whose names the sentence needs."""
    for key in ("actor", "subject"):
        username = (message.payload or {}).get(key)
        if isinstance(username, str):
            yield username


def system_text(message: MessageObject, people: People) -> str:
    """The sentence for a system message. A kind of event that this version does not know gets a general one."""
    payload = message.payload or {}
    event = payload.get("event")
    wording = WORDING.get(f"role:{payload.get('role')}" if event == "role" else str(event))
    if wording is None:
        return _("The conversation was changed")
    actor, subject = str(payload.get("actor", message.sender)), str(payload.get("subject", ""))
    if people.is_me(actor):
        sentence = wording.to_actor
    elif people.is_me(subject) and wording.to_subject:
        sentence = wording.to_subject
    else:
        sentence = wording.to_others
    names = {"actor": people[actor].name, "subject": people[subject].name, "title": payload.get("title", "")}
    return str(sentence) % names
