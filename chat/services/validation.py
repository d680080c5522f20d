"""What may be stored at all: one rule for sockets, REST, pages and bots. No queries here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec

from accounts.models import NOTE_MAX_CHARS
from chat.errors import ErrorCode, ImError
from chat.models import DESCRIPTION_MAX_CHARS, EMOJI_MAX_CHARS, FORWARDED_FROM, TITLE_MAX_CHARS, Message
from chat.protocol.content import content_refusal, is_blank
from chat.protocol.limits import ATTACHMENTS_MAX, DEPTH_MAX, ID_CHARS, INT64_MAX, INT64_MIN, MENTIONS_MAX, SessionConfig

#: The protocol's own default, so that no edge can let in what another one refuses.
CONTENT_MAX_CHARS = SessionConfig().content_chars
#: A card is a few labels and links, not a document.
PAYLOAD_MAX_BYTES = 16_384

#: Emoji sequences need the joiner and the tags of regional flags; other format characters only hide or turn text.
_EMOJI_FORMATS = frozenset({"\u200d", *map(chr, range(0xE0020, 0xE0080))})


def check_client_id(client_id: str) -> None:
    """Raises ImError BAD_FRAME for an id that is not 1 to 64 storable characters."""
    if not 1 <= len(client_id) <= ID_CHARS or not is_storable(client_id):
        raise ImError(ErrorCode.BAD_FRAME, f"An id has 1 to {ID_CHARS} characters.")


def check_kind(kind: str) -> None:
    """Raises ImError FORBIDDEN for system messages, which only the server writes; BAD_FRAME for an unknown kind."""
    if kind == Message.Kind.SYSTEM:
        raise ImError(ErrorCode.FORBIDDEN, "System messages are made by the server.")
    if kind not in Message.Kind.values:
        raise ImError(ErrorCode.BAD_FRAME, "There is no such kind of message.")


def check_content(
    content: str,
    *,
    kind: str = Message.Kind.TEXT,
    attachments: Sequence[str] | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Raises ImError EMPTY, TOO_LARGE or BAD_FRAME."""
    if not is_storable(content):
        raise ImError(ErrorCode.BAD_FRAME, "The text holds characters that cannot be stored.")
    refusal = content_refusal(content, max_chars=CONTENT_MAX_CHARS, kind=kind, attachments=attachments, payload=payload)
    if refusal is ErrorCode.TOO_LARGE:
        raise ImError(refusal, f"A message has {CONTENT_MAX_CHARS} characters at most.")
    if refusal is not None:
        raise ImError(refusal)


def check_lists(*, attachments: Sequence[str] | None, mentions: Sequence[str] | None) -> None:
    """Raises ImError TOO_LARGE for too many; BAD_FRAME for what no list of names can hold."""
    if len(attachments or ()) > ATTACHMENTS_MAX or len(mentions or ()) > MENTIONS_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"At most {ATTACHMENTS_MAX} attachments and {MENTIONS_MAX} mentions.")
    if not all(isinstance(entry, str) and is_storable(entry) for entry in (*(attachments or ()), *(mentions or ()))):
        raise ImError(ErrorCode.BAD_FRAME)


def check_payload(payload: dict[str, Any] | None, *, kind: str, is_forward: bool = False) -> None:
    """Raises ImError BAD_FRAME for a payload that is not a card's or cannot be stored; TOO_LARGE."""
    if payload is None:
        return
    if not is_forward and isinstance(payload, dict) and FORWARDED_FROM in payload:
        raise ImError(ErrorCode.BAD_FRAME, "Only the server says where a message was forwarded from.")
    if kind != Message.Kind.CARD and not is_forward:
        raise ImError(ErrorCode.BAD_FRAME, "Only a card has a payload.")
    if not isinstance(payload, dict) or not _is_storable_json(payload, DEPTH_MAX):
        raise ImError(ErrorCode.BAD_FRAME, "The payload cannot be stored.")
    if len(msgspec.json.encode(payload)) > PAYLOAD_MAX_BYTES:
        raise ImError(ErrorCode.TOO_LARGE, f"A payload has {PAYLOAD_MAX_BYTES} bytes at most.")


def clean_title(title: str) -> str:
    """The title with its white space trimmed and joined.

    Raises:
        ImError: EMPTY, TOO_LARGE, or BAD_FRAME for control characters. `fields` names `title`.
    """
    title = " ".join(title.split())
    refusal = None
    if is_blank(title):
        refusal = ImError(ErrorCode.EMPTY, "Give it a title.")
    elif len(title) > TITLE_MAX_CHARS:
        refusal = ImError(ErrorCode.TOO_LARGE, f"A title has {TITLE_MAX_CHARS} characters at most.")
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in title):
        refusal = ImError(ErrorCode.BAD_FRAME, "A title cannot hold control characters.")
    if refusal is not None:
        refusal.fields = {"title": refusal.detail}
        raise refusal
    return title


def clean_description(text: str) -> str:
    """What a group is for: its lines, without white space around them. Raises ImError TOO_LARGE or BAD_FRAME."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    return _clean_words("\n".join(lines), field="description", max_chars=DESCRIPTION_MAX_CHARS)


def clean_note(text: str) -> str:
    """What somebody says who asks to join, or to be a contact, in one line. Raises ImError TOO_LARGE or BAD_FRAME."""
    return _clean_words(" ".join(text.split()), field="note", max_chars=NOTE_MAX_CHARS)


def _clean_words(text: str, *, field: str, max_chars: int) -> str:
    if len(text) > max_chars:
        detail = f"{max_chars} characters at most."
        raise ImError(ErrorCode.TOO_LARGE, detail, fields={field: detail})
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text.replace("\n", "")):
        detail = "It cannot hold control characters."
        raise ImError(ErrorCode.BAD_FRAME, detail, fields={field: detail})
    return text


def check_emoji(emoji: str) -> None:
    """Raises ImError BAD_FRAME for what is not 1 to 32 visible characters without white space."""
    if not 1 <= len(emoji) <= EMOJI_MAX_CHARS or is_blank(emoji) or not all(map(_may_be_in_emoji, emoji)):
        raise ImError(ErrorCode.BAD_FRAME, "This is not an emoji.")


def is_storable(text: str) -> bool:
    """Whether every database takes it: PostgreSQL refuses NUL, and UTF-8 has no lone surrogates."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_be_in_emoji(character: str) -> bool:
    if character in _EMOJI_FORMATS:
        return True
    # C: control, format, surrogate, private use, unassigned. Z: white space.
    return not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")


def _is_storable_json(value: object, depth: int) -> bool:
    match value:
        case str():
            return is_storable(value)
        case None | bool():
            return True
        case int():
            return INT64_MIN <= value <= INT64_MAX
        case float():
            return value - value == 0  # neither infinite nor not a number
        case list() if depth:
            return all(_is_storable_json(each, depth - 1) for each in value)
        case dict() if depth:
            return all(
                isinstance(key, str) and is_storable(key) and _is_storable_json(each, depth - 1)
                for key, each in value.items()
            )
    return False
