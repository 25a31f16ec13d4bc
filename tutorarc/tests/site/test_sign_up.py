"""Creating an account: /accounts/sign-up/, the mail, and the page of its link"""

import re

import pytest

from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.domain.redaction import redact
from tutorarc.jobs.models import Job
from tutorarc.models import User
from tutorarc.testing.client import Client

SIGN_UP = "http://testserver/accounts/sign-up/"
FORM = "application/x-www-form-urlencoded"
NEW = "display_name=Amy Ray&password=seven grey herons"


@pytest.fixture
def ask(algebra):
    def post(email="amy@example.org", code=None, client=None):
        body = f"email={email}&code={algebra.class_code if code is None else code}"
        return (client or Client()).post(SIGN_UP, body, content_type=FORM)

    return post


@pytest.fixture
def mailed(ask, sent_mail):
    """`mailed()`: asks for an account, and returns the mail and the address in it."""

    def get(**asked):
        ask(**asked)
        mail = sent_mail()[-1]
        [link] = re.findall(r"http://testserver\S+", mail.body)
        return mail, link

    return get


def test_a_student_gets_an_account_and_waits_for_approval(algebra, mailed):
    mail, link = mailed(code=algebra.class_code.lower().replace("-", " "))
    assert (mail.to, mail.subject) == (["amy@example.org"], "Create your TutorArc account")
    assert not User.objects.filter(email="amy@example.org").exists()
    client = Client()
    page = client.get(link)
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    assert "Algebra" not in page.content.decode()
    page = client.post(link, NEW, content_type=FORM)
    assert (page.status_code, page["Location"]) == (302, f"/j/{algebra.class_code}")
    amy = User.objects.get(email="amy@example.org")
    assert (amy.display_name, amy.global_role, status_of(algebra, amy)) == ("Amy Ray", "STUDENT", "PENDING")
    assert (amy.is_address_confirmed, amy.password_set_by_id) == (True, amy.pk)
    assert "Waiting for approval." in client.get("http://testserver" + page["Location"]).content.decode()


def test_the_link_makes_one_account(mailed):
    _, link = mailed()
    Client().post(link, NEW, content_type=FORM)
    page = Client().post(link, NEW, content_type=FORM)
    assert (page.status_code, page["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert User.objects.filter(email="amy@example.org").count() == 1


@pytest.mark.parametrize(
    ("email", "code", "subject", "path"),
    [
        ("bob@example.org", None, "You already have a TutorArc account", "/j/"),
        ("amy@example.org", "NOPE-2345", "Your class code for TutorArc", "/j"),
    ],
)
def test_what_is_wrong_is_told_by_mail_alone(bob, ask, mailed, email, code, subject, path, django_assert_num_queries):
    ask(email="else@example.org")  # so that later ones write no first rows
    with django_assert_num_queries(5) as right:
        page = ask(email="zoe@example.org")
    with django_assert_num_queries(5) as wrong:
        other = ask(email=email, code=code)
    assert (page.status_code, page["Location"]) == (other.status_code, other["Location"])
    assert len(right) == len(wrong)
    mail, link = mailed(email=email, code=code)
    assert (mail.to, mail.subject) == ([email], subject)
    assert link.removeprefix("http://testserver").startswith(path)


def test_a_class_that_is_archived_meanwhile_is_told_after_the_account_is_made(algebra, alice, mailed):
    _, link = mailed()
    algebra.archive(Actor(alice))
    client = Client()
    page = client.post(link, NEW, content_type=FORM)
    assert User.objects.filter(email="amy@example.org").exists()
    assert "archived" in client.get("http://testserver" + page["Location"]).content.decode()


def test_a_code_that_nobody_can_use_makes_no_account(algebra, alice, mailed):
    algebra.change_settings(Actor(alice), code_mode="CLOSED")
    mail, _ = mailed()
    assert mail.subject == "Your class code for TutorArc"


def test_a_link_works_for_a_day(mailed, time_machine):
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    _, link = mailed()
    time_machine.move_to("2026-03-02T09:29:59Z", tick=False)
    assert Client().get(link).status_code == 200
    time_machine.move_to("2026-03-02T09:30:00Z", tick=False)
    assert Client().get(link).status_code == 404
    assert Client().get(link[:-9]).status_code == 404


def test_at_most_three_mails_go_to_one_address(ask, sent_mail):
    for _ in range(4):
        assert ask().status_code == 302
    assert len(sent_mail()) == 3


def test_one_address_of_the_network_asks_at_most_100_times(ask):
    statuses = [ask(email=f"a{number}@example.org", code="NOPE-2345").status_code for number in range(101)]
    assert statuses == [302] * 100 + [429]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "amy"}, "valid email address"),
        ({"code": ""}, "Enter the class code from your teacher."),
    ],
)
def test_wrong_fields_are_told(ask, fields, words):
    page = ask(**fields)
    assert (page.status_code, words in page.content.decode()) == (400, True)


