"""Users by the names that clients write: who they are, whether they are active, and whom they let, no more."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, Value
from django.db.models.functions import Lower

from accounts.models import USERNAME_MAX_CHARS, User


class Directory:
    """Users by id and by name, however the name is capitalised."""

    def __init__(self, users: Iterable[User]) -> None:
        self.by_id = {user.pk: user for user in users}
        self._by_name = {user.username.lower(): user for user in self.by_id.values()}
        # The exact name wins: SQLite compares only ASCII without case, so there Ü and ü may be two users.
        self._by_name |= {user.username: user for user in self.by_id.values()}

    def named(self, username: str) -> User | None:
        """The user of that name, active or not."""
        name = User.normalize_username(username)
        return self._by_name.get(name) or self._by_name.get(name.lower())


def get_directory(*, user_ids: Iterable[int] = (), usernames: Iterable[str] = ()) -> Directory:
    """All users that these ids and names mean, in one query. Names that nobody can have are passed over."""
    names = {User.normalize_username(name) for name in usernames if is_possible_username(name)}
    # Lowered by the database on both sides, so that both mean the same.
    means = Q(pk__in=set(user_ids)) | Q(username_lower__in=[Lower(Value(name)) for name in sorted(names)])
    users = User.objects.alias(username_lower=Lower("username")).filter(means)
    return Directory(users.only("username", "is_active", "direct_from", "groups_from"))


def is_possible_username(name: str) -> bool:
    """Whether a database can look for this name at all: not too long, no NUL, no lone surrogate."""
    return 0 < len(name) <= USERNAME_MAX_CHARS and "\0" not in name and not any("\ud800" <= c <= "\udfff" for c in name)
