"""A server whose checkout is deleted or replaced while it runs answers as before until it is restarted."""

import gzip
import shutil
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tutorarc.ops.server_process import free_port
from tutorarc.testing.server import ROOT, serve

SIGN_IN = """
import django
django.setup()
from django.test import Client
from tutorarc.http.session_store import SessionStore
from tutorarc.models import User
User.objects.filter(global_role="ADMIN").update(is_staff=True, is_superuser=True)
admin = User.objects.get(global_role="ADMIN")
admin.set_password("correct-horse-battery")
admin.save(update_fields=["password"])
client = Client()
client.force_login(admin)
signed_in = SessionStore()  # with a cookie, which the test client doesn't know
signed_in.update(SessionStore(client.cookies["sessionid"].value).load())
signed_in.save()
print(signed_in.cookie)
"""
NEW_MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
"""
PAGES = {
    "/": 200,
    "/accounts/": 200,
    "/accounts/password/": 200,
    "/accounts/forgotten/": 200,
    "/accounts/reauthenticate/": 200,
    "/accounts/2fa/": 200,
    "/accounts/sessions/": 200,
    "/accounts/activity/": 200,
    "/developers/keys": 200,
    "/join?id=nothing": 404,
    "/nowhere": 404,
    "/api/docs": 200,
    "/api/docs/try": 200,
    "/api/docs/errors": 200,
    "/api/docs/clients": 200,
    "/api/docs/classes": 200,
    "/api/schema": 200,
    "/api/v1/classes": 200,
    "/api/v1/me": 200,
    "/api/v1/nowhere": 404,
    "/admin/": 200,
    "/admin/classes/class/": 200,
    "/admin/classes/class/add/": 200,
    "/admin/members/membership/": 200,
    "/admin/live_sessions/livesession/": 200,
    "/admin/apikeys/apikey/": 200,
    "/admin/tutorarc/user/": 200,
    "/admin/tutorarc/user/add/": 200,
    "/admin/auth/group/add/": 200,
    "/static/tutorarc/site.css": 200,
    "/static/admin/js/core.js": 200,
    "/healthz": 200,
    "/readyz": 200,
}


@pytest.fixture(scope="module")
def replaced(tmp_path_factory, provision):
    """A server whose checkout has only a new migration since its start, and the cookie of a superuser."""
    checkout = tmp_path_factory.mktemp("replaced") / "checkout"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.sqlite3")
    shutil.copytree(ROOT, checkout, ignore=left_out)
    cache = {"TUTORARC_CACHE_URL": f"redis://127.0.0.1:{free_port()}/0", "TUTORARC_RATE_LIMIT": "600/minute"}
    site = provision(tmp_path_factory.mktemp("site"), **cache)
    signed_in = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SIGN_IN], cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True
    )
    with serve(site, checkout=checkout) as server:
        shutil.rmtree(checkout)
        migrations = checkout / "members" / "migrations"
        migrations.mkdir(parents=True)
        (migrations / "__init__.py").touch()
        (migrations / "9999_of_the_next_version.py").write_text(NEW_MIGRATION)
        yield server, f"sessionid={signed_in.stdout.strip()}"


def test_no_page_fails(replaced):
    server, cookie = replaced
    headers = {"Cookie": cookie, "Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip"}
    assert {path: server.request("GET", path, headers=headers)[0] for path in PAGES} == PAGES


def test_static_files_are_those_of_the_start(replaced):
    server, _ = replaced
    connection = HTTPConnection(server.host, server.port, timeout=30)
    connection.request("GET", "/static/tutorarc/site.css", headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (Path(ROOT) / "tutorarc/static/tutorarc/site.css").read_bytes()
