"""Several OpenID Connect providers beside each other: the school's, Google and Microsoft. Two run here."""

from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from oidc_provider_mock import run_server_in_thread

from tutorarc.conf import oidc
from tutorarc.models import User
from tutorarc.site.accounts.openid import Adapter, is_issuer

# The provider uses a function that its library is about to rename.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ALL = [oidc.SCHOOL, oidc.GOOGLE, oidc.MICROSOFT]
START = {oidc.SCHOOL: "/accounts/oidc/", oidc.GOOGLE: "/accounts/oidc/google/"}
START[oidc.MICROSOFT] = "/accounts/oidc/microsoft/"


@pytest.fixture(scope="module")
def servers():
    """The addresses of two running providers: the school's, and one that plays Google and Microsoft."""
    with run_server_in_thread() as school, run_server_in_thread() as other:
        own, others = (f"http://localhost:{server.server_port}" for server in (school, other))
        yield {oidc.SCHOOL: own, oidc.GOOGLE: others, oidc.MICROSOFT: others}


@pytest.fixture(autouse=True)
def _configured(servers, settings, monkeypatch):
    """As the environment configures them, but with the addresses of these servers."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("TUTORARC_OIDC_ISSUER", servers[oidc.SCHOOL])
    for name in (*oidc.SCHOOLS_CLIENT, *oidc.GOOGLES_CLIENT, *oidc.MICROSOFTS_CLIENT):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv(oidc.TENANT, "school.example")
    configured = oidc.providers(needs_tls=True)
    for app in configured["openid_connect"]["APPS"]:
        app["settings"]["server_url"] = servers[app["provider_id"]]
    settings.SOCIALACCOUNT_PROVIDERS = configured


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER")


@pytest.fixture
def known_as(servers):
    """`known_as(provider, email="…")`: what a provider says about Erin."""

    def say(provider_id, **claims):
        address = f"{servers[provider_id]}/users/erin"
        requests.put(address, json={"email": "erin@example.org", **claims}, timeout=5).raise_for_status()

    return say


def authorize(client, provider_id):
    """Start here and sign in at the provider: the address that it sends the browser to."""
    start = client.get(START[provider_id])["Location"]
    return requests.post(start, data={"sub": "erin"}, allow_redirects=False, timeout=5).headers["Location"]


def come_back(client, address):
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def is_signed_in(client):
    return client.get("/api/v1/me").status_code == 200


def signs_in(client, provider_id):
    come_back(client, authorize(client, provider_id))
    return is_signed_in(client)


SURE = {
    oidc.SCHOOL: {"email_verified": True},
    oidc.GOOGLE: {"email_verified": True, "hd": "example.org"},
    oidc.MICROSOFT: {"xms_edov": True},
}


def test_the_sign_in_page_has_a_button_for_each(client, db):
    page = client.get("/accounts/login/", {"next": "/developers/keys"}).text
    names = ["your school’s account", "Google", "Microsoft"]
    buttons = [f'href="{START[one]}?next=/developers/keys">Sign in with {name}</a>' for one, name in zip(ALL, names)]  # noqa: B905
    assert [page.count(button) for button in buttons] == [1, 1, 1]


@pytest.mark.parametrize("provider_id", ALL)
def test_each_signs_in_people_at_its_own_address(client, erin, servers, known_as, provider_id):
    known_as(provider_id, **SURE[provider_id])
    address = authorize(client, provider_id)
    assert address.startswith(f"http://testserver{START[provider_id]}callback/?")
    come_back(client, address)
    assert client.get("/api/v1/me").json()["id"] == erin.pk
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(("begun", "answered"), [(oidc.SCHOOL, oidc.GOOGLE), (oidc.GOOGLE, oidc.SCHOOL)])
def test_the_answer_of_one_provider_is_no_answer_of_another(client, erin, known_as, begun, answered):
    """Otherwise the code of one would be sent to the other."""
    known_as(begun, **SURE[begun])
    query = urlencode({name: value for name, [value] in parse_qs(urlsplit(authorize(client, begun)).query).items()})
    page = client.get(f"{START[answered]}callback/?{query}")
    assert (page.status_code, "didn’t work" in page.text, is_signed_in(client)) == (403, True, False)


@pytest.mark.parametrize(
    ("provider_id", "claims"),
    [
        (oidc.GOOGLE, {"hd": "example.org"}),
        (oidc.GOOGLE, {"hd": "example.org", "email_verified": False}),
        (oidc.GOOGLE, {"email_verified": True}),  # an address elsewhere, which its owner may have lost since
        (oidc.MICROSOFT, {}),
        (oidc.MICROSOFT, {"email_verified": True}),  # which Microsoft doesn't send
        (oidc.MICROSOFT, {"xms_edov": False}),
        (oidc.MICROSOFT, {"xms_edov": "0"}),
        (oidc.SCHOOL, {"xms_edov": True, "hd": "example.org"}),
    ],
)
def test_an_address_that_the_provider_is_not_sure_of_is_refused(client, erin, known_as, provider_id, claims):
    known_as(provider_id, **claims)
    assert signs_in(client, provider_id) is False


@pytest.mark.parametrize(
    ("provider_id", "claims"),
    [(oidc.GOOGLE, {"email_verified": "true", "email": "erin@gmail.com"}), (oidc.MICROSOFT, {"xms_edov": "1"})],
)
def test_other_words_for_a_verified_address(client, erin, known_as, provider_id, claims):
    User.objects.filter(pk=erin.pk).update(email=claims.get("email", erin.email))
    known_as(provider_id, **claims)
    assert signs_in(client, provider_id) is True


@pytest.mark.parametrize("path", ["nothing/", "openid_connect/", "nothing/callback/", "openid_connect/callback/"])
def test_an_unknown_provider_is_404(client, db, path):
    assert client.get(f"/accounts/oidc/{path}").status_code == 404


@pytest.mark.parametrize("path", ["google/", "google/callback/"])
def test_a_provider_that_is_not_configured_is_404(client, db, settings, path):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].pop(1)
    assert client.get(f"/accounts/oidc/{path}").status_code == 404


def test_a_provider_whose_userinfo_is_about_somebody_else_is_refused(client, erin, known_as, monkeypatch):
    known_as(oidc.SCHOOL, **SURE[oidc.SCHOOL])
    other = {"sub": "mallory", "email": erin.email, "email_verified": True}
    monkeypatch.setattr(Adapter, "_fetch_user_info", lambda self, token: other)
    page = come_back(client, authorize(client, oidc.SCHOOL))
    assert (page.status_code, is_signed_in(client)) == (403, False)


@pytest.mark.parametrize("claim", ["iss", "aud", "exp"])
def test_an_id_token_of_another_issuer_or_for_another_site_or_an_old_one_is_refused(
    client, erin, known_as, monkeypatch, claim
):
    wrong = {"iss": "https://evil.example", "aud": "another-site", "exp": 1}[claim]
    known_as(oidc.GOOGLE, **SURE[oidc.GOOGLE])
    monkeypatch.setattr("tutorarc.site.accounts.openid.signing_key", lambda *_: OTHER_KEY.public_key())
    forge(monkeypatch, lambda claims: jwt.encode(claims | {claim: wrong}, OTHER_KEY, "RS256"))
    page = come_back(client, authorize(client, oidc.GOOGLE))
    assert (page.status_code, is_signed_in(client)) == (403, False)


OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forge(monkeypatch, sign):
    """Replace the provider's ID tokens by `sign(claims)`."""
    real = Adapter.get_access_token_data

    def forged(self, *args, **options):
        data = real(self, *args, **options)
        claims = jwt.decode(data["id_token"], options={"verify_signature": False})
        return data | {"id_token": sign(claims)}

    monkeypatch.setattr(Adapter, "get_access_token_data", forged)


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: jwt.encode(claims, OTHER_KEY, "RS256"),
        lambda claims: jwt.encode(claims, OTHER_KEY, "RS256", {"kid": "another"}),
        lambda claims: jwt.encode(claims, "x" * 32, "HS256"),
        lambda claims: jwt.encode(claims, None, "none"),
    ],
    ids=["another key", "an unknown key", "a secret", "no signature"],
)
def test_an_id_token_that_the_provider_did_not_sign_is_refused(client, erin, known_as, monkeypatch, sign):
    known_as(oidc.GOOGLE, **SURE[oidc.GOOGLE])
    forge(monkeypatch, sign)
    page = come_back(client, authorize(client, oidc.GOOGLE))
    assert (page.status_code, is_signed_in(client)) == (403, False)


