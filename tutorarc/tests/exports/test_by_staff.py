"""Exports by staff, for somebody who asks for their data in writing."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from tutorarc.exports.models import DataExport
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.exports.exporting import FILE, browse, opened, rows, work
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_user"


@pytest.fixture
def registrar(make_user):
    user = make_user("Rosa", is_staff=True)
    user.groups.add(Group.objects.get(name="Registrar"))
    return user


def page(person):
    return f"/admin/tutorarc/user/{person.pk}/data-export/"


def ask(site, person):
    return site.post(site.address("changelist"), {"action": "export_data", "_selected_action": [person.pk]})


def test_staff_ask_and_download_the_file_and_the_person_is_told(registrar, bob):
    site = Site(registrar, KIND)
    assert ask(site, bob).headers["Location"] == page(bob)
    assert "The export is being prepared." in site.get(page(bob)).text
    work()
    do_mail_jobs()
    [letter] = mail.outbox
    assert (letter.to, letter.body.splitlines()[5]) == ([registrar.email], f"http://testserver{page(bob)}")
    assert (bob.email in letter.body, bob.display_name in letter.body) == (False, False)
    mail.outbox.clear()
    with opened(site.get(f"{page(bob)}file")) as archive:
        assert rows(archive, "account")[0]["email"] == bob.email
    do_mail_jobs()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([bob.email], "TutorArc: Your data was downloaded")
    events = SecurityEvent.objects.filter(kind__startswith="data.").order_by("pk")
    assert [(event.kind, event.user_id, event.actor_id) for event in events] == [
        ("data.exported", bob.pk, registrar.pk),
        ("data.downloaded", bob.pk, registrar.pk),
    ]


def test_only_who_asked_gets_the_file(registrar, root, bob):
    ask(Site(registrar, KIND), bob)
    work()
    assert [Site(root, KIND).get(f"{page(bob)}file").status_code, browse(bob).get(FILE).status_code] == [404, 404]


def test_staff_export_nobody_whom_they_may_not_manage(registrar, root):
    site = Site(registrar, KIND)
    assert site.act("export_data", [root]) == [
        "0 of 1 people queued for export.",
        "Root <root@example.org>: Only a superuser may change this person's access.",
    ]
    assert [site.get(page(root)).status_code, site.get(f"{page(root)}file").status_code] == [403, 403]
    assert DataExport.objects.count() == 0


def test_nothing_is_made_for_staff_who_may_no_longer_manage_the_person(registrar, bob):
    ask(Site(registrar, KIND), bob)
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    work()
    assert (DataExport.objects.count(), Job.objects.filter(kind="data_export_mail").count()) == (0, 0)


def test_others_have_no_page(make_user, bob):
    nobody = Site(make_user("Sten", is_staff=True), KIND)
    assert [nobody.get(page(bob)).status_code, nobody.get(f"{page(bob)}file").status_code] == [403, 403]
