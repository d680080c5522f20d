"""People for a test installation, each signed in on several devices. Runs inside the installation:

manage.py shell --command "from tests.support.populate import populate; populate(3)"
"""

from __future__ import annotations

import json
import sys

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import device_sign_in

DEVICES = {"phone": "android", "laptop": "desktop", "tablet": "ios"}
PASSWORD = "correct horse battery"
#: Somebody who may do everything on the admin site.
MODERATOR = "moderator"


@transaction.atomic
def populate(count: int) -> None:
    """Make `p0001`, `p0002`, … and print `{username: {device: token}}`; and a moderator without a device."""
    hashed = make_password(PASSWORD)  # the same for all: it is made to be slow
    people = User.objects.bulk_create(
        User(username=f"p{number:04}", name=f"Person {number}", password=hashed) for number in range(1, count + 1)
    )
    User.objects.create(username=MODERATOR, password=hashed, is_staff=True, is_superuser=True)
    now = timezone.now()
    tokens = {
        user.username: {
            device: device_sign_in(user=user, client_id=device, platform=platform, now=now)[1]
            for device, platform in DEVICES.items()
        }
        for user in people
    }
    json.dump(tokens, sys.stdout)