@pytest.mark.parametrize(
    ("provider_id", "issuer", "is_known"),
    [
        (oidc.SCHOOL, "https://id.school.example", True),
        (oidc.SCHOOL, "https://id.school.example/", True),
        (oidc.SCHOOL, "https://id.school.example/other", False),
        (oidc.GOOGLE, "https://evil.example", False),
        (oidc.MICROSOFT, "https://login.microsoftonline.com/7c1b1a3e-0000-4000-8000-000000000000/v2.0", True),
        (oidc.MICROSOFT, "https://login.microsoftonline.evil.example/school.example/v2.0", False),
        (oidc.MICROSOFT, "https://login.microsoftonline.com/common/v2.0", False),
        (oidc.MICROSOFT, "https://login.microsoftonline.com/7c1b1a3e-0000-4000-8000-000000000000/v1.0", False),
    ],
)
def test_the_metadata_of_another_issuer_are_refused(provider_id, issuer, is_known):
    servers = {oidc.SCHOOL: "https://id.school.example", oidc.GOOGLE: "https://accounts.google.com"}
    servers[oidc.MICROSOFT] = "https://login.microsoftonline.com/school.example/v2.0"
    app = SocialApp(provider_id=provider_id, settings={"server_url": servers[provider_id]})
    assert is_issuer(issuer, app) is is_known


def test_with_the_metadata_of_another_issuer_no_sign_in_begins(client, db, monkeypatch):
    monkeypatch.setattr("tutorarc.site.accounts.openid.is_issuer", lambda issuer, app: False)
    page = client.get(START[oidc.SCHOOL])
    assert (page.status_code, "didn’t work" in page.text) == (403, True)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_begins_no_sign_in(client, db, site):
    page = client.get(START[oidc.SCHOOL], {"next": "/classes"}, headers={"Sec-Fetch-Site": site})
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=%2Fclasses")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_link_of_this_site_or_a_bookmark_begins_one(client, db, servers, site):
    page = client.get(START[oidc.SCHOOL], headers={"Sec-Fetch-Site": site})
    assert page["Location"].startswith(servers[oidc.SCHOOL])


def test_a_tenant_that_is_configured_by_its_id_is_the_only_one():
    server = "https://login.microsoftonline.com/{}-0000-4000-8000-000000000000/v2.0"
    app = SocialApp(provider_id=oidc.MICROSOFT, settings={"server_url": server.format("7c1b1a3e")})
    assert [is_issuer(server.format(one), app) for one in ("7c1b1a3e", "8c1b1a3e")] == [True, False]
