"""Log formatter: one JSON object per line, with the request id."""

import json
import logging
import re
from datetime import UTC, datetime

from tutorarc.http import request_id as request_ids

# API keys in any text are cut to their first characters.
_KEY = re.compile(r"(ta_live_[a-z2-7]{4})[a-z2-7]{20,}\w*", re.ASCII)
# Tokens of one-time password links in any text are removed.
_LINK = re.compile(r"(/accounts/link/[^/\s\"]+/)[^/\s\"\\]+")

_encode = json.JSONEncoder(default=str).encode

# Errors of the client, logged without a traceback.
CLIENT_ERRORS = "django.security"


class JsonFormatter(logging.Formatter):
    """JSON formatter. `extra={"context": {…}}` adds fields. Bodies, query strings and headers are never logged."""

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
        return _LINK.sub(r"\1...", _KEY.sub(r"\1...", _encode(line)))
