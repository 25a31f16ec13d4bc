"""Bulk demo data, computed from three numbers and a seed.

Every person and class is computed from its index, so that nothing is kept in memory and tables can reference rows that
are written later.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from hashlib import blake2b
from typing import NamedTuple

from classes.codes import ALPHABET, MAX_LENGTH, prefix_of
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from tutorarc.db.ids import EPOCH, MILLISECOND
from tutorarc.domain.folding import folded, folded_with_numbers
from tutorarc.models import User
from tutorarc.ops.demo import words
from tutorarc.ops.demo.bulk import Row

DOMAIN = "load.example.org"
# Fixed dates, because the same seed must give the same data on any day. People are created before classes.
PEOPLE_COME = (datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC))
CLASSES_START = (datetime(2021, 7, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))

ROLE = User.GlobalRole
NAMED = {
    "teacher": ("Tara Lindqvist", ROLE.TEACHER),
    "teacher_0": ("Zoë Ito", ROLE.TEACHER),
    "teacher_many": ("Malik Santos", ROLE.TEACHER),
    "admin": ("Ada Moreau", ROLE.ADMIN),
    "student": ("Sam Osei", ROLE.STUDENT),
}
NAMES = list(NAMED)
CREATED, JOINED, MAX_CREATED = 30, 20, 5_000
BIG_TITLE, PENDING_TITLE = "Mathematics for All", "Open Enrolment"
PENDING_PEOPLE = 20_000
MAX_STUDENTS = 1_000_000

PERSON_COLUMNS = (
    "id", "email", "display_name", "folded_name", "global_role", "password", "is_active", "is_staff", "is_superuser",
    "session_version", "created_at",
)  # fmt: skip
CLASS_COLUMNS = (
    "id", "title", "folded_title", "title_key", "description", "folded_description", "class_code", "status",
    "created_by", "created_at", "updated_at",
)  # fmt: skip
MEMBER_COLUMNS = ("klass", "user", "folded_name", "role", "status", "joined_at", "email_given_by")

CODE_LENGTH = MAX_LENGTH
CODES = len(ALPHABET) ** CODE_LENGTH
TEN_STATUSES = [MembershipStatus.APPROVED] * 8 + [MembershipStatus.PENDING, MembershipStatus.REJECTED]


class Item(NamedTuple):
    """A person or class: id and creation time."""

    id: uuid.UUID
    moment: datetime


@dataclass(frozen=True)
class World:
    """The demo world: `members` students in each class, and `pending` ones who wait to join one of them."""

    classes: int
    members: int
    seed: int
    pending: int = PENDING_PEOPLE

    # Numbers of each. Very small worlds get a few classes more for the named teachers.

    @cached_property
    def many(self) -> int:
        """Number of classes of teacher_many."""
        return max(1, min(MAX_CREATED, self.classes // 2))

    @cached_property
    def total_classes(self) -> int:
        return max(self.classes, CREATED + JOINED + self.many)

    @cached_property
    def big(self) -> int:
        """Number of students of the big class."""
        return 100_000 if self.classes >= 1_000_000 else max(150, self.classes // 10)

    @cached_property
    def teachers(self) -> int:
        return max(1, self.classes // 20)

    @cached_property
    def students(self) -> int:
        wanted = min(self.classes * self.members // 5, MAX_STUDENTS)
        return max(wanted, self.pending, self.big, self.members)

    @cached_property
    def people(self) -> int:
        return len(NAMED) + self.teachers + self.students

    @cached_property
    def memberships(self) -> int:
        ordinary = (self.total_classes - 2) * self.members
        return ordinary + self.big + self.pending + self.total_classes + 2 * JOINED

    # Ownership: positions spread over all ages

    @cached_property
    def _places(self) -> list[int]:
        return self._rng("places").sample(range(self.total_classes), CREATED + JOINED + self.many)

    @cached_property
    def big_class(self) -> int:
        return self._places[0]

    @cached_property
    def pending_class(self) -> int:
        return self._places[1]

    @cached_property
    def plain_class(self) -> int:
        """An ordinary class of the teacher."""
        return self._places[2]

    @cached_property
    def _joined(self) -> frozenset[int]:
        return frozenset(self._places[CREATED : CREATED + JOINED])

    @cached_property
    def _owned(self) -> dict[int, int]:
        teacher, many = NAMES.index("teacher"), NAMES.index("teacher_many")
        owned = dict.fromkeys(self._places[:CREATED], teacher)
        return owned | dict.fromkeys(self._places[CREATED + JOINED :], many)

    # Single items

    def named(self, name: str) -> Item:
        return self.person(NAMES.index(name))

    def student(self, index: int) -> Item:
        return self.person(len(NAMED) + self.teachers + index)

    def person(self, index: int) -> Item:
        return self._item("person", index, self.people, *PEOPLE_COME)

    def klass(self, index: int) -> Item:
        return self._item("class", index, self.total_classes, *CLASSES_START)

    def owner(self, index: int) -> Item:
        return self.person(self._owner_index(index))

    def _owner_index(self, index: int) -> int:
        return self._owned.get(index, len(NAMED) + self._noise("owner", index) % self.teachers)

    def _item(self, kind: str, index: int, count: int, first: datetime, last: datetime) -> Item:
        """Item with a UUIDv7 whose time is in the index's slot between `first` and `last`."""
        noise = self._noise(kind, index)
        span = (last - first) // MILLISECOND
        moment = first + (index * span + noise % span) // count * MILLISECOND
        upper = (moment - EPOCH) // MILLISECOND << 16 | 7 << 12 | noise >> 100 & 0xFFF
        return Item(uuid.UUID(int=upper << 64 | 2 << 62 | noise & (1 << 62) - 1), moment)

    def _rng(self, table: str) -> random.Random:
        return random.Random(f"{self.seed}/{table}")  # noqa: S311 (nothing secret is made of it)

    def _noise(self, kind: str, index: int) -> int:
        return int.from_bytes(blake2b(f"{self.seed}/{kind}/{index}".encode(), digest_size=16).digest())

    # Rows of each table

    def person_rows(self) -> Iterator[Row]:
        rng = self._rng("people")
        for index in range(self.people):
            item = self.person(index)
            email, name, role = self._portrait(index, rng)
            # "!" marks an unusable password.
            yield item.id, email, name, folded(name), role, "!", True, False, False, 0, item.moment

    def class_rows(self) -> Iterator[Row]:
        rng = self._rng("classes")
        special = {self.big_class: BIG_TITLE, self.pending_class: PENDING_TITLE}
        active = {self.big_class, self.pending_class, self.plain_class}
        for index in range(self.total_classes):
            item = self.klass(index)
            subject, about = rng.choice(words.SUBJECTS)
            title = special.get(index) or rng.choice(words.TITLES).format(subject)
            archived = rng.random() < 0.04 and index not in active
            status = Class.Status.ARCHIVED if archived else Class.Status.ACTIVE
            code = f"{prefix_of(title)}-{self._code(index)}"
            text = about + rng.choice(words.REMARKS)
            titles, texts = (title, folded(title), folded_with_numbers(title)), (text, folded(text))
            yield item.id, *titles, *texts, code, status.value, self.owner(index).id, item.moment, item.moment

    def member_rows(self) -> Iterator[Row]:
        rng = self._rng("members")
        statuses = _statuses(rng)
        teacher, student = (self._member(NAMES.index(name)) for name in ("teacher", "student"))
        approved, pending = MembershipStatus.APPROVED.value, MembershipStatus.PENDING.value
        for index in range(self.total_classes):
            klass = self.klass(index)
            owner = self._member(self._owner_index(index))
            yield klass.id, *owner, ClassRole.TEACHER.value, approved, klass.moment, None
            if index in self._joined:
                yield klass.id, *teacher, ClassRole.TEACHER.value, approved, klass.moment, None
                yield klass.id, *student, ClassRole.STUDENT.value, approved, klass.moment, student[0]
            for chosen in rng.sample(range(self.students), self._size(index)):
                status = pending if index == self.pending_class else next(statuses)
                joined_at = klass.moment + timedelta(minutes=rng.randrange(20_000)) if status == approved else None
                member = self._member(len(NAMED) + self.teachers + chosen)
                yield klass.id, *member, ClassRole.STUDENT.value, status, joined_at, member[0]

    def _member(self, index: int) -> tuple[uuid.UUID, str]:
        """Id and folded name of a person."""
        return self.person(index).id, self._folded_names[index]

    @cached_property
    def _folded_names(self) -> list[str]:
        rng, fold = self._rng("people"), cache(folded)
        return [fold(self._portrait(index, rng)[1]) for index in range(self.people)]

    def _size(self, index: int) -> int:
        return {self.big_class: self.big, self.pending_class: self.pending}.get(index, self.members)

    def _portrait(self, index: int, rng: random.Random) -> tuple[str, str, str]:
        """E-mail address, display name and global role."""
        if index < len(NAMED):
            name, role = NAMED[NAMES[index]]
            return f"{NAMES[index]}@{DOMAIN}", name, role.value
        first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
        email = f"{words.ascii_of(first)}.{words.ascii_of(last)}.{index}@{DOMAIN}"
        role = ROLE.TEACHER if index < len(NAMED) + self.teachers else ROLE.STUDENT
        return email, f"{first} {last}", role.value

    def _code(self, index: int) -> str:
        """Unique code for each index that looks random: the multiplier is coprime to CODES."""
        number = (index * 555_555_559 + self._noise("code", 0)) % CODES
        letters = []
        for _ in range(CODE_LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[digit])
        return "".join(letters)


def _statuses(rng: random.Random) -> Iterator[str]:
    """80 % APPROVED, 10 % PENDING and 10 % REJECTED in each ten."""
    ten = [status.value for status in TEN_STATUSES]
    while True:
        rng.shuffle(ten)
        yield from ten
