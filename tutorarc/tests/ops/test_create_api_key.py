from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apikeys.models import ApiKey
from tutorarc.api.scopes import SCOPES
from tutorarc.testing.client import Client
from tutorarc.testing.events import events_about

pytestmark = pytest.mark.django_db
ALICE = "alice@example.org"


def create_api_key(*words: str) -> str:
    """The plaintext: all of the output but the line's end."""
    out = StringIO()
    call_command("create_api_key", *words, stdout=out)
    plaintext = out.getvalue().removesuffix("\n")
    assert out.getvalue() == f"{plaintext}\n"
    return plaintext


def refusal(*words: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("create_api_key", *words, stdout=out)
    assert (ApiKey.objects.count(), out.getvalue()) == (0, "")
    return str(caught.value)


def test_the_key_opens_the_api_as_its_owner(alice: Any) -> None:
    key = create_api_key(ALICE)
    response = Client(headers={"X-API-Key": key}).get("/me")
    assert (response.status_code, response.json()["id"]) == (200, alice.pk)


def test_the_key_has_every_scope_and_no_end_by_default(alice: Any) -> None:
    key = ApiKey.objects.find(create_api_key(ALICE))
    assert key is not None
    assert (key.owner, key.name, key.scopes, key.expires_at) == (alice, "API key", list(SCOPES), None)


def test_the_key_is_as_described(alice: Any) -> None:
    words = ("Alice@Example.org", "--name", "Timetable", "--expires", "2999-01-31T13:00:00+01:00")
    key = ApiKey.objects.find(create_api_key(*words, "--scope", "classes:read", "members:read"))
    assert key is not None
    assert (key.name, key.scopes) == ("Timetable", ["classes:read", "members:read"])
    assert key.expires_at == datetime(2999, 1, 31, 12, tzinfo=UTC)


def test_a_scope_may_be_an_option_each(alice: Any) -> None:
    key = ApiKey.objects.find(create_api_key(ALICE, "--scope", "classes:read", "--scope", "classes:write"))
    assert key is not None
    assert key.scopes == ["classes:read", "classes:write"]


def test_issuing_is_recorded(alice: Any) -> None:
    create_api_key(ALICE)
    assert [event.happened for event in events_about(ApiKey)] == ["created"]


def test_the_person_must_exist(alice: Any) -> None:
    message = refusal("nobody@example.org")
    assert message == "There is no person with the address nobody@example.org. Make one with create_user."


def test_the_person_must_be_active(make_user: Any) -> None:
    make_user("Alice", "TEACHER", is_active=False)
    assert refusal(ALICE) == "alice@example.org is not active, so a key of theirs would open nothing."


def test_scopes_must_be_known(alice: Any) -> None:
    message = refusal(ALICE, "--scope", "classes:read", "grades:read")
    assert message == f"scopes: Unknown scope: grades:read. Known are {', '.join(SCOPES)}."


def test_scopes_are_given_once(alice: Any) -> None:
    message = refusal(ALICE, "--scope", "classes:read", "classes:read")
    assert message == "scopes: Give at least one scope, each once."


def test_the_expiry_must_be_in_the_future(alice: Any) -> None:
    message = refusal(ALICE, "--expires", "2020-01-31T12:00:00Z")
    assert message == "expires_at: The expiry must be in the future."


@pytest.mark.parametrize("text", ["tomorrow", "2030-01-31", "2030-01-31T12:00:00", "2030-02-31T12:00:00Z", ""])
def test_the_expiry_must_be_a_time(alice: Any, text: str) -> None:
    message = refusal(ALICE, "--expires", text)
    assert message == f"--expires: give a date and time such as 2030-01-31T12:00:00Z, not {text!r}."


def test_the_name_must_not_be_empty(alice: Any) -> None:
    assert refusal(ALICE, "--name", " ") == "name: This field cannot be blank."
