"""A copy of the database opens nothing: no table holds a value that signs in or lets somebody act, in any encoding."""

import base64
import re
import zlib
from collections.abc import Iterator, Mapping

import pytest
from django.contrib.sessions.backends import db
from django.core import signing
from django.db import connection
from django.test import Client

from apikeys.models import ApiKey, RefusedCall
from apikeys.refusal_log import LOG
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import SYSTEM
from tutorarc.mail.outgoing import Mail, queue
from tutorarc.models import IdempotentReply
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.site.test_second_factors import current_code

PASSWORD = "correct-horse-battery"
BASE64 = re.compile(r"[\w+/=-]{12,}", re.ASCII)


def dump() -> str:
    """Everything in all tables, with what can be decoded."""
    LOG.flush()
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            texts += [str(value) for row in cursor.fetchall() for value in row if value is not None]
    return "\n".join(part for text in texts for part in (text, *decoded(text)))


def decoded(text: str) -> Iterator[str]:
    """What is in base64 and compressed in a text, as in Django's signed values."""
    for part in BASE64.findall(text):
        for start in range(4):
            try:
                data = base64.urlsafe_b64decode(part[start:].rstrip("=") + "==")
                yield data.decode("latin-1")
                yield zlib.decompress(data).decode("latin-1")
            except (ValueError, zlib.error):
                continue


def spellings(secret: str) -> list[str]:
    data = secret.encode()
    return [secret, secret.upper(), data.hex(), secret[: max(8, len(secret) // 2)]]


def assert_not_stored(secrets: Mapping[str | int, str]) -> None:
    text = dump()
    assert [name for name, secret in secrets.items() for spelling in spellings(secret) if spelling in text] == []


def form(page) -> dict[str, str]:
    return dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page.content.decode()))


@pytest.mark.parametrize(
    "value",
    [
        "secret-0123456789",
        base64.b64encode(b"secret-0123456789").decode(),
        signing.dumps({"token": "secret-0123456789"}, compress=True),
        signing.dumps({"token": "secret-0123456789", "more": "x" * 500}, compress=True),
        db.SessionStore().encode({"_password_reset_token": "secret-0123456789", "more": "x" * 500}),
        b"secret-0123456789".hex(),
    ],
    ids=["plain", "base64", "signed", "compressed", "session", "hexadecimal"],
)
def test_a_stored_secret_would_be_found(alice, value):
    IdempotentReply.objects.create(user=alice, key="x", fingerprint="f", status=200, answer=value)
    with pytest.raises(AssertionError):
        assert_not_stored({"secret": "secret-0123456789"})


def test_the_cookies_of_a_browser_are_not_stored(make_user):
    make_user("Erin", password=PASSWORD)
    browser = Client()
    browser.get("/accounts/login/")
    browser.post("/accounts/login/", {"username": "erin@example.org", "password": PASSWORD})
    assert browser.get("/accounts/").status_code == 200
    browser.post("/accounts/", {"display_name": "New name"})
    cookies = {name: cookie.value.partition(":")[0] for name, cookie in browser.cookies.items()}
    assert sorted(cookies) == ["browser", "csrftoken", "messages", "sessionid"]
    assert_not_stored(cookies)


def test_the_token_of_an_opened_one_time_link_is_not_stored(bob):
    link = bob.make_password_link(SYSTEM)
    opened = Client().get(link, follow=True)
    assert b'type="password"' in opened.content
    assert_not_stored({"token": link.rstrip("/").rpartition("/")[2]})


def test_the_link_of_a_password_mail_is_not_stored(make_user, mailoutbox):
    """Neither while the mail waits nor after it was sent."""
    make_user("Erin", password=PASSWORD)
    Client().post("/accounts/forgotten/", {"email": "erin@example.org"})
    do_mail_jobs()
    token = re.search(r"/accounts/link/\w+/([\w-]+)/", mailoutbox[0].body)[1]
    assert_not_stored({"token": token, "its signature": token.partition("-")[2]})


def test_a_mail_that_waits_is_not_stored_readable(db):
    link = "https://school.example/x/secret-0123456789"
    queue(Mail(to="erin@example.org", subject="secret-subject", text=link, html=link))
    assert_not_stored({"link": link, "token": "secret-0123456789", "subject": "secret-subject"})


def test_the_secret_and_the_codes_of_a_second_factor_are_not_stored(make_user):
    make_user("Erin", password=PASSWORD)
    browser, app = Client(), "/accounts/2fa/totp/activate/"
    browser.post("/accounts/login/", {"username": "erin@example.org", "password": PASSWORD})
    browser.get(app)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = browser.get(app).context["form"].secret
    assert_not_stored({"secret that waits for its first code": secret})
    page = browser.post(app, {"code": current_code(secret)}, follow=True)
    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert_not_stored({"secret": secret, **dict(enumerate(codes))})


def test_keys_and_the_tokens_of_their_forms_are_not_stored(signed_in, alice):
    browser = signed_in(alice)
    page = browser.get("http://testserver/developers/keys/new", headers={"Accept": "text/html"})
    token = form(page)["token"]
    answer = browser.post("/api-keys", {"name": "Mine"}, headers={"Idempotency-Key": "key-of-the-request"})
    assert_not_stored({"key": answer.json()["key"][12:-4], "form": token.rpartition(":")[2]})


def test_signed_teacher_links_are_not_stored_with_the_response_of_an_idempotent_request(api, alice, settings):
    settings.SIGNED_TEACHER_LINKS = True
    client = api(alice)
    first, again = (client.post("/sessions", SESSION_BODY, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    token = first.json()["data"]["teacherLink"].partition("token=")[2].rpartition(".")[2]
    assert len(token) > 30
    assert_not_stored({"token": token})


def test_a_used_api_key_is_not_stored(alice):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    Client().get("/api/v1/classes", headers={"X-API-Key": plaintext})
    assert_not_stored({"key": plaintext[12:-4]})


def test_a_key_that_was_sent_with_refused_calls_is_not_stored(alice):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    for path in (f"/api/v1/classes/{plaintext}", f"/api/v1/classes?{plaintext}=1", "/api/v1/nothing"):
        assert Client().get(path, headers={"X-API-Key": plaintext}).status_code >= 400
    assert RefusedCall.objects.count() == 0
    assert_not_stored({"key": plaintext[12:-4]})
    assert RefusedCall.objects.count() == 3


def test_personal_links_are_not_stored(api, algebra, bob, join, schedule, settings):
    settings.BOARD_URL = "http://testserver"
    join(algebra, bob)
    session = schedule(klass=algebra, strict=False)
    link = api(bob).get(f"/sessions/{session.pk}/link").json()["data"]["personalLink"]
    assert Client().get(link).status_code == 200
    token = link.partition("token=")[2]
    assert_not_stored({"token": token, "its signature": token.partition(".")[2]})


def test_the_addresses_of_calendar_feeds_are_not_stored(api, alice):
    client = api(alice)
    renewed = client.post("/me/calendar/renew", headers={"Idempotency-Key": "one"}).json()["url"]
    Client().get(renewed)
    token = renewed.rpartition("/")[2].removesuffix(".ics")
    assert_not_stored({"token": token, "its signature": token.partition(".")[2]})
