"""An import whose job has failed for good: its page says that it stopped, and lets it go on."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError
from django.utils import timezone

from tutorarc.imports import work
from tutorarc.imports.models import Import, ImportFile
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run
from tutorarc.ops.prune import prune
from tutorarc.tests.imports.importing import newest, outcome, page_of, preview
from tutorarc.tests.imports.importing import work as do_jobs
from tutorarc.tests.staff.admin_site import Site

PEOPLE = "email,name\nzoe@example.org,Zoë\ntom@example.org,Tom\namy@example.org,Amy\n"
STOPPED = (
    "Stopped after 1 of 3 rows: 1 added, 0 changed, 0 left alone. The server failed several times in a row while it "
    "wrote the next rows; the file is not the reason. It can go on within a day. Later, choose the file again: what "
    "was written is left alone. What is counted here was written and stays."
)


def registrar_site(make_user, name):
    user = make_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Registrar"))
    return Site(user, "tutorarc_user")


@pytest.fixture
def registrar(make_user):
    return registrar_site(make_user, "Registrar")


@pytest.fixture
def interrupted(registrar, monkeypatch):
    """The page of an import that wrote one row, and then failed as often as its job is tried."""
    monkeypatch.setitem(work.PLANNERS, "people", work.PLANNERS["people"]._replace(batch=1))
    page = preview(registrar, PEOPLE)
    work.start(newest())
    write = work.write_next

    def fail_after_one(pk, batches):
        if newest().batch:
            raise OperationalError("disk full")
        return write(pk, batches)

    with monkeypatch.context() as broken:
        broken.setattr(work, "write_next", fail_after_one)
        Job.objects.filter(kind="import").update(attempts=4)
        [job] = Job.objects.claim(["import"], "test", 1)
        run(job)
    return page_of(page)


def test_the_page_says_that_it_stopped_and_why(registrar, interrupted):
    page = registrar.get(interrupted)
    assert ("Refresh" in page, outcome(page), newest().state) == (False, STOPPED, "stopped")
    assert "the error: <bdi>OperationalError: disk full</bdi>" in page.content.decode()


def test_it_goes_on_with_the_next_row(registrar, interrupted):
    page = registrar.post(interrupted, {"go_on": "yes"}, follow=True)
    assert (page["Refresh"], newest().finished_at) == ("2", None)
    do_jobs()
    assert outcome(registrar.get(interrupted)) == "Done: 3 added, 0 changed, 0 left alone."
    assert registrar.post(interrupted, {"go_on": "yes"}, follow=True).status_code == 200
    assert (newest().state, Job.objects.open().filter(kind="import").count()) == ("done", 0)


def test_trying_the_failed_job_again_lets_it_go_on(registrar, interrupted):
    Job.objects.failed().get().try_again()
    do_jobs()
    assert outcome(registrar.get(interrupted)) == "Done: 3 added, 0 changed, 0 left alone."


def test_it_does_not_go_on_for_somebody_who_lost_the_right_or_did_not_start_it(registrar, interrupted, make_user):
    other = registrar_site(make_user, "Other")
    assert other.post(interrupted, {"go_on": "yes"}).status_code == 404
    registrar.user.groups.clear()
    assert "It can't go on" in registrar.get(interrupted).content.decode()
    assert registrar.post(interrupted, {"go_on": "yes"}).status_code == 403
    assert newest().state == "stopped"


def test_its_file_is_deleted_after_a_day(registrar, interrupted):
    list(prune())
    assert ImportFile.objects.count() == 1
    Import.objects.update(finished_at=timezone.now() - timedelta(days=1))
    list(prune())
    assert (ImportFile.objects.count(), "Go on" in registrar.get(interrupted).content.decode()) == (0, False)
