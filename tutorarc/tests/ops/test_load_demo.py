import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.admission import Status
from sessions.models import Attendance, LiveSession, Series
from sessions.recurrence.occurrences import starts_of
from sessions.recurrence.rules import parse
from tutorarc.db.ids import moment_of
from tutorarc.domain.folded_fields import folded_fields
from tutorarc.models import Event, User
from tutorarc.ops.demo import world
from tutorarc.testing.client import Client

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FEWER = 300
SMALL = ("--classes", "120", "--members", "10", "--pending", str(FEWER))
EVERYTHING = (
    (User, "pk", ("pk", "email", "display_name", "global_role", "created_at")),
    (Class, "pk", ("pk", "title", "description", "class_code", "status", "created_by", "created_at", "updated_at")),
    (Membership, "pk", ("klass", "user", "role", "status", "joined_at")),
)


NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _test_environment(settings: Any) -> None:
    settings.INSECURE_HTTP = True


def load_demo(*words: str) -> str:
    out = StringIO()
    call_command("load_demo", *words, verbosity=0, stdout=out)
    return out.getvalue()


def refusal(*words: str) -> str:
    with pytest.raises(CommandError) as caught:
        load_demo(*words)
    return str(caught.value)


def all_rows(*words: str) -> list[list[tuple[Any, ...]]]:
    """What the command loads, read back and then undone."""
    with transaction.atomic():
        load_demo(*words)
        rows = [list(model._base_manager.order_by(order).values_list(*names)) for model, order, names in EVERYTHING]
        transaction.set_rollback(True)
    return rows


def students_of(klass: Any) -> Any:
    return Membership.objects.filter(klass=klass, role="STUDENT")


@pytest.fixture
def handout(tmp_path: Path) -> Any:
    load_demo(*SMALL, "--out", str(tmp_path / "load.json"))
    return json.loads((tmp_path / "load.json").read_text())


@pytest.fixture
def client_of(handout: Any) -> Any:
    return lambda name: Client(headers={handout["auth_header"]: handout["keys"][name]})


def pages(client: Client, path: str) -> list[Any]:
    rows, address = [], f"{path}{'&' if '?' in path else '?'}page_size=100"
    while address:
        page = client.get(address.removeprefix("http://testserver")).json()
        rows += page["results"]
        address = page["next"]
    return rows


def test_it_reports_what_it_loaded() -> None:
    assert (
        load_demo("--classes", "120", "--members", "10")
        == "Loaded 120 classes, 20,011 people and 21,490 memberships.\n"
    )
    counts = [model._base_manager.count() for model in (Class, User, Membership)]
    assert counts == [120, 20_011, 21_490]
    [pending] = Class.objects.filter(title="Open Enrolment")
    assert students_of(pending).filter(status="PENDING", joined_at=None).count() == 20_000


