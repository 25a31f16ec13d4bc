import errno
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections
from django.utils import timezone

from apikeys.models import ApiKey
from classes.examples import NEW_CLASS
from sessions.examples import session_within_the_hour
from tutorarc.domain.events import SYSTEM
from tutorarc.management.production import refuse_in_production
from tutorarc.models import User
from tutorarc.ops.demo import quickstart as demo
from tutorarc.ops.server_process import HOST, THREADS

KEY_LIFE = timedelta(days=30)
USE_INSTEAD = "Use migrate, create_user and granian here: see tutorarc/docs/deploy.md."

ADDRESSES = """
TutorArc: classes with shareable codes, and the people in them

  Open in a browser
    {url}/                  home
    {url}/api/docs          the API's reference, where each call can be tried
    {url}/api/v1/classes    the API itself, in the browser
    {url}/admin/            the admin site
"""
NOT_OURS = """
  There are people in this database, but none who signs in with the demo password: no demo data and no API key
  were made. For yourself:
    python manage.py create_user you@example.org --role TEACHER --password …
    python manage.py create_api_key you@example.org
"""
KEY = """
  {name}'s API key, good for {days} days, shown only now
    {key}

  Paste into another terminal, to create a class
{create_class}

  or a live session
{create_session}
"""
CURL = """
    curl -X POST {url}/api/v1/classes \\
      -H "X-API-Key: {key}" \\
      -H "Content-Type: application/json" \\
      -d '{body}'
"""


class Command(BaseCommand):
    help = "From nothing to a running TutorArc with demo data, an API key and a first call to paste."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="Prepare and print everything, but don't serve.")

    def handle(self, *, port: int, no_serve: bool, **options: Any) -> None:
        refuse_in_production("makes people whose password everyone knows", USE_INSTEAD)
        _refuse_bad_port(port)
        if not no_serve:
            _refuse_busy_port(port)
        _migrate()
        with _without_security_log():
            if not User.objects.exists():
                demo.create_demo_data()
            self.introduce(f"http://{HOST}:{port}")
        if not no_serve:
            self.serve(port)

    def introduce(self, url: str) -> None:
        self.stdout.write(ADDRESSES.format(url=url))
        people = demo.sign_ins()
        if not people:
            self.stdout.write(NOT_OURS.rstrip())
            return
        self.stdout.write(f"\n  Sign in with the password {demo.PASSWORD}")
        for person in people:
            admin_site = ", and the admin site" if person.is_staff else ""
            self.stdout.write(f"    {person.email:<22} {person.display_name}, {person.global_role}{admin_site}")
        if people[0].email == demo.TEACHER:
            self.show_key(people[0], url)

    def show_key(self, teacher: User, url: str) -> None:
        _, key = ApiKey.objects.issue(teacher, SYSTEM, name="Quickstart", expires_at=timezone.now() + KEY_LIFE)
        create_class, create_session = (
            CURL.format(url=url, key=key, body=json.dumps(body)).strip("\n")
            for body in (NEW_CLASS, session_within_the_hour())
        )
        text = KEY.format(
            name=teacher.display_name,
            key=key,
            days=KEY_LIFE.days,
            create_class=create_class,
            create_session=create_session,
        )
        self.stdout.write(text.rstrip())

    def serve(self, port: int) -> None:
        """Replace this process by the server, so that signals reach granian directly. The worker is its child."""
        self.stdout.write(f"\n  Serving on http://{HOST}:{port} until you press Ctrl+C.\n")
        self.stdout.flush()
        self.stderr.flush()
        connections.close_all()
        os.environ.setdefault("TUTORARC_BOARD_URL", f"http://{HOST}:{port}")
        # No change of directory: DATABASE_URL may be a relative path.
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])
        )
        _start_worker()
        options = [
            "--interface",
            "wsgi",
            "--host",
            HOST,
            "--port",
            str(port),
            "--log-level",
            "warning",
            "--blocking-threads",
            str(THREADS),
        ]
        command = [sys.executable, "-m", "granian", *options, "tutorarc.wsgi:application"]
        os.execv(sys.executable, command)  # noqa: S606 (no shell is wanted)


@contextmanager
def _without_security_log() -> Iterator[None]:
    """Its lines would stand between those of the command. The events are stored all the same."""
    log = logging.getLogger("tutorarc.security")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


def _start_worker() -> None:
    """It ends when the server does, which has the number of this process."""
    manage = str(settings.BASE_DIR / "manage.py")
    subprocess.Popen([sys.executable, manage, "work", "--with-parent", str(os.getpid())])  # noqa: S603


def _refuse_bad_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise CommandError(f"--port must be from 1 to 65535, not {port}.")


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be opened ({error.strerror})"
            raise CommandError(f"Port {port} {why}. Choose another with --port.") from None


def _migrate() -> None:
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise CommandError(f"The database can't be reached: {str(error).strip()}") from None
