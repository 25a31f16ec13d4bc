"""One link used twice concurrently: real threads, each with a database connection of its own."""

from threading import Barrier

import pytest
from django.test import Client

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.site.accounts.forms import LinkPasswordForm
from tutorarc.tests.staff.admin_site import recorded

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORDS = ["a-longer-staple-7", "another-staple-8"]


@pytest.fixture
def erin(make_user):
    return make_user("Erin", password="correct-horse-battery")


@pytest.fixture
def checked_together(monkeypatch):
    """Both forms are validated before either is saved."""
    barrier, is_valid = Barrier(2), LinkPasswordForm.is_valid

    def wait(form):
        answer = is_valid(form)
        barrier.wait(timeout=30)
        return answer

    monkeypatch.setattr(LinkPasswordForm, "is_valid", wait)


def opened(path, password):
    """The form behind the link, in a browser of its own: a call that sends it."""
    browser = Client()
    form = browser.get(path)["Location"]
    return lambda: browser.post(form, {"new_password1": password, "new_password2": password})


def test_only_one_of_two_concurrent_uses_of_a_link_sets_the_password(erin, checked_together, run_together):
    path = erin.make_password_link(SYSTEM)
    answers = run_together([opened(path, password) for password in PASSWORDS])
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    [(winner, _)] = [pair for pair in zip(PASSWORDS, answers, strict=True) if pair[1].status_code == 302]
    [loser] = [answer for answer in answers if answer.status_code == 200]
    assert b"This link is not valid" in loser.content
    erin.refresh_from_db()
    assert [erin.check_password(password) for password in PASSWORDS] == [password == winner for password in PASSWORDS]
    assert recorded(erin) == [("created", None), ("password_link_made", None), ("password_set", "Erin")]


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"email": "e@example.org"}],
    ids=["deactivated", "another address"],
)
def test_a_link_that_expires_while_its_form_is_checked_sets_nothing(erin, monkeypatch, change):
    send, is_valid = opened(erin.make_password_link(SYSTEM), PASSWORDS[0]), LinkPasswordForm.is_valid
    monkeypatch.setattr(LinkPasswordForm, "is_valid", lambda form: is_valid(form) and erin.edit(Actor(erin), **change))
    assert b"This link is not valid" in send().content
    erin.refresh_from_db()
    assert erin.check_password("correct-horse-battery")
