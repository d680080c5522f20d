"""What a browser keeps of this site for the time without a network: the shell, which nobody's data is in.

The service worker (`worker.js`) puts it into Cache Storage. What a user sees in it comes from IndexedDB, where the
pages' script keeps it (`js/offline/`).
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation

from accounts.context import interface
from accounts.people import Person
from chat.web.js_text import js_text
from chat.web.muting import MUTE_CHOICES
from chat.web.rows import QUICK_EMOJI

HERE = Path(__file__).parent
#: What the shell needs of our static files: everything that pages of the chat load, now or later.
SHELL_FILES = ("js/**/*.js", "css/*.css", "*.svg")
#: Stands in the shell for the conversation that it will show; no conversation has this id.
ANY_CONVERSATION = "0123456789"


def shell_page() -> str:
    """The page that is shown where the network has none, in the active language.

    What the frame of the chat shows of a user and a conversation is empty in it.
    """
    nobody = Person("", "")
    return render_to_string(
        "chat/offline.html",
        {
            **interface(HttpRequest()),
            "csrf_token": "none",  # nobody's: the script takes that of the cookie
            "me": nobody,
            "picture": nobody.picture,
            "conversation": {"conversation": ANY_CONVERSATION, "kind": "direct"},
            "may_write": True,
            "boot": None,
            "js_text": js_text(),
            "quick_emoji": QUICK_EMOJI,
            "mute_choices": MUTE_CHOICES,
        },
    )


@functools.cache
def version() -> str:
    """Which version of the shell is served: another one with every change of a file, a text or the page."""
    digest = hashlib.sha256()
    for path in sorted(_shell_paths()):
        digest.update(path.read_bytes())
    for source in sorted(HERE.glob("worker*.js")):
        digest.update(source.read_bytes())
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            digest.update(shell_page().encode())
    return digest.hexdigest()[:16]


def worker_source(page: str) -> str:
    """The service worker, which keeps the shell at the address `page`; or, switched off, one that takes leave."""
    if not settings.IM_OFFLINE:
        return (HERE / "worker_off.js").read_text()
    shell: dict[str, Any] = {
        "version": version(),
        "files": shell_files(),
        # Names that hold a hash of what they name never mean anything else.
        "hashed": static("chat/js/main.js") != f"{settings.STATIC_URL}chat/js/main.js",
        "page": page,
    }
    return f"const SHELL = {msgspec.json.encode(shell).decode()};\n{(HERE / 'worker.js').read_text()}"


@functools.cache
def shell_files() -> list[str]:
    """The addresses of the shell's files."""
    root = _static_root()
    return sorted(static(f"chat/{path.relative_to(root).as_posix()}") for path in _shell_paths())


def _shell_paths() -> list[Path]:
    return [path for pattern in SHELL_FILES for path in _static_root().glob(pattern)]


def _static_root() -> Path:
    root = finders.find("chat")
    assert root is not None
    return Path(root)
