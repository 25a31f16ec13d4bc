"""Pytest fixtures for mail: doing the jobs that send it, and a mail server."""

import socket
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

import pytest

MAIL_JOBS = (
    *("notify", "notices", "class_notices", "mail", "password_mail", "welcome_mail"),
    *("invitation_mail", "sign_up_mail", "last_mail", "data_export_mail"),
)


def do_mail_jobs() -> None:
    """Do all jobs that send mail, those that are due later as well, each once."""
    from django.utils import timezone

    from tutorarc.jobs.models import Job
    from tutorarc.jobs.run import run

    while open_jobs := Job.objects.open().filter(kind__in=MAIL_JOBS, attempts=0):
        open_jobs.update(due_at=timezone.now())
        for job in Job.objects.claim(MAIL_JOBS, "test", 100):
            run(job)


@pytest.fixture
def queue_notices(db: None) -> Callable[[], None]:
    """`queue_notices()`: the notices of what happened until now are written. Their mails wait."""
    from tutorarc.jobs.consumers import consume_events
    from tutorarc.jobs.models import Job
    from tutorarc.jobs.run import run

    def write() -> None:
        consume_events()
        for job in Job.objects.claim(["notify"], "test", 100):
            run(job)

    return write


@pytest.fixture
def sent_mail(queue_notices: Callable[[], None]) -> Callable[[], list[Any]]:
    """`sent_mail()`: all mail until now, after what waits was sent."""
    from django.core import mail

    def send() -> list[Any]:
        queue_notices()
        do_mail_jobs()
        return list(mail.outbox)

    return send


class Mailbox:
    """What a mail server does with the mails it gets: `replies` are given to RCPT, one each, and then 250."""

    def __init__(self) -> None:
        self.replies: list[str] = []
        self.data_replies: list[str] = []
        self.received: list[Any] = []

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.replies:
            return self.replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_replies:
            return self.data_replies.pop(0)
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture
def mail_server(settings: Any) -> Generator[Mailbox, None, None]:
    """A mail server on this machine, to which mail is sent."""
    from aiosmtpd.controller import Controller

    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
    yield mailbox
    controller.stop()


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
def unused_port() -> int:
    """A port on this machine where nobody listens."""
    return free_port()


@pytest.fixture
def silent_server() -> Generator[int, None, None]:
    """The port of a server that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]
