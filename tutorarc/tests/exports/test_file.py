"""What the export of a person holds: each part that is kept about them, and nothing of others."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apikeys.models import ApiKey, RefusedCall
from classes.models import Class
from members.models import Invitation
from sessions.models import Attendance, Series
from tutorarc.domain.events import Actor
from tutorarc.domain.personal_data import PERSONAL_DATA
from tutorarc.exports import archive as archives
from tutorarc.exports.archive import Archive, TooLarge
from tutorarc.imports.models import Import, ImportLine
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.models import BulkChange, IdempotentReply, KnownBrowser, SecurityEvent, SecurityEventKind, User
from tutorarc.tests.exports.exporting import browse, exported, rows, table
from tutorarc.webhooks.models import Delivery, Endpoint

SECRETS = ["secret-of-the-app", "session-key", "reply-body", "bWFpbA", "whsec_", "ttk_"]


@pytest.fixture
def full(alice, bob, root, algebra, join, schedule):
    """Bob, of whom each model holds something, most of it by Alice or Root."""
    User.objects.filter(pk=bob.pk).update(global_role="TEACHER")
    bob.refresh_from_db()
    join(algebra, bob)
    own = Class.objects.create_with_teacher(Actor(bob), title="Bob's own", description="")
    schedule(bob, klass=own, title="=Bob's lesson")
    start, rule = datetime(2026, 3, 20, 10, tzinfo=UTC), "FREQ=WEEKLY;COUNT=2"
    weekly = {"title": "Weekly", "duration": 60, "strict": True, "teacher_ref": "bob", "time_zone": "UTC"}
    Series.objects.schedule(Actor(bob), starts=[start, start + timedelta(days=7)], rule=rule, **weekly)
    Attendance.objects.mark(schedule(alice, klass=algebra), {bob.pk: "LATE"}, Actor(alice))
    invite(alice, algebra, bob)
    Authenticator.objects.create(user=bob, type="totp", data={"secret": "secret-of-the-app"})
    UserSession.objects.create(user=bob, session_key="session-key", ip="203.0.113.7", user_agent="Bob's browser")
    SocialAccount.objects.create(user=bob, provider="school", uid="bob-at-school", extra_data={"x": "reply-body"})
    KnownBrowser.objects.remember(bob, "browser")
    IdempotentReply.objects.create(user=bob, key="bobs-key", fingerprint="f", status=201, answer="reply-body")
    key, _ = ApiKey.objects.issue(bob, Actor(bob), name="Bob's key")
    RefusedCall.objects.create(api_key=key, owner=bob, method="GET", path="/bobs/path", status=404)
    endpoint, _ = Endpoint.objects.register(bob, Actor(bob), url="https://example.org/bobs-hook")
    Delivery.objects.send_test(endpoint, Actor(bob))
    Notice.objects.create(user=bob, kind="lessons", about=uuid4(), details={"by": alice.email})
    UnwantedKind.objects.create(user=bob, kind="membership")
    LogEntry.objects.create(user=bob, object_id=alice.pk, object_repr=str(alice), action_flag=CHANGE)
    BulkChange.objects.create(by=bob, action="invite", label="Bob's change", keys=[alice.pk], refused=[[alice.pk, "x"]])
    Import.objects.create(kind="people", file_name="bobs.csv", by=bob, state="done", preview={"x": alice.email})
    by_root = Import.objects.create(kind="people", file_name="roots.csv", by=root, state="done")
    for about in (bob, alice):
        line = {"part": "people", "file": "roots.csv", "line": 2, "reason": f"As {alice.email}"}
        ImportLine.objects.create(about=by_root, label=about.email, cells={"email": about.email}, **line)
    return bob


def invite(alice, klass, bob):
    sent = {"klass": klass, "role": "STUDENT", "sent_at": timezone.now(), "expires_at": timezone.now()}
    Invitation.objects.create(
        email=bob.email, name="Bobby", message="Dear Bob", sent_by=alice, token_digest="1", **sent
    )
    Invitation.objects.create(email=alice.email, message="From Bob", sent_by=bob, token_digest="2", **sent)


def test_each_part_is_there_and_nothing_of_others(full, alice, root):
    with exported(browse(full)) as archive:
        counts = json.loads(archive.read("about.json"))["rows"]
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert [name for name, count in counts.items() if count == 0] == []
    assert counts.keys() == {name for name, data in PERSONAL_DATA.items() if data.rows}
    others = [alice.email, alice.display_name, root.email, root.display_name]
    assert [found for found in [*others, *SECRETS] if found in text] == []


def test_each_row_is_as_the_person_may_see_it(full, alice, algebra):
    with exported(browse(full)) as archive:
        [account] = rows(archive, "account")
        [member, own] = rows(archive, "memberships")
        [received, sent] = rows(archive, "invitations")
        [line] = rows(archive, "import_lines")
        [factor] = rows(archive, "second_factors")
    assert (account["id"], account["email"], account["global_role"]) == (full.pk, full.email, "TEACHER")
    assert (member["class_title"], member["status"], own["role"]) == (algebra.title, "APPROVED", "TEACHER")
    assert (received["email"], received["message"], received["sent_by"]) == (full.email, "Dear Bob", "somebody else")
    assert (sent["email"], sent["message"], sent["sent_by"]) == ("", "From Bob", "you")
    assert line["cells"] == {"email": full.email}
    assert factor == {"type": "totp", "name": "", "created_at": factor["created_at"], "last_used_at": None}


def test_a_table_holds_the_same_and_no_formula(full):
    with exported(browse(full)) as archive:
        session = next(row for row in rows(archive, "live_sessions") if "lesson" in row["title"])
        head, *lines = table(archive, "live_sessions")
    [cells] = [line for line in lines if "lesson" in line[1]]
    assert (head, session["title"], cells[1]) == (list(session), "=Bob's lesson", "'=Bob's lesson")


def test_what_others_did_shows_neither_their_browser_nor_address(alice, bob, root):
    kind = SecurityEventKind.PASSWORD_CHANGED
    for about, by in ((bob, root), (alice, bob)):
        event = SecurityEvent.objects.record(kind, user=about, by=Actor(by), previous_email=about.email)
        SecurityEvent.objects.filter(pk=event.pk).update(address="203.0.113.7", browser="Firefox")
    with exported(browse(bob)) as archive:
        found = [row for row in rows(archive, "security_log") if row["kind"] == kind]
    told = [(row["user_id"], row["by"], row["address"], row["browser"], row["details"]) for row in found]
    assert told == [
        (bob.pk, "somebody else", "", "", {"previous_email": bob.email}),
        (alice.pk, "you", "203.0.113.7", "Firefox", {}),
    ]


def test_what_the_person_did_to_others_tells_nothing_of_them(alice, bob, root):
    alice.edit(Actor(root), display_name="Alicia")
    with exported(browse(root)) as archive:
        [event] = [row for row in rows(archive, "events") if row["user_id"] == alice.pk]
    assert (event["type"], event["by"], event["changes"], event["data"]) == ("user.updated", "you", {}, {})


def test_what_is_too_large_is_not_written(bob, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    with (tmp_path / "data.zip").open("wb") as file, pytest.raises(TooLarge):
        Archive(file).write(bob)


def test_the_number_of_statements_is_the_same_for_any_number_of_rows(bob, algebra, make_user, join, tmp_path):
    def statements():
        with (tmp_path / "data.zip").open("wb") as file, CaptureQueriesContext(connection) as queries:
            Archive(file).write(bob)
        return len(queries)

    join(algebra, bob)
    few = statements()
    for number in range(3):
        teacher = make_user(f"Teacher{number}", "TEACHER")
        join(Class.objects.create_with_teacher(Actor(teacher), title="More", description=""), bob)
    assert statements() == few


def test_few_rows_are_in_memory_at_a_time(bob, tmp_path, monkeypatch):
    """All rows of a part are read by one statement, some at a time."""
    for number in range(5):
        UserSession.objects.create(user=bob, session_key=str(number), ip="203.0.113.7")
    monkeypatch.setattr("tutorarc.staff.export.CHUNK", 2)
    with (tmp_path / "data.zip").open("wb") as file:
        Archive(file).write(bob)
    with ZipFile(tmp_path / "data.zip") as archive:
        assert len(rows(archive, "sign_ins")) == 5
        assert len(table(archive, "sign_ins")) == 6
