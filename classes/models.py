"""Classes (docs/contract.md, "Classes"), and the methods through which all changes to them are made."""

from typing import Any

from django.db import connection, models, transaction
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils import timezone

from classes import codes
from classes.class_fields import ClassFields
from classes.fresh_codes import lock_teacher_and_prefix, take_fresh_code
from tutorarc.db.compiled import compile_once
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor, EventSource, change, insert
from tutorarc.domain.external_ids import write_with_external_id
from tutorarc.domain.text_fields import cleaned
from tutorarc.models import User

FOLDED = ("folded_title", "folded_description", "title_key")
# The fields that `Class.change_settings` changes.
SETTINGS = ("room_url", "time_zone", "capacity", "code_mode", "code_expires_at", "external_id")


def is_approved_member(user: User) -> Exists:
    """Condition on classes: the user is an approved member."""
    return Exists(user.memberships.filter(klass=OuterRef("pk"), status="APPROVED"))


class ClassQuerySet(models.QuerySet["Class"]):
    def visible_to(self, user: User, window: Window | None = None) -> "ClassQuerySet":
        """Classes that the user may list: those that approved the user; for TEACHER also created ones; for ADMIN all.

        With a window over ids, each branch of the union stops after one page, so that the cost doesn't grow with the
        number of the user's classes. (OR, or a join with DISTINCT, would read all of them or the whole table.)

        A creator who is no longer a member gets the class without its code: see `is_code_hidden`.
        """
        if user.is_admin:
            return self
        joined = user.memberships.filter(status="APPROVED")
        if self.query.where:
            joined = joined.filter(klass__in=self.values("pk"))
        keys = branch_keys(Class, joined, "klass_id", window)
        if not user.is_teacher:
            return self.filter(pk__in=keys)
        keys = keys.union(branch_keys(Class, self.filter(created_by=user), "pk", window))
        return self.filter(pk__in=keys).annotate(is_code_hidden=~is_approved_member(user))  # type: ignore[no-redef]

    def with_role_of(self, user: User) -> "ClassQuerySet":
        """Annotate `my_role` and `my_status`: the user's membership in each class, None without one."""
        mine = FilteredRelation("memberships", condition=Q(memberships__user=user))
        role, status = F("mine__role"), F("mine__status")
        return self.annotate(mine=mine, my_role=role, my_status=status)  # type: ignore[no-redef]

    def by_code(self, typed: str) -> "Class | None":
        """The class with this code, however it is typed."""
        possible = codes.possible_codes(typed)
        found = self.filter(class_code__in=possible)
        return min(found, key=lambda klass: possible.index(klass.class_code), default=None)

    def with_prefix(self, prefix: str) -> "ClassQuerySet":
        """The classes whose codes have this prefix, found by an index."""
        if connection.vendor == "postgresql":
            return self.filter(class_code__startswith=f"{prefix}-")
        return self.filter(class_code__gte=f"{prefix}-", class_code__lt=f"{prefix}.")

    def lock(self, pk: str) -> "Class":
        """Lock the class until the transaction ends. Every change to it or its memberships starts with this.

        Raises Class.DoesNotExist.
        """
        return _first(_locked(class_id=pk))

    def lock_active(self, pk: str, *, shared: bool = False) -> "Class":
        """Like `lock`. Raises Class.Archived.

        With `shared`, other transactions may hold the same lock, but none may change the class meanwhile. Don't change
        the class afterwards: two transactions that hold the lock and then write would be a deadlock.
        """
        klass = _first(_locked_for_share(class_id=pk)) if shared else self.lock(pk)
        if klass.is_archived:
            raise Class.Archived()
        return klass

    @transaction.atomic
    def create_with_teacher(
        self, by: Actor, *, title: str, description: str = "", teacher: User | None = None
    ) -> "Class":
        """Create a class with a fresh code and its first teacher, in one transaction.

        The first teacher is the actor, unless `teacher` is given. Raises Membership.StudentCannotTeach and
        User.NotActive.
        """
        klass = Class(**cleaned(Class, {"title": title, "description": description}))
        klass.created_by = lock_teacher_and_prefix(teacher or by.person, codes.prefix_of(klass.title))
        take_fresh_code(klass, lambda: insert(klass, by, verb="create"), is_prefix_locked=True)
        klass.memberships.enrol_first_teacher(klass, by)
        return klass


