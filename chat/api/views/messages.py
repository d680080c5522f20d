"""Messages: history, sending, changing, reactions."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.api.throttles import SendThrottle, Throttle
from chat.delivery.push import with_html
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, MessageObject
from chat.selectors.access import access_conversation
from chat.selectors.edits import list_edits
from chat.selectors.mentions import list_unread_mentions
from chat.selectors.messages import list_messages
from chat.services.messages import SendRequest, message_edit, message_react, message_recall, message_send


class SendingView(ApiView):
    """Routes whose writes count as sends."""

    def get_throttles(self) -> list[BaseThrottle]:
        return [Throttle() if self.request.method == "GET" else SendThrottle()]


class MessagesView(SendingView):
    """The messages of a conversation."""

    @operation(
        "listMessages",
        "History",
        tag="messages",
        path=("conversation",),
        query=bodies.HistoryQuery,
        answers={200: objects.MessagePage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """Always in rising `seq`: the newest messages, or those before, after or around one."""
        query = self.query(bodies.HistoryQuery)
        user_id = self.principal.user_id
        messages = list_messages(
            user_id=user_id,
            conversation=conversation,
            before_seq=query.before_seq,
            after_seq=query.after_seq,
            around_seq=query.around_seq,
            limit=query.limit,
        )
        last_seq = access_conversation(user_id=user_id, conversation=conversation)[0].last_seq
        following = _next_page(messages, query, last_seq=last_seq)
        if query.html:
            messages = [with_html(message) for message in messages]
        return Response(objects.MessagePage(results=messages, next=following))

    @operation(
        "sendMessage",
        "Send a message",
        tag="messages",
        path=("conversation",),
        body=bodies.NewMessage,
        answers={201: AckObject, 200: AckObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.EMPTY),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """The answer comes when the message is committed. The same `id` again: 200 with the same ack, and nothing new.

        `conflict`: the `id` stands for another message. `forbidden`: in a channel only the owner and admins write.
        """
        body = self.body(bodies.NewMessage)
        if body.sender is not None and body.sender.lower() != self.principal.username.lower():
            raise ImError(ErrorCode.FORBIDDEN, "The sender is somebody else.")
        result = message_send(
            SendRequest(
                sender_id=self.principal.user_id,
                client_id=_id(body.id),
                conversation=conversation,
                content=body.content,
                kind=body.kind,
                reply_to=body.reply_to,
                attachments=body.attachments,
                mentions=body.mentions,
                payload=body.payload,
                silent=body.silent,
            ),
            now=timezone.now(),
        )
        return Response(result.ack, status=201 if result.created else 200)


def _next_page(messages: list[MessageObject], query: bodies.HistoryQuery, *, last_seq: int) -> int | None:
    """Numbers have no gap, so the ends of a page say whether there is more."""
    if not messages:
        return None
    if query.after_seq is not None:
        return messages[-1].seq if messages[-1].seq < last_seq else None
    return messages[0].seq if messages[0].seq > 1 else None


class MessageView(SendingView):
    """One message."""

    @operation(
        "editMessage",
        "Edit a message",
        tag="messages",
        path=("conversation", "seq"),
        body=bodies.NewContent,
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.EMPTY),
    )
    def patch(self, request: Request, conversation: str, seq: int) -> Response:
        """New content for one's own message."""
        body = self.body(bodies.NewContent)
        ack = message_edit(
            actor_id=self.principal.user_id,
            conversation=conversation,
            seq=seq,
            content=body.content,
            request_id=_id(body.id),
            now=timezone.now(),
        )
        return Response(ack)

    @operation(
        "recallMessage",
        "Recall a message",
        tag="messages",
        path=("conversation", "seq"),
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN, ErrorCode.RECALL_EXPIRED),
    )
    def delete(self, request: Request, conversation: str, seq: int) -> Response:
        """Take it back for everybody: one's own for two minutes, any for the owner and admins of a group.

        A body `{"id"}` may say which id the ack shall have.
        """
        ack = message_recall(
            actor_id=self.principal.user_id,
            conversation=conversation,
            seq=seq,
            request_id=_id(self.body(bodies.Change, optional=True).id),
            now=timezone.now(),
        )
        return Response(ack)


class HistoryView(ApiView):
    """What a message said."""

    @operation(
        "listEdits",
        "History of edits",
        tag="messages",
        path=("conversation", "seq"),
        answers={200: objects.EditPage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str, seq: int) -> Response:
        """What it said and since when, in order: of many edits the first and the newest, of a recalled one nothing."""
        edits = list_edits(user_id=self.principal.user_id, conversation=conversation, seq=seq)
        return Response(objects.EditPage(results=edits))


class MentionsView(ApiView):
    """Where the user is mentioned."""

    @operation("listMentions", "Unread mentions", tag="messages", answers={200: objects.MentionPage})
    def get(self, request: Request) -> Response:
        """Messages of others that mention the user and that the user has not read."""
        found = list_unread_mentions(user_id=self.principal.user_id)
        mentions = [objects.MentionObject(conversation=pk, seq=seq) for pk, seqs in found.items() for seq in seqs]
        return Response(objects.MentionPage(results=mentions))


class ReactionView(SendingView):
    """One's own emoji on a message."""

    @operation(
        "react",
        "React",
        tag="messages",
        path=("conversation", "seq", "emoji"),
        body=bodies.Change,
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def put(self, request: Request, conversation: str, seq: int, emoji: str) -> Response:
        """Put an emoji on a message; it may have twenty different ones."""
        return self._react(conversation, seq, emoji, remove=False)

    @operation(
        "unreact",
        "Take a reaction back",
        tag="messages",
        path=("conversation", "seq", "emoji"),
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str, seq: int, emoji: str) -> Response:
        """Take one's own emoji off again."""
        return self._react(conversation, seq, emoji, remove=True)

    def _react(self, conversation: str, seq: int, emoji: str, *, remove: bool) -> Response:
        ack = message_react(
            actor_id=self.principal.user_id,
            conversation=conversation,
            seq=seq,
            emoji=emoji,
            remove=remove,
            request_id=_id(self.body(bodies.Change, optional=True).id),
            now=timezone.now(),
        )
        return Response(ack)


def _id(chosen: str | None) -> str:
    """The client's id of a request, else one of ours."""
    return chosen if chosen is not None else str(uuid.uuid4())
