"""Exceptions for HTTP errors that DRF has none for."""

from rest_framework.exceptions import ErrorDetail, ValidationError

from tutorarc.http.error_format import ErrorReason


class InvalidParameter(ValidationError):
    """A wrong query parameter or header. `code` is the code of its detail."""

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
