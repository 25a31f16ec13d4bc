"""Bulk demo data for load tests and for looking at long lists.

Rows are written directly. Of their history, only the pending requests are recorded.
"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from apikeys.models import ApiKey
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.db.ids import to_text
from tutorarc.domain.events import SYSTEM
from tutorarc.management.production import add_production_option, refuse_in_production
from tutorarc.models import User
from tutorarc.ops.demo import bulk, world
from tutorarc.ops.demo.recent import add_recent
from tutorarc.ops.demo.world import DOMAIN, NAMES, World

OWNER = f"teacher@{DOMAIN}"
SESSION_BODY = {
    "title": "Introduction to Calculus",
    "startTime": "2030-03-20T10:00:00Z",
    "duration": 60,
    "strict": False,
    "teacherId": "teacher_123",
}


class Command(BaseCommand):
    help = "Loads believable data in bulk, the same for the same seed and hour. Only pending requests have history."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--classes", type=int, metavar="N", help="How many classes.")
        parser.add_argument("--members", type=int, metavar="M", help="Students in each class, beside its teacher.")
        parser.add_argument(
            "--pending",
            type=int,
            metavar="P",
            default=world.PENDING_PEOPLE,
            help="Students who wait to join one of the classes (default: %(default)s).",
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, metavar="FILE", help="Gets API keys and ids for a load test, as JSON.")
        parser.add_argument(
            "--reset-pending",
            action="store_true",
            help="Only set the people of the demo's open enrolment back to PENDING.",
        )
        add_production_option(parser)

    def handle(self, *, reset_pending: bool, allow_production: bool, **options: Any) -> None:
        if reset_pending:  # changes nothing but demo data, so production is no reason to refuse
            count = _reset_pending()
            self.stdout.write(f"Set back to PENDING: {count}.")
            return
        if not allow_production:
            refuse_in_production("adds demo people, classes and API keys to the database")
        self.load(**options)

    def load(
        self, *, classes: int, members: int, pending: int, seed: int, out: Path | None, verbosity: int, **_: Any
    ) -> None:
        _refuse_bad_numbers(classes, members, pending)
        if User.objects.filter(email=OWNER).exists():
            raise CommandError("This database already holds demo data. Load into an empty one.")
        if out:
            _refuse_unwritable(out)
        there_will_be = World(classes, members, seed, pending)
        with transaction.atomic():
            _insert(there_will_be, quiet=verbosity == 0)
            add_recent(timezone.now().replace(minute=0, second=0, microsecond=0), seed)
            handout = _handout(there_will_be) if out else {}
        bulk.analyze()
        if out:
            out.write_text(json.dumps(handout, indent=1) + "\n")
        self.stdout.write(
            f"Loaded {there_will_be.total_classes:,} classes, {there_will_be.people:,} people "
            f"and {there_will_be.memberships:,} memberships."
        )


def _insert(new: World, *, quiet: bool) -> None:
    total = new.people + new.total_classes + new.memberships
    with tqdm(total=total, unit=" rows", unit_scale=True, disable=quiet) as bar:
        bulk.insert(User, world.PERSON_COLUMNS, new.person_rows(), bar.update)
        bulk.insert(Class, world.CLASS_COLUMNS, new.class_rows(), bar.update)
        bulk.insert(Membership, world.MEMBER_COLUMNS, new.member_rows(), bar.update)


def _handout(loaded: World) -> dict[str, Any]:
    """File for a load test: new keys and ids."""
    pending = _pending_class()
    waiting = Membership.objects.filter(klass=pending, status=MembershipStatus.PENDING)
    return {
        "auth_header": "X-API-Key",
        "keys": {name: _key(f"{name}@{DOMAIN}") for name in NAMES},
        "class_id": to_text("cls", loaded.klass(loaded.plain_class).id),
        "members_class_id": to_text("cls", loaded.klass(loaded.big_class).id),
        "session_body": SESSION_BODY,
        "approve": {
            "class_id": pending.pk,
            "user_ids": list(waiting.order_by("pk").values_list("user_id", flat=True)),
            "reset_cmd": "python manage.py load_demo --reset-pending",
        },
    }


def _key(email: str) -> str:
    _, plaintext = ApiKey.objects.issue(User.objects.get(email=email), SYSTEM, name="Load test")
    return plaintext


def _pending_class() -> Class:
    try:
        return Class.objects.get(created_by__email=OWNER, title=world.PENDING_TITLE)
    except Class.DoesNotExist:
        raise CommandError("There is no demo data here. Load it with: load_demo --classes N --members M") from None


@transaction.atomic
def _reset_pending() -> int:
    klass = Class.objects.lock(_pending_class().pk)
    students = Membership.objects.filter(klass=klass, role=ClassRole.STUDENT, user__email__endswith=f"@{DOMAIN}")
    moved = students.exclude(status=MembershipStatus.PENDING, joined_at=None)
    return moved.update(status=MembershipStatus.PENDING, joined_at=None)


def _refuse_bad_numbers(classes: int | None, members: int | None, pending: int) -> None:
    if classes is None or members is None:
        raise CommandError("Give --classes and --members, or --reset-pending.")
    for option, number in (("--classes", classes), ("--members", members), ("--pending", pending)):
        if number < 1:
            raise CommandError(f"{option} must be at least 1, not {number}.")


def _refuse_unwritable(out: Path) -> None:
    """Check before the work that the file can be written. It contains secrets, so only its owner can read it."""
    try:
        out.touch(mode=0o600)
        out.chmod(0o600)
    except OSError as error:
        raise CommandError(f"--out: {out} can't be written ({error.strerror}).") from None
