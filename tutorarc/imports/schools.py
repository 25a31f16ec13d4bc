"""What the files of other systems have in common: people and classes with ids, and rows that put one into the other."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tutorarc.imports.arrange import changed
from tutorarc.imports.columns import Row
from tutorarc.imports.words import STUDENT, TEACHER

ROLES = {"student": STUDENT, "teacher": TEACHER}


class School:
    """`emails` are those of people by their ids, `titles` those of classes; `teachers` has ids, the first one first."""

    def __init__(
        self, emails: Mapping[str, str], titles: Mapping[str, str], teachers: Mapping[str, Sequence[str]]
    ) -> None:
        self._emails, self._titles, self._teachers = emails, titles, teachers
        self._left_out: Counter[str] = Counter()

    def leave_out(self, what: str) -> None:
        self._left_out[what] += 1

    def class_row(self, row: Row, key: str, reported: str) -> Row:
        teacher = self._first_teacher(key)
        return changed(
            row,
            key=key,
            external_id=key,
            title=self._titles.get(key, ""),
            teacher=self._emails.get(teacher, ""),
            teacher_external_id=teacher,
            reported=reported,
        )

    def is_enrolment(self, role: str, key: str, person: str) -> bool:
        """Whether the row is imported: the first teacher of a new class gets in with the class."""
        if role.lower() not in ROLES:
            self.leave_out(f"{role or 'no role'} in a class")
            return False
        return key not in self._titles or not person or self._first_teacher(key) != person

    def enrolment_row(self, row: Row, key: str, person: str, reported: str) -> Row:
        email, role = self._emails.get(person, ""), ROLES[row.cells["role"].lower()]
        label, external_id = self._titles.get(key, ""), person
        cells = {"class": key, "class_label": label, "email": email, "external_id": external_id, "role": role}
        return changed(row, **cells, reported=reported)

    def _first_teacher(self, key: str) -> str:
        return next(iter(self._teachers.get(key, ())), "")

    def notes(self) -> list[str]:
        if not self._left_out:
            return []
        named = ", ".join(f"{count:,} {what}" for what, count in sorted(self._left_out.items()))
        return [f"Only students and teachers are imported. Left out: {named}."]
