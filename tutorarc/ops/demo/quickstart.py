"""Demo data of the quickstart: a teacher's classes with their people, requests, lessons and history.

Created by the domain verbs, at moments relative to the present.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db import transaction
from django.utils import timezone

from tutorarc.domain.events import SYSTEM, insert
from tutorarc.models import User
from tutorarc.ops.demo import plans
from tutorarc.ops.demo.history import ClassHistory
from tutorarc.ops.demo.integration import Integration
from tutorarc.ops.demo.past import Step, carry_out
from tutorarc.ops.demo.plans import ADMIN, DAY, MINUTE, PASSWORD, STUDENT, TEACHER, ClassPlan
from tutorarc.ops.demo.words import ascii_of

CLASSES = {
    "Tara Lindqvist": (plans.GEOMETRY, plans.WRITING, plans.HISTORY, plans.CALCULUS),
    "Diego Fuentes": (plans.SPANISH,),
}
FIRST_DAY = 200 * DAY  # ago


@transaction.atomic
def create_demo_data() -> None:
    """Create the demo people and classes, or nothing if they exist."""
    now = timezone.now()
    people: dict[str, User] = {}
    start = Step(now - FIRST_DAY, lambda: people.update({user.display_name: user for user in _create_people()}))
    carry_out([start])
    carry_out([*_steps(people, now), *Integration(people["Tara Lindqvist"], now).steps()])


def sign_ins() -> list[User]:
    """Demo people who can still sign in with the demo password, teacher first."""
    people = {user.email: user for user in User.objects.filter(email__in=[TEACHER, STUDENT, ADMIN], is_active=True)}
    found = [people[email] for email in (TEACHER, STUDENT, ADMIN) if email in people]
    return [user for user in found if user.check_password(PASSWORD)]


def _create_people() -> Iterator[User]:
    roles = User.GlobalRole
    yield _create_person(ADMIN, "Ada Moreau", roles.ADMIN, is_staff=True, is_superuser=True)
    yield _create_person(TEACHER, "Tara Lindqvist", roles.TEACHER)
    yield _create_person(STUDENT, plans.SAM, roles.STUDENT)
    others = [_without_password(name, roles.TEACHER) for name in CLASSES if name != "Tara Lindqvist"]
    others += [_without_password(name, roles.STUDENT) for name in _students() if name != plans.SAM]
    yield from User.objects.create_many(others)


def _create_person(email: str, name: str, role: str, **flags: bool) -> User:
    """Without `create_user`, which refuses this password: everyone knows it."""
    user = User(email=email, display_name=name, global_role=role, **flags)
    user.set_password(PASSWORD)
    return insert(user, SYSTEM, verb="create")


def _without_password(name: str, role: str) -> User:
    return User(email=f"{ascii_of(name).replace(' ', '.')}@example.org", display_name=name, global_role=role)


def _students() -> list[str]:
    every = chain.from_iterable(_names(plan) for plan in chain.from_iterable(CLASSES.values()))
    return list(dict.fromkeys(every))


def _names(plan: ClassPlan) -> Iterator[str]:
    return chain(plan.students, plan.waiting, plan.declined, plan.left, plan.removed)


def _steps(people: dict[str, User], now: datetime) -> Iterator[Step]:
    next_lesson = _next_lesson(now)
    for teacher, classes in CLASSES.items():
        for plan in classes:
            yield from ClassHistory(plan, people[teacher], people, now).steps(next_lesson)


def _next_lesson(now: datetime) -> datetime:
    """In 20 to 25 minutes, at a time that is a multiple of five minutes."""
    soon = now + 25 * MINUTE
    return soon.replace(minute=soon.minute - soon.minute % 5, second=0, microsecond=0)
