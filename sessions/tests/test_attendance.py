"""GET and PATCH /sessions/{id}/attendance, PATCH /sessions/{id}/attendance/{user_id}, and arrivals in the lobby"""

import csv
import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from sessions.models import Attendance
from sessions.tests.expected import NO_SESSION, START, written
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import NOT_FOUND, forbidden, invalid, verdict
from tutorarc.tests.staff.admin_site import Site

NOT_A_STUDENT = (409, "not_a_student")


@pytest.fixture
def lesson(half_past_nine, algebra, alice, schedule, settings):
    settings.BOARD_URL = "http://testserver"
    return schedule(klass=algebra)


@pytest.fixture
def attendance(api, lesson):
    return lambda by: api(by).get(f"/sessions/{lesson.pk}/attendance")


@pytest.fixture
def mark(api, lesson):
    return lambda by, person, **body: api(by).patch(f"/sessions/{lesson.pk}/attendance/{person.pk}", body)


@pytest.fixture
def visit(signed_in, lesson):
    return lambda person, **headers: signed_in(person).get(f"http://testserver/join?id={lesson.pk}", headers=headers)


def told(lesson, person, status=None, arrived_at=None, late=None):
    arrived = arrived_at and written(arrived_at)
    about = {"sessionId": lesson.pk, "userId": person.pk, "status": status}
    return {**about, "arrivedAt": arrived, "lateMinutes": late}


def happened(lesson):
    events = Event.objects.filter(type="session.attendance_changed").order_by("pk")
    return [(event.session_id, event.user_id, event.actor_user_id, event.changes.get("status")) for event in events]


def test_the_list_is_of_the_students_of_the_class(algebra, alice, bob, charlie, dora, join, lesson, attendance):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    answer = {"status": "success", "data": [told(lesson, bob)], "next": None, "previous": None}
    assert (attendance(alice).status_code, attendance(alice).json()) == (200, answer)


@pytest.mark.parametrize(
    ("minutes", "status", "late"),
    [(-5, None, None), (0, "PRESENT", 0), (5, "PRESENT", 5), (7, "LATE", 7), (61, None, None)],
)
def test_a_student_who_opens_the_lobby_while_it_is_open_has_arrived(
    algebra, alice, bob, join, lesson, attendance, visit, time_machine, minutes, status, late
):
    join(algebra, bob)
    now = START + timedelta(minutes=minutes)
    time_machine.move_to(now, tick=False)
    visit(bob)
    assert attendance(alice).json()["data"] == [told(lesson, bob, status, now if status else None, late)]
    assert happened(lesson) == ([(lesson.pk, bob.pk, bob.pk, [None, status])] if status else [])


def test_only_the_first_arrival_counts(algebra, alice, bob, join, lesson, attendance, visit, time_machine):
    join(algebra, bob)
    time_machine.move_to(START, tick=False)
    visit(bob)
    time_machine.move_to(START + timedelta(minutes=30), tick=False)
    visit(bob)
    assert attendance(alice).json()["data"] == [told(lesson, bob, "PRESENT", START, 0)]
    assert len(happened(lesson)) == 1


def test_others_and_pages_loaded_ahead_record_no_arrival(
    algebra, alice, bob, charlie, join, lesson, visit, time_machine
):
    join(algebra, charlie, "REMOVED")
    join(algebra, bob)
    time_machine.move_to(START, tick=False)
    visit(alice)
    visit(charlie)
    visit(bob, sec_purpose="prefetch;prerender")
    assert not Attendance.objects.exists()
    visit(bob)
    assert Attendance.objects.get().user == bob


def test_an_open_lesson_counts_arrivals_from_shortly_before_its_start(
    algebra, bob, join, schedule, signed_in, time_machine, settings
):
    settings.BOARD_URL = "http://testserver"
    join(algebra, bob)
    start = START.replace(year=2036)  # the time of an id, when the lesson was created, is that of the real clock
    lesson = schedule(klass=algebra, strict=False, start_time=start)
    for minutes, count in ((-16, 0), (-15, 1)):
        time_machine.move_to(start + timedelta(minutes=minutes), tick=False)
        assert signed_in(bob).get(f"http://testserver/join?id={lesson.pk}").status_code == 200
        assert Attendance.objects.count() == count


