"""People for a test installation, each signed in on several devices. Runs inside the installation:

manage.py shell --command "from tests.support.populate import populate; populate(3)"
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import Device, User
from accounts.tokens import new_token, token_digest

DEVICES = {"phone": "android", "laptop": "desktop", "tablet": "ios"}
PASSWORD = "correct horse battery"
#: Somebody who may do everything on the admin site.
MODERATOR = "moderator"


@transaction.atomic
def populate(count: int) -> None:
    """Make `p0001`, `p0002`, … and print `{username: {device: token}}`; and a moderator without a device.

    What the services would write, in two statements instead of thousands.
    """
    hashed = make_password(PASSWORD)  # the same for all: it is made to be slow
    people = User.objects.bulk_create(
        User(username=f"p{number:04}", name=f"Person {number}", password=hashed) for number in range(1, count + 1)
    )
    User.objects.create(username=MODERATOR, password=hashed, is_staff=True, is_superuser=True)
    tokens = {user.username: {device: new_token() for device in DEVICES} for user in people}
    expires_at = timezone.now() + timedelta(days=30)
    Device.objects.bulk_create(
        Device(
            user=user,
            client_id=device,
            platform=platform,
            token_digest=token_digest(tokens[user.username][device]),
            expires_at=expires_at,
        )
        for user in people
        for device, platform in DEVICES.items()
    )
    json.dump(tokens, sys.stdout)
