"""The programs in docs/integration.md, and a generated client, bring a school here, and make nothing twice."""

import sys

import pytest

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.jobs.models import Job
from tutorarc.models import Event
from tutorarc.testing.generated_clients import Running, need, run
from tutorarc.tests.ops.documents import DOCS, blocks

pytestmark = pytest.mark.slow

LOCAL = "http://localhost:8000"
TYPED = """
import datetime, os, sys
from tutor_arc_client import AuthenticatedClient
from tutor_arc_client.api.class_settings import update_class_settings
from tutor_arc_client.api.classes import create_class, list_classes
from tutor_arc_client.api.live_sessions import create_live_session
from tutor_arc_client.api.members import add_member
from tutor_arc_client.api.users import create_user, list_users, update_user
from tutor_arc_client.models import (
    ClassSettingsChangesRequest, EnrolmentRequest, Error, GlobalRoleEnum, NewClassRequest, NewSessionRequest,
    NewUserRequest, RoleEnum, UserChangesRequest,
)

key = {"token": os.environ["KEY"], "prefix": "", "auth_header_name": "X-API-Key"}
client = AuthenticatedClient(base_url=os.environ["HOST"], raise_on_unexpected_status=True, **key)


def person(number, name, role):
    for found in list_users.sync(client=client, external_id=number).results:
        return found.id
    body = NewUserRequest(f"{name.split()[0].lower()}@school.example", name, role, external_id=number, invite=True)
    made = create_user.sync(client=client, body=body)
    if not isinstance(made, Error):
        return made.id
    [detail] = made.error.details
    update_user.sync(detail.id, client=client, body=UserChangesRequest(external_id=number))
    return detail.id


def klass(number, title):
    for found in list_classes.sync(client=client, external_id=number).results:
        return found.id
    made = create_class.sync(client=client, body=NewClassRequest(title), idempotency_key=number)
    update_class_settings.sync(made.id, client=client, body=ClassSettingsChangesRequest(external_id=number))
    return made.id


def enrol(class_id, user_id, role):
    answer = add_member.sync(class_id, client=client, body=EnrolmentRequest(role, user_id=user_id))
    assert not isinstance(answer, Error) or answer.error.reason == "already_on_record", answer


def lesson(class_id):
    begins = datetime.datetime.fromisoformat("2036-03-20T10:00:00+00:00")
    body = NewSessionRequest("Sorting", begins, 60, "sis-t-1", class_id=class_id, external_id="sis-l-1")
    answer = create_live_session.sync(client=client, body=body)
    return answer.error.details[0].id if isinstance(answer, Error) else answer.data.session_id


teacher = person("sis-t-1", "Tara Lindqvist", GlobalRoleEnum.TEACHER)
students = [
    person("sis-s-1", "Sam Oyelaran", GlobalRoleEnum.STUDENT),
    person("sis-s-2", "Lucia Castillo", GlobalRoleEnum.STUDENT),
]
class_id = klass("sis-c-1", "Algorithms 101")
enrol(class_id, teacher, RoleEnum.TEACHER)
for student in students:
    enrol(class_id, student, RoleEnum.STUDENT)
print(class_id, lesson(class_id))
"""


@pytest.fixture
def of_admin(live_server, api, admin):
    return Running(live_server.url, api(admin).defaults["HTTP_X_API_KEY"])


def program(language):
    [text] = [block.text for block in blocks(DOCS / "integration.md") if block.language == language]
    return text


@pytest.fixture(params=["python", "typescript", "generated"])
def start(request, of_admin, tmp_path):
    """`start()`: runs the program, and returns what it prints."""
    if request.param == "generated":
        directory = request.getfixturevalue("python_client")
        (tmp_path / "calls.py").write_text(TYPED)
        environment = {"HOST": of_admin.url, "KEY": of_admin.key, "PYTHONPATH": str(directory)}
        return lambda: run([sys.executable, "calls.py"], tmp_path, **environment)
    source = of_admin.fit(program(request.param), LOCAL)
    if request.param == "python":
        (tmp_path / "sync.py").write_text(source)
        return lambda: run([sys.executable, "sync.py"], tmp_path)
    tools = request.getfixturevalue("node_tools")
    (tools / "sync.ts").write_text(source)
    compiler = [str(tools / "node_modules/.bin/tsc"), "--strict", "--module", "nodenext", "--target", "es2022"]
    run([*compiler, "--skipLibCheck", "--types", "node", "sync.ts"], tools)
    return lambda: run([need("node"), "sync.js"], tools)


def test_a_school_is_brought_here_once(start, admin, bob):
    bob.edit(SYSTEM, email="sam@school.example")  # had an account before
    first = start()
    klass, lesson = Class.objects.get(), LiveSession.objects.get()
    assert first == f"{klass.pk} {lesson.pk}\n"
    assert (klass.title, klass.external_id, klass.created_by) == ("Algorithms 101", "sis-c-1", admin)
    assert (lesson.external_id, lesson.klass, lesson.teacher_ref) == ("sis-l-1", klass, "sis-t-1")
    places = Membership.objects.filter(klass=klass).exclude(user=admin).order_by("user__external_id")
    assert [(place.user.external_id, place.user.global_role, place.role, place.status) for place in places] == [
        ("sis-s-1", "STUDENT", "STUDENT", "APPROVED"),
        ("sis-s-2", "STUDENT", "STUDENT", "APPROVED"),
        ("sis-t-1", "TEACHER", "TEACHER", "APPROVED"),
    ]
    assert Job.objects.filter(kind="welcome_mail").count() == 2
    before = Event.objects.count()
    assert start() == first
    assert Event.objects.count() == before
    klass.change_settings(Actor(admin), external_id=None)  # as if the program had been stopped before it set it
    assert start() == first
    assert Class.objects.get().external_id == "sis-c-1"