class Class(ClassFields):
    """A class: constraints, indexes and verbs. `ClassFields` has its fields."""

    class CodeClosed(Conflict):
        reason = "code_closed"
        message = "Nobody can ask to join this class at the moment. Ask its teacher to add you."

    class CodeExpired(Conflict):
        reason = "code_expired"
        message = "This class code has expired. Ask the teacher of the class to add you."

    class Archived(Conflict):
        reason = "class_archived"
        message = "This class is archived and read-only until a teacher of the class unarchives it."

    class Full(Conflict):
        reason = "class_full"
        message = "This class has no free seat: raise its capacity, or remove a student first."

        @classmethod
        def of(cls, capacity: int, free: int) -> "Class.Full":
            """Tells how many seats there are, and how many of them are free."""
            if not free:
                return cls()
            are_free = "is free" if free == 1 else "are free"
            return cls(f"Nothing was changed: {free} of {capacity} seats {are_free}, which is not enough.")

    class NoFreeCode(Conflict):
        reason = "no_free_class_code"
        message = "No free class code was found for this title. Try again, or choose another title."

    objects = ClassQuerySet.as_manager()
    event_source = EventSource(
        kind="class",
        types={
            "create": "created",
            "edit": "updated",
            "change_settings": "settings_changed",
            "archive": "archived",
            "unarchive": "unarchived",
            "renew_code": "code_renewed",
        },
        fields={
            "title": "title",
            "description": "description",
            "class_code": "class_code",
            **{name: name for name in SETTINGS},
        },
        defaults={"code_mode": "APPROVAL"},
        secrets=frozenset({"room_url"}),
        class_id="pk",
    )

    class Meta:
        verbose_name_plural = "classes"
        permissions = [("view_historicalclass", "Can view the history")]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["class_code"], name="one_class_per_class_code"),
            models.UniqueConstraint(
                fields=["external_id", "created_by"],
                name="class_external_id_is_unique",
                condition=Q(external_id__isnull=False),
            ),
            models.CheckConstraint(name="class_status_is_known", condition=Q(status__in=["ACTIVE", "ARCHIVED"])),
            models.CheckConstraint(name="class_title_is_not_empty", condition=~Q(title="")),
        ]
        indexes = [
            # For LIKE in PostgreSQL.
            models.Index(fields=["class_code"], opclasses=["varchar_pattern_ops"], name="classes_by_code_prefix"),
            models.Index(fields=["created_by", "id"], name="classes_of_a_creator"),
            models.Index(fields=["created_by", "status", "id"], name="classes_of_creator_by_status"),
            models.Index(fields=["status", "id"], name="classes_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.class_code})"

    def require_usable_code(self) -> None:
        """Raises CodeClosed and CodeExpired."""
        if self.code_mode == self.CodeMode.CLOSED:
            raise self.CodeClosed()
        if self.is_code_expired:
            raise self.CodeExpired()

    @transaction.atomic
    def edit(self, by: Actor, **changes: str) -> "Class":
        """Change title, description or both. Raises Class.Archived."""
        return self._write(by, "edit", changes)

    @transaction.atomic
    def change_settings(self, by: Actor, **changes: Any) -> "Class":
        """Change some of SETTINGS; None removes them. A capacity below the number of students removes nobody.

        Those who wait for a seat that is free now get it. Raises Class.Archived and ExternalIdTaken.
        """
        klass = self._write(by, "change_settings", changes)
        klass.memberships.give_free_seats(klass)
        return klass

    def _write(self, by: Actor, verb: str, changes: dict[str, Any]) -> "Class":
        klass = Class.objects.lock_active(self.pk)
        values = cleaned(Class, changes)
        changed = {name: value for name, value in values.items() if getattr(klass, name) != value}
        if not changed:
            return klass
        external_id = changed.get("external_id")
        return write_with_external_id(
            klass, external_id, lambda: _change(klass, by, verb, **changed), field="external_id"
        )

    @transaction.atomic
    def archive(self, by: Actor) -> "Class":
        klass = Class.objects.lock(self.pk)
        return klass if klass.is_archived else _change(klass, by, "archive", status=self.Status.ARCHIVED)

    @transaction.atomic
    def unarchive(self, by: Actor) -> "Class":
        klass = Class.objects.lock(self.pk)
        return _change(klass, by, "unarchive", status=self.Status.ACTIVE) if klass.is_archived else klass

    @transaction.atomic
    def renew_code(self, by: Actor) -> "Class":
        """Replace the class code. The old one stops working at once. Raises Class.Archived."""
        klass = Class.objects.lock_active(self.pk)
        old = {"class_code": klass.class_code}
        take_fresh_code(klass, lambda: _change(klass, by, "renew_code", old=old, class_code=klass.class_code))
        return klass


def _change(klass: Class, by: Actor, verb: str, **values: Any) -> Class:
    return change(klass, by, verb=verb, from_status=klass.status, updated_at=timezone.now(), **values)


@compile_once(class_id=Class._meta.pk)
def _locked(*, class_id: str) -> ClassQuerySet:
    return Class.objects.select_for_update(no_key=True).filter(pk=class_id)


@compile_once(for_share=True, class_id=Class._meta.pk)
def _locked_for_share(*, class_id: str) -> ClassQuerySet:
    return Class.objects.filter(pk=class_id)


def _first(found: "list[Class]") -> Class:
    if not found:
        raise Class.DoesNotExist()
    return found[0]
