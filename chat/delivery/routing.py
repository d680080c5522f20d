"""Which channel-layer groups an event travels on."""

from __future__ import annotations

from chat.events import (
    ContactRequestsChanged,
    ConversationChanged,
    Event,
    MembersChanged,
    MessageChanged,
    PresenceAsked,
    PresenceChanged,
    PrivacyChanged,
    ReceiptAdvanced,
    SessionsRevoked,
    Typing,
)


def conversation_group(conversation: str) -> str:
    """For processes that have a member of the conversation online."""
    return f"conversation.{conversation}"


def user_group(user_id: int) -> str:
    """For processes that have a session of the user."""
    return f"user.{user_id}"


def presence_group(user_id: int) -> str:
    """For processes that have a session that looks at the user."""
    return f"presence.{user_id}"


def groups_of(event: Event) -> list[str]:
    match event:
        case MessageChanged():
            return [conversation_group(event.message.conversation)]
        case ReceiptAdvanced() | Typing():
            return [conversation_group(event.conversation)]
        case MembersChanged():
            # Those who joined have no process in the conversation's group yet.
            return [
                conversation_group(event.conversation),
                *map(user_group, event.joined),
                *map(user_group, event.left),
            ]
        case ConversationChanged() | ContactRequestsChanged() | SessionsRevoked() | PresenceAsked():
            return [user_group(event.user_id)]
        case PresenceChanged():
            return [presence_group(event.user_id)]
        case PrivacyChanged():
            return [user_group(event.user_id), presence_group(event.user_id)]
        case _:
            raise TypeError(f"no route for {type(event).__name__}")
