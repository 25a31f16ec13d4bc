"""Which actions of the admin site ask for the password again: those that give somebody rights or access.

`tutorarc/tests/http/test_confirmation.py` has the forms and pages that ask, and shows what happens then.
"""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.jobs.models import Job
from tutorarc.models import User
from tutorarc.tests.imports.importing import page_of, preview
from tutorarc.tests.staff.admin_site import Site
from tutorarc.webhooks.models import Endpoint

KIND = "members_membership"
# All actions, by kind of record. A new one has to be put in one of these tables.
ASKING = {
    Class: {"hand_over"},
    Membership: {"approve", "make_teacher"},  # "approve" only for teachers: see below
    User: {
        "confirm_address",
        "delete_account",
        "export_data",
        "make_password_links",
        "make_teachers",
        "remove_second_factors",
    },
}
NOT_ASKING = {
    ApiKey: {"revoke"},
    Class: {"archive", "renew_code", "unarchive"},
    Endpoint: {"disable"},
    Job: {"try_again"},
    LiveSession: {"cancel", "end"},
    Membership: {"make_student", "reject", "remove", "reopen"},
    User: {"deactivate", "invite", "make_students", "reactivate"},
}


@pytest.fixture
def teacher(algebra, dora):
    """Dora's reopened place as a teacher of Alice's class."""
    Membership.objects.enrol(algebra, dora, "TEACHER", SYSTEM)
    Membership.objects.remove(algebra, dora.pk, SYSTEM)
    [member] = Membership.objects.reopen(algebra, [dora.pk], SYSTEM)
    return member


@pytest.fixture
def rows(algebra, teacher, bob, dora, schedule):
    endpoint, _ = Endpoint.objects.register(dora, Actor(dora), url="https://example.org/")
    key, _ = ApiKey.objects.issue(dora, SYSTEM)
    return [algebra, teacher, bob, endpoint, key, schedule(), Job.objects.first()]


def asks(site, action, row, **fields):
    """Whether it asks, without doing it."""
    with transaction.atomic():
        form = {"action": action, "_selected_action": row.pk, "sure": "yes", **fields}
        answer = site.post(site.address("changelist"), form)
        transaction.set_rollback(True)
    return answer.headers.get("Location", "").startswith("/accounts/reauthenticate/")


def actions_of(root, model):
    request = RequestFactory().get("/")
    request.user = root
    return set(admin.site.get_model_admin(model).get_actions(request))


def test_actions_that_give_rights_ask_for_the_password_again(root, rows, dora, settings):
    settings.CONFIRMED_FOR = timedelta()
    found = {
        type(row): {
            action
            for action in actions_of(root, type(row))
            if asks(Site(root, row._meta.label_lower.replace(".", "_")), action, row, **{"option-to": dora.pk})
        }
        for row in rows
    }
    assert {model: actions for model, actions in found.items() if actions} == ASKING


def test_each_action_is_in_one_of_the_tables(root):
    known = {model: ASKING.get(model, set()) | actions for model, actions in NOT_ASKING.items()}
    found = {model: actions_of(root, model) for model in admin.site._registry}
    assert {model: actions for model, actions in found.items() if actions} == known


# Memberships


def test_an_enrolment_asks(site, algebra, bob, settings):
    settings.CONFIRMED_FOR = timedelta()
    answer = site.add(klass=algebra.pk, user=bob.pk, role="STUDENT")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not algebra.memberships.filter(user=bob).exists()


def test_the_request_of_a_student_is_approved_without_a_question(site, algebra, bob, join, settings):
    settings.CONFIRMED_FOR = timedelta()
    assert site.act("approve", [join(algebra, bob, "PENDING")]) == ["Membership approved."]


def test_an_import_of_enrolments_asks_before_it_starts(site, algebra, bob, settings):
    page = preview(site, f"class,email,role\n{algebra.class_code},bob@example.org,TEACHER\n")
    settings.CONFIRMED_FOR = timedelta()
    answer = site.post(page_of(page), {"start": "yes"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not algebra.memberships.filter(user=bob).exists()
