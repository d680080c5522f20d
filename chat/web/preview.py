"""One line about a message, for the list and for quotes."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat import markup
from chat.events import ConversationObject, MessageObject
from chat.web.people import People
from chat.web.system_text import system_text

KIND_TEXT: dict[str, str | Promise] = {
    "image": gettext_lazy("[Photo]"),
    "file": gettext_lazy("[File]"),
    "voice": gettext_lazy("[Voice message]"),
    "card": gettext_lazy("[Card]"),
}


def preview_text(conversation: ConversationObject, people: People) -> str:
    """What was said last; with who said it, where that is not clear."""
    message = conversation.last_message
    if message is None:
        return _("Nothing here yet")
    if message.kind == "system":
        return system_text(message, people)
    if message.recalled_at is not None:
        return recalled_text(message, people)
    text = " ".join(filter(None, (kind_text(message), markup.plain_preview(message.content))))
    if conversation.kind == "direct":
        return text
    name = _("You") if people.is_me(message.sender) else people[message.sender].name
    return _("%(name)s: %(text)s") % {"name": name, "text": text}


def kind_text(message: MessageObject) -> str:
    """“[Photo]” and the like for what is not text."""
    return str(KIND_TEXT.get(message.kind, ""))


def recalled_text(message: MessageObject, people: People) -> str:
    """What stands where a recalled message was."""
    if people.is_me(message.sender):
        return _("You recalled a message")
    return _("%(name)s recalled a message") % {"name": people[message.sender].name}