def test_where_sign_up_is_open_no_code_is_needed(settings, mailed):
    settings.SIGN_UP = "open"
    _, link = mailed(code="")
    page = Client().post(link, NEW, content_type=FORM)
    assert page["Location"] == "/"


@pytest.mark.parametrize("why", ["off", "no mail"])
def test_where_nobody_can_sign_up_the_pages_say_so(settings, algebra, mailed, ask, why):
    _, link = mailed()
    if why == "off":
        settings.SIGN_UP = "off"
    else:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    jobs = Job.objects.count()
    assert ask().status_code == 409
    assert Job.objects.count() == jobs
    assert Client().post(link, NEW, content_type=FORM).status_code == 404
    for path in ("accounts/sign-up/", f"j/{algebra.class_code}"):
        text = Client().get(f"http://testserver/{path}").content.decode()
        assert ("Create an account</a>" in text, "<form" in text) == (False, False)
    assert not User.objects.filter(email="amy@example.org").exists()


def test_somebody_who_is_signed_in_needs_no_account(algebra, bob, mailed, browser_client):
    _, link = mailed()
    assert browser_client(bob).get(SIGN_UP)["Location"] == "/"
    assert browser_client(bob).get(link)["Location"] == f"/j/{algebra.class_code}"


def test_the_page_of_a_code_leads_there_and_tells_nothing_of_the_class(algebra):
    pages = [Client().get(f"http://testserver/j/{code}") for code in (algebra.class_code, "NOPE-2345")]
    texts = [
        page.content.decode().replace(code, "")
        for page, code in zip(pages, (algebra.class_code, "NOPE-2345"), strict=True)
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert texts[0] == texts[1]
    assert f"/accounts/sign-up/?code={algebra.class_code}" in pages[0].content.decode()


def test_the_link_is_cut_in_logs(mailed):
    _, link = mailed()
    token = link.rpartition("/")[2]
    assert token[:40] not in redact(f"GET {link}")


def test_somebody_who_never_had_a_password_gets_a_mail_to_set_one(make_user, sent_mail):
    make_user("Nina", email_set_by_id=None)
    Client().post("http://testserver/accounts/forgotten/", "email=nina@example.org", content_type=FORM)
    [mail] = sent_mail()
    assert (mail.to, "/accounts/link/" in mail.body) == (["nina@example.org"], True)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("see https://evil.example/win", "seehttpsevil"),
        ("ALGO/7P4X", "ALGO7P4X"),
        ("A\n\nPay now: evil.example", "APaynowevile"),
        ("!!!", "-"),
    ],
)
@pytest.mark.parametrize("email", ["amy@example.org", "bob@example.org"])
def test_no_text_or_link_of_who_asks_is_mailed(bob, mailed, email, code, shown):
    mail, link = mailed(email=email, code=code)
    assert "evil.example" not in mail.body
    assert (f"the class code {shown}. We" in mail.body) == (email == "amy@example.org")
    assert link.startswith("http://testserver/j")
