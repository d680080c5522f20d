"""The epoch: which history this store holds."""

from __future__ import annotations

import secrets
from typing import Any

from django.apps import apps as global_apps
from django.db import transaction

from chat.models import Store

#: The one row.
STORE_PK = 1


@transaction.atomic
def epoch_renew() -> str:
    """Give the store a new epoch, after a restore from a backup: clients forget the numbers they hold."""
    store, _ = Store.objects.update_or_create(pk=STORE_PK, defaults={"epoch": secrets.token_hex(8)})
    return store.epoch


def ensure_epoch(*, using: str, apps: Any = global_apps, **_: Any) -> None:
    """After every migrate: a store has an epoch from its first day. (`flush` sends the signal too, without `apps`.)"""
    try:
        model = apps.get_model("chat", "Store")
    except LookupError:
        return  # migrated back to before there was one
    model.objects.using(using).get_or_create(pk=STORE_PK, defaults={"epoch": secrets.token_hex(8)})
