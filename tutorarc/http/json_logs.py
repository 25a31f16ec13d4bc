"""Log formatter: one JSON object per line, with the request id."""

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from tutorarc.db.outage import is_outage
from tutorarc.domain.redaction import redact
from tutorarc.http import request_id as request_ids

_encode = json.JSONEncoder(default=str).encode

# Errors of the client, logged without a traceback.
CLIENT_ERRORS = "django.security"
MAX_TRACEBACKS_PER_SECOND = 10

# What no line says takes time to find out, for each of them.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class UnexpectedErrors(logging.Filter):
    """Only exceptions, without database outages, which have a line of their own (`unavailable.log_outage`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None and not is_outage(record.exc_info[1])


class JsonFormatter(logging.Formatter):
    """JSON formatter. `extra={"context": {…}}` adds fields. Bodies, query strings and headers are never logged.

    Of API keys and tokens of links that a text holds all the same, such as a path, only the beginning is logged.

    An error that every request causes would fill the disk with its traceback: there are at most ten a second.
    """

    _second, _tracebacks = 0, 0

    def formatException(self, exc_info: Any) -> str:  # noqa: N802 (the name in logging)
        second = int(time.monotonic())
        self._tracebacks = self._tracebacks + 1 if second == self._second else 1
        self._second = second
        if self._tracebacks > MAX_TRACEBACKS_PER_SECOND:
            return "".join(traceback.format_exception_only(exc_info[1])).strip()
        return super().formatException(exc_info)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_ids.current.get() or None,
            **getattr(record, "context", {}),
        }
        if record.exc_info and not record.name.startswith(CLIENT_ERRORS):
            line["exception"] = self.formatException(record.exc_info)
        return redact(_encode(line))
