"""Demo data of the quickstart: three people, three classes, and a pending request.

Created by the domain verbs, so that its history is complete.
"""

from django.db import transaction

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor, insert
from tutorarc.models import User

PASSWORD = "learn-by-doing"  # noqa: S105 (printed by the quickstart, which serves this machine alone)
TEACHER, STUDENT, ADMIN = "teacher@example.org", "student@example.org", "admin@example.org"
WAITING_FOR = "European History"


@transaction.atomic
def create_demo_data() -> None:
    """Create the demo people and classes, or nothing if they exist."""
    roles = User.GlobalRole
    teacher = _create_person(TEACHER, "Tara Lindqvist", roles.TEACHER)
    student = _create_person(STUDENT, "Sam Oyelaran", roles.STUDENT)
    _create_person(ADMIN, "Ada Moreau", roles.ADMIN, is_staff=True, is_superuser=True)
    calculus = _create_class(
        teacher, "Introduction to Calculus", "Limits, derivatives and integrals, with a live hour a week."
    )
    _create_class(teacher, "Creative Writing", "Short stories, read aloud and discussed.")
    history = _create_class(teacher, WAITING_FOR, "From the French Revolution to the fall of the Wall.")
    for klass in (calculus, history):
        Membership.objects.request(klass, klass.class_code, Actor(student))
    Membership.objects.approve(calculus, [student.pk], Actor(teacher))


def sign_ins() -> list[User]:
    """Demo people who can still sign in with the demo password, teacher first."""
    people = {user.email: user for user in User.objects.filter(email__in=[TEACHER, STUDENT, ADMIN], is_active=True)}
    found = [people[email] for email in (TEACHER, STUDENT, ADMIN) if email in people]
    return [user for user in found if user.check_password(PASSWORD)]


def _create_person(email: str, name: str, role: str, **flags: bool) -> User:
    """Without `create_user`, which refuses this password: everyone knows it."""
    user = User(email=email, display_name=name, global_role=role, **flags)
    user.set_password(PASSWORD)
    return insert(user, SYSTEM, verb="create")


def _create_class(teacher: User, title: str, description: str) -> Class:
    return Class.objects.create_with_teacher(Actor(teacher), title=title, description=description)
