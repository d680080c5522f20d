"""Who was mentioned, beside the messages, for those who look for it. Messages that mention nobody cost nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chat.models import Mention, Message
from chat.selectors.people import Directory, get_directory


def mentions_write(messages: Iterable[Message], members: Mapping[int, Directory]) -> None:
    """Store whom new messages mention. `members` are those mentioned, by conversation."""
    Mention.objects.bulk_create(
        Mention(user_id=user.pk, conversation_id=message.conversation_id, seq=message.seq)
        for message in messages
        for name in message.mentions
        if (user := members[message.conversation_id].named(name)) is not None and user.pk != message.sender_id
    )


def mentions_forget(message: Message) -> None:
    """The message is being recalled: whom it mentions need not look for it."""
    if message.mentions:
        people = get_directory(usernames=message.mentions)
        Mention.objects.filter(
            user_id__in=people.by_id, conversation_id=message.conversation_id, seq=message.seq
        ).delete()
