"""Logs: one JSON object a line, with the id of the request it belongs to."""

import json
import logging
import re
from datetime import UTC, datetime

from tutorarc.http import request_id as requestid

# An API key, wherever it got into: a path, a message, an exception. Its first characters name it.
_KEY = re.compile(r"(ta_live_[a-z2-7]{4})[a-z2-7]{20,}\w*", re.ASCII)
# What makes a one-time password link work, wherever its address got into.
_LINK = re.compile(r"(/accounts/link/[^/\s\"]+/)[^/\s\"\\]+")

_encode = json.JSONEncoder(default=str).encode

# Foreign hosts, forms of a thousand fields: what is wrong with them is the message, and no fault of ours to trace.
SENT_BY_STRANGERS = "django.security"


class JsonFormatter(logging.Formatter):
    """`extra={"context": {…}}` adds fields. Bodies, query strings and headers hold secrets and are never logged."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": requestid.current.get() or None,
            **getattr(record, "context", {}),
        }
        if record.exc_info and not record.name.startswith(SENT_BY_STRANGERS):
            line["exception"] = self.formatException(record.exc_info)
        return _LINK.sub(r"\1...", _KEY.sub(r"\1...", _encode(line)))
