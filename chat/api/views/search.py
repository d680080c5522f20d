"""Search over the messages of all one's conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.api.throttles import SearchThrottle
from chat.errors import ErrorCode
from chat.selectors.search import SearchFilters, search_messages

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SearchView(ApiView):
    """What was said."""

    throttle_classes = (SearchThrottle,)

    @operation(
        "searchMessages",
        "Search",
        tag="messages",
        query=bodies.SearchQuery,
        answers={200: objects.FoundPage},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.EMPTY, ErrorCode.TOO_LARGE),
    )
    def get(self, request: Request) -> Response:
        """Messages with all of the words, in conversations that one is in now, newest first.

        A word is found where a word begins with it, and Chinese, Japanese, Korean and Thai wherever they stand: `sta`
        finds *station*, `上海` finds 我家在上海东边, `12306` finds 铁路12306. Case, full width and how an accent is
        written make no difference; punctuation around a word does not count. Names and descriptions of files are found,
        too. What was recalled is not.

        `highlights` says where in `content` the words are. They are numbers and not markup: put the parts of the text
        into your page as text. A page may be short and not the last one: go on while there is a `next`.
        """
        query = self.query(bodies.SearchQuery)
        filters = SearchFilters(
            conversation=query.conversation,
            sender=query.sender,
            kind=query.kind,
            before=_moment(query.before),
            after=_moment(query.after),
        )
        page = search_messages(
            user_id=self.principal.user_id, text=query.q, filters=filters, limit=query.limit, cursor=query.cursor
        )
        return Response(objects.FoundPage(results=page.results, next=page.next))


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else _EPOCH + timedelta(milliseconds=ms)
