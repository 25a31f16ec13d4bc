"""People. Everyone who signs in or owns a key is a User, known by e-mail address."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from tutorarc.errors import Conflict
from tutorarc.history import SYSTEM, Actor, insert, records
from tutorarc.ids import IdMomentField, TypeIDField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, by: Actor = SYSTEM, **fields: Any) -> "User":
        """Raises User.EmailTaken, and ValidationError where a field is wrong."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        if self.filter(email=user.email).exists():
            raise User.EmailTaken(f"There is already a person with the address {user.email}.")
        user.full_clean()
        return insert(user, by, verb="create")

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, with the role they have everywhere (seed B's "global role").

    `is_staff` and `is_superuser` open the admin site; they are no role of the API.
    """

    class GlobalRole(models.TextChoices):
        STUDENT = "STUDENT"
        TEACHER = "TEACHER"
        ADMIN = "ADMIN"

    class EmailTaken(Conflict):
        message = "There is already a person with this e-mail address."

    id = TypeIDField("usr", primary_key=True)
    email = models.EmailField("e-mail address", unique=True)
    display_name = models.CharField(max_length=200)
    global_role = models.CharField(max_length=7, choices=GlobalRole, default=GlobalRole.STUDENT)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("staff", default=False, help_text="May sign in to the admin site.")
    created_at = IdMomentField()

    objects = UserManager()
    history = records()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="user_global_role_is_known", condition=models.Q(global_role__in=["STUDENT", "TEACHER", "ADMIN"])
            ),
            models.CheckConstraint(name="user_email_is_lower_case", condition=models.Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} <{self.email}>"

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def is_student(self) -> bool:
        return self.global_role == self.GlobalRole.STUDENT

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
