"""Users: everyone who signs in or owns an API key, identified by e-mail address."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import PermissionsMixin
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tutorarc.db.constant_lookup import ConstantExact
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail
from tutorarc.domain.events import Actor, change, record
from tutorarc.domain.folded_fields import FoldedField, folded_values
from tutorarc.domain.text_fields import EmailAddressField, ExternalIdField, LineField, TimeZoneField
from tutorarc.models.account_access import NO_LINK
from tutorarc.models.account_deletion import AccountDeletion
from tutorarc.models.credentials import Credentials
from tutorarc.models.email_addresses import replace_addresses
from tutorarc.models.managers import SUPERUSER_FLAGS, UserManager
from tutorarc.models.preferences import Preferences
from tutorarc.models.signals import people_gain_rights, people_renamed, people_stop_teaching
from tutorarc.models.user_events import SHOWN, USER_EVENTS, status_of


class User(ChangedByVerbs, Preferences, AccountDeletion, Credentials, PermissionsMixin):
    """A person with a global role (STUDENT, TEACHER or ADMIN).

    `is_staff` and `is_superuser` give access to the admin site; the API ignores them.
    """

    class GlobalRole(models.TextChoices):
        STUDENT = "STUDENT", _("Student")
        TEACHER = "TEACHER", _("Teacher")
        ADMIN = "ADMIN", _("Admin")

    class EmailTaken(Conflict):
        reason = "email_taken"
        message = "There is already a person with this e-mail address."

    class LastSuperuser(Conflict):
        reason = "last_superuser"
        message = "This is the last active superuser, and the admin site always keeps one."

    class NotActive(Conflict):
        reason = "person_not_active"
        message = "This person is not active, and so can't sign in."

    id = TypeIDField("usr", primary_key=True)
    email = EmailAddressField("e-mail address", unique=True)
    display_name = LineField(max_length=200)
    folded_name = FoldedField("display_name", max_length=200)
    global_role = models.CharField(max_length=7, choices=GlobalRole, default=GlobalRole.STUDENT)
    external_id = ExternalIdField(help_text="Their id in another system, such as a school’s.")
    time_zone = TimeZoneField(help_text="For the times in mails and on pages.")
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="Whoever is not is signed out at once, and their keys are refused. Once active again they sign in "
        "anew, and their keys work again unless revoked.",
    )
    session_version = models.PositiveIntegerField(default=0, db_default=0, editable=False, db_column="sign_in_round")
    calendar_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # of feed addresses
    is_staff = models.BooleanField("staff", default=False, help_text="May sign in to the admin site.")
    created_at = IdDateTimeField()

    objects = UserManager()
    event_source = USER_EVENTS

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]
    values_before: Mapping[str, Any] = {}  # values of the fields that the last edit changed
    saved_by_django = frozenset({"last_login", "password"})  # upgraded at sign-in when the hasher changed

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        permissions = [("view_historicaluser", "Can view the history")]
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["global_role", "id"], name="users_by_role"),
            models.Index(fields=["id"], condition=models.Q(is_active=True), name="users_active"),
            models.Index(fields=["id"], condition=models.Q(is_active=False), name="users_deactivated"),
        ]
        constraints = [
            models.CheckConstraint(
                name="user_global_role_is_known", condition=models.Q(global_role__in=["STUDENT", "TEACHER", "ADMIN"])
            ),
            models.CheckConstraint(name="user_email_is_lower_case", condition=models.Q(email=Lower("email"))),
            models.UniqueConstraint(
                name="user_external_id_is_unique",
                fields=["external_id"],
                condition=models.Q(external_id__isnull=False),
                violation_error_message="Another person has this external id.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} <{self.email}>"

    def clean(self) -> None:
        """Nothing to do: Django would normalize the address, which `EmailAddressField` has done."""

    @transaction.atomic
    def edit(self, by: Actor, shown: Mapping[str, Any] | None = None, **changes: Any) -> "User":
        """Change fields of a user. `shown` holds values that the actor has seen, and which decided about the change.

        A new right ends the access that others gave (`AccountAccess`). Raises User.EmailTaken, ExternalIdTaken,
        User.LastSuperuser, User.NeedsSuperuser, User.OwnRole, User.AccessFromYou, User.SignedOut,
        User.ChangedMeanwhile, Membership.LastTeacher, TeachesClasses, and ValidationError where a field is wrong.
        """
        locked = User.objects.lock({self.pk: changes})
        [user] = [person for person in locked if person == self]
        user.refuse_changed(shown or {})
        could_teach, rights = user.can_teach, user.rights
        changed = user.apply_changes(changes, locked, by)
        if could_teach and not user.can_teach:
            people_stop_teaching.send(User, people=[user])
        if changed:
            user.write_change(by, "edit", user.told_before, **changed)
        if "folded_name" in changed:
            people_renamed.send(User, people=[user])
        if user.gained_since(rights):
            people_gain_rights.send(User, people=[user], by=by)
        return user

    @transaction.atomic
    def change_groups(self, by: Actor, given: Iterable[Any], taken: Iterable[Any] = ()) -> None:
        """Add and remove staff groups. The event lists the groups before and after.

        Another group ends the access that others gave (`tutorarc.models.receivers`). Raises User.NeedsSuperuser.
        """
        locked = User.objects.select_for_update(no_key=True).get(pk=self.pk)
        self.refuse_rights(by)
        self.rights_given_by = by
        before = self._group_names()
        self.groups.remove(*taken)
        self.groups.add(*given)
        if before != (after := self._group_names()):
            record([locked], by, verb="set_groups", detail=f"{before} → {after}")

    def _group_names(self) -> str:
        return ", ".join(self.groups.order_by("name").values_list("name", flat=True)) or "none"

    def apply_changes(self, changes: Mapping[str, Any], locked: "Sequence[User]", by: Actor) -> dict[str, Any]:
        """Set new values and return those that changed, with what depends on them. Raises the errors of `edit`."""
        opened_all, rights = self.has_full_access, self.rights
        if not (by.user and by.user == self):
            self.refuse_access(by)
        changed = self._set_values(changes)
        if opened_all and not any(person.has_full_access for person in locked):
            message = self.LastSuperuser.message
            raise self.LastSuperuser(
                details=[Detail(name, "last_superuser", message) for name in SUPERUSER_FLAGS if name in changed]
            )
        self.refuse_change_of_rights(changed, rights, by)
        changed |= self._consequences(changed, rights, by)
        for name, value in changed.items():
            setattr(self, name, value)
        return changed

    def _set_values(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Set new values, and return those that differ, as they are stored. Raises ValidationError."""
        before = {name: getattr(self, name) for name in changes}
        for name, value in changes.items():
            setattr(self, name, value)
        self.clean_fields(exclude={field.name for field in self._meta.fields} - changes.keys())
        changed = {name: getattr(self, name) for name in changes if getattr(self, name) != before[name]}
        self.values_before = {name: before[name] for name in changed}
        return changed

    def _consequences(self, changed: dict[str, Any], rights: frozenset[str], by: Actor) -> dict[str, Any]:
        """Further values that change with these: folded text, sessions, links and the access that others gave."""
        further: dict[str, Any] = folded_values(User, changed)
        if "email" in changed:
            self.refuse_access(by)
            self.refuse_signing_in_as(by)
            giver = self.address_giver(by)
            further |= {"email_set_by_id": giver, **NO_LINK}
            if giver != self.pk:  # who could sign in with OpenID Connect by this address, and make keys
                further["password_set_by_id"] = giver
        if changed.get("is_active") is False:
            further |= {"session_version": self.session_version + 1, **NO_LINK}
        return further | (self.end_access_of_others() if self.gained_since(rights) else {})

    @transaction.atomic
    def confirm_address(self, by: Actor, address: str) -> "User":
        """Record that this address is the person's own, so that a link for a new password may be mailed there.

        Raises User.NeedsSuperuser, and User.ChangedMeanwhile if the person has another address by now.
        """
        user = User.objects.select_for_update(no_key=True).get(pk=self.pk)
        user.refuse_rights(by)
        user.refuse_changed({"email": address})
        return user if user.is_address_confirmed else user.write_change(by, "confirm_address", email_set_by_id=user.pk)

    def write_change(self, by: Actor, verb: str, old: Mapping[str, Any] | None = None, **values: Any) -> "User":
        """Write values with their event. `old` has the former values of those that are already set on the row."""
        try:
            with transaction.atomic():
                if "email" in values:
                    replace_addresses([self])
                return change(self, by, verb=verb, old=old, **values)
        except IntegrityError:
            User.objects.refuse_taken([self])
            raise

    def as_shown(self) -> dict[str, Any]:
        """The user as the API shows it."""
        return {name: getattr(self, name) for name in SHOWN}

    @property
    def status(self) -> str:
        return status_of(self.is_active)

    @property
    def told_before(self) -> dict[str, Any]:
        """`values_before` as events tell them."""
        former = dict(self.values_before)
        return former | {"status": status_of(former["is_active"])} if "is_active" in former else former

    @property
    def has_full_access(self) -> bool:
        return all(getattr(self, name) for name in SUPERUSER_FLAGS)

    @property
    def is_student(self) -> bool:
        return self.global_role == self.GlobalRole.STUDENT

    @property
    def can_teach(self) -> bool:
        """Whether this person counts as a teacher of the classes where they have that role."""
        return self.is_active and not self.is_student

    @property
    def is_teacher(self) -> bool:
        return self.global_role == self.GlobalRole.TEACHER

    @property
    def is_admin(self) -> bool:
        return self.global_role == self.GlobalRole.ADMIN

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


User._meta.get_field("global_role").register_lookup(ConstantExact)  # so that rare roles are found by their index
