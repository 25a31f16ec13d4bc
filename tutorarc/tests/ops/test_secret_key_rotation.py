"""Changing the secret key: what was signed with the former one still works while it is a fallback.

Each step is a process of its own with its own settings, as after a restart.
"""

import json
import secrets
import subprocess
import sys

import pytest

from tutorarc.settings import BASE_DIR

FIRST, SECOND = secrets.token_urlsafe(50), secrets.token_urlsafe(50)

BEGIN = """
import json, re, sys, django
django.setup()
from django.test import Client
from apikeys.models import ApiKey
from sessions.models import LiveSession
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
"""

MAKE = """
from types import SimpleNamespace
from allauth.account.internal.flows.login import record_authentication
from django.utils import timezone
from tutorarc.http.session_store import SessionStore
teacher, forgetful = User.objects.get(global_role="TEACHER"), User.objects.get(global_role="STUDENT")
browser.force_login(teacher)
signed_in = SessionStore()  # with a cookie, which the test client doesn't know
signed_in.update(SessionStore(browser.cookies["sessionid"].value).load())
record_authentication(SimpleNamespace(session=signed_in), teacher, "password")
signed_in.save()
browser.cookies["sessionid"] = signed_in.cookie
form = browser.get("/developers/keys/new").content.decode()
live = LiveSession.objects.schedule(
    Actor(teacher), title="Sums", start_time=timezone.now(), duration=60, teacher_ref="teacher_1"
)
program = {"X-API-Key": ApiKey.objects.issue(teacher, SYSTEM)[1], "Idempotency-Key": "first"}
for title in ("Algebra", "Geometry"):
    browser.post("/api/v1/classes", {"title": title}, "application/json", headers=program | {"Idempotency-Key": title})
browser.post("/accounts/", {"display_name": "New name"})
print(json.dumps({
    "cookies": {name: morsel.value for name, morsel in browser.cookies.items()},
    "form_token": re.search(r'name="token" value="([^"]+)"', form)[1],
    "one_time_link": forgetful.make_password_link(SYSTEM),
    "teacher_link": live.teacher_link.partition("/board")[2],
    "program": program | {"Idempotency-Key": "Algebra"},
    "next_page": browser.get("/api/v1/classes?page_size=1", headers=program).json()["next"],
}))
"""

USE = """
made = json.loads(sys.argv[1])
visitor = Client(SERVER_NAME="localhost", raise_request_exception=False)
for name, value in made["cookies"].items():
    browser.cookies[name] = value
new_key = {"token": made["form_token"], "name": "Script", "access": "all", "life": "never"}
page = browser.get("/accounts/")
again = browser.post("/api/v1/classes", {"title": "Algebra"}, "application/json", headers=made["program"])
used = {
    "sign-in": page.status_code,
    "message": "Your profile was saved." in page.content.decode(),
    "form token": browser.post("/developers/keys/new", new_key).status_code,
    "one-time link": 'type="password"' in visitor.get(made["one_time_link"], follow=True).content.decode(),
    "teacher link": visitor.get("/board" + made["teacher_link"]).status_code,
    "idempotency": (again.status_code, again.headers.get("Idempotency-Replayed")),
    "next page": visitor.get(made["next_page"], headers=made["program"]).status_code,
}
print(json.dumps(used))
"""


@pytest.fixture
def run(tmp_path, provision):
    """`run(script, argument, key, former)`: what the script prints, run as after a restart with these secret keys."""
    site = provision(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}")

    def run_script(script, argument, key, former=""):
        keys = {"TUTORARC_SECRET_KEY": key, "TUTORARC_SECRET_KEY_FALLBACKS": former}
        here = {"TUTORARC_SIGNED_TEACHER_LINKS": "true", "TUTORARC_BOARD_URL": "http://localhost"}
        here["TUTORARC_EMAIL_URL"] = f"file://{tmp_path}/mail"  # not on standard output, with the answer
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", BEGIN + script, argument],
            cwd=BASE_DIR,
            env=site.environment | keys | here,
            check=False,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        return json.loads(done.stdout)

    return run_script


def test_what_a_former_secret_key_signed_works_as_long_as_it_is_a_fallback(run):
    made = json.dumps(run(MAKE, "", FIRST))
    assert run(USE, made, SECOND, former=f"{secrets.token_urlsafe(50)}, {FIRST}") == {
        "sign-in": 200,
        "message": True,
        "form token": 200,
        "one-time link": True,
        "teacher link": 200,
        "idempotency": [201, "true"],
        "next page": 200,
    }


def test_without_the_fallback_it_has_ended(run):
    made = json.dumps(run(MAKE, "", FIRST))
    assert run(USE, made, SECOND) == {
        "sign-in": 302,
        "message": False,
        "form token": 302,
        "one-time link": False,
        "teacher link": 302,
        "idempotency": [409, None],
        "next page": 200,
    }
