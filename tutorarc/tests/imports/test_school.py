"""A school is imported by a registrar, invited, and everybody sets a password by the link of their mail.

TUTORARC_SCHOOL="2000 40" makes the school that large.
"""

import os
import re
import sys
import time
from email import message_from_bytes
from email.policy import default

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from classes.models import Class
from members.models import Membership
from tutorarc.models import User
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.imports.importing import outcome, page_of, preview, start, work
from tutorarc.tests.imports.schools import School
from tutorarc.tests.staff.admin_site import Site

STUDENTS, TUTORS = map(int, os.environ.get("TUTORARC_SCHOOL", "20 2").split())
PASSWORD = "quokka-7-lantern-52"
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def registrar(make_user):
    user = make_user("Rita", is_staff=True)
    user.groups.add(Group.objects.get(name="Registrar"))
    return user


@pytest.fixture
def timed(capsys):
    """`timed("step", call)`: what the call returns. With a large school, the times are printed."""

    def run(step, call):
        begin = time.monotonic()
        result = call()
        if STUDENTS > 100:
            with capsys.disabled():
                sys.stdout.write(f"{step}: {time.monotonic() - begin:.1f} s\n")
        return result

    return run


def links(mail_server):
    """The link in the mail to each address."""
    found = {}
    for envelope in mail_server.received:
        text = message_from_bytes(envelope.content, policy=default).get_content()
        found[envelope.rcpt_tos[0]] = re.search(r"http://testserver(/accounts/link/\S+)", text)[1]
    return found


def accept(path):
    """Open the link, and send the form with a password."""
    browser = Client()
    form = browser.get(path, follow=True)
    answer = browser.post(form.redirect_chain[-1][0], {"new_password1": PASSWORD, "new_password2": PASSWORD})
    return answer.status_code, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("kind", "file", "name"),
    [("tutorarc_user", School.oneroster, "school.zip"), ("classes_class", School.spreadsheet, "school.csv")],
)
def test_a_school_is_imported_invited_and_gets_in(registrar, mail_server, timed, settings, kind, file, name):
    """Clicks of the registrar: the list, Import, the file, Invite everyone, Preview, Import. These are six."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    school, site = School(STUDENTS, TUTORS), Site(registrar, kind)
    page = timed("preview", lambda: preview(site, file(school), name, invite="on"))
    timed("start", lambda: start(site, page))
    timed("import", work)
    rows = 2 * (STUDENTS + TUTORS)
    people = STUDENTS + TUTORS
    said = f"Done: {rows:,} added, 0 changed, 0 left alone. {people} invitations are sent by mail."
    assert outcome(site.get(page_of(page))) == said
    assert Class.objects.count() == TUTORS
    assert Membership.objects.filter(status="APPROVED").count() == people

    timed("mail", do_mail_jobs)
    mailed = links(mail_server)
    everybody = sorted(email for _, email, *_ in school.students + school.tutors)
    assert sorted(mailed) == sorted(envelope.rcpt_tos[0] for envelope in mail_server.received) == everybody
    answers = timed("accept", lambda: {accept(path) for path in mailed.values()})
    assert answers == {(302, "/accounts/login/")}
    invited = User.objects.filter(email__in=everybody)
    assert [user.has_usable_password() for user in invited] == [True] * people
