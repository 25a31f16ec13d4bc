"""A person of whom every table tells something, and what the tables of the database hold, as one text."""

from datetime import timedelta
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from apikeys.models import ApiKey, RefusedCall
from classes.models import Class
from members.models import Invitation, Membership
from members.models.invitation_queryset import Guest
from sessions.models import Attendance, LiveSession, Series
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.exports.models import DataExport
from tutorarc.imports.models import Import, ImportLine
from tutorarc.jobs.models import Job
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.mail.outgoing import Mail, queue
from tutorarc.models import (
    BulkChange,
    Event,
    IdempotentReply,
    KnownBrowser,
    Note,
    SecurityEvent,
    SecurityEventKind,
    User,
)
from tutorarc.webhooks.models import Delivery, Endpoint

NAME, EMAIL, EXTERNAL_ID = "Zebulon Quixotic", "zeb.quixotic@example.org", "sis-4711-zq"
FORMER_NAME, FORMER_EMAIL, FORMER_ID = "Zebulon Maidenname", "zeb.maiden@example.org", "sis-0815-zm"
SCREAMED = f"{NAME} <{EMAIL}>, {EXTERNAL_ID}".upper()
TEXT = f"Call {NAME} at {EMAIL}, known as {EXTERNAL_ID}."
IDENTIFYING = ("Zebulon", NAME, EMAIL, EXTERNAL_ID, FORMER_NAME, FORMER_EMAIL, FORMER_ID)


def dump():
    """All rows of all tables as text, in lower case."""
    is_postgres = connection.vendor == "postgresql"
    row = "row_to_json(t)::text" if is_postgres else "*"
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT {row} FROM "{table}" t')  # noqa: S608
            lines += [f"{table}: {values}" for values in cursor.fetchall()]
    return "\n".join(lines).lower()


def found_in_dump():
    text = dump()
    return [one for one in IDENTIFYING if one.lower() in text]


def make_zebulon(dora):
    """A teacher of a class that Dora teaches too, who was renamed, and of whom all tables tell."""
    zebulon = User.objects.create_user(
        FORMER_EMAIL, "correct-horse-battery", display_name=FORMER_NAME, global_role="TEACHER", external_id=FORMER_ID
    )
    zebulon = zebulon.edit(SYSTEM, display_name=NAME, email=EMAIL, external_id=EXTERNAL_ID, time_zone="Asia/Tokyo")
    zebulon.change_groups(SYSTEM, [Group.objects.create(name="Helpers")])
    zebulon.refresh_from_db()
    _teach(zebulon, dora)
    _invite(zebulon, dora)
    _integrate(zebulon, dora)
    _sign_in(zebulon)
    _mail(zebulon)
    _by_staff(zebulon, dora)
    return User.objects.get(pk=zebulon.pk)


def _teach(zebulon, dora):
    algebra = Class.objects.create_with_teacher(Actor(zebulon), title="Algebra")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(zebulon))
    chess = Class.objects.create_with_teacher(Actor(dora), title="Chess")
    Membership.objects.request(chess, chess.class_code, Actor(zebulon))
    archived = Class.objects.create_with_teacher(Actor(dora), title="Old")
    Membership.objects.enrol(archived, zebulon, "STUDENT", Actor(dora), EMAIL)
    lesson = {"duration": 60, "start_time": timezone.now() + timedelta(days=1), "teacher_ref": EXTERNAL_ID}
    past = lesson | {"start_time": timezone.now() - timedelta(days=1), "teacher_ref": "dora"}
    attended = LiveSession.objects.schedule(Actor(dora), klass=archived, title="Rooks", **past)
    Attendance.objects.mark(attended, {zebulon.pk: "PRESENT"}, Actor(dora))
    archived.archive(Actor(dora))
    LiveSession.objects.schedule(Actor(zebulon), klass=algebra, title="Groups", **lesson)
    LiveSession.objects.schedule(Actor(dora), klass=chess, title="Openings", **lesson)
    own = LiveSession.objects.schedule(
        Actor(zebulon),
        title=f"With {NAME}",
        external_id=EXTERNAL_ID,
        room_url=f"https://meet.org/{EXTERNAL_ID}",
        **lesson,
    )
    own.reschedule(Actor(zebulon), title=f"Again with {NAME}")
    starts = [lesson.pop("start_time")]
    again = {"title": f"Weekly with {NAME}", "rule": "FREQ=WEEKLY;COUNT=1", "time_zone": "Europe/Berlin"}
    Series.objects.schedule(Actor(zebulon), starts=starts, **again, **lesson)


