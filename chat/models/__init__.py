"""Tables, constraints and indexes. No business logic: writes are in chat.services, reads in chat.selectors."""

from chat.models.attachment import ALT_MAX_CHARS, FILE_NAME_MAX_CHARS, Attachment, Blob
from chat.models.conversation import DESCRIPTION_MAX_CHARS, TITLE_MAX_CHARS, Conversation, new_conversation_id
from chat.models.draft import Draft
from chat.models.edit import Edit
from chat.models.invite import Invite, JoinRequest
from chat.models.membership import Inbox, Membership
from chat.models.mention import Mention
from chat.models.message import EMOJI_MAX_CHARS, FORWARDED_FROM, Message, Reaction, Store
from chat.models.notifications import NotificationSettings
from chat.models.scheduled import ScheduledMessage
from chat.models.search import SearchEntry, SearchProgress

__all__ = [
    "ALT_MAX_CHARS",
    "DESCRIPTION_MAX_CHARS",
    "EMOJI_MAX_CHARS",
    "FILE_NAME_MAX_CHARS",
    "FORWARDED_FROM",
    "TITLE_MAX_CHARS",
    "Attachment",
    "Blob",
    "Conversation",
    "Draft",
    "Edit",
    "Inbox",
    "Invite",
    "JoinRequest",
    "Membership",
    "Mention",
    "Message",
    "NotificationSettings",
    "Reaction",
    "ScheduledMessage",
    "SearchEntry",
    "SearchProgress",
    "Store",
    "new_conversation_id",
]
