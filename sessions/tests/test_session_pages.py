"""Lessons in a browser: the list, the page of one, what is changed there."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML, field_errors, headline, notices, offers

TEN = datetime(2036, 3, 20, 10, tzinfo=UTC)
NOON = TEN.replace(hour=12)


@pytest.fixture
def visit(signed_in):
    def get(user, path):
        return signed_in(user).get(path, headers=HTML)

    return get


@pytest.fixture
def planned(schedule, algebra):
    return schedule(klass=algebra, start_time=TEN)


def titles(page):
    """Titles of the lessons on the page, coming ones first."""
    return [row["session"].title for part in page.context["lists"] for row in part["rows"]]


def test_a_student_sees_the_sessions_and_no_forms(visit, bob, algebra, planned, join):
    join(algebra, bob)
    page = visit(bob, "/sessions")
    assert (titles(page), offers(page)) == ([planned.title], [])
    page = visit(bob, f"/sessions/{planned.pk}")
    assert (page.status_code, offers(page)) == (200, [])
    assert planned.student_link in page.content.decode()
    assert "role=teacher" not in page.content.decode()


def test_a_stranger_is_refused(visit, charlie, planned):
    page = visit(charlie, f"/sessions/{planned.pk}")
    assert (page.status_code, headline(page), planned.title.encode() in page.content) == (
        403,
        "You don’t have access to this class",
        False,
    )


def test_the_page_of_a_session_offers_its_teacher_every_change(visit, alice, planned):
    page, own = visit(alice, f"/sessions/{planned.pk}"), f"/sessions/{planned.pk}"
    expected = [f"PATCH {own}", f"POST {own}/cancel", f"POST {own}/end", f"POST {own}/links/renew"]
    assert offers(page) == expected
    assert b'value="2036-03-20T10:00"' in page.content
    assert page.content.count(b'<div class="field tick">') == 1  # the box beside its label
    assert planned.teacher_link.replace("&", "&amp;") in page.content.decode()


def test_a_session_in_year_1_or_9999_has_a_page(visit, post_form, alice, schedule):
    for moment in (datetime.min.replace(tzinfo=UTC), datetime(9999, 12, 31, 22, tzinfo=UTC)):
        session = schedule(start_time=moment, strict=False)
        page = visit(alice, f"/sessions/{session.pk}")
        assert f'value="{moment:%Y-%m-%dT%H:%M}"'.replace('"1-', '"0001-').encode() in page.content
        assert post_form(alice, f"/sessions/{session.pk}", _method="PATCH", title="Renamed").status_code == 200


def test_a_lesson_of_a_class_in_year_1_has_a_page_and_a_lobby(
    visit, signed_in, alice, bob, algebra, join, schedule, settings
):
    settings.BOARD_URL = "http://testserver"
    join(algebra, bob)
    session = schedule(klass=algebra, start_time=datetime.min.replace(tzinfo=UTC))
    assert visit(bob, f"/sessions/{session.pk}").status_code == 200
    assert signed_in(bob).get(f"http://testserver/join?id={session.pk}").status_code == 200


def test_a_teachers_link_opens_the_lobby_of_a_lesson_in_year_9999(client, schedule, settings):
    settings.BOARD_URL, settings.SIGNED_TEACHER_LINKS = "http://testserver", True
    session = schedule(start_time=datetime(9999, 12, 31, 22, tzinfo=UTC), strict=True)
    assert client.get(session.teacher_link).status_code == 200


def test_a_live_session_can_be_ended_and_not_cancelled(visit, alice, schedule):
    live = schedule(strict=False)
    own = f"/sessions/{live.pk}"
    assert offers(visit(alice, own)) == [f"PATCH {own}", f"POST {own}/end"]


@pytest.mark.parametrize("end", ["end", "cancel", "archive"])
def test_an_ended_cancelled_or_archived_session_offers_no_forms(visit, alice, algebra, planned, end):
    algebra.archive(Actor(alice)) if end == "archive" else getattr(planned, end)(Actor(alice))
    assert offers(visit(alice, f"/sessions/{planned.pk}")) == []


def test_a_session_is_scheduled_at_a_time_in_utc(post_form, alice, algebra):
    fields = {"title": "Rings", "classId": algebra.pk, "duration": "90", "strict": ["false", "on"], "teacherId": "t_1"}
    page = post_form(alice, "/sessions", startTime="2036-03-20T10:30", **fields)
    made = LiveSession.objects.get()
    assert (page.status_code, headline(page), notices(page)) == (
        201, "Rings", ["Lesson scheduled. Now share the student link."],
    )  # fmt: skip
    assert (made.start_time, made.duration, made.strict, made.klass_id) == (
        datetime(2036, 3, 20, 10, 30, tzinfo=UTC), 90, True, algebra.pk,
    )  # fmt: skip


def test_the_time_with_offset_that_the_script_sends_is_stored_as_sent(post_form, alice):
    fields = {"title": "Rings", "classId": "", "duration": "90", "strict": "false", "teacherId": "t_1"}
    assert post_form(alice, "/sessions", startTime="2036-03-20T10:30:00.000Z", **fields).status_code == 201
    assert LiveSession.objects.values_list("start_time", "strict", "klass").get() == (
        datetime(2036, 3, 20, 10, 30, tzinfo=UTC), False, None,
    )  # fmt: skip


def test_errors_are_shown_beside_their_field_and_typed_values_stay(post_form, alice, algebra):
    fields = {"classId": algebra.pk, "duration": "0", "strict": ["false", "on"], "teacherId": " t"}
    page = post_form(alice, "/sessions", title="", startTime="2036-03-20T10:30:00.000Z", **fields)
    assert page.status_code == 400
    assert field_errors(page, "form") == {
        "title": ["This field may not be blank."],
        "duration": ["Give a whole number of minutes from 1 to 1440, not 0."],
    }
    content = page.content.decode()
    assert 'value="2036-03-20T10:30"' in content
    assert f'value="{algebra.pk}" selected' in content
    assert content.count(" checked") == 2  # it does not repeat, and students enter only during the lesson


def test_an_empty_time_is_a_missing_time(post_form, alice, planned):
    page = post_form(alice, f"/sessions/{planned.pk}", _method="PATCH", startTime="", title="Rings")
    assert (page.status_code, field_errors(page, "edit")) == (400, {"startTime": ["Pick a day and a time."]})
    assert LiveSession.objects.get().title == planned.title


def test_a_live_session_posted_to_classes_by_form_is_shown(post_form, alice):
    fields = {"title": "Rings", "startTime": "2036-03-20T10:30", "duration": "90", "teacherId": "t_1"}
    page = post_form(alice, "/classes", **fields)
    assert (page.status_code, headline(page)) == (200, "Rings")
    assert LiveSession.objects.get().student_link in page.content.decode()


def test_a_session_is_rescheduled_and_its_box_unticked(post_form, alice, planned):
    fields = {"title": "Moved", "startTime": "2036-03-21T11:00", "duration": "45", "strict": "false"}
    page = post_form(alice, f"/sessions/{planned.pk}", _method="PATCH", **fields)
    assert (page.status_code, headline(page), notices(page)) == (200, "Moved", ["Changes saved."])
    assert LiveSession.objects.values_list("start_time", "duration", "strict").get() == (
        datetime(2036, 3, 21, 11, tzinfo=UTC), 45, False,
    )  # fmt: skip


FIRST = {"title": "Rings", "startTime": "2036-03-20 10:00:00", "duration": "60", "strict": "True"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("Moved", TEN, 45, True)),
        ({"title": "Fields"}, ("Fields", TEN, 45, True)),
        ({"startTime": "2036-03-20T10:00:00.000Z"}, ("Moved", TEN, 45, True)),
        ({"startTime": "2036-03-20T11:00:00.000Z"}, ("Moved", TEN.replace(hour=11), 45, True)),
        ({"duration": "90"}, ("Moved", TEN, 90, True)),
        ({"strict": "false"}, ("Moved", TEN, 45, False)),
    ],
)
def test_only_what_the_person_changed_of_a_page_is_a_change(post_form, visit, alice, schedule, changed, expected):
    session = schedule(title="Rings", start_time=TEN)
    page = visit(alice, f"/sessions/{session.pk}").content.decode()
    assert dict(re.findall(r'name="initial-(\w+)" value="([^"]*)"', page)) == FIRST
    session.reschedule(Actor(alice), title="Moved", duration=45)
    first = {f"initial-{name}": value for name, value in FIRST.items()}
    sent = {"title": "Rings", "startTime": "2036-03-20T10:00", "duration": "60", "strict": ["false", "on"]} | changed
    page = post_form(alice, f"/sessions/{session.pk}", _method="PATCH", **first, **sent)
    assert (page.status_code, notices(page)) == (200, ["Changes saved."])
    assert LiveSession.objects.values_list("title", "start_time", "duration", "strict").get() == expected


@pytest.mark.parametrize("first", ["", "junk", "0001-01-01T00:00:00+23:59", "9" * 5000])
def test_a_malformed_initial_value_makes_any_value_a_change(post_form, alice, planned, first):
    initial = dict.fromkeys(("initial-startTime", "initial-duration", "initial-strict"), first)
    fields = {"startTime": "2036-03-20T11:00", "duration": "45", "strict": "false"}
    assert post_form(alice, f"/sessions/{planned.pk}", _method="PATCH", **initial, **fields).status_code == 200
    assert LiveSession.objects.values_list("start_time", "duration").get() == (TEN.replace(hour=11), 45)


@pytest.mark.parametrize(("action", "badge"), [("cancel", "Cancelled"), ("end", "Ended")])
def test_a_session_is_cancelled(post_form, alice, planned, action, badge):
    page = post_form(alice, f"/sessions/{planned.pk}/{action}")
    assert (page.status_code, page.context["badge"]["text"], offers(page)) == (200, badge, [])


def test_a_change_that_comes_too_late_is_refused_and_typed_values_stay(post_form, alice, planned):
    planned.end(Actor(alice))
    page = post_form(alice, f"/sessions/{planned.pk}", _method="PATCH", title="Late")
    assert (page.status_code, notices(page)) == (409, ["Somebody ended the session, so it can't be changed any more."])


def test_a_session_that_only_the_clock_ended_offers_to_move_it(visit, alice, bob, algebra, schedule, join):
    join(algebra, bob)
    path = f"/sessions/{schedule(klass=algebra, start_time=TEN.replace(year=2016)).pk}"
    hint = b"You can still move it to another time."
    for person, offered in ((alice, [f"PATCH {path}"]), (bob, [])):
        page = visit(person, path)
        assert (offers(page), hint in page.content) == (offered, bool(offered))


def test_sessions_of_an_archived_class_cannot_be_scheduled(post_form, alice, algebra):
    algebra.archive(Actor(alice))
    fields = {"title": "Rings", "startTime": "2036-03-20T10:30", "duration": "90", "teacherId": "t_1"}
    page = post_form(alice, "/sessions", classId=algebra.pk, **fields)
    assert (page.status_code, notices(page)) == (409, [Class.Archived.message])
    assert b'value="Rings"' in page.content


@pytest.mark.parametrize("action", ["cancel", "end"])
def test_a_get_request_to_a_form_url_shows_the_session(visit, alice, planned, action):
    page = visit(alice, f"/sessions/{planned.pk}/{action}")
    assert (page.status_code, headline(page), notices(page)) == (405, planned.title, [])
    assert f"POST /sessions/{planned.pk}/{action}" in offers(page)


def test_filters_accept_dates_and_choices(visit, alice, planned, schedule):
    schedule(title="Past")
    assert titles(visit(alice, "/sessions?status=SCHEDULED&startsAfter=&classId=")) == [planned.title]
    assert titles(visit(alice, "/sessions?startsBefore=2030-01-01")) == ["Past"]
    page = visit(alice, "/sessions?status=LATER")
    assert (page.status_code, list(field_errors(page, "filters")), titles(page)) == (400, ["status"], [])


def test_a_filter_from_a_day_includes_its_midnight(visit, alice, schedule):
    midnight = datetime(2036, 3, 21, tzinfo=UTC)
    for title, minutes in (("Before", -1), ("Midnight", 0), ("Last", 24 * 60 - 1), ("After", 24 * 60)):
        schedule(title=title, start_time=midnight + timedelta(minutes=minutes))
    page = visit(alice, "/sessions?startsAfter=2036-03-21&startsBefore=2036-03-22")
    assert titles(page) == ["Midnight", "Last"]
    assert page.content.count(b"In UTC.") == 2
    assert re.findall(r'<input type="date"[^>]*value="([^"]*)"|data-begins="', page.content.decode()) == [
        "2036-03-21", "2036-03-22",
    ]  # fmt: skip
    assert titles(visit(alice, "/sessions?startsAfter=0001-01-01&startsBefore=9999-12-31"))[-1] == "After"


def test_times_sent_by_the_script_are_shown_as_days(visit, alice, planned):
    """A visitor in Kolkata filters by 20 March."""
    page = visit(alice, "/sessions?startsAfter=2036-03-19T18:29:59.999999Z&startsBefore=2036-03-20T18:30:00.000Z")
    assert titles(page) == [planned.title]
    assert re.findall(r'value="([^"]*)"[^>]*data-begins="([^"]*)"', page.content.decode()) == [
        ("2036-03-19", "2036-03-19T18:30:00Z"),
        ("2036-03-20", "2036-03-20T18:30:00Z"),
    ]


def test_a_fraction_of_a_second_that_no_picker_shows_is_kept(post_form, alice, schedule):
    session = schedule(start_time=TEN.replace(second=7, microsecond=250_000))
    first = {"initial-title": session.title, "initial-startTime": "2036-03-20 10:00:07.250000"}
    sent = {"title": "Fields", "startTime": "2036-03-20T10:00:07"}
    assert post_form(alice, f"/sessions/{session.pk}", _method="PATCH", **first, **sent).status_code == 200
    assert LiveSession.objects.values_list("title", "start_time").get() == ("Fields", session.start_time)


def test_the_heading_of_a_list_names_no_class_the_user_may_not_see(visit, charlie, algebra, planned):
    page = visit(charlie, f"/sessions?classId={algebra.pk}")
    assert (page.status_code, headline(page), titles(page)) == (200, "Lessons", [])


def test_the_lessons_of_a_class_lead_to_its_calendar_feed(visit, bob, algebra, join, planned):
    join(algebra, bob)
    feed = f'href="/api/v1/me/calendar?class_id={algebra.pk}"'
    assert feed in visit(bob, f"/sessions?classId={algebra.pk}").content.decode()
    assert "/me/calendar" not in visit(bob, "/sessions").content.decode()


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("person", ["alice", "bob"])
def test_the_page_of_a_list_costs_the_same_for_any_length(
    request, signed_in, bob, algebra, schedule, join, django_assert_num_queries, person, count
):
    join(algebra, bob)
    for _ in range(count):
        schedule(klass=algebra)
        schedule(klass=algebra, start_time=TEN)
    browser = signed_in(request.getfixturevalue(person))
    with django_assert_num_queries(5):
        page = browser.get("/sessions?page_size=29", headers=HTML)
    assert page.status_code == 200
    with django_assert_num_queries(8):
        browser.get(f"/sessions?classId={algebra.pk}", headers=HTML)


def test_the_page_of_a_session_costs_one_statement_more_than_its_json_for_overlaps(
    signed_in, alice, planned, django_assert_num_queries
):
    browser = signed_in(alice)
    with django_assert_num_queries(4):
        browser.get(f"/sessions/{planned.pk}", headers=HTML)
    with django_assert_num_queries(3):
        browser.get(f"/sessions/{planned.pk}")


@pytest.mark.parametrize("end", ["cancel", "end"])
def test_no_link_leads_to_a_closed_lobby(visit, alice, schedule, end):
    session = schedule(start_time=TEN, strict=False)
    path = f"/sessions/{session.pk}"
    assert b"Anyone with this link can enter until a teacher ends the lesson" in visit(alice, path).content
    getattr(session, end)(Actor(alice))
    page = visit(alice, path).content.decode()
    assert "Nobody can enter" in page
    assert session.student_link not in page.split("For developers")[0]


@pytest.mark.parametrize("blank", ["%20", "%09"])
def test_spaces_around_the_class_filter_are_ignored(visit, alice, algebra, blank):
    assert visit(alice, f"/sessions?classId={blank}").status_code == 200
    assert visit(alice, f"/sessions?classId={blank}{algebra.pk}").status_code == 200


@pytest.fixture
def at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def shown_lists(page):
    """`{"coming": [("Rings", "Scheduled")], …}`"""
    return {
        part["name"]: [(row["session"].title, str(row["badge"]["text"])) for row in part["rows"]]
        for part in page.context["lists"]
    }


def test_lessons_are_listed_by_time(at_noon, visit, alice, schedule):
    hour = timedelta(hours=1)
    for title, start, options in (
        ("Next week", NOON + 24 * 7 * hour, {}),
        ("Now", NOON - hour / 2, {}),
        ("Overrun", NOON - 1.5 * hour, {"strict": False}),
        ("Forgotten", NOON - 5 * hour, {"strict": False}),
        ("Over", NOON - 2 * hour, {}),
        ("Long ago", NOON - 24 * hour, {}),
        ("Tomorrow", NOON + 24 * hour, {}),
    ):
        schedule(title=title, start_time=start, **options)
    schedule(title="Off", start_time=NOON + hour).cancel(Actor(alice))
    schedule(title="Ended early", start_time=NOON - hour / 4, strict=False).end(Actor(alice))
    assert shown_lists(visit(alice, "/sessions")) == {
        "coming": [
            ("Overrun", "Not ended"),
            ("Now", "Live"),
            ("Off", "Cancelled"),
            ("Tomorrow", "Scheduled"),
            ("Next week", "Scheduled"),
        ],
        "past": [("Ended early", "Ended"), ("Over", "Ended"), ("Forgotten", "Not ended"), ("Long ago", "Ended")],
    }


def test_both_lists_have_pages(at_noon, visit, signed_in, alice, schedule):
    for days in (1, 2, 3, -1, -2, -3):
        schedule(title=f"{days}", start_time=NOON + timedelta(days=days))
    page = visit(alice, "/sessions?page_size=2")
    assert titles(page) == ["1", "2", "-1", "-2"]
    browser = signed_in(alice)
    [coming, past] = page.context["lists"]
    assert (coming["previous"], past["previous"]) == (None, None)
    assert shown_lists(browser.get(past["next"], headers=HTML)) == {"past": [("-3", "Ended")]}
    more = browser.get(coming["next"], headers=HTML)
    assert shown_lists(more) == {"coming": [("3", "Scheduled")]}
    assert "cursor" not in more.context["as_json"]
    back = browser.get(more.context["lists"][0]["previous"], headers=HTML)
    assert shown_lists(back) == {"coming": [("1", "Scheduled"), ("2", "Scheduled")]}


def test_past_lessons_go_on_on_another_page(at_noon, visit, signed_in, alice, schedule):
    for days in range(1, 23):
        schedule(title=f"{days}", start_time=NOON - timedelta(days=days))
    page = visit(alice, "/sessions")
    assert titles(page) == [f"{days}" for days in range(1, 21)]
    more = signed_in(alice).get(page.context["lists"][1]["next"], headers=HTML)
    assert shown_lists(more) == {"past": [("21", "Ended"), ("22", "Ended")]}


def test_a_cursor_of_the_api_s_list_is_refused_on_the_page(signed_in, alice, schedule):
    for _ in range(2):
        schedule()
    browser = signed_in(alice)
    link = browser.get("/sessions?page_size=1").json()["next"]
    assert browser.get(link, headers=HTML).status_code == 400


def test_the_page_says_that_students_are_not_told_of_the_end_of_a_lesson_to_come(at_noon, visit, alice, schedule):
    words = "Students are not told: cancel the lesson to tell them."
    lessons = [schedule(start_time=NOON + timedelta(minutes=minutes)) for minutes in (5, -5)]
    pages = [visit(alice, f"/sessions/{lesson.pk}").content.decode() for lesson in lessons]
    assert [("End lesson…" in page, words in page) for page in pages] == [(True, True), (True, False)]


def test_the_lessons_of_a_class_are_one_of_its_tabs(visit, alice, bob, algebra, planned, join):
    join(algebra, bob)
    for person, address in ((alice, f"/lessons/new?class={algebra.pk}"), (bob, "")):
        page = visit(person, f"/sessions?classId={algebra.pk}")
        assert (headline(page), titles(page), page.context["new_lesson"]) == ("Algebra", [planned.title], address)
        assert [tab["current"] for tab in page.context["class_header"]["tabs"]].count(True) == 1
    algebra.archive(Actor(alice))
    assert visit(alice, f"/sessions?classId={algebra.pk}").context["new_lesson"] == ""


@pytest.mark.parametrize(
    ("start", "strict", "words"),
    [
        (timedelta(hours=2), True, ["Start</a>", "You can enter from", "in 2\xa0hours"]),
        (timedelta(minutes=10), True, ["Start</a>", "in 10\xa0minutes"]),
        (timedelta(minutes=-10), True, ["Join as teacher"]),
        (timedelta(hours=-3), True, ["This lesson is over", "Schedule the next"]),
        (timedelta(hours=-3), False, ["The planned time is over, and people can still enter.", "Join as teacher"]),
    ],
)
def test_the_page_of_a_lesson_says_what_can_be_done_now(at_noon, visit, alice, schedule, start, strict, words):
    every = {
        "Start</a>", "Join as teacher", "You can enter from", "in 2\xa0hours", "in 10\xa0minutes",
        "This lesson is over",
        "Schedule the next", "The planned time is over, and people can still enter.",
    }  # fmt: skip
    page = visit(alice, f"/sessions/{schedule(start_time=NOON + start, strict=strict).pk}").content.decode()
    shown = page.partition("For integrations")[0]
    assert {text for text in every if re.search(rf"(>|^| ){re.escape(text)}", shown)} == set(words)


def test_the_page_of_a_lesson_leads_back_to_its_class(visit, alice, bob, algebra, planned, join):
    join(algebra, bob)
    for person in (alice, bob):
        assert visit(person, f"/sessions/{planned.pk}").context["crumbs"] == [
            ("Algebra", f"/api/v1/classes/{algebra.pk}"), ("Lessons", f"/api/v1/sessions?classId={algebra.pk}"),
        ]  # fmt: skip