def test_a_teacher_marks_and_corrects(algebra, alice, bob, join, lesson, mark, attendance):
    join(algebra, bob)
    marked = mark(alice, bob, status="ABSENT")
    assert (marked.status_code, marked.json()) == (200, {"status": "success", "data": told(lesson, bob, "ABSENT")})
    assert mark(alice, bob, status="ABSENT").status_code == 200
    mark(alice, bob, status="EXCUSED")
    assert attendance(alice).json()["data"] == [told(lesson, bob, "EXCUSED")]
    by_alice = (lesson.pk, bob.pk, alice.pk)
    assert happened(lesson) == [(*by_alice, [None, "ABSENT"]), (*by_alice, ["ABSENT", "EXCUSED"])]
    assert {event.object_id for event in Event.objects.filter(type="session.attendance_changed")} == {
        Event.objects.get(type="session.scheduled").object_id
    }


def test_what_a_teacher_marked_stays_when_the_student_arrives(
    algebra, alice, bob, join, lesson, mark, attendance, visit, time_machine
):
    join(algebra, bob)
    mark(alice, bob, status="EXCUSED")
    time_machine.move_to(START, tick=False)
    visit(bob)
    assert attendance(alice).json()["data"] == [told(lesson, bob, "EXCUSED", START, 0)]


def test_several_are_marked_together_all_or_nothing(algebra, alice, bob, charlie, api, join, lesson):
    join(algebra, bob)
    address = f"/sessions/{lesson.pk}/attendance"
    refused = api(alice).patch(address, {"userIds": [bob.pk, charlie.pk], "status": "PRESENT"})
    assert verdict(refused)[:2] == NOT_A_STUDENT
    assert refused.json()["error"]["details"][0]["id"] == charlie.pk
    assert not Attendance.objects.exists()
    join(algebra, charlie)
    marked = api(alice).patch(address, {"userIds": [charlie.pk, bob.pk], "status": "PRESENT"})
    assert marked.json()["data"] == [told(lesson, person, "PRESENT") for person in (charlie, bob)]
    twice = api(alice).patch(address, {"userIds": [bob.pk, bob.pk], "status": "PRESENT"})
    assert verdict(twice) == invalid("userIds[1]", "duplicate")


def test_students_see_their_own_and_mark_nothing(algebra, bob, charlie, join, lesson, mark, attendance):
    join(algebra, bob)
    join(algebra, charlie)
    assert attendance(bob).json()["data"] == [told(lesson, bob)]
    assert verdict(mark(bob, bob, status="PRESENT")) == forbidden("wrong_role")


def test_strangers_and_unknown_ids(algebra, alice, charlie, dora, api, lesson, mark, attendance):
    assert verdict(attendance(charlie)) == forbidden("not_a_member")
    assert verdict(api(alice).get(f"/sessions/{NO_SESSION}/attendance")) == NOT_FOUND
    unknown = f"/sessions/{lesson.pk}/attendance/usr_01h455vb4pex5vsknk084sn02q"
    assert verdict(api(alice).patch(unknown, {"status": "PRESENT"})) == NOT_FOUND
    assert verdict(mark(alice, dora, status="PRESENT")) == NOT_FOUND


def test_wrong_bodies(algebra, alice, bob, join, mark):
    join(algebra, bob)
    assert verdict(mark(alice, bob, status="HERE")) == invalid("status", "invalid_choice")
    assert verdict(mark(alice, bob, status="LATE", stauts="LATE")) == invalid("stauts", "unknown_field")


def test_refused_states(algebra, alice, bob, api, join, lesson, mark, schedule):
    join(algebra, bob)
    without_class = schedule()
    assert api(alice).get(f"/sessions/{without_class.pk}/attendance").json()["data"] == []
    refused = api(alice).patch(f"/sessions/{without_class.pk}/attendance", {"status": "LATE", "userIds": [bob.pk]})
    assert verdict(refused)[:2] == (409, "session_without_class")
    lesson.cancel(Actor(alice))
    assert verdict(mark(alice, bob, status="LATE"))[:2] == (409, "session_cancelled")
    algebra.archive(Actor(alice))
    assert verdict(mark(alice, bob, status="LATE"))[:2] == (409, "class_archived")


