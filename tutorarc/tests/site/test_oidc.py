"""Signing in with OpenID Connect, at a provider that runs here."""

import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from tutorarc.conf import oidc
from tutorarc.domain import encryption
from tutorarc.domain.events import Actor
from tutorarc.models import User

# The provider uses a function that its library is about to rename.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

START, CALLBACK = "/accounts/oidc/", "/accounts/oidc/callback/"
SCOPE = ["email", "openid", "profile"]
REFUSED = "You are not signed in"


@pytest.fixture(scope="module")
def provider():
    """The address of a running provider, which knows Erin."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def _configured(provider, settings, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "provider_class": "tutorarc.site.accounts.openid.Provider",
            "APPS": [oidc.app(oidc.SCHOOL, provider, ("tutorarc", "secret"), "the School of Example")],
        }
    }


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER")


@pytest.fixture
def known_as(provider):
    """`known_as(email="…", email_verified=True)`: what the provider says about Erin."""

    def say(**claims):
        requests.put(f"{provider}/users/erin", json=claims, timeout=5).raise_for_status()

    say(email="erin@example.org", email_verified=True)
    return say


def authorize(address):
    """Sign in at the provider: the address that it sends the browser to."""
    answer = requests.post(address, data={"sub": "erin"}, allow_redirects=False, timeout=5)
    return answer.headers["Location"]


def begin(client, **query):
    return client.get(START, query)["Location"]


def come_back(client, address):
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in(client, **query):
    return come_back(client, authorize(begin(client, **query)))


def changed(address, **values):
    """The address with other parameters."""
    parts = urlsplit(address)
    query = {name: value for name, [value] in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode(query | values)).geturl()


def is_signed_in(client):
    return client.get("/api/v1/me").status_code == 200


def assert_refused(client, page, words):
    assert (page.status_code, REFUSED in page.text, words in page.text) == (403, True, True)
    assert not is_signed_in(client)


def test_the_sign_in_page_has_a_button_that_keeps_the_wanted_page(client, db):
    page = client.get("/accounts/login/", {"next": "/developers/keys"}).text
    assert f'href="{START}?next=/developers/keys">Sign in with the School of Example</a>' in page


def test_the_browser_is_sent_to_the_provider_with_state_nonce_and_pkce(client, db, provider):
    address = begin(client)
    query = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider}/oauth2/authorize?")
    assert query["redirect_uri"] == [f"http://testserver{CALLBACK}"]
    assert (query["client_id"], sorted(query["scope"][0].split())) == (["tutorarc"], SCOPE)
    assert [len(query[name][0]) for name in ("state", "nonce", "code_challenge")] == [16, 43, 43]


def test_a_person_with_an_account_is_signed_in_and_led_on(client, erin, known_as):
    page = sign_in(client, next="/developers/keys")
    assert (page.status_code, page["Location"]) == (302, "/developers/keys")
    assert client.get("/api/v1/me").json()["id"] == erin.pk
    assert not SocialAccount.objects.exists()


def test_it_never_leads_to_another_site(client, erin, known_as):
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_an_unknown_person_gets_no_account_and_a_page_that_says_why(client, db, known_as):
    known_as(email="nobody@example.org", email_verified=True)
    assert_refused(client, sign_in(client), "No account here uses your address")
    assert not User.objects.exists()


@pytest.mark.parametrize("claims", [{"email_verified": False}, {}])
def test_an_address_that_is_not_verified_is_refused(client, erin, known_as, claims):
    known_as(email="erin@example.org", **claims)
    assert_refused(client, sign_in(client), "has not verified your e-mail address")


def test_a_person_without_an_address_is_refused(client, erin, known_as):
    known_as(name="Erin")
    assert_refused(client, sign_in(client), "told us no e-mail address")


def test_a_deactivated_person_is_refused(client, erin, known_as):
    User.objects.filter(pk=erin.pk).update(is_active=False)
    sign_in(client)
    assert not is_signed_in(client)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_person_with_rights_needs_an_address_that_is_known_to_be_their_own(client, erin, known_as, root, confirmed):
    User.objects.filter(pk=erin.pk).update(is_staff=True, email_set_by=erin if confirmed else root)
    assert sign_in(client).status_code == (302 if confirmed else 403)
    assert is_signed_in(client) is confirmed


def test_a_user_whom_an_earlier_version_created_keeps_the_password(client, erin, known_as):
    erin.change_password(Actor(erin), "correct-horse-battery")
    EmailAddress.objects.all().delete()
    assert sign_in(client).status_code == 302
    erin.refresh_from_db()
    assert erin.check_password("correct-horse-battery")


def test_people_come_back_to_the_public_address(client, db, settings):
    settings.PUBLIC_URL = "https://tutorarc.example.org"
    query = parse_qs(urlsplit(begin(client)).query)
    assert query["redirect_uri"] == [f"https://tutorarc.example.org{CALLBACK}"]


def test_a_person_with_a_second_factor_is_still_asked_for_it(client, erin, known_as):
    secret = encryption.encrypt("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=erin, type="totp", data={"secret": secret})
    assert sign_in(client)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


# Forged answers


@pytest.mark.parametrize("state", ["", "another"])
def test_another_state_is_refused(client, erin, known_as, state):
    address = changed(authorize(begin(client)), state=state)
    assert_refused(client, come_back(client, address), "didn’t work")


def test_an_answer_that_another_browser_asked_for_is_refused(client, erin, known_as):
    address = authorize(begin(Client()))
    assert_refused(client, come_back(client, address), "didn’t work")


def test_a_code_works_once(client, erin, known_as):
    address = authorize(begin(client))
    come_back(client, address)
    client.logout()
    assert_refused(client, come_back(client, address), "didn’t work")


def test_another_nonce_is_refused(client, erin, known_as):
    address = authorize(changed(begin(client), nonce="another"))
    assert_refused(client, come_back(client, address), "didn’t work")


def test_the_code_of_another_sign_in_is_refused(client, erin, known_as):
    stolen = parse_qs(urlsplit(authorize(begin(Client()))).query)["code"][0]
    address = changed(authorize(begin(client)), code=stolen)
    assert_refused(client, come_back(client, address), "didn’t work")


def test_a_sign_in_that_was_cancelled_is_explained(client, db):
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    assert_refused(client, client.get(CALLBACK, {"state": state, "error": "access_denied"}), "you cancelled it")


def test_a_provider_that_does_not_answer_is_explained(client, db, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    started = time.monotonic()
    assert_refused(client, client.get(START), "didn’t work")
    assert time.monotonic() - started < 5


def test_nothing_of_the_request_changes_what_the_provider_is_asked(client, db):
    query = {"process": "connect", "scope": "admin", "auth_params": "prompt=none", "action": "reauthenticate"}
    sent = parse_qs(urlsplit(begin(client, **query)).query)
    assert (sorted(sent["scope"][0].split()), "prompt" in sent) == (SCOPE, False)


# Configuration


def test_without_a_provider_there_is_neither_a_button_nor_a_page(client, db, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = []
    assert "Sign in with the" not in client.get("/accounts/login/").text
    assert [client.get(path).status_code for path in (START, CALLBACK)] == [404, 404]
