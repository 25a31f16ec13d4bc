"""Filters of the list of people that find accounts which may need attention."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from tutorarc.models import User
from tutorarc.staff.saved_filters import OnlyFilter


class NeverSignedIn(OnlyFilter):
    title, parameter_name, choice = "sign-in", "never_signed_in", "Never signed in"

    def only(self, people: QuerySet[User]) -> QuerySet[User]:
        return people.filter(last_login=None)


class WithoutPassword(OnlyFilter):
    title, parameter_name, choice = "password", "no_password", "No password"

    def only(self, people: QuerySet[User]) -> QuerySet[User]:
        return people.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)


class WithoutClass(OnlyFilter):
    """People who are an approved member of no class."""

    title, parameter_name, choice = "classes", "no_class", "No class"

    def only(self, people: QuerySet[User]) -> QuerySet[User]:
        return people.exclude(memberships__status="APPROVED")
