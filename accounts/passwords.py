"""What a new password must be like, beyond Django's own validators."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LengthValidator(MinimumLengthValidator):
    """Django's, saying it in a sentence that is translated into every language of ours."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short: at least %(min_length)d character is needed.",
            "This password is too short: at least %(min_length)d characters are needed.",
            self.min_length,
        ) % {"min_length": self.min_length}
