"""Text that people type as names: one form of it, and nothing that hides in it."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Controls, lone surrogates, and the marks that turn the direction of what follows (a way to fake another's name).
#: Joiners stay: emoji and several scripts need them.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean_name(text: str) -> str:
    """`text` in NFC, with its white space trimmed and joined.

    Raises:
        ValidationError: it holds characters that cannot be seen and change how others are.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if _REFUSED.search(text):
        raise ValidationError(_("Names cannot hold control characters."), code="invalid_name")
    return text
