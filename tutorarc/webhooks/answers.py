"""What a receiver answered to one attempt of a delivery, or why there is no answer."""

from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple


class Answer(NamedTuple):
    """`status` is None without an answer; `body` is its beginning; `error` a sentence, empty after a success;
    `url` where the request was sent, empty for where its endpoint is now.
    """

    duration: timedelta
    status: int | None = None
    body: str = ""
    error: str = ""
    retry_after: timedelta | None = None
    url: str = ""

    @property
    def is_success(self) -> bool:
        return not self.error

    @property
    def is_gone(self) -> bool:
        return self.status == HTTPStatus.GONE
