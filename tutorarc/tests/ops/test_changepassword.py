"""`manage.py changepassword`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tutorarc.domain.events import SYSTEM
from tutorarc.management.commands import changepassword
from tutorarc.models import User
from tutorarc.testing.events import events_of

pytestmark = pytest.mark.django_db
PASSWORD = "plum-harbour-91"


@pytest.fixture
def run(monkeypatch):
    """`run(email, first, second)`: what the command prints when these two passwords are typed in."""

    def typed(email, *passwords):
        answers = iter(passwords)
        monkeypatch.setattr(changepassword, "getpass", lambda prompt: next(answers))
        out = StringIO()
        call_command("changepassword", email, stdout=out)
        return out.getvalue()

    return typed


def test_it_sets_the_password_and_writes_an_event(run, bob):
    assert run("BOB@example.org", PASSWORD, PASSWORD) == f"The password of {bob} is changed.\n"
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)
    event = events_of(bob)[-1]
    assert (event.type, event.actor_user_id) == ("user.password_set", None)


@pytest.mark.parametrize(
    ("email", "passwords", "message"),
    [
        ("eve@example.org", (), "There is no user with the address eve@example.org."),
        ("bob@example.org", (PASSWORD, "another-81"), "The two passwords differ."),
        ("bob@example.org", ("12345678", "12345678"), "Use at least 10 characters."),
    ],
)
def test_it_refuses_an_unknown_user_and_a_wrong_password(run, bob, email, passwords, message):
    bob.change_password(SYSTEM, PASSWORD)
    with pytest.raises(CommandError) as refusal:
        run(email, *passwords)
    assert (str(refusal.value), User.objects.get(pk=bob.pk).check_password(PASSWORD)) == (message, True)
