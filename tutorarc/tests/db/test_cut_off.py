"""A write that fails before any of its statements has changed nothing and recorded nothing."""

from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from apikeys.models import ApiKey
from classes.models import Class
from members.batch_errors import Newcomer
from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.password_tokens import password_tokens
from tutorarc.models import User

pytestmark = pytest.mark.django_db(transaction=True)

STARTING = {"title": "Rings", "start_time": datetime(2036, 3, 20, 10, tzinfo=UTC), "duration": 60, "teacher_ref": "t"}
MEMBERS = Membership.objects


@pytest.fixture
def world(make_user, alice, bob, charlie, dora, algebra, join):
    """Bob and Dora are students of Alice's class, Charlie's request is pending, and Eve is outside."""
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    by, eve = Actor(alice), make_user("Eve", "TEACHER")
    MEMBERS.enrol(algebra, dora, "STUDENT", by)
    archived = Class.objects.create_with_teacher(by, title="Logic").archive(by)
    session = LiveSession.objects.schedule(by, klass=algebra, **STARTING)
    key, group = ApiKey.objects.issue(alice, SYSTEM)[0], Group.objects.create(name="Night watch")
    people = {"bob": bob, "charlie": charlie, "dora": dora, "eve": eve}
    return SimpleNamespace(by=by, klass=algebra, archived=archived, session=session, key=key, group=group, **people)


VERBS = {
    "create_user": lambda w: User.objects.create_user("new@example.org", display_name="New"),
    "create_many": lambda w: User.objects.create_many([User(email=f"{n}@example.org", display_name=n) for n in "ab"]),
    "edit_many": lambda w: User.objects.edit_many(
        {w.bob.pk: {"display_name": "B"}, w.eve.pk: {"is_active": False}}, w.by
    ),
    "edit of a person": lambda w: w.bob.edit(w.by, email="b@example.org"),
    "change_groups": lambda w: w.dora.change_groups(SYSTEM, [w.group]),
    "change_password": lambda w: w.bob.change_password(w.by, "another-staple-8"),
    "set_password_by_link": lambda w: w.bob.set_password_by_link(password_tokens.make_token(w.bob), "another-staple-8"),
    "make_password_link": lambda w: w.bob.make_password_link(w.by),
    "issue": lambda w: ApiKey.objects.issue(w.bob, w.by),
    "rotate": lambda w: w.key.rotate(w.by, timedelta(hours=1)),
    "revoke": lambda w: w.key.revoke(w.by),
    "found": lambda w: Class.objects.create_with_teacher(w.by, title="Geometry"),
    "edit of a class": lambda w: w.klass.edit(w.by, title="Geometry"),
    "archive": lambda w: w.klass.archive(w.by),
    "unarchive": lambda w: w.archived.unarchive(w.by),
    "renew_code": lambda w: w.klass.renew_code(w.by),
    "request": lambda w: MEMBERS.request(w.klass, w.klass.class_code, Actor(w.eve)),
    "enrol": lambda w: MEMBERS.enrol(w.klass, w.eve, "TEACHER", w.by),
    "remove": lambda w: MEMBERS.remove(w.klass, w.bob.pk, w.by),
    "change_role": lambda w: MEMBERS.change_role(w.klass, w.dora.pk, "TEACHER", w.by),
    "approve": lambda w: MEMBERS.approve(w.klass, [w.charlie.pk], w.by),
    "reject": lambda w: MEMBERS.reject(w.klass, [w.charlie.pk], w.by),
    "enrol_many": lambda w: MEMBERS.enrol_many(w.klass, [Newcomer(w.eve, "TEACHER")], w.by),
    "remove_many": lambda w: MEMBERS.remove_many(w.klass, [w.bob.pk, w.dora.pk], w.by),
    "change_roles": lambda w: MEMBERS.change_roles(w.klass, [w.dora.pk], "TEACHER", w.by),
    "schedule": lambda w: LiveSession.objects.schedule(w.by, klass=w.klass, **STARTING),
    "reschedule": lambda w: w.session.reschedule(w.by, duration=90),
    "cancel": lambda w: w.session.cancel(w.by),
    "end": lambda w: w.session.end(w.by),
}
OURS = ("tutorarc", "jobs", "apikeys", "classes", "members", "live_sessions")
MORE_STATEMENTS_THAN_ANY_HAS = 50


def everything():
    """Every row of ours, and every record."""
    models = [model for model in apps.get_models() if model._meta.app_label in OURS] + [User.groups.through]
    return {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in models}


def cut_off_before(number):
    statements = count()

    def execute_or_fail(execute, *call):
        if next(statements) == number:
            raise OperationalError("cut off")
        return execute(*call)

    return connection.execute_wrapper(execute_or_fail)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_atomic(world, verb):
    before = everything()
    for number in range(MORE_STATEMENTS_THAN_ANY_HAS):
        try:
            with cut_off_before(number):
                VERBS[verb](world)
        except OperationalError:
            assert everything() == before
        else:
            break
    assert everything() != before


CALLS = {
    "a session": lambda w: ("/classes", SESSION_BODY),
    "a class": lambda w: ("/classes", {"title": "Geometry"}),
    "an approval": lambda w: (f"/classes/{w.klass.pk}/members/approve", {"user_ids": [w.charlie.pk]}),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_with_an_idempotency_key_is_atomic_or_leaves_the_key_unused(world, api, call):
    client, headers, before = api(world.by.user), {"Idempotency-Key": "mine"}, everything()
    for number in range(MORE_STATEMENTS_THAN_ANY_HAS):
        with cut_off_before(number):
            response = client.post(*CALLS[call](world), headers=headers)
        if response.status_code != 503:
            break
        assert everything() == before
    assert everything() != before
    again = client.post(*CALLS[call](world), headers=headers)
    assert (again.json(), again["Idempotency-Replayed"]) == (response.json(), "true")
