"""How to sign in to the demo: one password for its people, made up on each machine and kept beside the database.

A password written down in a public repository would open every demo that somebody left running on a network.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

WORDS_IN_PASSWORD = 4
# 96 words: four of them are 26 bits, which outlasts the limit on sign-in tries, and can be typed from a terminal.
_WORDS = (
    "acorn amber anchor apple autumn badger bamboo basket beacon berry birch bottle breeze bridge bronze button "
    "candle canyon cedar cherry cider cinder clover cobalt comet copper coral cotton cricket crystal daisy dolphin "
    "ember falcon fern forest garden ginger glacier granite harbor hazel heron honey island ivory jasmine juniper "
    "kettle ladder lantern laurel lemon lilac linen lotus magnet maple marble meadow melon mirror morning mountain "
    "nectar oasis olive orange orchid otter paper pebble pepper pine planet plum pocket pumpkin quartz raven ribbon "
    "river saffron sailor silver sparrow spruce summer thunder tulip velvet violet walnut willow window winter"
)
WORDS = _WORDS.split()


def _path() -> Path:
    return Path(settings.VAR_DIR) / "demo-password.txt"


def make_password() -> str:
    """A new password, kept for `read_password`. Only the owner of the files can read it there."""
    password = "-".join(secrets.choice(WORDS) for _ in range(WORDS_IN_PASSWORD))
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    return password


def read_password() -> str | None:
    """The password of the demo on this machine; None when there is none."""
    try:
        return _path().read_text().strip()
    except FileNotFoundError:
        return None


def site_address() -> str:
    """Where a browser on this machine finds the site: from HOST and PORT, as the server takes them."""
    host = os.environ.get("HOST", "127.0.0.1")
    if host in {"", "0.0.0.0", "::", "[::]"}:  # noqa: S104 - every interface, this one included
        host = "127.0.0.1"
    elif ":" in host:
        host = f"[{host.strip('[]')}]"
    return f"http://{host}:{os.environ.get('PORT', '8000')}"
