from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FrameType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FRAME_TYPE_UNSPECIFIED: _ClassVar[FrameType]
    FRAME_TYPE_LOGIN: _ClassVar[FrameType]
    FRAME_TYPE_ACK: _ClassVar[FrameType]
    FRAME_TYPE_MESSAGE: _ClassVar[FrameType]
    FRAME_TYPE_EDIT: _ClassVar[FrameType]
    FRAME_TYPE_RECALL: _ClassVar[FrameType]
    FRAME_TYPE_REACT: _ClassVar[FrameType]
    FRAME_TYPE_READ: _ClassVar[FrameType]
    FRAME_TYPE_UNREAD: _ClassVar[FrameType]
    FRAME_TYPE_RECEIVED: _ClassVar[FrameType]
    FRAME_TYPE_RECEIPT: _ClassVar[FrameType]
    FRAME_TYPE_TYPING: _ClassVar[FrameType]
    FRAME_TYPE_SYNC: _ClassVar[FrameType]
    FRAME_TYPE_PRESENCE: _ClassVar[FrameType]
    FRAME_TYPE_CONVERSATION: _ClassVar[FrameType]
    FRAME_TYPE_HEARTBEAT: _ClassVar[FrameType]
    FRAME_TYPE_LOGOUT: _ClassVar[FrameType]
    FRAME_TYPE_ERROR: _ClassVar[FrameType]
    FRAME_TYPE_CONTACT_REQUESTS: _ClassVar[FrameType]
FRAME_TYPE_UNSPECIFIED: FrameType
FRAME_TYPE_LOGIN: FrameType
FRAME_TYPE_ACK: FrameType
FRAME_TYPE_MESSAGE: FrameType
FRAME_TYPE_EDIT: FrameType
FRAME_TYPE_RECALL: FrameType
FRAME_TYPE_REACT: FrameType
FRAME_TYPE_READ: FrameType
FRAME_TYPE_UNREAD: FrameType
FRAME_TYPE_RECEIVED: FrameType
FRAME_TYPE_RECEIPT: FrameType
FRAME_TYPE_TYPING: FrameType
FRAME_TYPE_SYNC: FrameType
FRAME_TYPE_PRESENCE: FrameType
FRAME_TYPE_CONVERSATION: FrameType
FRAME_TYPE_HEARTBEAT: FrameType
FRAME_TYPE_LOGOUT: FrameType
FRAME_TYPE_ERROR: FrameType
FRAME_TYPE_CONTACT_REQUESTS: FrameType

