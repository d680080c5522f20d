"""Every refusal of the REST API, in the one shape of PROTOCOL §5: `{"error": {"code", "detail", …}}`.

Codes and their HTTP statuses come from chat.errors. HTTP's own 405 and 415 keep their status, under the code that
says the same.
"""

from __future__ import annotations

import logging
import math
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.authentication import CredentialsRefused
from accounts.throttle import TooManyTries
from chat.api.objects import ErrorBody, ErrorObject
from chat.errors import ErrorCode, ImError

logger = logging.getLogger(__name__)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to a request that failed. DRF calls it with whatever a view raised.

    What nobody foresaw is logged and answered as `server_error`, without a word about it.
    """
    set_rollback()
    refusal = as_refusal(error)
    if refusal is None:
        logger.error("A request failed.", exc_info=error, extra={"view": type(context["view"]).__name__})
        refusal = ImError(ErrorCode.SERVER_ERROR)
    response = Response(error_body(refusal), status=refusal.code.info.http_status)
    if isinstance(error, exceptions.MethodNotAllowed | exceptions.UnsupportedMediaType):
        response.status_code = error.status_code
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    if refusal.retry_after is not None:
        response["Retry-After"] = str(math.ceil(refusal.retry_after))
    return response


def error_body(refusal: ImError) -> ErrorBody:
    """A refusal as it goes over the wire."""
    return ErrorBody(
        error=ErrorObject(
            code=refusal.code.value, detail=refusal.detail, retry_after=refusal.retry_after, fields=refusal.fields
        )
    )


def as_refusal(error: Exception) -> ImError | None:
    """What `error` says in our words; None for one that is a fault of the server's."""
    match error:
        case ImError():
            return error
        case ValidationError():
            return _validation_refusal(error)
        case CredentialsRefused():
            return ImError(ErrorCode.BAD_CREDENTIALS, "The username or the password is not right.")
        case TooManyTries():
            return ImError(
                ErrorCode.RATE_LIMITED, "Too many wrong passwords; wait a while.", retry_after=error.retry_after
            )
        case exceptions.Throttled():
            return ImError(ErrorCode.RATE_LIMITED, retry_after=error.wait)  # type: ignore[attr-defined]  # not in the stubs
        case exceptions.NotAuthenticated():
            return ImError(ErrorCode.NOT_LOGGED_IN)
        case exceptions.AuthenticationFailed():
            return ImError(ErrorCode.BAD_CREDENTIALS, "The token is not valid (any more).")
        case exceptions.PermissionDenied():
            return ImError(ErrorCode.FORBIDDEN, str(error.detail))
        case PermissionDenied():
            return ImError(ErrorCode.FORBIDDEN)
        case Http404():
            return ImError(ErrorCode.NOT_FOUND)
        case exceptions.MethodNotAllowed():
            return ImError(ErrorCode.UNKNOWN_TYPE, "This route does not take this method.")
        case exceptions.UnsupportedMediaType():
            return ImError(ErrorCode.BAD_FRAME, str(error.detail))
        case MultiPartParserError():
            return ImError(ErrorCode.BAD_FRAME, "The form could not be read.")
        case RequestDataTooBig():
            return ImError(ErrorCode.TOO_LARGE)
        case SuspiciousOperation():
            return ImError(ErrorCode.BAD_FRAME)
    return None


#: What Django's validators call by names of their own; the rest are mistakes in the input.
_VALIDATION_CODES = {
    "changed": ErrorCode.BAD_CREDENTIALS,
    "inactive": ErrorCode.FORBIDDEN,
    "too_large": ErrorCode.TOO_LARGE,
    "unique": ErrorCode.CONFLICT,
}


def _validation_refusal(error: ValidationError) -> ImError:
    """Input that Django or accounts refused, by field."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    fields = {
        field: " ".join(message for reason in reasons for message in reason.messages)
        for field, reasons in by_field.items()
    }
    general = fields.pop(NON_FIELD_ERRORS, "")
    codes = {reason.code or "" for reasons in by_field.values() for reason in reasons}
    code = _VALIDATION_CODES.get(codes.pop(), ErrorCode.BAD_FRAME) if len(codes) == 1 else ErrorCode.BAD_FRAME
    return ImError(code, general or " ".join(fields.values()), fields=fields or None)
