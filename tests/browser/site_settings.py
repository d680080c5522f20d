"""The settings of a server whose pages are looked at: as in production, with one more language (support.pseudo_locale).

Without DEBUG, so that errors have their own pages, but with static files as they lie in the source, which saves
seconds of collecting them (tests/imsite/test_static_files.py is about that).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import django
from django.utils.translation import gettext_lazy

# The key stays the same over restarts: sessions do.
os.environ.update(DEBUG="off", HTTPS="off", SECRET_KEY=hashlib.sha512(b"tests").hexdigest(), ALLOWED_HOSTS="127.0.0.1")

from imsite.settings import *  # noqa: F403
from imsite.settings import BASE_DIR, LANGUAGES, LOCALE_PATHS, STORAGES, VAR_DIR
from tests.support.pseudo_locale import CODE, write_pseudo_locale

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True

_CATALOG = "locale/{}/LC_MESSAGES/django.mo"
_django = Path(django.__file__).parent
# Django's own words, too, as far as its Germans know them: the admin site is made of them.
_theirs = [_django / "conf" / _CATALOG.format("de"), *_django.glob("contrib/*/" + _CATALOG.format("de"))]
write_pseudo_locale(VAR_DIR / "locale", [*_theirs, BASE_DIR / _CATALOG.format("zh_Hans")])
LANGUAGES = [*LANGUAGES, (CODE, gettext_lazy("English"))]
LOCALE_PATHS = [VAR_DIR / "locale", *LOCALE_PATHS]