def test_the_same_seed_gives_the_same_data_within_an_hour(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    assert all_rows(*SMALL, "--seed", "7") == all_rows(*SMALL, "--seed", "7")


def test_another_seed_gives_other_data() -> None:
    one, other = all_rows(*SMALL, "--seed", "7"), all_rows(*SMALL, "--seed", "8")
    assert [len(rows) for rows in one] == [len(rows) for rows in other]
    assert {row[0] for row in one[1]} & {row[0] for row in other[1]} == set()


def test_rows_are_as_the_verbs_would_have_written_them(handout: Any) -> None:
    for klass in Class.objects.all():
        assert klass.created_at == klass.updated_at == moment_of("cls", klass.pk)
        klass.full_clean(validate_unique=False)
    for user in User.objects.all():
        assert user.created_at == moment_of("usr", user.pk)
        assert user.has_usable_password() is False
        user.full_clean(exclude=["password"], validate_unique=False)
    joined = {(member.status, member.joined_at is None) for member in Membership.objects.all()}
    assert joined == {("APPROVED", False), ("PENDING", True), ("REJECTED", True)}
    founders = Membership.objects.teachers().values_list("klass", "user")
    assert set(Class.objects.values_list("pk", "created_by")) - set(founders) == set()


def test_classes_spread_over_the_years(handout: Any) -> None:
    years = Counter(moment.year for moment in Class.objects.values_list("created_at", flat=True))
    assert years == {2021: 12, 2022: 24, 2023: 24, 2024: 24, 2025: 24, 2026: 12}


def test_eight_of_ten_memberships_are_approved(handout: Any) -> None:
    ordinary = Membership.objects.filter(role="STUDENT").exclude(klass=handout["approve"]["class_id"])
    student = User.objects.get(email="student@load.example.org")
    shares = Counter(ordinary.exclude(user=student).values_list("status", flat=True))
    assert shares == {"APPROVED": 1064, "PENDING": 133, "REJECTED": 133}


def test_sessions_requests_and_joins_lead_up_to_the_present(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    load_demo(*SMALL)
    status = {status: LiveSession.objects.in_status(status, NOW).count() for status in Status}
    assert sum(status.values()) == 9 * Class.objects.filter(status="ACTIVE").count()
    assert [name.value for name, count in status.items() if count == 0] == []
    assert LiveSession.objects.in_status(Status.LIVE, NOW).filter(start_time=NOW.replace(minute=0)).exists()
    requests = Event.objects.filter(type="membership.requested").order_by("object_id")
    dates = list(requests.values_list("created_at", flat=True))
    assert (len(dates), dates == sorted(dates)) == (Membership.objects.waiting().count(), True)
    assert (NOW - dates[0]).days == 30
    joined = Membership.objects.filter(role="STUDENT", joined_at__gt=NOW - timedelta(days=30))
    assert len({at.date() for at in joined.values_list("joined_at", flat=True)}) >= 20
    assert Membership.objects.filter(joined_at__gt=NOW).count() == 0


def test_every_second_class_has_a_weekly_series_with_the_attendance_of_its_students(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    load_demo(*SMALL)
    lessons = Counter(LiveSession.objects.exclude(series=None).values_list("series", flat=True))
    assert lessons == dict.fromkeys(Series.objects.values_list("pk", flat=True), 9)
    assert len(lessons) == Class.objects.filter(status="ACTIVE").count() // 2
    for series in Series.objects.all():
        expected = starts_of(parse(series.rule), series.start_time, series.zone)
        assert list(series.sessions.order_by("start_time").values_list("start_time", flat=True)) == expected
    marked = Attendance.objects.filter(session__end_time__lte=NOW, session__series__klass=F("klass"))
    assert marked.count() == Attendance.objects.count()
    assert {(one.status, one.arrived_at is not None) for one in marked} == {
        *(("PRESENT", True), ("LATE", True), ("ABSENT", False), ("EXCUSED", False)),
    }
    by_students = Membership.objects.filter(role="STUDENT", status="APPROVED", joined_at__lte=NOW)
    assert set(marked.values_list("klass", "user")) <= set(by_students.values_list("klass", "user"))


def test_some_classes_are_archived(handout: Any) -> None:
    assert Counter(Class.objects.values_list("status", flat=True)) == {"ACTIVE": 116, "ARCHIVED": 4}


def test_the_big_class_is_a_tenth_but_at_least_150(handout: Any) -> None:
    sizes = {classes: world.World(classes, 5, 1).big for classes in (120, 10_000, 999_999, 1_000_000, 3_000_000)}
    assert sizes == {120: 150, 10_000: 1_000, 999_999: 99_999, 1_000_000: 100_000, 3_000_000: 100_000}
    assert students_of(handout["members_class_id"]).count() == 150


def test_a_small_data_set_still_has_its_named_teachers(tmp_path: Path) -> None:
    assert load_demo("--classes", "1", "--members", "1", "--pending", "300").startswith("Loaded 51 classes, ")
    owners = Counter(Class.objects.values_list("created_by__email", flat=True))
    assert (owners["teacher@load.example.org"], owners["teacher_many@load.example.org"]) == (30, 1)


@pytest.mark.parametrize(("name", "count"), [("teacher", 50), ("teacher_0", 0), ("teacher_many", 60), ("student", 20)])
def test_each_key_sees_the_rows_of_its_role(client_of: Any, name: str, count: int) -> None:
    assert len(pages(client_of(name), "/classes")) == count


def test_the_admin_sees_every_class(client_of: Any) -> None:
    assert len(pages(client_of("admin"), "/classes")) == 120


def test_teacher_created_30_and_joined_20(handout: Any) -> None:
    teacher = User.objects.get(email="teacher@load.example.org")
    assert (teacher.classes_created.count(), teacher.memberships.count()) == (30, 50)


def test_the_ids_in_the_file_can_be_retrieved(handout: Any, client_of: Any) -> None:
    teacher = client_of("teacher")
    assert teacher.get(f"/classes/{handout['class_id']}").json()["status"] == "ACTIVE"
    assert len(pages(teacher, f"/classes/{handout['members_class_id']}/members")) == 151


def test_keys_do_not_expire(handout: Any) -> None:
    assert list(ApiKey.objects.values_list("name", "expires_at")) == [("Load test", None)] * 5


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    out = tmp_path / "load.json"
    out.write_text("old")
    out.chmod(0o644)
    load_demo(*SMALL, "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert sorted(json.loads(out.read_text())) == [
        "approve", "auth_header", "class_id", "keys", "members_class_id", "session_body",
    ]  # fmt: skip


def test_approved_people_are_reset_to_pending(handout: Any, client_of: Any) -> None:
    class_id, user_ids = handout["approve"]["class_id"], handout["approve"]["user_ids"]
    teacher, path = client_of("teacher"), f"/classes/{class_id}/members"
    assert (len(user_ids), students_of(class_id).filter(status="PENDING", joined_at=None).count()) == (FEWER, FEWER)
    approved = teacher.post(f"{path}/approve", {"user_ids": user_ids[:100]})
    assert [member["status"] for member in approved.json()] == ["APPROVED"] * 100
    teacher.post(f"{path}/reject", {"user_ids": [user_ids[100]]})
    assert load_demo("--reset-pending") == "Set back to PENDING: 101.\n"
    assert students_of(class_id).filter(status="PENDING", joined_at=None).count() == FEWER
    assert load_demo("--reset-pending") == "Set back to PENDING: 0.\n"


def test_a_reset_changes_no_other_rows(handout: Any, bob: Any) -> None:
    klass = Class.objects.get(pk=handout["approve"]["class_id"])
    from_outside = Membership.objects.create(klass=klass, user=bob, role="STUDENT", status="REJECTED")
    before = Counter(Membership.objects.values_list("status", flat=True))
    load_demo("--reset-pending")
    from_outside.refresh_from_db()
    assert from_outside.status == "REJECTED"
    assert Counter(Membership.objects.values_list("status", flat=True)) == before


def test_a_reset_needs_demo_data() -> None:
    message = "There is no demo data here. Load it with: load_demo --classes N --members M"
    assert refusal("--reset-pending") == message


def test_a_second_load_is_refused(handout: Any, tmp_path: Path) -> None:
    message = refusal(*SMALL, "--out", str(tmp_path / "second.json"))
    assert message == "This database already holds demo data. Load into an empty one."
    assert (tmp_path / "second.json").exists() is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--classes", "0", "--members", "5"), "--classes must be at least 1, not 0."),
        (("--classes", "5", "--members", "-1"), "--members must be at least 1, not -1."),
        (("--classes", "5", "--members", "5", "--pending", "0"), "--pending must be at least 1, not 0."),
        (("--classes", "5"), "Give --classes and --members, or --reset-pending."),
        (("--classes", "many", "--members", "5"), "Error: argument --classes: invalid int value: 'many'"),
    ],
)
def test_bad_numbers_are_refused(words: tuple[str, ...], message: str) -> None:
    assert refusal(*words) == message
    assert User.objects.count() == 0


def test_a_file_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    out = tmp_path / "missing" / "load.json"
    assert refusal(*SMALL, "--out", str(out)) == f"--out: {out} can't be written (No such file or directory)."
    assert User.objects.count() == 0


def test_text_is_folded_as_verbs_do(handout: Any) -> None:
    klass = Class.objects.latest("pk")
    fields = {field.name: field for model in (User, Class) for field in folded_fields(model)}
    assert {name: getattr(klass, name) for name in ("folded_title", "folded_description", "title_key")} == {
        name: fields[name].fold(getattr(klass, fields[name].source))
        for name in ("folded_title", "folded_description", "title_key")
    }
    assert not User.objects.filter(folded_name="").exists()
    assert not Membership.objects.exclude(folded_name=F("user__folded_name")).exists()
