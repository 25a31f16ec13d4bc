"""Mail about accounts, sent in the background: the time of a response doesn't show whether an address is known."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

MAILER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
log = logging.getLogger("tutorarc.forms")


def in_background(send: Callable[..., None], *args: Any) -> None:
    """Call `send` in the mail thread, with the request's context. It must make no query. Errors are logged."""
    MAILER.submit(copy_context().run, _logged, send, *args)


def _logged(send: Callable[..., None], *args: Any) -> None:
    try:
        send(*args)
    except Exception:
        log.exception("A mail about an account could not be sent.")
