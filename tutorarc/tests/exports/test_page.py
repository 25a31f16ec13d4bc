"""The page where people export what is kept about them, and who gets the file."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tutorarc.exports import archive, models
from tutorarc.exports.models import DataExport, DataExportPart
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.exports.exporting import FILE, PAGE, browse, exported, opened, work


def logged(user):
    events = SecurityEvent.objects.filter(user=user, kind__startswith="data.").order_by("pk")
    return [(event.kind, event.actor_id) for event in events]


def test_the_person_asks_gets_a_mail_and_downloads_the_file(bob):
    browser = browse(bob)
    assert "Export my data" in browser.get(PAGE).text
    assert browser.post(PAGE).headers["Location"] == PAGE
    assert "Your export is being prepared." in browser.get(PAGE).text
    work()
    do_mail_jobs()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([bob.email], "Your data from TutorArc")
    assert letter.body.splitlines()[4] == f"http://testserver{PAGE}"
    assert "Your export is ready" in browser.get(PAGE).text
    response = browser.get(FILE)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="tutorarc-data-')
    with opened(response) as file:
        assert file.testzip() is None
    assert logged(bob) == [("data.exported", bob.pk), ("data.downloaded", bob.pk)]


@pytest.mark.parametrize("count", [0, 3])
def test_the_page_costs_one_statement_of_its_own(bob, root, django_assert_num_queries, count):
    for other in [bob, root][:count]:
        DataExport.objects.create(user=bob, by=other)
    browser = browse(bob)
    browser.get("/accounts/notifications")
    with django_assert_num_queries(3):
        browser.get(PAGE)


def test_the_owner_is_told_by_mail_that_the_file_was_downloaded(bob):
    exported(browse(bob)).close()
    do_mail_jobs()
    assert [letter.subject for letter in mail.outbox][-1] == "TutorArc: Your data was downloaded"


def test_nobody_else_gets_the_file(bob, alice, root):
    exported(browse(bob)).close()
    assert [browse(other).get(FILE).status_code for other in (alice, root)] == [404, 404]
    assert browse(root).get(f"/admin/tutorarc/user/{bob.pk}/data-export/file").status_code == 404
    response = Client().get(FILE)
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={FILE}")


@pytest.mark.parametrize(("method", "path"), [("post", PAGE), ("get", FILE)])
def test_the_password_is_asked_for_again(bob, settings, method, path):
    browser = browse(bob)
    exported(browser).close()
    settings.CONFIRMED_FOR = timedelta()
    response = getattr(browser, method)(path)
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    assert len(logged(bob)) == 2


def test_there_is_one_export_at_a_time_and_a_new_one_replaces_it(bob):
    browser = browse(bob)
    for _ in range(2):
        browser.post(PAGE)
    assert Job.objects.filter(kind="data_export").count() == 1
    assert "Your export is being prepared already." in browser.get(PAGE).text
    work()
    first = DataExport.objects.get()
    exported(browser).close()
    assert (DataExport.objects.count(), DataExport.objects.get() == first) == (1, False)


def test_the_file_is_kept_encrypted_in_parts_for_a_week(bob, monkeypatch, time_machine):
    monkeypatch.setattr(models, "BYTES_OF_A_PART", 500)
    browser = browse(bob)
    with exported(browser) as file:
        assert file.testzip() is None
    assert DataExportPart.objects.count() > 2
    assert [part for part in DataExportPart.objects.all() if not part.content.startswith("gAAAAA")] == []
    DataExport.objects.update(finished_at=timezone.now() - timedelta(days=7, seconds=-60))
    assert browser.get(FILE).status_code == 200
    DataExport.objects.update(finished_at=timezone.now() - timedelta(days=7))
    assert browser.get(FILE).status_code == 404
    assert DataExport.objects.expired().delete()[0] > 3


def test_what_no_worker_has_done_within_a_day_can_be_asked_for_again(bob):
    browser = browse(bob)
    browser.post(PAGE)
    DataExport.objects.update(asked_at=timezone.now() - timedelta(days=1))
    assert "being prepared" not in browser.get(PAGE, follow=True).text.partition("Export my data")[2]
    browser.post(PAGE)
    assert DataExport.objects.get().asked_at > timezone.now() - timedelta(minutes=1)


def test_what_is_too_large_is_told(bob, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    browser = browse(bob)
    browser.post(PAGE)
    work()
    assert "Your data is larger than 100 MB" in browser.get(PAGE).text
    assert browser.get(FILE).status_code == 404


def test_a_file_of_a_lost_secret_key_is_made_anew(bob, settings):
    browser = browse(bob)
    browser.post(PAGE)
    work()
    DataExportPart.objects.update(content="gAAAAA")
    assert browser.get(FILE).headers["Location"] == PAGE
    assert "This export can’t be read any more." in browser.get(PAGE).text


def test_nothing_is_made_for_somebody_who_was_deactivated_meanwhile(bob):
    browse(bob).post(PAGE)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    work()
    assert DataExport.objects.count() == 0
