"""Files of a school that is made up: a zip file of OneRoster, and the same in one spreadsheet."""

import io
import zipfile
from collections.abc import Iterator

Row = tuple[str, ...]


class School:
    """Each tutor teaches one class. Each student is in one of them."""

    def __init__(self, students: int, tutors: int, domain: str = "school.example") -> None:
        self.students = [self._person("s", number, domain) for number in range(students)]
        self.tutors = [self._person("t", number, domain) for number in range(tutors)]

    def _person(self, prefix: str, number: int, domain: str) -> Row:
        return f"{prefix}{number}", f"{prefix}{number}@{domain}", f"Given{number}", f"{prefix.upper()}family{number}"

    def title(self, tutor: int) -> str:
        return f"Class {tutor}"

    def enrolments(self) -> Iterator[tuple[int, Row]]:
        """The number of a class, and a student in it."""
        return ((number % len(self.tutors), student) for number, student in enumerate(self.students))

    def oneroster(self) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in self._files().items():
                archive.writestr(f"{name}.csv", "".join(f"{','.join(row)}\n" for row in rows))
        return data.getvalue()

    def _files(self) -> dict[str, list[Row]]:
        users: list[Row] = [("sourcedId", "status", "enabledUser", "givenName", "familyName", "email")]
        roles: list[Row] = [("sourcedId", "status", "userSourcedId", "roleType", "role")]
        for role, people in (("teacher", self.tutors), ("student", self.students)):
            for key, email, given, family in people:
                users.append((key, "active", "true", given, family, email))
                roles.append((f"r{key}", "active", key, "primary", role))
        classes: list[Row] = [("sourcedId", "status", "title", "classType")]
        rows: list[Row] = [("sourcedId", "status", "classSourcedId", "userSourcedId", "role", "primary")]
        for number, (key, *_) in enumerate(self.tutors):
            classes.append((f"c{number}", "active", self.title(number), "scheduled"))
            rows.append((f"et{number}", "active", f"c{number}", key, "teacher", "true"))
        rows += [(f"e{key}", "active", f"c{number}", key, "student", "") for number, (key, *_) in self.enrolments()]
        return {"users": users, "roles": roles, "classes": classes, "enrollments": rows}

    def spreadsheet(self) -> bytes:
        """In Windows-1252, with semicolons, as a spreadsheet saves it."""
        header = "Klasse;Lehrer E-Mail;Teacher name;E-Mail-Adresse;Vorname;Nachname\r\n"
        rows = []
        for number, (_, email, given, family) in self.enrolments():
            _, teacher, *names = self.tutors[number]
            rows.append(";".join([f"Übung {number}", teacher, " ".join(names), email, given, family]))
        return (header + "\r\n".join(rows)).encode("cp1252")
