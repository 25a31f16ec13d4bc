"""GET /sessions/{id}/admission/preview: the admission rule for each person of the class"""

import pytest

from sessions.tests.expected import NO_SESSION, START
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid_parameter, verdict

BEFORE_THE_TEACHER = "2026-03-20T09:44:59Z"


@pytest.fixture
def lesson(half_past_nine, algebra, schedule):
    return schedule(klass=algebra)


@pytest.fixture
def preview(api, lesson):
    return lambda by, **query: api(by).get(f"/sessions/{lesson.pk}/admission/preview", query)


def told(person, role, reason):
    return {"user_id": person.pk, "role": role, "admitted": reason == "open", "reason": reason}


def test_it_tells_now_who_of_the_class_may_enter(algebra, alice, bob, charlie, dora, join, preview, time_machine):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    time_machine.move_to(START.replace(hour=9, minute=50), tick=False)
    rows = [told(alice, "teacher", "open"), told(bob, "student", "too_early"), told(dora, "teacher", "open")]
    response = preview(alice)
    assert (response.status_code, response.json()) == (
        200,
        {"status": "success", "data": rows, "next": None, "previous": None},
    )


@pytest.mark.parametrize(
    ("at", "teacher", "student"),
    [
        (BEFORE_THE_TEACHER, "too_early", "too_early"),
        ("2026-03-20T09:45:00Z", "open", "too_early"),
        ("2026-03-20T11:00:00+01:00", "open", "open"),
        ("2026-03-20T11:00:00Z", "over", "over"),
    ],
)
def test_at_previews_another_time(algebra, alice, bob, join, preview, at, teacher, student):
    join(algebra, bob)
    assert preview(alice, at=at).json()["data"] == [told(alice, "teacher", teacher), told(bob, "student", student)]


def test_pages_keep_the_time(algebra, api, alice, bob, join, preview):
    join(algebra, bob)
    first = preview(alice, at=BEFORE_THE_TEACHER, page_size=1).json()
    second = api(alice).get(first["next"]).json()
    assert (first["data"], second["data"], second["next"]) == (
        [told(alice, "teacher", "too_early")],
        [told(bob, "student", "too_early")],
        None,
    )


def test_of_a_session_without_a_class_it_is_empty(api, alice, schedule):
    path = f"/sessions/{schedule().pk}/admission/preview"
    assert api(alice).get(path).json() == {"status": "success", "data": [], "next": None, "previous": None}


def test_only_those_who_may_change_the_session_see_it(algebra, admin, bob, charlie, join, preview):
    join(algebra, bob)
    assert preview(admin).status_code == 200
    assert verdict(preview(None)) == UNAUTHENTICATED
    assert (verdict(preview(bob)), verdict(preview(charlie))) == (forbidden("wrong_role"), forbidden("not_a_member"))


@pytest.mark.parametrize(
    ("query", "code"), [({"at": "now"}, "invalid"), ({"at": ""}, "invalid"), ({"role": "student"}, "unknown_parameter")]
)
def test_a_wrong_or_unknown_parameter_is_refused(alice, preview, query, code):
    assert verdict(preview(alice, **query)) == invalid_parameter(*query, code)


def test_an_unknown_session_is_not_found(api, alice):
    assert verdict(api(alice).get(f"/sessions/{NO_SESSION}/admission/preview")) == NOT_FOUND


@pytest.mark.parametrize("members", [1, 15])
def test_a_page_costs_two_statements_besides_authentication(
    algebra, api, alice, lesson, crowd, django_assert_num_queries, members
):
    crowd(algebra, members)
    client = api(alice)
    with django_assert_num_queries(3):
        assert len(client.get(f"/sessions/{lesson.pk}/admission/preview").json()["data"]) == members + 1