def _invite(zebulon, dora):
    chess, old, algebra = (Class.objects.get(title=title) for title in ("Chess", "Old", "Algebra"))
    old.unarchive(Actor(dora))
    for klass, address in ((chess, EMAIL), (chess, FORMER_EMAIL), (old, EMAIL)):
        guests = [Guest(address, NAME)]
        Invitation.objects.send(klass, guests, "STUDENT", Actor(dora), message=TEXT, site="https://tutorarc.org")
    old.archive(Actor(dora))
    guests = [Guest("bob@example.org", "Bob")]
    Invitation.objects.send(algebra, guests, "STUDENT", Actor(zebulon), message=TEXT, site="https://tutorarc.org")


def _integrate(zebulon, dora):
    key, _ = ApiKey.objects.issue(zebulon, Actor(zebulon), name=f"Script of {NAME}")
    call = {"method": "GET", "route": "", "status": 409, "reason": "email_taken", "request_id": "r"}
    RefusedCall.objects.create(api_key=key, owner=zebulon, path=f"/users/{EXTERNAL_ID}", message=TEXT, **call)
    other, _ = ApiKey.objects.issue(dora, Actor(dora), name="Other")
    RefusedCall.objects.create(api_key=other, owner=dora, path=f"/users/{EMAIL}", message=TEXT, **call)
    IdempotentReply.objects.create(user=zebulon, key=EXTERNAL_ID, fingerprint="f", status=201, answer="a")
    for owner in (zebulon, dora):
        hook, _ = Endpoint.objects.register(
            owner, Actor(owner), url=f"https://example.org/{owner.pk}", description=TEXT if owner == zebulon else ""
        )
        Delivery.objects.create(
            endpoint=hook,
            event_id=Event().pk,
            event_type="user.updated",
            order_key=uuid4(),
            status="FAILED",
            response_body=f'{{"name": "{NAME}"}}',
            error=TEXT,
        )


def _sign_in(zebulon):
    data = {"name": f"Laptop of {NAME}"}
    Authenticator.objects.create(user=zebulon, type="webauthn", data=data)
    account = SocialAccount.objects.create(user=zebulon, provider="school", uid=EMAIL, extra_data={"name": NAME})
    SocialToken.objects.create(account=account, token=EMAIL)
    KnownBrowser.objects.remember(zebulon, "browser")
    UserSession.objects.create(user=zebulon, session_key="s", ip="203.0.113.77", user_agent=TEXT, data={"of": NAME})
    SecurityEvent.objects.create(
        kind=SecurityEventKind.SIGN_IN_SUCCEEDED, user=zebulon, actor=zebulon, address="203.0.113.77", browser="Zeb’s"
    )
    SecurityEvent.objects.record(SecurityEventKind.IMPORT, by=Actor(zebulon), file=f"{NAME}.csv", records="people")


def _mail(zebulon):
    Notice.objects.create(user=zebulon, kind="requests", about=uuid4(), details={"name": NAME})
    UnwantedKind.objects.create(user=zebulon, kind="requests")
    queue(Mail(to=EMAIL.title(), subject="Hello", text=TEXT))
    for payload in ({"email": EMAIL, "code": "", "site": ""}, {"email": "", "code": "", "site": ""}):
        Job.objects.enqueue("sign_up_mail", payload)
    Job.objects.enqueue("welcome_mail", {"people": [zebulon.pk], "site": ""})
    Job.objects.enqueue("invitation_mail", {"invitation": "inv", "token": "", "site": ""})
    Job.objects.filter(kind="invitation_mail").update(last_error=f"550 no such user {EMAIL}", failed_at=timezone.now())


def _by_staff(zebulon, dora):
    for person, author in ((zebulon, dora), (dora, zebulon)):
        Note.objects.add(person, TEXT, Actor(author))
    row = {"email": EMAIL, "first name": "Zebulon", "id": EXTERNAL_ID}
    shown = {"line": 2, "file": "", "label": EMAIL, "summary": "name: Zebulon"}
    about = Import.objects.create(
        by=dora,
        kind="people",
        state="done",
        file_name=f"{NAME}.csv",
        notes=[TEXT, SCREAMED],
        preview={"groups": {"added": [shown]}, "warnings": [shown]},
        records=[["tutorarc.user", zebulon.pk, NAME], ["tutorarc.user", zebulon.pk, SCREAMED]],
        class_ids={EXTERNAL_ID: "cls"},
        stopped_because=TEXT,
    )
    ImportLine.objects.create(
        about=about, part="people", file=f"{NAME}.csv", line=2, label=SCREAMED, reason=TEXT, cells=row
    )
    DataExport.objects.ask(zebulon, Actor(zebulon), "")
    BulkChange.objects.create(
        by=dora, action="deactivate", label="Deactivate", site="", keys=[zebulon.pk], refused=[[zebulon.pk, TEXT]]
    )
    people = ContentType.objects.get_for_model(User)
    for object_id, name in ((zebulon.pk, str(zebulon)), ("1", f"{NAME} in Algebra")):
        LogEntry.objects.create(
            user=dora,
            content_type=people,
            object_id=object_id,
            object_repr=name,
            action_flag=CHANGE,
            change_message=TEXT,
        )
