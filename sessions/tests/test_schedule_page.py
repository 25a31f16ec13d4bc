"""The page to schedule a lesson: `/lessons/new` and its form."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML, field_errors, headline, notices, offers

NOW = datetime(2036, 3, 14, 12, tzinfo=UTC)
START = NOW + timedelta(hours=2)
FORM = {
    "title": "Rings",
    "classId": "none",
    "startTime": "2036-03-14T14:00",
    "length": "90",
    "duration": "60",
    "strict": ["false", "on"],
    "roomUrl": "",
    "teacherId": "t_1",
    "isFixed": "",
}


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def visit(signed_in):
    def get(user, query=""):
        return signed_in(user).get(f"http://testserver/lessons/new{query}", headers=HTML)

    return get


def choices(page):
    return [str(label) for _, label in page.context["form"].fields["classId"].choices]


def test_a_class_is_chosen_among_those_the_teacher_teaches(visit, alice, dora, algebra):
    others = Class.objects.create_with_teacher(Actor(dora), title="Dora's")
    Class.objects.create_with_teacher(Actor(alice), title="Old").archive(Actor(alice))
    Membership.objects.enrol(others, alice, "STUDENT", Actor(dora))
    page = visit(alice)
    assert (page.status_code, headline(page), offers(page)) == (200, "Schedule a lesson", ["POST /sessions"])
    assert choices(page) == ["Choose a class…", "No class", "Algebra"]
    other = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    assert choices(visit(alice))[2:] == [f"Algebra ({other.class_code})", f"Algebra ({algebra.class_code})"]


def test_of_many_classes_the_newest_hundred_can_be_chosen(visit, alice, algebra):
    made = Class.objects.bulk_create(Class(title=f"{n}", class_code=f"C{n}", created_by=alice) for n in range(101))
    Membership.objects.bulk_create(
        Membership(klass=klass, user=alice, role="TEACHER", status="APPROVED", joined_at=NOW) for klass in made
    )
    labels = choices(visit(alice))
    assert [labels[2], len(labels)] == ["100", 102]


def test_a_class_that_it_comes_from_is_fixed(visit, alice, algebra):
    content = visit(alice, f"?class={algebra.pk}").content.decode()
    assert f'<input type="hidden" name="classId" value="{algebra.pk}"' in content
    assert ('placeholder="Algebra"' in content, "<select" in content, content.count(" checked")) == (True, False, 3)


@pytest.mark.parametrize(
    ("person", "archived", "reason"),
    [
        ("alice", True, "This class is archived: no lessons can be scheduled for it. Restore the class first."),
        ("dora", False, "You don’t teach this class, so you can’t schedule lessons for it."),
        ("bob", False, "Only teachers schedule lessons. Ask your teacher about the next one."),
    ],
)
def test_a_page_without_a_form_says_why(request, visit, alice, algebra, person, archived, reason):
    if archived:
        algebra.archive(Actor(alice))
    page = visit(request.getfixturevalue(person), f"?class={algebra.pk}")
    assert (page.status_code, page.context["reason"], offers(page)) == (403, reason, [])


def test_it_needs_a_sign_in(client, algebra):
    assert client.get("http://testserver/lessons/new")["Location"] == "/accounts/login/?next=/lessons/new"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("Rings", START, 90, True, None)),
        ({"length": "other", "duration": "25", "strict": ["false"]}, ("Rings", START, 25, False, None)),
        ({"classId": "class", "title": " ", "isFixed": "1"}, ("Algebra", START, 90, True, "class")),
    ],
)
def test_the_form_is_translated_for_the_call(post_form, alice, algebra, changes, expected):
    sent = {name: algebra.pk if value == "class" else value for name, value in (FORM | changes).items()}
    page = post_form(alice, "/sessions", **sent)
    assert (page.status_code, headline(page)) == (201, expected[0])
    fields = ("title", "start_time", "duration", "strict", "klass_id")
    wanted = tuple(algebra.pk if value == "class" else value for value in expected)
    assert LiveSession.objects.values_list(*fields).get() == wanted


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"classId": ""}, {"classId": ["Choose a class, or “No class”."]}),
        ({"title": ""}, {"title": ["Give the lesson a title."]}),
        (
            {"length": "other", "duration": "0", "startTime": ""},
            {
                "startTime": ["Pick a day and a time."],
                "duration": ["Give a whole number of minutes from 1 to 1440, not 0."],
            },
        ),
    ],
)
def test_errors_are_shown_beside_their_field_and_typed_values_stay(post_form, alice, algebra, changes, errors):
    page = post_form(alice, "/sessions", **FORM | changes)
    assert (page.status_code, field_errors(page, "form"), LiveSession.objects.count()) == (400, errors, 0)
    shown = page.context["form"]
    assert {name: shown[name].value() for name in ("length", "roomUrl", "teacherId")} == {
        "length": (FORM | changes)["length"], "roomUrl": "", "teacherId": "t_1",
    }  # fmt: skip


def test_a_fixed_class_stays_fixed_after_an_error(post_form, alice, algebra):
    page = post_form(alice, "/sessions", **FORM | {"classId": algebra.pk, "isFixed": "1", "startTime": ""})
    assert (page.status_code, page.context["form"].klass, page.context["address"]) == (
        400, algebra, f"/lessons/new?class={algebra.pk}",
    )  # fmt: skip


def test_a_start_in_the_past_is_asked_about(post_form, alice):
    past = FORM | {"startTime": "2036-03-14T11:00:00.000Z"}
    page = post_form(alice, "/sessions", **past)
    question = "This is in the past. Change it, or schedule the lesson anyway."
    assert (page.status_code, field_errors(page, "form")) == (400, {"startTime": [question]})
    [confirmed] = re.findall(r'name="confirmedStart" value="([^"]*)"', page.content.decode())
    other = post_form(alice, "/sessions", **past | {"startTime": "2036-03-14T10:00", "confirmedStart": confirmed})
    assert (other.status_code, LiveSession.objects.count()) == (400, 0)
    page = post_form(alice, "/sessions", **past | {"startTime": "2036-03-14T11:00", "confirmedStart": confirmed})
    assert (page.status_code, LiveSession.objects.get().start_time) == (201, NOW - timedelta(hours=1))


def test_a_lesson_that_has_just_begun_needs_no_question(post_form, alice):
    page = post_form(alice, "/sessions", **FORM | {"startTime": "2036-03-14T11:50"})
    assert (page.status_code, notices(page)) == (201, ["Lesson scheduled. Now share the student link."])


@pytest.mark.parametrize(
    ("weeks_ago", "length", "shown"), [(0, 45, ("45", "2036-03-21T14:00")), (3, 50, ("other", "2036-03-14T14:00"))]
)
def test_the_next_lesson_is_like_the_last_one(visit, alice, algebra, schedule, weeks_ago, length, shown):
    start = START - timedelta(weeks=weeks_ago)
    last = schedule(klass=algebra, title="Rings", start_time=start, duration=length, teacher_ref="t_9", strict=True)
    page = visit(alice, f"?like={last.pk}")
    form = page.context["form"]
    assert (form["length"].value(), re.findall(r'value="(2036[^"]*)"', page.content.decode())) == (shown[0], [shown[1]])
    values = {name: form[name].value() for name in ("title", "classId", "duration", "strict", "teacherId")}
    assert values == {
        "title": "Rings", "classId": algebra.pk, "duration": length, "strict": True, "teacherId": "t_9",
    }  # fmt: skip


BERLIN = ZoneInfo("Europe/Berlin")


def suggestion(page):
    """The day and time that the form begins with, in Berlin, and the length."""
    start = page.context["form"].initial["startTime"].astimezone(BERLIN)
    return f"{start:%a %d %b %H:%M}" + f":{start:%S}" * bool(start.second), page.context["form"]["length"].value()


@pytest.mark.parametrize(
    ("now", "start", "suggested"),
    [
        ("2036-03-14 12:00", None, ("Sat 15 Mar 13:00", "60")),
        ("2036-03-29 12:59", None, ("Sun 30 Mar 13:00", "60")),  # the clocks go forward in between
        ("2036-03-26 12:00", "2036-03-25 16:00", ("Tue 01 Apr 16:00", "45")),  # here too
        ("2036-10-22 12:00", "2036-10-21 16:00", ("Tue 28 Oct 16:00", "45")),  # and here they go back
        ("2036-03-26 12:00", "2036-03-23 02:30", ("Sun 30 Mar 03:30", "45")),  # a time that they skip
        ("2036-03-25 16:00", "2036-03-25 16:00", ("Tue 01 Apr 16:00", "45")),
        ("2036-03-14 12:00", "2036-04-01 16:00", ("Tue 08 Apr 16:00", "45")),  # after a coming lesson
        ("2036-10-28 16:30", "2036-09-02 17:00", ("Tue 28 Oct 17:00", "45")),
    ],
)
def test_a_start_is_suggested(visit, time_machine, alice, algebra, schedule, now, start, suggested):
    alice.edit(Actor(alice), time_zone="Europe/Berlin")
    time_machine.move_to(datetime.fromisoformat(now).replace(tzinfo=BERLIN), tick=False)
    if start:
        times = [datetime.fromisoformat(start).replace(tzinfo=BERLIN) - timedelta(weeks=weeks) for weeks in (0, 1)]
        for time in times:
            schedule(klass=algebra, start_time=time + timedelta(seconds=16), duration=45)
    schedule(klass=algebra, start_time=NOW + timedelta(days=400), duration=30).cancel(Actor(alice))
    assert suggestion(visit(alice, f"?class={algebra.pk}")) == suggested


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_start_at_the_end_of_time_has_a_form(visit, alice, algebra, schedule, start):
    alice.edit(Actor(alice), time_zone="America/New_York")
    schedule(klass=algebra, start_time=start)
    assert visit(alice, f"?class={algebra.pk}").context["form"].initial["startTime"] >= NOW


def test_a_lesson_of_somebody_else_is_not_told(visit, dora, schedule):
    assert visit(dora, f"?like={schedule(title='Secret').pk}").context["form"]["title"].value() is None


@pytest.mark.parametrize(("query", "queries"), [("", 4), ("?class={}", 5)])
def test_the_page_costs_few_statements(signed_in, alice, algebra, django_assert_num_queries, query, queries):
    browser = signed_in(alice)
    with django_assert_num_queries(queries):
        assert browser.get(f"http://testserver/lessons/new{query.format(algebra.pk)}").status_code == 200