def test_who_came_stays_on_the_list_after_leaving(algebra, alice, bob, join, lesson, attendance, mark):
    join(algebra, bob)
    mark(alice, bob, status="PRESENT")
    algebra.memberships.remove(algebra, bob.pk, Actor(alice))
    assert attendance(alice).json()["data"] == [told(lesson, bob, "PRESENT")]
    assert mark(alice, bob, status="LATE").status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_statements_do_not_grow_with_students(algebra, alice, api, crowd, lesson, django_assert_num_queries, count):
    people = crowd(algebra, count)
    client, address = api(alice), f"/sessions/{lesson.pk}/attendance"
    with django_assert_num_queries(3):
        client.get(address)
    with django_assert_num_queries(11):
        client.patch(address, {"userIds": [person.pk for person in people], "status": "PRESENT"})
    assert Attendance.objects.count() == count


def test_the_page_marks_one_by_a_click_and_the_others_together(
    algebra, alice, bob, charlie, join, lesson, signed_in, post_form
):
    join(algebra, bob)
    join(algebra, charlie)
    address = f"/api/v1/sessions/{lesson.pk}/attendance"
    page = signed_in(alice).get(address, headers={"accept": "text/html"}).content.decode()
    assert "All present" in page
    assert page.count('aria-pressed="false"') == 8
    page = post_form(alice, f"{address}/{bob.pk}", _method="PATCH", status="LATE")
    assert page.content.decode().count('aria-pressed="true"') == 1
    assert "All others present" not in page.content.decode()  # one is left, who has a button
    assert post_form(alice, address, _method="PATCH", status="PRESENT", userIds=charlie.pk).status_code == 200
    assert dict(Attendance.objects.values_list("user", "status")) == {bob.pk: "LATE", charlie.pk: "PRESENT"}


def test_the_page_shows_a_large_class_and_marks_all_of_it(algebra, alice, crowd, lesson, signed_in, post_form):
    people = crowd(algebra, 102)
    address = f"/api/v1/sessions/{lesson.pk}/attendance"
    page = post_form(alice, f"{address}/{people[0].pk}", _method="PATCH", status="LATE").content.decode()
    assert page.count('role="group"') == 100
    unmarked = re.findall('name="userIds" value="([^"]+)"', page)
    assert sorted(unmarked) == sorted(person.pk for person in people[1:])


def test_the_lesson_page_tells_who_came(algebra, alice, bob, join, lesson, signed_in, time_machine, mark):
    join(algebra, bob)
    address, html = f"/api/v1/sessions/{lesson.pk}", {"accept": "text/html"}
    assert "Attendance" not in signed_in(alice).get(address, headers=html).content.decode()
    time_machine.move_to(START, tick=False)
    assert "Nobody has come." in signed_in(alice).get(address, headers=html).content.decode()
    mark(alice, bob, status="LATE")
    page = signed_in(alice).get(address, headers=html).content.decode()
    assert '1 student came: <bdi dir="auto">Bob</bdi>.' in page
    assert "You were late." in signed_in(bob).get(address, headers=html).content.decode()


def test_of_many_who_came_the_lesson_page_names_some(algebra, alice, crowd, lesson, signed_in, time_machine):
    people = crowd(algebra, 12)
    Attendance.objects.mark(lesson, {person.pk: "PRESENT" for person in people}, Actor(alice))
    time_machine.move_to(START, tick=False)
    page = signed_in(alice).get(f"/api/v1/sessions/{lesson.pk}", headers={"accept": "text/html"}).content.decode()
    assert "12 students came:" in page
    assert f"/sessions/{lesson.pk}/attendance?page_size=100" in page
    assert "</bdi> and 2 more." in page


def test_the_list_of_past_lessons_tells_teachers_who_came_and_students_their_own(
    algebra, alice, bob, charlie, join, lesson, signed_in, time_machine, mark
):
    join(algebra, bob)
    join(algebra, charlie)
    mark(alice, bob, status="LATE")
    mark(alice, charlie, status="EXCUSED")
    time_machine.move_to(START + timedelta(days=1), tick=False)
    shown = {}
    for person in (alice, bob, charlie):
        page = signed_in(person).get("/api/v1/sessions", headers={"accept": "text/html"})
        shown[person] = strip_tags(page.content.decode().partition("Past</h2>")[2].partition("</ul>")[0]).split()[-2:]
    assert shown == {alice: ["student", "came"], bob: ["Algebra", "Late"], charlie: ["Algebra", "Excused"]}


