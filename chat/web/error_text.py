"""What went wrong, as a sentence in the reader's language that says what to do."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.errors import ErrorCode, ImError
from chat.web.attachments import size_text

ERROR_TEXT: dict[ErrorCode, str | Promise] = {
    ErrorCode.BAD_FRAME: _("This could not be understood. Reload the page and try again."),
    ErrorCode.UNKNOWN_TYPE: _("This could not be understood. Reload the page and try again."),
    ErrorCode.NOT_LOGGED_IN: _("You are not signed in any more. Sign in and try again."),
    ErrorCode.BAD_CREDENTIALS: _("You are not signed in any more. Sign in and try again."),
    ErrorCode.FORBIDDEN: _("You may not do this here."),
    ErrorCode.NOT_FOUND: _("This is not here (any more), or you may not see it."),
    ErrorCode.TOO_LARGE: _("This is too long to send. Shorten it, or send it in parts."),
    ErrorCode.EMPTY: _("There is nothing to send yet. Write something first."),
    ErrorCode.CONFLICT: _("This was sent already with other words. Send it again as a new message."),
    ErrorCode.BLOCKED: _("This person does not take messages from you."),
    ErrorCode.MUTED: _("You may not write here at the moment."),
    ErrorCode.RATE_LIMITED: _("That was a lot at once. Wait a moment and try again."),
    ErrorCode.RECALL_EXPIRED: _("It is too late to recall this message."),
    ErrorCode.STORAGE_FULL: _("There is no room left on the server. Try again later, and tell whoever runs it."),
    ErrorCode.SERVER_ERROR: _("Something went wrong on the server. Try again."),
}


def error_text(error: ImError) -> str:
    """The sentence for an error. A service's own `detail` is English and for logs and developers."""
    return str(ERROR_TEXT[error.code])


def file_error_text(error: ImError) -> str:
    """As `error_text`, for a file: the general sentences are about messages."""
    match error.code:
        case ErrorCode.EMPTY:
            return str(_("One of the files is empty."))
        case ErrorCode.TOO_LARGE:
            return _("A file has %(size)s at most, a picture 50 million pixels, and a message ten files.") % {
                "size": size_text(settings.IM_UPLOAD_BYTES)
            }
        case ErrorCode.BAD_FRAME:
            return str(_("One of the pictures cannot be read."))
        case ErrorCode.STORAGE_FULL:
            return str(_("Your files take up all the room that you have. Recall some that are not needed any more."))
    return error_text(error)


def title_error_text(error: ImError) -> str:
    """As `error_text`, for the title of a conversation: the general sentences are about messages."""
    if error.code is ErrorCode.EMPTY:
        return str(_("A title is needed."))
    if error.code is ErrorCode.TOO_LARGE:
        return str(_("This title is too long."))
    return error_text(error)
