"""`manage.py new_epoch`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from chat.selectors.store import epoch


@pytest.mark.django_db
def test_the_store_gets_another_epoch__and_keeps_it() -> None:
    before = epoch()
    out = StringIO()
    call_command("new_epoch", stdout=out)
    after = epoch()
    assert after != before
    assert after in out.getvalue()
    assert epoch() == after
