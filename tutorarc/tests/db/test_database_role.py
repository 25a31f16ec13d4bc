"""The server's database role in docs/deploy.md: all pages and calls work with it, and it can't change what happened."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, Permission
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from apikeys.models import RefusedCall
from apikeys.refusal_log import LOG
from classes.models import Class
from sessions.tests.expected import SESSION_BODY
from tutorarc.db.ids import first_id_from
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.imports.models import Import, ImportFile, ImportLine
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run
from tutorarc.jobs.turns import Turns
from tutorarc.models import BulkChange, Event, IdempotentReply, Note, SecurityEvent, User
from tutorarc.ops.prune import prune
from tutorarc.settings import BASE_DIR
from tutorarc.testing.client import Client as ApiClient
from tutorarc.testing.erasing import do_erasing_jobs
from tutorarc.testing.events import events_of
from tutorarc.tests.db.everything import make_zebulon
from tutorarc.tests.imports import importing
from tutorarc.tests.staff.admin_site import Site
from tutorarc.webhooks.models import Delivery, Endpoint

DOCS = (BASE_DIR / "tutorarc/docs/deploy.md").read_text()
ROLE = "tutorarc"
WORKER = "tutorarc_worker"
OLD = first_id_from("dlv", datetime(2020, 1, 1, tzinfo=UTC))
OF_WORKER = [text for text in re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL) if f"TO {WORKER}" in text]
LINES = [text for text in re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL) if "PRIVILEGES" in text or "REVOKE" in text]
HISTORY = [Event._meta.db_table, SecurityEvent._meta.db_table]

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has no roles: who opens the file can do everything"
)


@pytest.fixture
def as_role(db):
    """`with as_role():` what follows runs with the rights of the server's role. It ends with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}; CREATE ROLE {WORKER}")
        for text in LINES + OF_WORKER:
            cursor.execute(text)

    @contextmanager
    def role(name=ROLE):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {name}")
            yield
            cursor.execute("RESET ROLE")

    return role


