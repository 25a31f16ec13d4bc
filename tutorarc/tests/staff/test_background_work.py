"""Background work in the admin site: what waits, what failed and why, and trying it again."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.mail.outgoing import OFF
from tutorarc.staff.csv_file import BOM
from tutorarc.tests.staff.admin_site import Site

KIND = "jobs_job"


@pytest.fixture(autouse=True)
def _no_mail(settings):
    """Signing in would queue a mail, which is a job too."""
    settings.EMAIL_BACKEND = OFF


@pytest.fixture
def jobs(half_past_nine, db):
    """A job in each state."""
    now = timezone.now()
    states = {
        "waiting": {"due_at": now + timedelta(minutes=5)},
        "running": {"attempts": 1, "claim": "0190d1f0-0000-7000-8000-000000000000", "worker": "one"},
        "done": {"attempts": 1, "done_at": now},
        "failed": {"attempts": 3, "failed_at": now, "last_error": "ConnectionError: no route to mail.example.org"},
    }
    return {
        state: Job.objects.create(kind="prune", payload={"state": state}, **{"due_at": now, **fields})
        for state, fields in states.items()
    }


@pytest.mark.parametrize("state", Job.State.values)
def test_each_job_has_a_state_and_the_list_can_be_filtered_by_it(site, jobs, state):
    assert jobs[state].state == state
    assert site.rows(state=state) == [jobs[state]]


def test_the_list_shows_why_a_job_failed(site, jobs):
    page = site.listing().content.decode()
    assert "ConnectionError: no route to mail.example.org" in page


def test_the_list_can_be_filtered_by_kind_and_searched_for_a_reason(site, jobs):
    other = Job.objects.create(kind="of another kind", due_at=timezone.now())
    assert site.rows(kind="of another kind") == [other]
    assert site.rows(q="mail.example.org") == [jobs["failed"]]


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_four_statements(site, count, django_assert_num_queries):
    for _ in range(count):
        Job.objects.create(kind="prune", due_at=timezone.now())
    with django_assert_num_queries(4):  # session, person, number, rows
        assert len(site.rows()) == count


def test_a_page_shows_a_job_and_cuts_long_values(site, jobs):
    Job.objects.filter(pk=jobs["failed"].pk).update(payload={"to": "usr_1", "encrypted": "x" * 1000})
    page = site.page(jobs["failed"].pk).content.decode()
    assert "to: &quot;usr_1&quot;; encrypted: &quot;xxx" in page
    assert "x" * 101 not in page


def test_a_failed_job_is_tried_again(site, jobs):
    assert site.act("try_again", [jobs["failed"]]) == ["Job queued again."]
    job = Job.objects.get(pk=jobs["failed"].pk)
    assert (job.state, job.due_at, job.attempts) == ("waiting", timezone.now(), 0)


def test_other_jobs_stay_as_they_are(site, jobs):
    others = [jobs[state] for state in ("waiting", "running", "done")]
    before = list(Job.objects.values())
    assert site.act("try_again", others) == ["0 of 3 jobs queued again.", "3 were already queued again."]
    assert list(Job.objects.values()) == before


def test_only_a_failed_job_has_the_button(site, jobs):
    offered = {state: bool(site.page(job.pk).context["record_actions"]) for state, job in jobs.items()}
    assert offered == {"waiting": False, "running": False, "done": False, "failed": True}


def test_no_job_can_be_changed_added_or_deleted(site, jobs):
    before = list(Job.objects.values())
    statuses = [
        site.change(jobs["waiting"].pk, kind="other").status_code,
        site.add(kind="other").status_code,
        site.post(site.address("delete", jobs["waiting"].pk), {"post": "yes"}).status_code,
    ]
    assert (statuses, list(Job.objects.values())) == ([302, 403, 403], before)


def test_without_the_right_to_change_jobs_none_is_tried_again(make_user, jobs):
    user = make_user("Viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_job"))
    Site(user, KIND).act("try_again", [jobs["failed"]])
    assert Job.objects.get(pk=jobs["failed"].pk).state == "failed"


def test_jobs_are_exported(site, jobs):
    response = site.get(site.address("export"), {"state": "failed"})
    text = b"".join(response.streaming_content).decode().removeprefix(BOM)
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["kind"], row["state"], row["last_error"]) == (
        "prune",
        "failed",
        "ConnectionError: no route to mail.example.org",
    )


def test_consumers_are_listed_with_their_error(root):
    EventConsumer.objects.create(
        name="letters", position=7, failing_since=timezone.now(), last_error="ValueError: no paper"
    )
    consumers = Site(root, "jobs_eventconsumer")
    assert "ValueError: no paper" in consumers.listing().content.decode()
    assert consumers.page("letters").status_code == 200
    assert consumers.add(name="other").status_code == 403
