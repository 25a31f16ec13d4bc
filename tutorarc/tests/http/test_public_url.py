"""Links are made from the configured public address, and those for others never from the request's port."""

import re
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client, RequestFactory

from tutorarc.http.public_url import link_for_others, site_url
from tutorarc.settings import BASE_DIR
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.ops.test_settings import STRONG, shown, start

PUBLIC = "https://school.example/tutoring"
INSIDE = {"Host": "testserver:8000"}  # as a proxy that changes the Host, or a stranger, sends it


@pytest.fixture
def public(settings):
    settings.PUBLIC_URL = PUBLIC


def request(host, *, secure=True):
    return RequestFactory().get("/", headers={"Host": host}, secure=secure)


@pytest.mark.parametrize("make", [site_url, link_for_others])
def test_a_configured_address_is_used_whatever_the_host(public, make):
    assert make(request("evil.example:1337"), "/me") == f"{PUBLIC}/me"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("testserver", "https://testserver/x"),
        ("testserver:1337", "https://testserver/x"),
        ("[::1]:1337", "https://[::1]/x"),
    ],
)
def test_in_production_without_one_a_link_for_others_has_no_port(settings, host, expected):
    settings.PUBLIC_URL, settings.SECURE_TLS, settings.ALLOWED_HOSTS = "", True, ["testserver", "[::1]"]
    assert link_for_others(request(host), "/x") == expected


def test_in_debug_mode_a_link_for_others_has_the_port(settings):
    settings.PUBLIC_URL, settings.SECURE_TLS = "", False
    assert link_for_others(request("testserver:8000", secure=False), "/x") == "http://testserver:8000/x"


def test_without_one_a_link_for_the_caller_uses_the_requests_host(settings):
    settings.PUBLIC_URL, settings.SECURE_TLS = "", True
    assert site_url(request("testserver:8443"), "/x") == "https://testserver:8443/x"


# Every place that makes links


@pytest.mark.usefixtures("public")
def test_a_password_mail_uses_the_public_address(db, make_user):
    make_user("Erin", password="correct-horse-battery")
    Client().post("/accounts/forgotten/", {"email": "erin@example.org"}, headers=INSIDE)
    do_mail_jobs()
    [letter] = mail.outbox
    assert re.findall(r"https?://\S+?(?=/accounts)", letter.body) == [PUBLIC]
    assert "at school.example." in letter.body


@pytest.mark.usefixtures("public")
def test_a_one_time_link_made_by_staff_uses_the_public_address(client, root, bob):
    client.force_login(root)
    fields = {"action": "make_password_links", "_selected_action": bob.pk, "confirmed": "on"}
    page = client.post("/admin/tutorarc/user/", fields, headers=INSIDE).content.decode()
    assert re.findall(r"https?://[^\s<\"]+?(?=/accounts/link)", page) == [PUBLIC]


@pytest.mark.usefixtures("public")
def test_the_links_of_a_list_use_the_public_address(api, alice, algebra, crowd):
    crowd(algebra, 2)
    path = f"/classes/{algebra.pk}/members"
    first = api(alice).get(f"{path}?page_size=1", headers=INSIDE).json()
    assert first["next"].startswith(f"{PUBLIC}/api/v1{path}?cursor=")


@pytest.mark.parametrize("call", ["build_absolute_uri", "get_host", "get_current_site"])
def test_no_other_module_makes_absolute_links(call):
    sources = (path for path in BASE_DIR.rglob("*.py") if not {"tests", ".venv"} & set(path.parts))
    using = {path.name for path in sources if re.search(rf"\b{call}\(", path.read_text())}
    assert using <= {Path("public_url.py").name}


# Settings


def test_the_schema_and_its_samples_use_the_public_address():
    code = (
        "import django; django.setup()\n"
        "from tutorarc.api.views import openapi_document\n"
        "document = openapi_document()\n"
        "sample = document['paths']['/api/v1/me']['get']['x-codeSamples'][0]\n"
        "print(document['servers'], 'localhost:8000' in str(document), sample)"
    )
    environment = {"TUTORARC_PUBLIC_URL": f"{PUBLIC}/", "DJANGO_SETTINGS_MODULE": "tutorarc.settings"}
    printed = start(code, **environment).stdout
    assert printed.startswith(f"[{{'url': '{PUBLIC}'}}] False")
    assert f"{PUBLIC}/api/v1/me" in printed


def test_its_host_is_allowed_and_its_origin_trusted():
    names = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_HOST")
    given = {"TUTORARC_PUBLIC_URL": "https://school.example:8443/tutoring", "TUTORARC_ALLOWED_HOSTS": "inside.example"}
    assert shown(*names, **given) == [
        "['inside.example',",
        "'school.example']",
        "['https://school.example:8443']",
        "school.example:8443",
    ]


def test_without_a_public_address_no_host_is_added():
    names = ("PUBLIC_URL", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_HOST")
    assert shown(*names, TUTORARC_ALLOWED_HOSTS="a.example") == ["[]", "None"]


@pytest.mark.parametrize("value", ["school.example", "https://", "https://school.example/?x=1", "javascript:alert(1)"])
def test_a_malformed_public_address_prevents_the_start(value):
    refused = start(TUTORARC_PUBLIC_URL=value, TUTORARC_SECRET_KEY=STRONG)
    assert "ImproperlyConfigured: TUTORARC_PUBLIC_URL must be an address" in refused.stderr


def test_plain_http_redirects_to_the_public_address(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "school.example"
    response = Client().get("/api/v1/classes", headers=INSIDE)
    assert (response.status_code, response["Location"]) == (301, "https://school.example/api/v1/classes")
