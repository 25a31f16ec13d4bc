"""Why people of a batch are refused: one error that names each of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from classes.roles import ClassRole
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


Reason = tuple[str, str] | None  # code and message of the error for one person


def refuse_members(error: type[Conflict], user_ids: Sequence[str], why_not: Callable[[str], Reason]) -> None:
    """Raises `error` with each person for whom there is a reason, if there is one."""
    reasons = [(index, reason) for index, user_id in enumerate(user_ids) if (reason := why_not(user_id))]
    if reasons:
        raise error(details=[Detail(f"user_ids[{index}]", *reason) for index, reason in reasons])


def wrong_status(member: "Membership | None", sources: Sequence[str]) -> Reason:
    """None if the person's status is one of `sources`."""
    if member is None:
        return "no_record", "This person has no record in this class."
    if member.status not in sources:
        needed = f"not_{'_or_'.join(sources).lower()}"
        return needed, f"This person is {member.status}, not {' or '.join(sources)}."
    return None


def student_as_teacher(member: "Membership") -> Reason:
    if Newcomer(member.user, member.role).is_student_as_teacher:
        return "student_cannot_teach", member.StudentCannotTeach.message
    return None