class Frame(_message.Message):
    __slots__ = ("type", "id", "conversation", "seq", "version", "timestamp", "sender", "content", "receiver", "kind", "user", "read_seq", "type_code", "id_uuid", "conversation_id", "reply_to", "edited_at", "recalled_at", "attachments", "mentions", "reactions", "payload", "html", "emoji", "remove", "received_seq", "state", "last_seen", "users", "cursors", "cursors_by_id", "conversations", "messages", "more", "title", "avatar", "last_seq", "unread", "muted", "pinned", "archived", "role", "last_message", "receipts", "left", "reset", "token", "device", "accepts_batch", "wants_html", "wants_sync", "compact", "account", "session", "epoch", "heartbeat", "limits", "code", "detail", "retry_after", "close", "batch", "attached", "pinned_at", "description", "permissions", "join_requests", "silent")
    class CursorsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class CursorsByIdEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: int
        def __init__(self, key: _Optional[int] = ..., value: _Optional[int] = ...) -> None: ...
    class ReceiptsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Marks
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Marks, _Mapping]] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    RECEIVER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    READ_SEQ_FIELD_NUMBER: _ClassVar[int]
    TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    ID_UUID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    EDITED_AT_FIELD_NUMBER: _ClassVar[int]
    RECALLED_AT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    MENTIONS_FIELD_NUMBER: _ClassVar[int]
    REACTIONS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    HTML_FIELD_NUMBER: _ClassVar[int]
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_SEQ_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    CURSORS_FIELD_NUMBER: _ClassVar[int]
    CURSORS_BY_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    UNREAD_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    LAST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BATCH_FIELD_NUMBER: _ClassVar[int]
    WANTS_HTML_FIELD_NUMBER: _ClassVar[int]
    WANTS_SYNC_FIELD_NUMBER: _ClassVar[int]
    COMPACT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    PINNED_AT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    JOIN_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    type: str
    id: str
    conversation: str
    seq: int
    version: int
    timestamp: int
    sender: str
    content: str
    receiver: str
    kind: str
    user: str
    read_seq: int
    type_code: FrameType
    id_uuid: bytes
    conversation_id: int
    reply_to: int
    edited_at: int
    recalled_at: int
    attachments: _containers.RepeatedScalarFieldContainer[str]
    mentions: _containers.RepeatedScalarFieldContainer[str]
    reactions: _containers.RepeatedCompositeFieldContainer[Reaction]
    payload: str
    html: str
    emoji: str
    remove: bool
    received_seq: int
    state: str
    last_seen: int
    users: _containers.RepeatedScalarFieldContainer[str]
    cursors: _containers.ScalarMap[str, int]
    cursors_by_id: _containers.ScalarMap[int, int]
    conversations: _containers.RepeatedCompositeFieldContainer[Frame]
    messages: _containers.RepeatedCompositeFieldContainer[Frame]
    more: bool
    title: str
    avatar: str
    last_seq: int
    unread: int
    muted: bool
    pinned: bool
    archived: bool
    role: str
    last_message: Frame
    receipts: _containers.MessageMap[str, Marks]
    left: bool
    reset: bool
    token: str
    device: Device
    accepts_batch: bool
    wants_html: bool
    wants_sync: bool
    compact: bool
    account: Account
    session: str
    epoch: str
    heartbeat: Heartbeat
    limits: Limits
    code: str
    detail: str
    retry_after: float
    close: int
    batch: _containers.RepeatedCompositeFieldContainer[Frame]
    attached: _containers.RepeatedCompositeFieldContainer[Attachment]
    pinned_at: int
    description: str
    permissions: Permissions
    join_requests: int
    silent: bool
    def __init__(self, type: _Optional[str] = ..., id: _Optional[str] = ..., conversation: _Optional[str] = ..., seq: _Optional[int] = ..., version: _Optional[int] = ..., timestamp: _Optional[int] = ..., sender: _Optional[str] = ..., content: _Optional[str] = ..., receiver: _Optional[str] = ..., kind: _Optional[str] = ..., user: _Optional[str] = ..., read_seq: _Optional[int] = ..., type_code: _Optional[_Union[FrameType, str]] = ..., id_uuid: _Optional[bytes] = ..., conversation_id: _Optional[int] = ..., reply_to: _Optional[int] = ..., edited_at: _Optional[int] = ..., recalled_at: _Optional[int] = ..., attachments: _Optional[_Iterable[str]] = ..., mentions: _Optional[_Iterable[str]] = ..., reactions: _Optional[_Iterable[_Union[Reaction, _Mapping]]] = ..., payload: _Optional[str] = ..., html: _Optional[str] = ..., emoji: _Optional[str] = ..., remove: _Optional[bool] = ..., received_seq: _Optional[int] = ..., state: _Optional[str] = ..., last_seen: _Optional[int] = ..., users: _Optional[_Iterable[str]] = ..., cursors: _Optional[_Mapping[str, int]] = ..., cursors_by_id: _Optional[_Mapping[int, int]] = ..., conversations: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., messages: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., more: _Optional[bool] = ..., title: _Optional[str] = ..., avatar: _Optional[str] = ..., last_seq: _Optional[int] = ..., unread: _Optional[int] = ..., muted: _Optional[bool] = ..., pinned: _Optional[bool] = ..., archived: _Optional[bool] = ..., role: _Optional[str] = ..., last_message: _Optional[_Union[Frame, _Mapping]] = ..., receipts: _Optional[_Mapping[str, Marks]] = ..., left: _Optional[bool] = ..., reset: _Optional[bool] = ..., token: _Optional[str] = ..., device: _Optional[_Union[Device, _Mapping]] = ..., accepts_batch: _Optional[bool] = ..., wants_html: _Optional[bool] = ..., wants_sync: _Optional[bool] = ..., compact: _Optional[bool] = ..., account: _Optional[_Union[Account, _Mapping]] = ..., session: _Optional[str] = ..., epoch: _Optional[str] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., retry_after: _Optional[float] = ..., close: _Optional[int] = ..., batch: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., attached: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., pinned_at: _Optional[int] = ..., description: _Optional[str] = ..., permissions: _Optional[_Union[Permissions, _Mapping]] = ..., join_requests: _Optional[int] = ..., silent: _Optional[bool] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("id", "platform", "name", "network")
    ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    id: str
    platform: str
    name: str
    network: str
    def __init__(self, id: _Optional[str] = ..., platform: _Optional[str] = ..., name: _Optional[str] = ..., network: _Optional[str] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("username", "name", "avatar")
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    username: str
    name: str
    avatar: str
    def __init__(self, username: _Optional[str] = ..., name: _Optional[str] = ..., avatar: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("interval", "timeout")
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    interval: float
    timeout: float
    def __init__(self, interval: _Optional[float] = ..., timeout: _Optional[float] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("frame_bytes", "content_chars")
    FRAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONTENT_CHARS_FIELD_NUMBER: _ClassVar[int]
    frame_bytes: int
    content_chars: int
    def __init__(self, frame_bytes: _Optional[int] = ..., content_chars: _Optional[int] = ...) -> None: ...

class Marks(_message.Message):
    __slots__ = ("received_seq", "read_seq")
    RECEIVED_SEQ_FIELD_NUMBER: _ClassVar[int]
    READ_SEQ_FIELD_NUMBER: _ClassVar[int]
    received_seq: int
    read_seq: int
    def __init__(self, received_seq: _Optional[int] = ..., read_seq: _Optional[int] = ...) -> None: ...

class Reaction(_message.Message):
    __slots__ = ("emoji", "usernames")
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    USERNAMES_FIELD_NUMBER: _ClassVar[int]
    emoji: str
    usernames: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, emoji: _Optional[str] = ..., usernames: _Optional[_Iterable[str]] = ...) -> None: ...

class Permissions(_message.Message):
    __slots__ = ("send", "add", "edit", "pin")
    SEND_FIELD_NUMBER: _ClassVar[int]
    ADD_FIELD_NUMBER: _ClassVar[int]
    EDIT_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    send: str
    add: str
    edit: str
    pin: str
    def __init__(self, send: _Optional[str] = ..., add: _Optional[str] = ..., edit: _Optional[str] = ..., pin: _Optional[str] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("id", "kind", "name", "type", "size", "width", "height", "alt", "url", "thumbnail", "animated")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ALT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    ANIMATED_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    name: str
    type: str
    size: int
    width: int
    height: int
    alt: str
    url: str
    thumbnail: str
    animated: bool
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., size: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., alt: _Optional[str] = ..., url: _Optional[str] = ..., thumbnail: _Optional[str] = ..., animated: _Optional[bool] = ...) -> None: ...
