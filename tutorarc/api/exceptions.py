"""Errors of the HTTP request that DRF has no exception for."""

from rest_framework.exceptions import ErrorDetail, ValidationError

from tutorarc.http.errors import ErrorReason


class InvalidParameter(ValidationError):
    """A query parameter, or a header, is wrong. `code` is that of the detail which names it."""

    def __init__(
        self,
        name: str,
        message: str = "",
        *,
        reason: ErrorReason = ErrorReason.INVALID_PARAMETER,
        code: str = "invalid",
    ) -> None:
        super().__init__({name: [ErrorDetail(message or reason.message, code=code)]})
        self.reason = reason