def test_a_class_over_a_term_as_a_file(
    algebra, alice, bob, charlie, dora, join, lesson, schedule, signed_in, mark, visit, time_machine
):
    bob.edit(Actor(), display_name="=cmd|Bob")
    for person in (bob, charlie, dora):
        join(algebra, person)
    time_machine.move_to(START + timedelta(minutes=7), tick=False)
    visit(bob)
    mark(alice, dora, status="LATE")
    for person in (charlie, dora):
        algebra.memberships.remove(algebra, person.pk, Actor(alice))
    cancelled = schedule(klass=algebra, title="Cancelled", start_time=START + timedelta(hours=1))
    cancelled.cancel(Actor(alice))
    schedule(klass=algebra, title="Next year", start_time=START + timedelta(days=300))
    time_machine.move_to(START + timedelta(days=1), tick=False)
    address = f"http://testserver/classes/{algebra.pk}/attendance.csv"
    response = signed_in(alice).get(address)
    rows = list(csv.reader(b"".join(response.streaming_content).decode("utf-8-sig").splitlines()))
    head = ["Name", "2026-03-20 10:00 Introduction to Calculus", "Present", "Late", "Absent", "Excused", "Minutes late"]
    assert rows == [head, ["'=cmd|Bob", "Late", "0", "1", "0", "0", "7"], ["Dora", "Late", "0", "1", "0", "0", "0"]]
    before = signed_in(alice).get(f"{address}?from=2026-01-01&until=2026-03-19")
    assert b"Calculus" not in b"".join(before.streaming_content)
    assert signed_in(bob).get(address).status_code == 403
    assert [
        signed_in(alice).get(f"{address}?{wrong}").status_code for wrong in ("from=1.3.2026", "until=2026-02-30")
    ] == [
        404,
        404,
    ]


@pytest.mark.parametrize("page", ["/api/v1/sessions/{lesson}/attendance", "/api/v1/sessions?classId={klass}"])
def test_teachers_choose_the_days_of_the_file(algebra, alice, bob, join, lesson, signed_in, time_machine, page):
    join(algebra, bob)
    time_machine.move_to(START, tick=False)
    alice.edit(Actor(), time_zone="Asia/Tokyo")
    path, html = page.format(lesson=lesson.pk, klass=algebra.pk), {"accept": "text/html"}
    shown = signed_in(alice).get(path, headers=html).content.decode()
    form = shown.partition(f'action="/classes/{algebra.pk}/attendance.csv"')[2].partition("</form>")[0]
    days = re.findall(r'type="date" name="(\w+)" value="([0-9-]+)"|name="(\w+)" value="([0-9-]+)"', form)
    assert [[part for part in day if part] for day in days] == [["from", "2025-09-18"], ["until", "2026-03-20"]]
    assert "attendance.csv" not in signed_in(bob).get(path, headers=html).content.decode()


@pytest.mark.parametrize(
    ("period", "lessons"),
    [
        ("from=0001-01-01", 1),
        ("until=0001-01-01", 0),
        ("from=2026-01-01&until=9999-12-31", 1),
        ("from=2026-03-20&until=2026-03-20", 1),
        ("from=2026-03-21", 0),
        ("until=2026-03-19", 0),
    ],
)
def test_the_file_of_any_period(algebra, alice, lesson, signed_in, time_machine, period, lessons):
    alice.edit(Actor(), time_zone="Asia/Tokyo")
    time_machine.move_to(START + timedelta(days=1), tick=False)
    response = signed_in(alice).get(f"http://testserver/classes/{algebra.pk}/attendance.csv?{period}")
    assert b"".join(response.streaming_content).decode().count("Calculus") == lessons


def test_history_pages_say_whose_attendance_changed(algebra, alice, bob, root, join, lesson, mark):
    join(algebra, bob)
    mark(alice, bob, status="LATE")
    page = Site(root, "live_sessions_livesession").get(f"/admin/live_sessions/livesession/{lesson.pk}/history/")
    assert "changed the attendance of Bob at the live session" in " ".join(strip_tags(page.content.decode()).split())
    assert Site(root, "tutorarc_event").get("/admin/tutorarc/event/").status_code == 200
