from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tutorarc.models import User
from tutorarc.testing.events import types_of

pytestmark = pytest.mark.django_db
PASSWORD = "plum-harbour-91"


def create_user(*words: str) -> User:
    """The user that the command says it made: all of its output is the id and a line's end."""
    out = StringIO()
    call_command("create_user", *words, stdout=out)
    user = User.objects.get()
    assert out.getvalue() == f"{user.pk}\n"
    return user


def refusal(*words: str) -> str:
    count, out = User.objects.count(), StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("create_user", *words, stdout=out)
    assert (User.objects.count(), out.getvalue()) == (count, "")
    return str(caught.value)


def test_it_creates_the_described_user() -> None:
    words = ("Alice@Example.org", "--role", "TEACHER", "--name", "Alice Ito", "--password", PASSWORD, "--staff")
    user = create_user(*words)
    fields = (user.email, user.display_name, user.global_role, user.is_staff, user.is_superuser)
    assert fields == ("alice@example.org", "Alice Ito", "TEACHER", True, False)
    assert user.check_password(PASSWORD)


def test_name_and_staff_have_defaults() -> None:
    user = create_user("bob@example.org", "--role", "STUDENT")
    assert (user.display_name, user.is_staff) == ("bob", False)


def test_a_superuser_is_staff_and_has_access_to_the_whole_admin_site(client: Client) -> None:
    user = create_user("ada@example.org", "--role", "ADMIN", "--superuser", "--password", PASSWORD)
    assert (user.is_staff, user.is_superuser) == (True, True)
    client.login(username="ada@example.org", password=PASSWORD)
    assert client.get("/admin/tutorarc/user/").status_code == 200


def test_without_a_password_sign_in_is_not_possible() -> None:
    assert create_user("bob@example.org", "--role", "STUDENT").has_usable_password() is False


def test_a_role_may_be_lower_case() -> None:
    assert create_user("ada@example.org", "--role", "admin").global_role == "ADMIN"


def test_creating_is_recorded() -> None:
    user = create_user("bob@example.org", "--role", "STUDENT")
    assert types_of(user) == ["created"]


def test_the_role_must_be_given() -> None:
    assert refusal("bob@example.org") == "Error: the following arguments are required: --role"


def test_the_role_must_be_known() -> None:
    known = "choose from 'STUDENT', 'TEACHER', 'ADMIN'"
    assert refusal("bob@example.org", "--role", "HEAD") == f"Error: argument --role: invalid choice: 'HEAD' ({known})"


def test_the_address_must_not_be_taken(bob: Any) -> None:
    message = refusal("BOB@example.org", "--role", "STUDENT")
    assert message == "There is already a person with the address bob@example.org."


@pytest.mark.parametrize("email", ["bob", "bob@", "bob@exa mple.org"])
def test_the_address_must_be_an_e_mail_address(email: str) -> None:
    message = refusal(email, "--role", "STUDENT", "--name", "Bob")
    assert message == "email: Enter a valid email address."


def test_the_name_must_not_be_empty() -> None:
    message = refusal("bob@example.org", "--role", "STUDENT", "--name", "")
    assert message == "display_name: This field cannot be blank."


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("plum7", "Use at least 10 characters."),
        ("password1234", "This password is known from a data breach. Choose another."),
        ("robertson-91", "Leave out “robertson”, which others would try first."),
        ("", "Use at least 10 characters."),
    ],
)
def test_a_password_must_not_be_weak(password: str, message: str) -> None:
    words = ("robertson@example.org", "--role", "STUDENT", "--name", "Bob", "--password", password)
    assert refusal(*words) == message
