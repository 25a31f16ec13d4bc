"""`manage.py prune` removes what has expired, and nothing else."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apikeys.models import ApiKey, RefusedCall
from classes.code_notice import CodeNotice
from members.models import Invitation
from tutorarc.db.ids import first_id_from
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.sliding_window import Limit
from tutorarc.jobs.models import Job, Worker
from tutorarc.jobs.run import run
from tutorarc.jobs.turns import Turns
from tutorarc.mail.models import Notice
from tutorarc.models import BulkChange, IdempotentReply, KnownBrowser, LimitCount, SecurityEvent, SecurityEventKind
from tutorarc.webhooks.models import Delivery, Endpoint

KINDS = (
    "idempotent replies",
    "sign-ins",
    "ended sign-ins on lists",
    "security events",
    "known browsers",
    "refused calls",
    "limits",
    "notices of guessed codes",
    "notices by mail",
    "deliveries",
    "jobs",
    "workers",
    "lines of imports",
    "files of imports",
    "imports",
    "changes of many people",
    "log of the admin site",
    "invitations",
    "exports of personal data",
)


def removed(**counts):
    """The lines of a run that removed this many rows."""
    by_kind = {name.replace("_", " ").replace("sign ins", "sign-ins"): count for name, count in counts.items()}
    return [f"{kind}: {by_kind.get(kind, 0)} removed" for kind in KINDS]


def prune():
    out = StringIO()
    call_command("prune", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def reply(alice):
    def make(key, age=timedelta()):
        moment = timezone.now() - age
        return IdempotentReply.objects.create(user=alice, key=key, fingerprint="f", status=200, created_at=moment)

    return make


@pytest.fixture
def sign_in():
    def make(key, left):
        return Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + left)

    return make


def kept(model):
    return sorted(model.objects.values_list("key" if model is IdempotentReply else "session_key", flat=True))


DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def test_expired_rows_are_deleted_and_others_stay(half_past_nine, alice, reply, sign_in):
    for name, age in (("just over", 180 * DAY), ("not quite", 180 * DAY - SECOND)):
        KnownBrowser.objects.remember(alice, name)
        KnownBrowser.objects.filter(last_used_at=timezone.now()).update(last_used_at=timezone.now() - age)
    reply("two days", 2 * DAY)
    reply("just over", DAY)
    reply("not quite", DAY - SECOND)
    reply("fresh")
    sign_in("yesterday", -DAY)
    sign_in("just over", timedelta())
    sign_in("not quite", SECOND)
    assert prune() == removed(idempotent_replies=2, sign_ins=2, known_browsers=1)
    assert (kept(IdempotentReply), kept(Session)) == (["fresh", "not quite"], ["not quite"])
    assert KnownBrowser.objects.knows([alice.email], "not quite")


def test_limits_are_kept_while_they_count(half_past_nine, db, time_machine):
    limit = Limit("trial", "someone", 10, 300)
    LimitCount.objects.add([limit], int(timezone.now().timestamp()))
    time_machine.shift(timedelta(seconds=599))
    assert prune() == removed()
    time_machine.shift(timedelta(seconds=1))
    assert prune() == removed(limits=1)


def test_notices_of_guessed_codes_are_kept_while_they_are_shown(half_past_nine, db, time_machine):
    CodeNotice.objects.notice("ALGO")
    time_machine.shift(timedelta(days=1) - SECOND)
    assert prune() == removed()
    time_machine.shift(SECOND)
    assert prune() == removed(notices_of_guessed_codes=1)


def test_security_events_are_kept_for_180_days(half_past_nine, alice):
    def recorded(age):
        key = first_id_from("sec", timezone.now() - age)
        return SecurityEvent.objects.create(pk=key, kind=SecurityEventKind.SIGN_OUT, user=alice).pk

    recorded(timedelta(days=180, seconds=1))
    kept = [recorded(timedelta(days=180)), recorded(timedelta())]
    assert prune() == removed(security_events=1)
    events = SecurityEvent.objects.filter(kind=SecurityEventKind.SIGN_OUT).order_by("pk")
    assert list(events.values_list("pk", flat=True)) == kept


def test_refused_calls_are_kept_for_a_week(half_past_nine, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)

    def refused(age):
        pk = first_id_from("refusal", timezone.now() - age)
        return RefusedCall.objects.create(pk=pk, api_key=key, owner=alice, status=400).pk

    refused(timedelta(days=7, seconds=1))
    kept = [refused(timedelta(days=7)), refused(timedelta())]
    assert prune() == removed(refused_calls=1)
    assert list(RefusedCall.objects.order_by("pk").values_list("pk", flat=True)) == kept


def test_notices_by_mail_are_kept_for_a_week(half_past_nine, alice, time_machine):
    Notice.objects.create(user=alice, kind="lessons", about=uuid4())
    time_machine.shift(7 * DAY)
    assert prune() == removed()
    time_machine.shift(SECOND)
    assert prune() == removed(notices_by_mail=1)


def test_done_jobs_are_kept_for_a_week_and_workers_for_a_day(half_past_nine, db, time_machine):
    Job.objects.create(kind="prune", due_at=timezone.now(), done_at=timezone.now())
    Job.objects.create(kind="prune", due_at=timezone.now())
    Worker.objects.beat("one")
    time_machine.shift(DAY)
    assert prune() == removed(workers=1)
    time_machine.shift(6 * DAY)
    assert prune() == removed(jobs=1)


def test_a_worker_prunes_every_day(half_past_nine, reply):
    reply("old", 2 * DAY)
    Turns("one").take()
    [job] = Job.objects.claim(["prune"], "one", 1)
    run(job)
    assert kept(IdempotentReply) == []
    assert Job.objects.open().get(kind="prune").due_at == timezone.now() + DAY


def test_the_list_of_sign_ins_forgets_those_that_have_ended(alice, sign_in):
    for key, left in (("ended", -DAY), ("open", DAY)):
        sign_in(key, left)
        UserSession.objects.create(user=alice, session_key=key, ip="203.0.113.7", user_agent="Firefox")
    prune()
    assert kept(UserSession) == ["open"]


def test_a_second_run_deletes_nothing(reply, sign_in):
    reply("old", 2 * DAY)
    sign_in("old", -DAY)
    prune()
    assert prune() == removed()


@pytest.mark.parametrize(("count", "statements"), [(3, 2), (4, 2), (5, 3)])
def test_many_rows_are_deleted_in_batches(reply, monkeypatch, count, statements):
    monkeypatch.setattr("tutorarc.ops.prune.BATCH", 2)
    for number in range(count):
        reply(str(number), 2 * DAY)
    with CaptureQueriesContext(connection) as queries:
        lines = prune()
    assert lines == removed(idempotent_replies=count)
    assert len([query for query in queries if query["sql"].startswith("DELETE")]) == statements


def test_a_key_whose_reply_was_pruned_serves_a_new_request(api, alice, reply):
    client = api(alice)
    headers = {"Idempotency-Key": "mine"}
    first = client.post("/classes", {"title": "Algebra"}, headers=headers)
    IdempotentReply.objects.update(created_at=timezone.now() - 2 * DAY)
    prune()
    second = client.post("/classes", {"title": "Geometry"}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)


def test_a_reply_that_is_pruned_while_its_key_is_claimed_is_claimed_again(alice, reply, monkeypatch):
    reply("mine", 2 * DAY)
    queryset = type(IdempotentReply.objects.all())
    lock = queryset.select_for_update

    def prune_just_before(self, **options):
        monkeypatch.setattr(queryset, "select_for_update", lock)
        prune()
        return lock(self, **options)

    monkeypatch.setattr(queryset, "select_for_update", prune_just_before)
    with transaction.atomic():
        claimed = IdempotentReply.objects.claim(alice, "mine", "another")
    assert (claimed.fingerprint, claimed.status) == ("another", None)


@pytest.mark.django_db(transaction=True)
def test_a_reply_in_use_is_left_for_the_next_time(reply, run_together):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks the whole database, and no row")

    def impatiently():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")  # or a command that waited would wait for this test for ever
        return prune()

    reply("in use", 2 * DAY)
    reply("idle", 2 * DAY)
    with transaction.atomic():
        IdempotentReply.objects.select_for_update().get(key="in use")
        assert run_together([impatiently]) == [removed(idempotent_replies=1)]
    assert kept(IdempotentReply) == ["in use"]
    assert prune()[0] == "idempotent replies: 1 removed"


def test_deliveries_are_deleted_after_30_days(half_past_nine, alice):
    endpoint, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
    for age in (30 * DAY, 30 * DAY + SECOND):
        for status in ("SUCCEEDED", "PENDING"):
            first = first_id_from("dlv", timezone.now() - age)
            delivery = Delivery(pk=first[:-1] + status[0].lower(), endpoint=endpoint, status=status)
            delivery.event_id, delivery.order_key = delivery.pk.replace("dlv", "evt"), uuid4()
            delivery.save()
    assert prune() == removed(deliveries=1)
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["PENDING", "PENDING", "SUCCEEDED"]


def test_invitations_are_kept_for_180_days_after_their_expiry(half_past_nine, algebra, alice):
    for number, age in enumerate((180 * DAY - SECOND, 180 * DAY)):
        moment = timezone.now() - age
        about = {"klass": algebra, "sent_by": alice, "role": "STUDENT", "sent_at": moment, "expires_at": moment}
        Invitation.objects.create(email=f"{number}@example.org", token_digest=str(number), **about)
    assert prune() == removed(invitations=1)
    assert Invitation.objects.get().email == "0@example.org"


def test_the_log_of_the_admin_site_is_kept_as_long_as_the_security_log(half_past_nine, root):
    for age in (180 * DAY - SECOND, 180 * DAY):
        LogEntry.objects.create(user=root, action_flag=CHANGE, action_time=timezone.now() - age)
    assert prune() == removed(log_of_the_admin_site=1)
    assert LogEntry.objects.count() == 1


def test_how_long_is_a_setting(half_past_nine, alice, settings):
    settings.KEEP_SECURITY_LOG = 2 * DAY
    for age in (2 * DAY, 2 * DAY + SECOND):
        key = first_id_from("sec", timezone.now() - age)
        SecurityEvent.objects.create(pk=key, kind=SecurityEventKind.SIGN_OUT, user=alice)
    assert prune() == removed(security_events=1)


def test_changes_of_many_people_are_kept_for_180_days(half_past_nine, root):
    for age in (180 * DAY - SECOND, 180 * DAY):
        BulkChange.objects.create(by=root, action="deactivate", keys=[], created_at=timezone.now() - age)
    assert prune() == removed(changes_of_many_people=1)
    assert BulkChange.objects.count() == 1
