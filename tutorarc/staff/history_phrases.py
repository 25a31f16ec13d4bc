"""Records in words: who did what to whom, with which credential, from what to what."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from string import Formatter
from typing import Any, NamedTuple

from django.utils.formats import date_format

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.admission import status_at
from sessions.models import LiveSession
from tutorarc.models import User
from tutorarc.staff.history_timeline import place_of, predecessors

LONGEST_VALUE = 200

PHRASES: dict[Any, dict[str, str]] = {
    User: {
        "create": "added {person}",
        "edit": "edited {person}",
        "set_groups": "changed the groups of {person}",
        "set_password": "set a password for {person}",
        "make_password_link": "made a link to a new password for {person}",
    },
    Class: {
        "create": "created {klass}",
        "edit": "edited {klass}",
        "archive": "archived {klass}",
        "unarchive": "unarchived {klass}",
        "renew_code": "gave {klass} a new code",
    },
    Membership: {
        "found": "made {person} the first teacher of {klass}",
        "join_request": "asked to join {klass}",
        "enrol": "enrolled {person} in {klass}",
        "approve": "approved {person} in {klass}",
        "reject": "rejected {person} in {klass}",
        "remove": "removed {person} from {klass}",
        "reopen": "reopened the request of {person} in {klass}",
        "leave": "left {klass}",
        "change_role": "changed the role of {person} in {klass}",
    },
    LiveSession: {
        "schedule": "scheduled {session}",
        "reschedule": "changed {session}",
        "cancel": "cancelled {session}",
        "end": "ended {session}",
    },
    ApiKey: {
        "issue": "issued {key} to {person}",
        "revoke": "revoked {key} of {person}",
        "rotate": "rotated {key} of {person}",
    },
}
SUBJECTS = {User: "person", Class: "klass", Membership: "person", LiveSession: "session", ApiKey: "key"}
# What is told of a record: listed, so that nothing secret gets in by itself.
FIELDS: dict[Any, Sequence[str]] = {
    User: ("email", "display_name", "global_role", "is_active", "is_staff", "is_superuser"),
    Class: ("title", "description", "class_code"),
    Membership: ("role",),
    LiveSession: ("title", "start_time", "duration", "strict", "teacher_ref"),
    ApiKey: ("name", "scopes", "expires_at", "revoked_at"),
}


class Ref(NamedTuple):
    """A row by its present name."""

    model: Any
    pk: Any
    name: str


class Change(NamedTuple):
    field: str
    before: str
    after: str


class AuditEntry(NamedTuple):
    moment: datetime
    actor: Ref | None
    words: list[str | Ref]
    key: Ref | None
    changes: list[Change]


def audit_entries(records: Sequence[Any]) -> list[AuditEntry]:
    """In the same order, for a handful of statements whatever their number."""
    before = predecessors(record for record in records if record.history_type == "~")
    people, classes, keys = _people(records), _classes(records), _keys(records)

    def told(record: Any) -> AuditEntry:
        refs = {
            "person": people.get(_person_id(record)),
            "klass": classes.get(_class_id(record)),
            "session": Ref(LiveSession, record.id, record.title) if _model(record) is LiveSession else None,
            "key": keys.get(record.id),
        }
        return AuditEntry(
            record.history_date,
            people.get(record.history_user_id),
            list(_words(record, refs)),
            keys.get(record.history_credential),
            list(_changes(record, before.get(place_of(record)))),
        )

    return [told(record) for record in records]


def _words(record: Any, refs: dict[str, Ref | None]) -> Iterator[str | Ref]:
    model, verb = _model(record), _verb(record)[0] or "changed"
    phrase = PHRASES[model].get(verb, f"{verb.replace('_', ' ')}: {{{SUBJECTS[model]}}}")
    for text, subject, _, _ in Formatter().parse(phrase):
        yield text
        if subject:
            yield refs[subject] or str(record.id)


def _changes(record: Any, before: Any) -> Iterator[Change]:
    model, created = _model(record), record.history_type == "+"
    if (status := _status(record)) and status != record.from_status:
        yield Change("status", record.from_status, status)
    if detail := _verb(record)[1]:
        before_and_after = detail.partition(" → ")
        yield Change("groups", before_and_after[0], before_and_after[2])
    if created or before:
        for name in FIELDS[model]:
            old, new = (None if created else getattr(before, name)), getattr(record, name)
            if old != new and not (created and new in (False, "", None)):
                yield Change(str(model._meta.get_field(name).verbose_name), "" if created else _shown(old), _shown(new))


def _verb(record: Any) -> tuple[str, str]:
    """And what it is about, of which the row itself tells nothing: `set_groups: none → Support`."""
    verb, _, detail = (record.history_change_reason or "").partition(": ")
    return verb, detail


def _status(record: Any) -> str:
    if _model(record) is LiveSession:
        return status_at(record, record.history_date)
    return getattr(record, "status", "")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


# Present names, one statement a table


def _people(records: Iterable[Any]) -> dict[Any, Ref]:
    ids = {key for record in records for key in (record.history_user_id, _person_id(record)) if key}
    names = User.objects.filter(pk__in=ids).values_list("pk", "display_name") if ids else []
    return {pk: Ref(User, pk, name) for pk, name in names}


def _classes(records: Iterable[Any]) -> dict[Any, Ref]:
    ids = {key for record in records if (key := _class_id(record))}
    titles = Class.objects.filter(pk__in=ids).values_list("pk", "title") if ids else []
    return {pk: Ref(Class, pk, title) for pk, title in titles}


def _keys(records: Iterable[Any]) -> dict[Any, Ref]:
    own = {record.id for record in records if _model(record) is ApiKey}
    ids = own | {record.history_credential for record in records if record.history_credential}
    names = ApiKey.objects.filter(pk__in=ids).values_list("pk", "name", "hint") if ids else []
    return {pk: Ref(ApiKey, pk, f"{name} ({hint})") for pk, name, hint in names}


def _model(record: Any) -> Any:
    return record.instance_type


def _person_id(record: Any) -> Any:
    if _model(record) is User:
        return record.id
    return getattr(record, "user_id", None) or getattr(record, "owner_id", None)


def _class_id(record: Any) -> Any:
    return record.id if _model(record) is Class else getattr(record, "klass_id", None)
