"""Password reset by a mailed link."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.utils.http import urlsafe_base64_encode

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.http import sign_in_limit
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import KINDS
from tutorarc.mail.outgoing import OFF
from tutorarc.models import User
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.staff.admin_site import recorded

OLD, NEW = "correct-horse-battery", "a-longer-staple-7"
FORGOTTEN, MAILED = "/accounts/forgotten/", "/accounts/forgotten/mailed/"
LINK = re.compile(r"^(https?://[^/]+)(/accounts/link/\S+)$", re.MULTILINE)


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=OLD)


def sent():
    """All mail that was asked for until now."""
    do_mail_jobs()
    return mail.outbox


def request_reset(client, email="erin@example.org", **options):
    response = client.post(FORGOTTEN, {"email": email}, **options)
    assert (response.status_code, response.headers.get("Location")) == (302, MAILED)
    return sent()


def mailed_path(client):
    return LINK.search(request_reset(client)[-1].body).group(2)


def choose(client, path, password=NEW, again=None):
    """Follow the link and send the form behind it."""
    page = client.get(path, follow=True)
    fields = {"new_password1": password, "new_password2": password if again is None else again}
    return client.post(page.request["PATH_INFO"], fields)


def test_the_mail_contains_name_site_link_and_expiry(client, erin):
    [letter] = request_reset(client)
    assert (letter.subject, letter.to) == ("Reset your TutorArc password", ["erin@example.org"])
    assert letter.from_email == "TutorArc <tutorarc@localhost>"
    path = LINK.search(letter.body).group(0)
    assert letter.body == (
        "Hello Erin,\n\n"
        "someone asked to reset the password of erin@example.org\n"
        "at testserver. Choose a new password here:\n\n"
        f"{path}\n\n"
        "The link works once and expires after 3 days. If you didn't ask for it,\n"
        "ignore this e-mail: your password stays the same.\n\n"
        "TutorArc\n"
    )


def test_a_name_is_not_escaped_in_the_mail(client, make_user):
    make_user("Ann", password=OLD).edit(SYSTEM, display_name="Ann & Søren <3")
    assert request_reset(client, "ann@example.org")[0].body.startswith("Hello Ann & Søren <3,\n")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_trusted_proxy_the_link_uses_the_visitors_host(client, erin, settings, scheme):
    settings.TRUSTED_PROXIES, settings.ALLOWED_HOSTS = 1, ["tutorarc.example.org"]
    [letter] = request_reset(client, headers={"Host": "tutorarc.example.org", "X-Forwarded-Proto": scheme})
    assert LINK.search(letter.body).group(1) == f"{scheme}://tutorarc.example.org"


def test_no_link_to_an_unknown_host_is_mailed(client, erin, settings):
    settings.ALLOWED_HOSTS = ["tutorarc.example.org"]
    response = client.post(FORGOTTEN, {"email": "erin@example.org"}, headers={"Host": "evil.example"})
    assert (response.status_code, sent()) == (400, [])


@pytest.mark.parametrize("email", ["nobody@example.org", "erin@example.org"])
def test_unknown_and_inactive_people_get_the_same_answer_and_no_mail(client, erin, email):
    erin.edit(SYSTEM, is_active=False)
    assert request_reset(client, email) == []


def test_a_person_who_never_had_a_password_gets_a_link(client, make_user):
    finn = make_user("Finn")
    assert not finn.has_usable_password()
    choose(client, LINK.search(request_reset(client, "finn@example.org")[-1].body).group(2))
    finn.refresh_from_db()
    assert finn.check_password(NEW)


@pytest.mark.parametrize("email", ["erin@example.org", "nobody@example.org"])
def test_a_known_and_an_unknown_address_take_the_same_statements_and_a_job(
    client, erin, email, django_assert_num_queries
):
    with django_assert_num_queries(10):  # of these four for limits, four for the security log, and one for the job
        client.post(FORGOTTEN, {"email": email})
    assert Job.objects.filter(kind="password_mail").count() == 1


def test_an_address_in_capitals_is_found_by_the_index(client, erin, django_assert_num_queries):
    with django_assert_num_queries(10) as queries:
        client.post(FORGOTTEN, {"email": "Erin@Example.ORG"})
    assert "UPPER" not in queries.captured_queries[-2]["sql"].upper()
    assert [letter.to for letter in sent()] == [["erin@example.org"]]


def test_a_malformed_address_is_refused_beside_its_field(client, db):
    assert dict(client.post(FORGOTTEN, {"email": "erin"}).context["form"].errors) == {
        "email": ["Enter a valid email address."]
    }


def test_an_address_without_a_canonical_form_gets_the_mail(client, erin):
    """Accounts from before addresses had one keep theirs."""
    User.objects.filter(pk=erin.pk).update(email="érin@example.org")
    assert [letter.to for letter in request_reset(client, "Érin@example.org")] == [["érin@example.org"]]


def test_three_mails_in_a_quarter_of_an_hour(client, erin, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    assert [len(request_reset(client, REMOTE_ADDR=f"10.0.0.{number}")) for number in range(5)] == [1, 2, 3, 3, 3]
    time_machine.shift(timedelta(minutes=20))
    assert len(request_reset(client)) == 4


def test_too_many_requests_from_an_address_are_429_and_keep_what_was_typed(client, erin, monkeypatch, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    monkeypatch.setattr(sign_in_limit, "RESETS_FROM_ADDRESS", (2, 300))
    for _ in range(2):
        request_reset(client, "nobody@example.org")
    page = client.post(FORGOTTEN, {"email": "erin@example.org"})
    assert (page.status_code, page["Retry-After"], sent()) == (429, "450", [])
    assert b"Too many attempts. Wait 8 minutes, then try again." in page.content
    assert b'value="erin@example.org"' in page.content
    assert len(request_reset(client, REMOTE_ADDR="10.0.0.2")) == 1


def test_a_mail_server_that_fails_leaves_the_answer_as_it_is_and_is_tried_again(client, erin, monkeypatch):
    def fail(*args):
        raise OSError("no route")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", fail)
        assert request_reset(client) == []
    job = Job.objects.open().get(kind="password_mail")
    assert job.last_error == "The mail server could not be used: no route"
    KINDS["password_mail"].function(job.payload)
    assert len(mail.outbox) == 1


def test_the_token_is_made_when_the_mail_is_sent(client, erin):
    """So that a copy of the database with the waiting job opens no account."""
    client.post(FORGOTTEN, {"email": "erin@example.org"})
    payload = Job.objects.get(kind="password_mail").payload
    assert payload == {"people": [erin.pk], "site": "http://testserver"}
    assert sent()[0].to == ["erin@example.org"]


def test_a_person_who_was_deactivated_meanwhile_gets_no_mail(client, erin):
    client.post(FORGOTTEN, {"email": "erin@example.org"})
    erin.edit(SYSTEM, is_active=False)
    assert sent() == []


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 409)])
def test_where_no_mail_is_sent_the_page_says_who_can_help(client, erin, settings, method, status):
    settings.EMAIL_BACKEND = OFF
    page = getattr(client, method)(FORGOTTEN, {"email": "erin@example.org"})
    assert page.status_code == status
    assert b"This site sends no e-mail. Ask the staff of your school" in page.content
    assert b"<form method" not in page.content
    assert Job.objects.count() == 0


def test_where_no_mail_is_sent_the_sign_in_page_says_so(client, db, settings):
    assert b'<a href="/accounts/forgotten/">Forgot your password?</a>' in client.get("/accounts/login/").content
    settings.EMAIL_BACKEND = OFF
    page = client.get("/accounts/login/").content
    assert b"Forgot your password? Ask the staff of your school: this site sends no e-mail." in page
    assert b"/accounts/forgotten/" not in page


def test_the_console_shows_the_mail_with_a_working_link(client, erin, settings, capfd):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert request_reset(client) == []
    printed = capfd.readouterr().out
    assert "\nHello Erin,\n" in printed
    choose(client, LINK.search(printed).group(2))
    erin.refresh_from_db()
    assert erin.check_password(NEW)


# The link


def test_the_link_redirects_to_a_url_without_the_token(client, erin):
    path = mailed_path(client)
    response = client.get(path)
    assert response["Location"] == re.sub(r"[^/]+/$", "set-password/", path)
    assert b"account <strong>erin@example.org</strong>" in client.get(response["Location"]).content


def test_the_new_password_is_recorded_and_signs_out_everywhere(client, erin):
    elsewhere = Client()
    elsewhere.force_login(erin)
    path = mailed_path(client)
    response = choose(client, path)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    erin.refresh_from_db()
    assert erin.check_password(NEW)
    assert recorded(erin) == [("created", None), ("password_set", "Erin")]
    assert elsewhere.get("/accounts/").status_code == 302
    assert b"Your password is set. Sign in with it." in client.get("/accounts/login/").content


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [(NEW, "another", "The two passwords are not the same."), ("erin@example.org", None, "Leave out “erin”")],
)
def test_a_weak_password_is_refused_and_the_link_stays_valid(client, erin, password, again, message):
    path = mailed_path(client)
    page = choose(client, path, password, again)
    [error] = page.context["form"].errors["new_password2"]
    assert message in error
    assert choose(client, path).status_code == 302


def test_a_link_of_one_person_changes_no_other_account(client, erin, make_user):
    ines = make_user("Ines", password=OLD)
    *start, whose, token, end = mailed_path(client).split("/")
    other = urlsafe_base64_encode(ines.pk.encode())
    assert whose != other
    assert is_dead("/".join([*start, other, token, end]))


def is_dead(path):
    return b"This link is not valid" in Client().get(path, follow=True).content


def use(client, erin, path):
    choose(client, path)


def sign_in(client, erin, path):
    client.post("/accounts/login/", {"username": "erin@example.org", "password": OLD})


@pytest.mark.parametrize(
    "act",
    [
        use,
        sign_in,
        lambda client, erin, path: erin.edit(Actor(erin), email="e@example.org"),
        lambda client, erin, path: erin.change_password(Actor(erin), None),
        lambda client, erin, path: erin.edit(SYSTEM, is_active=False),
        lambda client, erin, path: erin.edit(SYSTEM, is_active=False).edit(SYSTEM, is_active=True),
    ],
    ids=["used", "signed in", "another address", "password closed", "inactive", "active again"],
)
def test_a_link_expires_when_the_account_changes(client, erin, act):
    path = mailed_path(client)
    assert not is_dead(path)
    act(client, erin, path)
    assert is_dead(path)


@pytest.mark.parametrize(("age", "dead"), [(timedelta(days=3), False), (timedelta(days=3, seconds=1), True)])
def test_a_link_is_valid_for_three_days(client, erin, time_machine, age, dead):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    path = mailed_path(client)
    time_machine.shift(age)
    assert is_dead(path) is dead


def test_a_form_whose_link_expired_sets_nothing(client, erin):
    path = mailed_path(client)
    form = client.get(path)["Location"]
    choose(Client(), path, "another-staple-8")
    page = client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert b"This link is not valid" in page.content
    erin.refresh_from_db()
    assert not erin.check_password(NEW)


@pytest.mark.parametrize(
    "path", ["x/y", "dXNy/a-b", "%00/a-b", "dXNyXzAxaDQ1NXZiNHBleDV2c2tuazA4NHNuMDJx/a-b", "é/é-é"]
)
def test_a_malformed_link_is_an_expired_link(client, db, path):
    page = client.get(f"/accounts/link/{path}/")
    assert (page.status_code, b"This link is not valid" in page.content) == (200, True)


def test_the_token_is_not_in_the_log(client, erin, caplog):
    caplog.set_level("INFO", logger="tutorarc.access")
    path = mailed_path(client)
    client.get(path)
    paths = [record.context["path"] for record in caplog.records if record.name == "tutorarc.access"]
    *start, _, end = path.split("/")
    assert paths[-1] == "/".join([*start, "...", end])
