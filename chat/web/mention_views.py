"""Whom one may mean with “@” in a conversation, for the pages' script."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.people import Person
from accounts.requests import SignedInRequest
from chat.protocol.limits import MENTIONS_MAX
from chat.selectors.others import count_others, list_others
from chat.web.http import chat_page
from chat.web.name_search import name_rank
from chat.web.people import person_of
from chat.web.pinyin import pinyin_key

#: So many members are given at once, and matched by the script without asking again; some 30 kB before compression.
ALL_MAX = 200
#: Of larger groups the script asks with every few letters. So many rows fit above a phone's keyboard.
FOUND_MAX = 8
#: The names that are looked through for one question: pinyin is in no index. Of 5,000 names it takes some 100 ms.
SCANNED_MAX = 5_000


@chat_page
@require_safe
def members(request: SignedInRequest, conversation: str) -> HttpResponse:
    """The other members: all of a small conversation (`is_all`), else the best for `?q=`.

    `everyone` is whom “@all” means, and how many they are: nobody where they are more than a message can mention.
    """
    user_id = request.user.pk
    count = count_others(user_id=user_id, conversation=conversation)
    is_all = count <= ALL_MAX
    if is_all:
        found = list_others(user_id=user_id, conversation=conversation, limit=ALL_MAX)
    else:
        found = _best(
            request.GET.get("q", ""), list_others(user_id=user_id, conversation=conversation, limit=SCANNED_MAX)
        )
    everyone = [each.username for each in found] if is_all and count <= MENTIONS_MAX else []
    return JsonResponse({"is_all": is_all, "everyone": everyone, "names": [_entry(person_of(each)) for each in found]})


def _best(query: str, users: list[User]) -> list[User]:
    ranked = [
        (rank, user) for user in users if (rank := name_rank(query, user.display_name, user.username)) is not None
    ]
    return [user for _, user in sorted(ranked, key=lambda each: each[0])[:FOUND_MAX]]


def _entry(person: Person) -> dict[str, object]:
    """As the quick switcher's names are, so that the same script finds among them."""
    picture = person.picture
    return {
        "name": person.name,
        "username": person.username,
        "pinyin": pinyin_key(person.name),
        "conversation": "",
        "avatar": picture.url,
        "initials": picture.initials,
        "color": picture.colour,
        "square": False,
    }
