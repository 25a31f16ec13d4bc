"""Mail sent in the background: no request waits for the mail server, or fails because of it.

Nor does the time of a response show whether mail was sent.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

MAILER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
log = logging.getLogger("tutorarc.mail")


def in_background(send: Callable[..., object], *args: Any) -> None:
    """Call `send` in the mail thread, with the request's context. It must make no query. Errors are logged."""
    MAILER.submit(copy_context().run, _logged, send, *args)


def _logged(send: Callable[..., object], *args: Any) -> None:
    try:
        send(*args)
    except Exception:
        log.exception("A mail could not be sent.")
