"""Where it is a secret whether something exists, the answer and the work are the same if it doesn't.

Objects of which the contract says 403 are no secret: classes, members and live sessions of others.
"""

import re

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.mail import do_mail_jobs

PASSWORD = "a-longer-staple-7"
NO_KEY, NO_PERSON = "key_01h455vb4pex5vsknk084sn02q", "usr_01h455vb4pex5vsknk084sn02q"
TIMES = {"Date", "Expires", "Last-Modified", "RateLimit-Reset"}
OF_EACH_RESPONSE = {"X-Request-ID", "Set-Cookie", "RateLimit-Remaining", "Content-Length", *TIMES}
RANDOM = re.compile(r"req_[0-9a-z]+|nonce-[^'\"]+|(name=.csrfmiddlewaretoken. value=.)\w+")


def answer(response, *own):
    """Status, headers and body without what is random, and without the parts of the URL that were asked for."""
    text = RANDOM.sub("", response.content.decode())
    headers = {name: value for name, value in response.headers.items() if name not in OF_EACH_RESPONSE}
    for part in own:
        text = text.replace(part, "…")
        headers = {name: value.replace(part, "…") for name, value in headers.items()}
    return response.status_code, headers, RANDOM.sub("", text)


def statements(act):
    """The SQL statements of a call, without their values."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]


@pytest.fixture
def hashes(monkeypatch):
    """`hashes(call)`: how many passwords the call hashes."""
    computed, encode = [], MD5PasswordHasher.encode

    def counted(hasher, password, salt, *args):
        computed.append(hasher)
        return encode(hasher, password, salt, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)

    def count(act):
        computed.clear()
        act()
        return len(computed)

    return count


# API keys


@pytest.mark.parametrize(("method", "path"), [("delete", "/api-keys/{}"), ("post", "/api-keys/{}/rotate")])
def test_the_key_of_another_is_like_none_for_rest(signed_in, alice, bob, method, path):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    call = getattr(signed_in(bob), method)
    answers = [answer(call(path.format(pk)), pk) for pk in (key.pk, NO_KEY)]
    assert (answers[0][0], answers[0]) == (404, answers[1])


@pytest.mark.parametrize("page", ["revoke", "rotate"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_key_of_another_is_like_none_on_the_developer_page(alice, bob, page, method):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    browser = Client()
    browser.force_login(bob)
    call = getattr(browser, method)
    answers = [answer(call(f"/developers/keys/{pk}/{page}/"), pk) for pk in (key.pk, NO_KEY)]
    assert (answers[0][0], answers[0]) == (404, answers[1])


# The admin site

PAGES = [
    f"/admin/{kind}/{{}}/{page}/"
    for kind in ("tutorarc/user", "apikeys/apikey", "classes/class", "auth/group")
    for page in ("change", "history", "delete")
] + ["/admin/tutorarc/user/{}/password/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_without_the_right_and_others_learn_of_no_record(make_user, algebra, alice, page, method, is_staff):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    group = Group.objects.create(name="Office")
    rows = {"user": alice.pk, "apikey": key.pk, "class": algebra.pk, "group": str(group.pk)}
    pk = rows[page.split("/")[3]]
    unknown = "987654" if pk == str(group.pk) else pk[:-6] + "zzzzzz"
    browser = Client()
    browser.force_login(make_user("Clerk", is_staff=is_staff))
    call = getattr(browser, method)
    answers = [answer(call(page.format(one)), f"/{one}/", f"%2F{one}%2F") for one in (pk, unknown)]
    assert (answers[0][0], answers[0]) == (403 if is_staff else 302, answers[1])


# One-time links


def test_a_wrong_link_of_a_person_is_like_one_of_nobody(bob):
    links = [
        f"/accounts/link/{urlsafe_base64_encode(force_bytes(pk))}/c0ffee-{'0' * 32}/" for pk in (bob.pk, NO_PERSON)
    ]
    assert answer(Client().get(links[0]), links[0]) == answer(Client().get(links[1]), links[1])
    assert statements(lambda: Client().get(links[0])) == statements(lambda: Client().get(links[1]))


# Addresses

ADDRESSES = ["erin@example.org", "asleep@example.org", "empty@example.org", "above@example.org", "nobody@example.org"]


GET_MAIL = ["erin@example.org", "empty@example.org"]


@pytest.fixture
def accounts(make_user):
    """One account for each address: usual, inactive, without a password, with rights; the last address has none."""
    make_user("Erin", password=PASSWORD)
    make_user("Asleep", password=PASSWORD, is_active=False)
    make_user("Empty")
    make_user("Above", "ADMIN", password=PASSWORD, is_staff=True)


def forgotten(email):
    return Client().post("/accounts/forgotten/", {"email": email})


def without_conditions(call):
    """The statements up to their conditions: of an unknown person the security log asks `IS NULL` in place of `=`."""
    return [statement.split(" WHERE ")[0] for statement in statements(call)]


@pytest.mark.parametrize("email", ADDRESSES)
def test_a_forgotten_password_answers_and_costs_the_same_for_every_address(accounts, hashes, email):
    usual, here = answer(forgotten(ADDRESSES[-1])), answer(forgotten(email))
    assert here == usual
    assert without_conditions(lambda: forgotten(email)) == without_conditions(lambda: forgotten("unknown@example.org"))
    assert hashes(lambda: forgotten(email)) == 0
    do_mail_jobs()
    assert [letter.to for letter in mail.outbox] == ([[email]] * 3 if email in GET_MAIL else [])


@pytest.mark.parametrize("email", ADDRESSES)
def test_a_wrong_password_costs_the_same_for_every_address(accounts, hashes, email):
    def sign_in(username=email):
        with transaction.atomic():  # undone, so that each attempt is the first one
            assert authenticate(None, username=username, password="wrong") is None
            transaction.set_rollback(True)

    assert hashes(sign_in) == 1
    assert len(statements(sign_in)) == len(statements(lambda: sign_in("unknown@example.org")))


def test_the_first_attempt_with_a_known_address_costs_as_much_as_the_next_with_an_unknown_one(accounts):
    attempts = [
        statements(lambda email=email: authenticate(None, username=email, password="wrong"))
        for email in ("first@example.org", "second@example.org", "erin@example.org")
    ]
    assert len(attempts[1]) == len(attempts[2])


def test_the_right_password_of_an_inactive_person_is_a_wrong_one(accounts, hashes):
    assert authenticate(None, username="asleep@example.org", password=PASSWORD) is None
    assert User.objects.get(email="asleep@example.org").check_password(PASSWORD)
