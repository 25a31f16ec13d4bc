"""Carrying out imports: in batches, after a crash, and without the rows that a rule refuses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.imports import work
from tutorarc.imports.work import carry_out, start, stored_batches, write_next
from tutorarc.jobs.models import Job
from tutorarc.models import User
from tutorarc.testing.events import events_about
from tutorarc.tests.imports.importing import newest, preview
from tutorarc.tests.staff.admin_site import Site

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker ends here, as by kill -9."""


def started(site, text, **choices):
    preview(site, text, **choices)
    about = newest()
    start(about)
    return about


def people(count):
    return "email,name\n" + "".join(f"p{number}@example.org,Person {number}\n" for number in range(count))


@pytest.fixture
def site(root):
    return Site(root, "tutorarc_user")


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setitem(work.PLANNERS, "people", work.PLANNERS["people"]._replace(batch=2))


def test_an_import_goes_on_after_a_crash_and_does_nothing_twice(site, small_batches, monkeypatch):
    about = started(site, people(5))
    batches = stored_batches(about.pk)
    assert [len(batch.rows) for batch in batches] == [2, 2, 1]
    write_next(about.pk, batches)
    record = work._count

    def killed_before_the_commit(*args):
        record(*args)
        raise Killed

    monkeypatch.setattr(work, "_count", killed_before_the_commit)
    with pytest.raises(Killed):
        carry_out({"import": about.pk})
    about.refresh_from_db()
    assert (about.done, about.batch, User.objects.filter(email__startswith="p").count()) == (2, 1, 2)
    monkeypatch.setattr(work, "_count", record)
    carry_out({"import": about.pk})
    about.refresh_from_db()
    assert (about.summary, about.done, about.state) == ("5 added, 0 changed, 0 left alone", 5, "done")
    assert len(events_about(User, "created")) == 6
    carry_out({"import": about.pk})
    assert User.objects.count() == 6


def test_a_file_is_planned_before_the_transaction_begins(site, monkeypatch):
    """On SQLite a transaction keeps all others waiting."""
    planner, begun = work.PLANNERS["people"], []

    def plan(rows, terms):
        begun.append(list(connection.savepoint_ids))
        return planner.plan(rows, terms)

    monkeypatch.setitem(work.PLANNERS, "people", planner._replace(plan=plan))
    preview(site, people(2))
    assert (begun, newest().total) == ([[]], 2)


def test_a_job_ends_before_its_lease_and_is_asked_for_again(site, small_batches, monkeypatch):
    monkeypatch.setattr(work, "SECONDS_A_TURN", -1)
    about = started(site, people(5))
    carry_out({"import": about.pk})
    about.refresh_from_db()
    assert (about.done, Job.objects.open().filter(kind="import").count()) == (2, 1)


def test_only_the_rows_that_a_rule_refuses_are_left_out(site, monkeypatch):
    create = User.objects.create_many

    def refuse_one(self, users, by):
        if any(user.email == "p3@example.org" for user in users):
            raise User.EmailTaken()
        return create(users, by)

    monkeypatch.setattr(type(User.objects), "create_many", refuse_one)
    about = started(site, people(6))
    carry_out({"import": about.pk})
    about.refresh_from_db()
    [line] = about.lines.all()
    assert about.summary == "5 added, 0 changed, 0 left alone, 1 not imported"
    assert (line.line, line.label, line.reason) == (5, "p3@example.org", User.EmailTaken.message)


def test_everybody_who_is_new_is_invited_once(site, bob):
    about = started(site, people(2) + "bob@example.org,Robert\n", invite="on")
    carry_out({"import": about.pk})
    about.refresh_from_db()
    invited = [job.payload["people"] for job in Job.objects.filter(kind="welcome_mail")]
    new = User.objects.filter(email__startswith="p").values_list("pk", flat=True)
    assert (about.invited, sorted(invited)) == (2, sorted([pk] for pk in new))


@pytest.mark.parametrize(("count", "statements"), [(1, 16), (30, 16)])
def test_a_batch_costs_the_same_for_1_and_for_30_people(site, count, statements):
    about = started(site, people(count), invite="on")
    batches = stored_batches(about.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        write_next(about.pk, batches)
    assert len(asked) == statements


def test_a_roster_adds_the_people_it_names(root, algebra, bob):
    about = started(
        Site(root, "members_membership"),
        f"class,email,first name,last name,role\n{algebra.class_code},zoe@example.org,Zoë,Zander,\n"
        f"Algebra,tom@example.org,Tom,Turner,Teacher\n{algebra.class_code.lower()},bob@example.org,Robert,,\n",
    )
    carry_out({"import": about.pk})
    about.refresh_from_db()
    members = Membership.objects.exclude(user=algebra.created_by).order_by("user__email")
    assert [(member.user.display_name, member.role) for member in members.select_related("user")] == [
        ("Bob", "STUDENT"),
        ("Tom Turner", "TEACHER"),
        ("Zoë Zander", "STUDENT"),
    ]
    assert about.summary == "5 added, 0 changed, 1 left alone"


def test_an_import_does_not_take_away_what_others_did_meanwhile(site, root, bob):
    about = started(site, "email,name\nbob@example.org,Robert\n")
    bob.edit(Actor(root), display_name="Robert")
    carry_out({"import": about.pk})
    about.refresh_from_db()
    assert about.summary == "0 added, 0 changed, 1 left alone"
