"""Files on their way into messages, for a batch of sends (chat.services.sending) that has any."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from chat.errors import ErrorCode, ImError
from chat.events import AttachmentObject
from chat.models import Attachment, Message
from chat.selectors.attachments import attachment_object, parse_attachment_id, visible_attachments

Key = tuple[int, str]  # (sender id, client id) of a message


class Attaching:
    """`wanted` is who sends which ids. Made and written within the transaction of the batch.

    One's own upload goes into the first message that names it. Any other that the sender may see is forwarded: another
    attachment with the same bytes.
    """

    def __init__(self, wanted: Iterable[tuple[int, Collection[str]]]) -> None:
        self._found: dict[int, dict[str, Attachment]] = {}  # by sender and id
        self._taken: set[uuid.UUID] = set()
        self._rows: dict[Key, list[Attachment]] = {}
        requests = list(wanted)
        ids = {pk for _, texts in requests for text in texts if (pk := parse_attachment_id(text)) is not None}
        if not ids:
            return
        # Locked until the commit: neither sent twice, nor deleted by a recall or a sweep meanwhile.
        rows = Attachment.objects.filter(pk__in=ids).select_related("blob").order_by("pk")
        locked = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
        for sender_id in {sender_id for sender_id, _ in requests}:
            visible = visible_attachments(sender_id, locked).values_list("pk", flat=True)
            self._found[sender_id] = {str(pk): locked[pk] for pk in visible if locked[pk].blob.is_ready}

    def check(self, sender_id: int, ids: Iterable[str]) -> None:
        """Raises ImError NOT_FOUND when one of them is none that this sender may send."""
        if not self._found.get(sender_id, {}).keys() >= set(ids):
            raise ImError(ErrorCode.NOT_FOUND, "There is no such attachment.")

    def take(self, message: Message, ids: Iterable[str]) -> None:
        """Give `message` these files, which were checked. What is called text becomes what they are."""
        rows = [self._take(message.sender_id, attachment) for attachment in dict.fromkeys(ids)]
        for position, row in enumerate(rows):
            row.position = position
        if message.kind == Message.Kind.TEXT:
            pictures = all(row.blob.is_picture for row in rows)
            message.kind = Message.Kind.IMAGE if pictures else Message.Kind.FILE
        self._rows[message.sender_id, message.client_id] = rows

    def objects(self, message: Message) -> list[AttachmentObject] | None:
        """The files of `message` as clients see them; None when it has none."""
        rows = self._rows.get((message.sender_id, message.client_id))
        return [attachment_object(row) for row in rows] if rows else None

    def write(self) -> None:
        """Store what was taken, now that the messages are."""
        if not self._rows:
            return
        senders = {sender_id for sender_id, _ in self._rows}
        stored = Message.objects.filter(sender_id__in=senders, client_id__in={client_id for _, client_id in self._rows})
        for pk, sender_id, client_id in stored.values_list("pk", "sender_id", "client_id"):
            for row in self._rows.get((sender_id, client_id), ()):
                row.message_id = pk
        rows = [row for rows in self._rows.values() for row in rows]
        Attachment.objects.bulk_update([row for row in rows if not row._state.adding], ["message", "position"])
        Attachment.objects.bulk_create([row for row in rows if row._state.adding])

    def _take(self, sender_id: int, attachment: str) -> Attachment:
        row = self._found[sender_id][attachment]
        if row.message_id is None and row.owner_id == sender_id and row.pk not in self._taken:
            self._taken.add(row.pk)
            return row
        return Attachment(owner_id=sender_id, blob=row.blob, name=row.name, alt=row.alt, created_at=row.created_at)
