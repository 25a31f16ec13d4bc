"""Actions on any number of people: up to 500 at once, more in the background with their progress on a page."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from tutorarc.domain.errors import Conflict, DomainError
from tutorarc.domain.events import Actor
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.models import User
from tutorarc.models.bulk_change import BulkChange
from tutorarc.staff.forms import explain, may_be_key
from tutorarc.staff.page import admin_page
from tutorarc.staff.record_list import MAX_IN_BACKGROUND
from tutorarc.staff.welcome_mails import queue_welcome_mails

TOGETHER = 50  # people of one transaction
TRANSACTIONS_OF_A_JOB = 10

Change = Callable[[User, Actor, str], bool]


class OwnAccount(Conflict):
    reason = "own_account"
    message = "You can't do this to your own account. Ask another member of staff."


class NoMail(Conflict):
    reason = "gets_no_invitation"
    message = "This person is not active, or has rights and an address that no superuser has confirmed."


def _edit(person: User, by: Actor, _site: str, **changes: Any) -> bool:
    """Raises OwnAccount, and what `User.edit` raises."""
    if by.user == person:
        raise OwnAccount()
    before = {name: getattr(person, name) for name in changes}
    person.edit(by, **changes)
    return before != changes


def _invite(person: User, by: Actor, site: str) -> bool:
    """Mail a link to set a password. Raises NoMail, and User.NeedsSuperuser."""
    person.refuse_access(by)
    if not person.may_get_password_mail:
        raise NoMail()
    queue_welcome_mails([person.pk], site)
    return True


CHANGES: dict[str, tuple[str, Change]] = {
    "deactivate": ("deactivated", partial(_edit, is_active=False)),
    "reactivate": ("reactivated", partial(_edit, is_active=True)),
    "make_students": ("given the role STUDENT", partial(_edit, global_role=User.GlobalRole.STUDENT)),
    "make_teachers": ("given the role TEACHER", partial(_edit, global_role=User.GlobalRole.TEACHER)),
    "invite": ("invited", _invite),
}
GIVES_RIGHTS = {"make_teachers"}


def change_people(action: str, people: Iterable[User], by: Actor, site: str) -> list[tuple[str, bool, str]]:
    """Change each of the people. Returns their ids, whether they changed, and why they could not be changed."""
    _, change = CHANGES[action]
    outcomes = []
    for person in people:
        try:
            with transaction.atomic():
                outcomes.append((person.pk, change(person, by, site), ""))
        except DomainError as refusal:
            outcomes.append((person.pk, False, " ".join(explain(refusal))))
    return outcomes


@job("bulk_change", retries=(5, 60, 600))
def continue_bulk_change(payload: Payload) -> None:
    """Change the next people. Each transaction writes the progress too, so that nobody is changed twice."""
    for _ in range(TRANSACTIONS_OF_A_JOB):
        if _change_some(payload["change"]):
            return
    Job.objects.enqueue("bulk_change", payload, key=_key(payload["change"]))


@transaction.atomic
def _change_some(pk: int) -> bool:
    """Returns whether all is done."""
    run = BulkChange.objects.select_for_update(no_key=True).get(pk=pk)
    keys = run.keys[run.done : run.done + TOGETHER]
    if run.finished_at:
        return True
    people = User.objects.in_bulk(keys)
    by = User.objects.filter(pk=run.by_id).first()
    if by and by.is_active and by.is_staff and by.has_perm("tutorarc.change_user"):
        found = [people[key] for key in keys if key in people]
        outcomes = change_people(run.action, found, Actor(by), run.site)
    else:
        outcomes = [(key, False, "Who asked for this may no longer change people.") for key in people]
    gone = [(key, False, "This person no longer exists.") for key in keys if key not in people]
    run.note([*outcomes, *gone])
    return run.finished_at is not None


def _key(pk: int) -> str:
    return f"bulk_change {pk}"


class PeopleActions:
    """ModelAdmin mixin of the list of people."""

    in_background = frozenset(CHANGES)  # actions that take more rows than others

    @admin.action(description="Deactivate: they are signed out, and their keys refused", permissions=["change"])
    def deactivate(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "deactivate")

    @admin.action(description="Reactivate", permissions=["change"])
    def reactivate(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "reactivate")

    @admin.action(description="Give the role STUDENT", permissions=["change"])
    def make_students(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "make_students")

    @admin.action(description="Give the role TEACHER", permissions=["change"])
    def make_teachers(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "make_teachers")

    @admin.action(description="Invite: mail a link to set a password", permissions=["change"])
    def invite(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.change_selected(request, queryset, "invite")

    def change_selected(self: Any, request: HttpRequest, queryset: QuerySet[User], action: str) -> None:
        """Raises ReauthenticationRequired for a role that gives rights."""
        if action in GIVES_RIGHTS:
            require_confirmation(request)
        done, change = CHANGES[action]
        site, people = link_for_others(request), list(queryset)
        self.each(request, people, lambda person: change(person, self.actor(request), site), done, of=len(people))

    def begin_in_background(self: Any, request: HttpRequest, queryset: QuerySet[User], action: str) -> HttpResponse:
        """Raises ReauthenticationRequired for a role that gives rights."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if action in GIVES_RIGHTS:
            require_confirmation(request)
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[:MAX_IN_BACKGROUND])
        label = self.get_actions(request)[action][2].partition(": ")[0]
        with transaction.atomic():
            run = BulkChange.objects.create(
                by=signed_in_user(request), action=action, label=label, site=link_for_others(request), keys=keys
            )
            Job.objects.enqueue("bulk_change", {"change": run.pk}, key=_key(run.pk))
        return redirect("admin:tutorarc_user_bulk_change", run.pk)

    def get_urls(self: Any) -> list[Any]:
        page = self.admin_site.admin_view(self.bulk_change_view)
        return [
            path("bulk-changes/<int:pk>/", page, name="tutorarc_user_bulk_change"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def bulk_change_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Progress and result, for all staff who may change people. It loads itself again until all is done."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not may_be_key(BulkChange, pk):
            raise Http404
        run = get_object_or_404(BulkChange, pk=pk)
        people = User.objects.in_bulk([key for key, _ in run.refused[:500]])
        context = {
            "title": run.label,
            "run": run,
            "done": CHANGES[run.action][0],
            "refused": [(people.get(key), reason) for key, reason in run.refused[:500]],
            "back": reverse("admin:tutorarc_user_changelist"),
        }
        response = admin_page(self, request, "tutorarc/staff/bulk_change.html", **context)
        if not run.finished_at:
            response["Refresh"] = "3"
        return response
