"""Whether the log keeps its own rules: what constraints cannot say, because it is about more than one row."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, Lag

from accounts.models import Block
from chat.models import Attachment, Conversation, Membership, Message, Reaction


def log_breaches() -> Iterator[str]:
    """One line for each broken rule, with ids and numbers only. Reads every message once: not for a busy hour."""
    yield from _numbers()
    yield from _order()
    yield from _receipts()
    yield from _recalled()
    yield from _members()
    yield from _blocks()


def _numbers() -> Iterator[str]:
    """Seqs are 1, 2, 3 … up to `last_seq` (unique, so counting them tells); the last change touched some message."""
    conversations = Conversation.objects.annotate(
        count=Count("messages"),
        top_seq=Coalesce(Max("messages__seq"), 0),
        top_version=Coalesce(Max("messages__version"), 0),
    )
    for row in conversations.exclude(count=F("last_seq"), top_seq=F("last_seq")):
        yield f"conversation={row.pk}: {row.count} messages up to seq {row.top_seq}, last_seq says {row.last_seq}"
    for row in conversations.exclude(top_version=F("version")):
        yield f"conversation={row.pk}: the last change is version {row.top_version}, version says {row.version}"


def _order() -> Iterator[str]:
    """A later message came with a later version, and answers an earlier one."""
    before = Window(Lag("sent_version"), partition_by=F("conversation_id"), order_by=F("seq").asc())
    for row in _bare(Message.objects.annotate(before=before).filter(before__gte=F("sent_version"))):
        yield f"{row}: sent as version {row.sent_version}, not after the message before it"
    for row in _bare(Message.objects.filter(reply_to__gte=F("seq"))):
        yield f"{row}: replies to {row.reply_to}, which did not exist yet"


def _receipts() -> Iterator[str]:
    """Nobody has read, received or joined beyond the end."""
    last = F("conversation__last_seq")
    beyond = Q(read_seq__gt=last) | Q(received_seq__gt=last) | Q(joined_seq__gt=last)
    unordered = ~Q(read_seq__gte=0, seen_seq__gte=0, received_seq__gte=F("seen_seq"))
    for row in Membership.objects.filter(beyond | unordered):
        marks = f"read {row.read_seq}, seen {row.seen_seq}, received {row.received_seq}, joined {row.joined_seq}"
        yield f"conversation={row.conversation_id} user={row.user_id}: receipts out of bounds: {marks}"


def _recalled() -> Iterator[str]:
    """Of a recalled message nothing is left but its numbers."""
    has_reactions = Exists(Reaction.objects.filter(message=OuterRef("pk")))
    has_files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    empty = Q(content="", payload__isnull=True, reply_to__isnull=True, mentions=[], digest=b"", edited_at__isnull=True)
    for row in _bare(Message.objects.filter(~empty | Q(has_reactions) | Q(has_files), recalled_at__isnull=False)):
        yield f"{row}: recalled, but not empty"


def _members() -> Iterator[str]:
    """A group or channel with members has an owner; a direct conversation has those that its key names."""
    live = Membership.objects.filter(conversation=OuterRef("pk"), left_at=None)
    ownerless = Conversation.objects.exclude(kind=Conversation.Kind.DIRECT).filter(
        Exists(live), ~Exists(live.filter(role=Membership.Role.OWNER))
    )
    for pk in ownerless.values_list("pk", flat=True):
        yield f"conversation={pk}: has members, but no owner"
    members: dict[str, set[int]] = {}
    directs = Conversation.objects.filter(kind=Conversation.Kind.DIRECT)
    for key, user_id in directs.filter(memberships__left_at=None).values_list("direct_key", "memberships__user_id"):
        members.setdefault(key or "", set()).add(user_id or 0)
    for pk, key in directs.values_list("pk", "direct_key"):
        if {int(user_id) for user_id in (key or "").split(":")} != members.get(key or "", set()):
            yield f"conversation={pk}: its members are not those of its key {key}"


def _bare(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Without what people wrote."""
    return messages.only("conversation_id", "seq", "sent_version", "reply_to")


def _blocks() -> Iterator[str]:
    """Who is blocked by the other one of a direct conversation is marked so, and nobody else."""
    blocks = Block.objects.filter(blocked=OuterRef("user"), user__memberships__conversation=OuterRef("conversation"))
    directs = Membership.objects.filter(conversation__kind=Conversation.Kind.DIRECT)
    marked = directs.filter(~Exists(blocks), is_blocked=True) | directs.filter(Exists(blocks), is_blocked=False)
    others = Membership.objects.exclude(conversation__kind=Conversation.Kind.DIRECT).filter(is_blocked=True)
    for row in (*marked, *others):
        yield f"conversation={row.conversation_id} user={row.user_id}: marked as blocked or not, and it is the reverse"
