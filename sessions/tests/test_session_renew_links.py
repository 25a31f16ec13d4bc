"""POST /sessions/{id}/links/renew"""

import pytest
from django.test import Client

from members.tests.expected import ARCHIVED
from sessions.models import LiveSession
from sessions.tests.expected import END, NO_SESSION, answer, session, written
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices
from tutorarc.tests.staff.admin_site import recorded


@pytest.fixture
def signed(settings, half_past_nine):
    settings.SIGNED_TEACHER_LINKS = True
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def renew(api):
    return lambda made, by: api(by).post(f"/sessions/{made.pk}/links/renew")


def opens(link):
    """Whether a link lets in somebody who is not signed in: otherwise the page asks for it."""
    return Client().get(link).status_code == 200


def test_the_old_link_opens_nothing_and_the_new_one_does(signed, alice, schedule, renew):
    made = schedule()
    links = [made.teacher_link]
    for _ in range(2):
        links.append(renew(made, alice).json()["data"]["teacherLink"])
        assert [opens(link) for link in links] == [False] * (len(links) - 1) + [True]
    assert LiveSession.objects.get().teacher_link == links[-1]


def test_the_links_of_other_sessions_stay(signed, alice, schedule, renew):
    made, other = schedule(), schedule()
    renew(made, alice)
    assert opens(other.teacher_link)


def test_without_tokens_only_the_time_of_the_change_differs(half_past_nine, alice, schedule, renew):
    made = schedule()
    response = renew(made, alice)
    assert (response.status_code, response.json()) == (200, answer(session(made, updatedAt=half_past_nine)))


def test_it_is_recorded(alice, schedule, renew):
    made = schedule()
    renew(made, alice)
    assert recorded(made) == [("scheduled", "Alice"), ("links_renewed", "Alice")]


def test_the_links_of_a_session_that_is_over_can_be_renewed(alice, schedule, renew, time_machine):
    made = schedule()
    time_machine.move_to(END, tick=False)
    shown = answer(session(made, status="ENDED", updatedAt=written(END)))
    assert renew(made, alice).json() == shown


def test_a_session_of_an_archived_class_stays_as_it_is(alice, algebra, schedule, renew):
    made = schedule(klass=algebra)
    algebra.archive(Actor(alice))
    assert verdict(renew(made, alice)) == ARCHIVED
    assert LiveSession.objects.get().link_version == 0


@pytest.mark.parametrize(
    ("who", "expected"), [("alice", 200), ("dora", 200), ("admin", 200), ("bob", 403), ("charlie", 403)]
)
def test_those_who_may_change_a_session_may_renew_its_links(
    request, alice, bob, dora, algebra, schedule, join, renew, who, expected
):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert renew(schedule(klass=algebra), request.getfixturevalue(who)).status_code == expected


def test_a_teacher_who_was_removed_keeps_no_working_link(signed, alice, dora, algebra, schedule, renew):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra, by=dora)
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    assert verdict(renew(made, dora)) == forbidden("not_a_member")
    renew(made, alice)
    assert not opens(made.teacher_link)


def test_a_body_is_refused(api, alice, schedule):
    response = api(alice).post(f"/sessions/{schedule().pk}/links/renew", {"version": 0})
    assert verdict(response) == invalid("version", "unknown_field")


def test_a_credential_and_the_scope_to_write_sessions_are_required(api, alice, schedule):
    path = f"/sessions/{schedule().pk}/links/renew"
    assert verdict(api().post(path)) == UNAUTHENTICATED
    assert verdict(api(alice, scopes=["sessions:read", "classes:write"]).post(path)) == forbidden("missing_scope")


def test_an_id_that_names_nothing_is_not_found(api, alice):
    assert verdict(api(alice).post(f"/sessions/{NO_SESSION}/links/renew")) == NOT_FOUND


def test_the_page_offers_it_where_links_can_have_tokens(settings, signed_in, alice, algebra, schedule):
    browser = signed_in(alice)

    def is_offered(made):
        return f"/sessions/{made.pk}/links/renew" in browser.get(f"/sessions/{made.pk}", headers=HTML).text

    plain = schedule(strict=False)
    others = [schedule(strict=False, klass=algebra), schedule(strict=False, signed_links=True)]
    assert [is_offered(made) for made in (plain, *others)] == [False, True, True]
    settings.SIGNED_TEACHER_LINKS = True
    assert is_offered(plain)
    page = browser.post(f"/sessions/{plain.pk}/links/renew", form(), FORM, headers=HTML)
    words = "Links renewed. Those from before no longer work without signing in."
    assert (page.status_code, notices(page)) == (200, [words])
