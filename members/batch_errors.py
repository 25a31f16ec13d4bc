"""Why people of a batch are refused: one error that names each of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from tutorarc.domain.errors import Conflict, Detail
from tutorarc.models import User

if TYPE_CHECKING:
    from members.models import Membership


class Newcomer(NamedTuple):
    """A person to enrol, and their role in the class."""

    user: User
    role: str

    @property
    def is_student_as_teacher(self) -> bool:
        return self.role == ClassRole.TEACHER and self.user.is_student


def refuse_people(error: type[Conflict], people: Sequence[Newcomer], is_refused: Callable[[Newcomer], bool]) -> None:
    """Raises `error` with each refused person, if there is one."""
    if offenders := [
        Detail(f"people[{index}]", "refused", f"{newcomer.user}: {error.message}")
        for index, newcomer in enumerate(people)
        if is_refused(newcomer)
    ]:
        raise error(details=offenders)


def why_not(member: "Membership | None", sources: Sequence[str], target: str) -> tuple[str, str] | None:
    """Code and message of the error for this person; None if the change is allowed."""
    if member is None:
        return "no_record", "This person has no record in this class."
    if member.status not in sources:
        needed = f"not_{'_or_'.join(sources).lower()}"
        return needed, f"This person is {member.status}, not {' or '.join(sources)}."
    if target == Status.APPROVED and member.role == ClassRole.TEACHER and member.user.is_student:
        return "student_cannot_teach", member.StudentCannotTeach.message
    return None