def test_the_lines_name_every_table_of_records():
    [revoked] = re.findall(r"REVOKE UPDATE ON (.*?) FROM", "".join(LINES), re.DOTALL)
    assert sorted(re.split(r",\s+", revoked)) == sorted(["django_migrations", *HISTORY])


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id"])
@pytest.mark.parametrize("table", HISTORY)
def test_the_role_can_neither_change_nor_delete_records(as_role, statement, table):
    with as_role(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def refused(responses):
    return [response.content for response in responses if response.status_code >= 400]


def test_teachers_and_students_use_the_api(as_role, api, alice, bob):
    teacher, student = api(alice), api(bob)
    with as_role():
        teacher.post("/classes", {"title": "Algebra"}, headers={"Idempotency-Key": "one"})
        made = Class.objects.get()
        address = f"/classes/{made.pk}"
        calls = [
            student.post(f"{address}/join-request", {"class_code": made.class_code}),
            student.delete(f"{address}/join-request"),
            student.post(f"{address}/join-request", {"class_code": made.class_code}),
            teacher.post(f"{address}/members/approve", {"user_ids": [bob.pk]}),
            teacher.patch(address, {"title": "Algebra 2"}),
            student.get(f"{address}/members"),
            teacher.post("/sessions", SESSION_BODY | {"classId": made.pk}),
            teacher.get("/sessions"),
            student.post(f"{address}/leave"),
            teacher.post(f"{address}/archive"),
        ]
    assert refused(calls) == []


def test_refused_calls_are_written_and_the_oldest_deleted(as_role, api, alice, monkeypatch):
    monkeypatch.setattr("apikeys.refused_calls.MAX_OF_EACH_KEY", 1)
    client = api(alice)
    LOG.discard()
    with as_role():
        for _ in range(2):
            client.get("/nothing")
        LOG.flush()
    assert RefusedCall.objects.count() == 1


def test_people_sign_in_and_out_change_their_password_and_make_keys(as_role, signed_in, make_user):
    erin = make_user("Erin", "TEACHER", password="correct-horse-battery")
    link = erin.make_password_link(SYSTEM)
    browser = Client()
    with as_role():
        browser.post("/accounts/login/", {"username": erin.email, "password": "wrong"})
        browser.post("/accounts/login/", {"username": erin.email, "password": "correct-horse-battery"})
        pages = [browser.get("/"), browser.post("/accounts/", {"display_name": "Erin E."})]
        calls = signed_in(erin)
        key = calls.post("/api-keys", {"name": "Mine"}).json()["id"]
        pages += [calls.post(f"/api-keys/{key}/rotate"), calls.delete(f"/api-keys/{key}")]
        erin.change_password(SYSTEM, "another-long-one")
        pages += [browser.post("/accounts/logout/"), Client().get(link)]
    assert refused(pages) == []


def test_staff_use_the_admin_site_and_change_people(as_role, root, bob):
    group, by = Group.objects.create(name="Helpers"), Actor(root)
    group.permissions.set(Permission.objects.filter(codename="view_user"))
    kinds = ("tutorarc_user", "auth_group", "classes_class", "members_membership", "apikeys_apikey")
    with as_role():
        pages = [Site(root, kind).listing() for kind in kinds]
        bob.edit(by, display_name="Robert", is_staff=True)
        bob.change_groups(by, [group])
        bob.change_groups(by, [], [group])
        group.permissions.clear()
        bob.change_password(by, None)
        Note.objects.remove(Note.objects.add(bob, "Tea", by).pk, by)
    assert refused(pages) == []
    assert len(events_of(bob)) == 7


def test_a_webhook_is_deleted_with_its_deliveries(as_role, api, alice):
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/hook")
    with as_role():
        calls = [api(alice).post(f"/webhooks/{webhook.pk}/test"), api(alice).delete(f"/webhooks/{webhook.pk}")]
    assert (refused(calls), Endpoint.objects.count(), Delivery.objects.count()) == ([], 0, 0)


def test_a_promotion_ends_linked_accounts(as_role, root, alice):
    SocialAccount.objects.create(user=alice, provider="openid_connect", uid="1")
    with as_role():
        alice.edit(Actor(root), is_staff=True)
    assert SocialAccount.objects.count() == 0


def test_the_server_is_ready(as_role):
    with as_role():
        assert ApiClient().get("http://testserver/readyz").status_code == 200


def test_the_worker_takes_its_turns_and_deletes_what_is_expired(as_role, alice):
    IdempotentReply.objects.create(user=alice, key="old", fingerprint="f", created_at=datetime(2020, 1, 1, tzinfo=UTC))
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/hook")
    Delivery.objects.bulk_create(
        [Delivery(pk=OLD, endpoint=webhook, event_id=Event().pk, order_key=uuid4(), status="SUCCEEDED")]
    )
    with as_role(WORKER):
        Turns("one").take()
        [job] = Job.objects.claim(["prune"], "one", 1)
        run(job)
    assert Job.objects.get(pk=job.pk).last_error == ""
    assert (IdempotentReply.objects.count(), Delivery.objects.count()) == (0, 0)


def test_imports_are_finished_and_cancelled(as_role, root):
    site = Site(root, "tutorarc_user")
    with as_role():
        importing.consent(site, importing.preview(site, "email,name\nzoe@example.org,Zoe\n"))
        page = importing.preview(site, "email,name\nyan@example.org,Yan\n")
        cancelled = site.post(importing.page_of(page), {"cancel": "yes"}, follow=True)
    assert (cancelled.status_code, User.objects.filter(email__in=["zoe@example.org", "yan@example.org"]).count()) == (
        200,
        1,
    )
    assert (Import.objects.count(), ImportFile.objects.count()) == (1, 0)


def test_the_worker_deletes_what_staff_did_long_ago(as_role, root):
    BulkChange.objects.create(by=root, action="deactivate", keys=[], created_at=datetime(2020, 1, 1, tzinfo=UTC))
    old = Import.objects.create(pk=first_id_from("imp", datetime(2020, 1, 1, tzinfo=UTC)), by=root)
    ImportLine.objects.create(about=old, line=1)
    with as_role(WORKER):
        for _ in prune():
            pass
    assert (BulkChange.objects.count(), Import.objects.count(), ImportLine.objects.count()) == (0, 0, 0)


def test_the_worker_erases_a_deleted_account(as_role, dora):
    zebulon = make_zebulon(dora)
    with as_role():
        zebulon.close_for_deletion(Actor(zebulon))
    with as_role(WORKER):
        do_erasing_jobs()
    assert User.objects.get(pk=zebulon.pk).is_erased
