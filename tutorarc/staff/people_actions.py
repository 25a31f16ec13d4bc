"""Actions on any number of people: see `tutorarc.staff.bulk_changes`."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff.background_actions import BackgroundActions
from tutorarc.staff.bulk_changes import BulkAction, Options, register_bulk_action
from tutorarc.staff.welcome_mails import queue_welcome_mails

MAY_CHANGE_PEOPLE = ("tutorarc.change_user",)


class OwnAccount(Conflict):
    reason = "own_account"
    message = "You can't do this to your own account. Ask another member of staff."


class NoMail(Conflict):
    reason = "gets_no_invitation"
    message = "This person is not active, or has rights and an address that no superuser has confirmed."


def _edit(person: User, by: Actor, _: Options, **changes: Any) -> bool:
    """Raises OwnAccount, and what `User.edit` raises."""
    if by.user == person:
        raise OwnAccount()
    before = {name: getattr(person, name) for name in changes}
    person.edit(by, **changes)
    return before != changes


def _invite(person: User, by: Actor, options: Options) -> bool:
    """Mail a link to set a password. Raises NoMail, and User.NeedsSuperuser."""
    person.refuse_access(by)
    if not person.may_get_password_mail:
        raise NoMail()
    queue_welcome_mails([person.pk], options["site"])
    return True


for name, done, change in (
    ("deactivate", "deactivated", partial(_edit, is_active=False)),
    ("reactivate", "reactivated", partial(_edit, is_active=True)),
    ("make_students", "given the role Student", partial(_edit, global_role=User.GlobalRole.STUDENT)),
    ("make_teachers", "given the role Teacher", partial(_edit, global_role=User.GlobalRole.TEACHER)),
    ("invite", "invited", _invite),
):
    gives_rights = name == "make_teachers"
    register_bulk_action(
        name,
        BulkAction(model=User, done=done, change=change, permissions=MAY_CHANGE_PEOPLE, gives_rights=gives_rights),
    )


class PeopleActions(BackgroundActions):
    """ModelAdmin mixin of the list of people."""

    @admin.action(description="Deactivate: they are signed out, and their keys refused", permissions=["change"])
    def deactivate(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "deactivate")

    @admin.action(description="Reactivate", permissions=["change"])
    def reactivate(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "reactivate")

    @admin.action(description="Give the role Student", permissions=["change"])
    def make_students(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "make_students")

    @admin.action(description="Give the role Teacher", permissions=["change"])
    def make_teachers(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "make_teachers")

    @admin.action(description="Invite: mail a link to set a password", permissions=["change"])
    def invite(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "invite")
