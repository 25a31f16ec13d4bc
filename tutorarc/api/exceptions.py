"""Exceptions for HTTP errors that DRF has none for."""

from rest_framework.exceptions import ErrorDetail, ValidationError

from tutorarc.http.error_reasons import ErrorReason


class RepeatedField(ValidationError):
    """A name that a JSON body gives twice in one object."""

    reason = ErrorReason.REPEATED_FIELD

    def __init__(self, name: str) -> None:
        super().__init__({name: [ErrorDetail(self.reason.message, code="repeated_field")]})


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
