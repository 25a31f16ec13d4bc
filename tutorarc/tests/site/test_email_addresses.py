"""E-mail addresses: one canonical form for storing, looking up and signing in, in every way in."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from apikeys.models import ApiKey
from classes.models import Class
from tutorarc.domain.email import canonical
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.testing.client import invalid, verdict
from tutorarc.tests.imports.test_people import plan
from tutorarc.tests.site.test_forgotten_password import request_reset

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
MUNICH = "jan@xn--mnchen-3ya.de"
SPELLINGS = [
    "jan@münchen.de",
    "Jan@MÜNCHEN.de",
    "jan@mu\u0308nchen.de",
    "jan@xn--mnchen-3ya.de",
    "JAN@XN--MNCHEN-3YA.DE",
    "ｊａｎ＠münchen．de",
    "jan@münchen。de",
    "\u202ajan@münchen.de\u202c",
    " jan@münchen.de\u200b",
    "\ufeffj\u00adan@münchen.de",
]


@pytest.fixture
def jan(make_user):
    return User.objects.create_user(MUNICH, PASSWORD, display_name="Jan", global_role="TEACHER")


@pytest.mark.parametrize("typed", SPELLINGS)
def test_spellings_of_one_address_have_one_form(typed):
    assert canonical(typed) == MUNICH


@pytest.mark.parametrize(
    "typed",
    [
        "m\u0131ke@example.org",  # a dotless i
        "\u0130da@example.org",  # a dotted capital I
        "jös@example.org",
        '"jan"@example.org',
        "ja\u200dn@example.org",
        "jan@example.org\u200d",
        "jan@☃.net",
        "jan@münchen..de",
        "jan@" + "ü" * 70 + ".de",
        "jan@example.org@example.com",
        "jan",
        "@",
        "",
        "j" * 10_000 + "@example.org",
    ],
)
def test_what_has_no_canonical_form_is_refused(typed):
    with pytest.raises(ValidationError, match="Enter a valid email address"):
        canonical(typed)


@pytest.mark.parametrize("typed", ["K\u212aim@example.org", "jan@example.org\u2060"])
def test_look_alikes_that_unicode_equates_are_equal(typed):
    assert canonical(typed) in ("kkim@example.org", "jan@example.org")


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_second_person_with_another_spelling_is_refused(jan, typed):
    with pytest.raises(User.EmailTaken):
        User.objects.create_user(typed, display_name="Jan 2")
    with pytest.raises(User.EmailTaken):
        User.objects.create_many([User(email=typed, display_name="Jan 2")])


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_signs_in(client, jan, typed):
    client.post("/accounts/login/", {"username": typed, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(jan.pk)


def test_wrong_passwords_are_counted_for_all_spellings_together(client, jan):
    for typed in SPELLINGS:
        client.post("/accounts/login/", {"username": typed, "password": "wrong"})
    assert client.post("/accounts/login/", {"username": MUNICH, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_gets_the_mail_for_a_forgotten_password(client, jan, typed):
    [letter] = request_reset(client, typed)
    assert letter.to == [MUNICH]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_enrols(api, alice, known_to, jan, typed):
    known_to(alice, jan)
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    answer = api(alice).post(f"/classes/{klass.pk}/members", {"email": typed, "role": "STUDENT"})
    assert (answer.status_code, answer.json()["user_id"]) == (201, jan.pk)


def test_an_address_that_is_none_is_named_by_the_api(api, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    for email in ("m\u0131ke@example.org", 7):
        answer = api(alice).post(f"/classes/{klass.pk}/members", {"email": email, "role": "STUDENT"})
        assert verdict(answer) == invalid("email", "invalid")


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_names_the_person_in_a_file(jan, typed):
    sheet = f"email,display_name\n{typed},Jan Müller\n{MUNICH},Jan\n"
    made = plan(sheet)
    assert [(step.label, step.summary) for step in made.steps] == [(MUNICH, "display name: Jan → Jan Müller")]
    assert [problem.reason for problem in made.problems] == ["The same address as in line 2."]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_names_the_person_to_a_command(jan, typed, capsys):
    call_command("create_api_key", typed)
    assert ApiKey.objects.get().owner == jan
    with pytest.raises(CommandError, match="already a person"):
        call_command("create_user", typed, "--role", "STUDENT")


def test_a_command_stores_the_canonical_form(capsys):
    call_command("create_user", "ＪＡＮ@MÜNCHEN.de", "--role", "STUDENT")
    assert [(user.email, user.display_name) for user in User.objects.all()] == [(MUNICH, "jan")]


def test_staff_may_enter_any_spelling(client, root):
    client.force_login(root)
    fields = {"email": "Jan＠MÜNCHEN.de", "display_name": "Jan", "global_role": "STUDENT", "usable_password": "false"}
    client.post("/admin/tutorarc/user/add/", fields)
    assert list(User.objects.exclude(pk=root.pk).values_list("email", flat=True)) == [MUNICH]


def test_a_user_with_an_older_form_of_an_address_signs_in_as_before(client, jan, make_user):
    other = make_user("Jan2", password=PASSWORD)
    User.objects.filter(pk=other.pk).update(email="jan@münchen.de")  # see the migration
    client.post("/accounts/login/", {"username": "Jan@münchen.de", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(other.pk)
