"""The people of a class in a browser: selecting people, and the results."""

import re
from datetime import UTC, datetime

import pytest

from members import people
from members.messages import REFUSALS
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.testing.client import conflict, verdict
from tutorarc.tests.browser.browsing import FORM, HTML, field_errors, form, headline, notices, offers


@pytest.fixture
def visit(signed_in, algebra):
    def get(user, query=""):
        return signed_in(user).get(f"/classes/{algebra.pk}/members{query}", headers=HTML)

    return get


def names(members):
    return [member.user.display_name for member in members]


def sections(page):
    """The names in each section of the tab."""
    shown = ("requests", "teachers", "rows", "past")
    return {name: names(page.context[name]) for name in shown if name in page.context}


def status_of(*people):
    return [Membership.objects.get(user=person).status for person in people]


def test_a_teacher_is_offered_the_possible_changes_of_each_person(
    visit, alice, dora, bob, charlie, make_user, algebra, join
):
    eve, fred = make_user("Eve"), make_user("Fred")
    for person, status in ((bob, "PENDING"), (charlie, "APPROVED"), (eve, "REJECTED"), (fred, "REMOVED")):
        join(algebra, person, status)
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    page, own = visit(alice), f"/classes/{algebra.pk}/members"
    assert (page.status_code, headline(page)) == (200, "Algebra")
    changes = [f"PATCH {own}/{dora.pk}"]  # her own role is not offered: one press, and nobody could undo it
    assert offers(page) == [*changes, f"POST {own}", *(f"POST {own}/{v}" for v in ("approve", "reject", "remove"))]
    assert sections(page) == {
        "requests": ["Bob"],
        "teachers": ["Alice", "Dora"],
        "rows": ["Charlie"],
        "past": ["Eve", "Fred"],
    }


def test_an_approved_student_sees_the_names_of_approved_people(visit, bob, charlie, make_user, algebra, join):
    join(algebra, bob)
    join(algebra, charlie)
    for name, status in (("Pia", "PENDING"), ("Ray", "REJECTED"), ("Rob", "REMOVED")):
        join(algebra, make_user(name), status)
    page = visit(bob)
    assert (page.status_code, offers(page)) == (200, [])
    assert sections(page) == {"teachers": ["Alice"], "rows": ["Bob", "Charlie"]}
    assert b"@example.org" not in page.content


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PENDING", "Waiting for approval."),
        ("REJECTED", "Your request was declined. Ask your teacher to let you back in."),
        ("REMOVED", "You are no longer in this class. Ask your teacher to let you back in."),
    ],
)
def test_people_outside_the_class_see_only_their_own_state(visit, alice, bob, charlie, algebra, join, status, words):
    join(algebra, charlie)
    join(algebra, bob, status)
    page = visit(bob, "?expand=user")
    withdraw = [f"DELETE /classes/{algebra.pk}/join-request"] if status == "PENDING" else []
    assert (page.status_code, headline(page), offers(page)) == (200, "Algebra", withdraw)
    assert words in page.content.decode()
    assert "rows" not in page.context
    for person in (alice, charlie):
        assert person.pk not in page.content.decode()
        assert person.display_name not in page.content.decode()


def test_a_teacher_sees_only_the_addresses_that_people_gave(visit, alice, bob, charlie, dora, admin, algebra, join):
    join(algebra, bob, "PENDING")
    join(algebra, charlie)
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(admin))
    shown = visit(alice).content.decode()
    assert [f"{name}@example.org" in shown for name in ("bob", "charlie", "dora")] == [True, True, False]
    assert [f"{name}@example.org" in visit(admin).content.decode() for name in ("bob", "dora")] == [True, True]


def test_a_stranger_gets_no_list(visit, charlie, algebra):
    page = visit(charlie)
    assert (page.status_code, headline(page), b"Alice" in page.content) == (
        403,
        "You don’t have access to this class",
        False,
    )


def test_an_archived_class_shows_people_and_no_forms(visit, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert offers(visit(alice)) == []


def test_selected_people_are_approved_together(post_form, alice, algebra, crowd):
    people = crowd(algebra, 3, "PENDING")
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve", user_ids=[person.pk for person in people[:2]])
    assert (page.status_code, notices(page)) == (200, ["Pending 0 and Pending 1 are in the class now."])
    assert [member.user_id for member in page.context["requests"]] == [people[2].pk]
    assert status_of(*people) == ["APPROVED", "APPROVED", "PENDING"]
    assert f'data-address="/api/v1/classes/{algebra.pk}/members"'.encode() in page.content


def test_one_is_rejected_reopened_approved_and_removed(post_form, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    steps = [
        ("members/reject", "user_ids", "The request of Bob was declined.", "REJECTED"),
        ("members/reopen", "user_ids", "The request of Bob is back.", "PENDING"),
        ("members/approve", "user_ids", "Bob is in the class now.", "APPROVED"),
        ("members/remove", "user_id", "Bob was removed.", "REMOVED"),
    ]
    for action, field, words, status in steps:
        page = post_form(alice, f"/classes/{algebra.pk}/{action}", **{field: bob.pk})
        assert (page.status_code, notices(page), status_of(bob)) == (200, [words], [status])


def test_without_selection_the_page_says_so_beside_the_checkboxes(post_form, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve")
    assert (page.status_code, page.context["selection_errors"]) == (400, ["Select at least one person."])
    assert notices(page) == ["Please correct the fields marked below."]
    assert status_of(bob) == ["PENDING"]


def test_a_form_may_number_its_fields(post_form, alice, charlie, algebra, join):
    join(algebra, charlie)
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve", **{"user_ids[0]": charlie.pk})
    assert (page.status_code, status_of(charlie)) == (409, ["APPROVED"])


def test_an_idempotency_key_of_another_call_is_reported_for_any_selection(signed_in, alice, algebra):
    browser, headers = signed_in(alice), {**HTML, "Idempotency-Key": "once"}
    assert browser.post("/classes", form(title="Botany"), FORM, headers=headers).status_code == 201
    path = f"/classes/{algebra.pk}/members/approve"
    assert browser.post(path, form(user_ids="STUDENT"), FORM, headers=headers).status_code == 409


def test_a_co_teacher_is_added_by_address(post_form, alice, dora, algebra, known_to):
    known_to(alice, dora)
    page = post_form(alice, f"/classes/{algebra.pk}/members", email="Dora@example.org", role="TEACHER")
    assert (page.status_code, notices(page)) == (201, ["Dora is in the class now."])
    assert names(page.context["teachers"]) == ["Alice", "Dora"]


def test_a_refused_addition_is_told_above_the_list(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}/members", email="nobody@example.org", role="TEACHER")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["invite_instead"])])


def test_a_missing_person_is_reported_once(api, alice, algebra):
    answer = api(alice).post(f"/classes/{algebra.pk}/members", {"role": "TEACHER"}).json()
    assert answer["error"]["details"] == [
        {"field": "", "code": "user_id_or_email", "message": "Give either user_id or email."}
    ]


def test_a_role_is_changed_by_a_form(post_form, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    page = post_form(alice, f"/classes/{algebra.pk}/members/{dora.pk}", _method="PATCH", role="TEACHER")
    assert (page.status_code, notices(page)) == (200, ["Dora is a teacher of this class now."])
    assert Membership.objects.get(user=dora).role == "TEACHER"


@pytest.mark.parametrize("action", ["members/approve", "members/remove", "leave"])
def test_a_student_who_sends_a_teachers_form_is_refused(post_form, bob, charlie, algebra, join, action):
    join(algebra, bob, "PENDING")
    page = post_form(bob, f"/classes/{algebra.pk}/{action}", user_ids=bob.pk)
    assert page.status_code == 403
    assert status_of(bob) == ["PENDING"]


@pytest.mark.parametrize("action", ["approve", "reject", "remove", "reopen"])
def test_a_get_request_to_a_form_url_shows_the_people(signed_in, alice, bob, algebra, join, action):
    join(algebra, bob, "PENDING")
    page = signed_in(alice).get(f"/classes/{algebra.pk}/members/{action}", headers=HTML)
    assert (page.status_code, headline(page), notices(page)) == (405, "Algebra", [])


def test_a_search_finds_people_of_any_status(visit, alice, bob, charlie, algebra, join):
    join(algebra, bob, "PENDING")
    join(algebra, charlie)
    page = visit(alice, "?search=b&ordering=name&page_size=50")
    assert (sections(page), page.context["heading"]) == ({"rows": ["Bob"]}, "Search results")
    people = f"POST /classes/{algebra.pk}/members"
    assert offers(page) == [f"{people}/approve", f"{people}/reject"]
    assert sections(visit(alice, "?search=char")) == {"rows": ["Charlie"]}
    assert b"Nobody found." in visit(alice, "?search=xyz").content


def test_a_wrong_parameter_is_told_above_the_list(visit, alice, algebra):
    page = visit(alice, "?status=GONE")
    assert (page.status_code, notices(page)) == (
        400,
        ["status: give PENDING, APPROVED, REJECTED or REMOVED."],
    )


def test_students_come_by_name_50_a_page_and_the_next_page_shows_only_them(visit, alice, algebra, crowd):
    crowd(algebra, 51)
    page = visit(alice)
    assert (len(page.context["rows"]), page.context["previous"]) == (50, None)
    rest = visit(alice, f"?{page.context['next'].partition('?')[2]}")
    assert (sections(rest), rest.context["heading"]) == ({"rows": ["Approved 9"]}, "Students")


def test_the_page_shows_the_oldest_requests_and_that_there_are_more(visit, alice, algebra, crowd, monkeypatch):
    monkeypatch.setattr(people, "REQUESTS_ON_A_PAGE", 2)
    crowd(algebra, 3, "PENDING")
    page = visit(alice)
    assert names(page.context["requests"]) == ["Pending 0", "Pending 1"]
    assert b"These are the 2 oldest requests." in page.content


def test_the_fold_tells_who_left_from_who_was_removed_or_declined(visit, alice, bob, charlie, dora, algebra, join):
    for person in (bob, charlie):
        join(algebra, person)
    join(algebra, dora, "REJECTED")
    Membership.objects.leave(algebra, Actor(bob))
    Membership.objects.remove(algebra, charlie.pk, Actor(alice))
    number_events()
    page = visit(alice)
    told = re.findall(r'since">(\w+) ', page.content.decode())
    assert (names(page.context["past"]), told) == (["Bob", "Charlie", "Dora"], ["Left", "Removed", "Declined"])


def test_each_request_tells_when_it_was_made(visit, alice, bob, algebra, join, time_machine):
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False)
    join(algebra, bob, "PENDING")
    time_machine.move_to(datetime(2026, 3, 14, 9, 50, tzinfo=UTC), tick=False)
    page = visit(alice).content.decode()
    assert re.findall(r"Asked to join <time [^>]*>([^<]*)</time>", page) == ["20\xa0minutes ago"]


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_costs_the_same_for_any_number_of_people(
    signed_in, alice, algebra, crowd, django_assert_num_queries, count
):
    for status in ("PENDING", "APPROVED", "REMOVED", "REJECTED"):
        crowd(algebra, count, status)
    browser = signed_in(alice)
    with django_assert_num_queries(11):
        page = browser.get(f"/classes/{algebra.pk}/members", headers=HTML)
    assert page.status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_of_a_student_costs_the_same_for_any_number_of_people(
    signed_in, bob, algebra, crowd, join, django_assert_num_queries, count
):
    crowd(algebra, count)
    join(algebra, bob)
    browser = signed_in(bob)
    with django_assert_num_queries(7):
        page = browser.get(f"/classes/{algebra.pk}/members", headers=HTML)
    assert page.status_code == 200


# Ways in and out


def test_a_student_joins_by_code_alone(signed_in, bob, algebra):
    browser = signed_in(bob)
    page = browser.post("/join-requests", form(class_code=algebra.class_code.lower()), FORM, headers=HTML)
    assert (page.status_code, headline(page)) == (201, "Algebra")
    assert status_of(bob) == ["PENDING"]


def test_a_wrong_code_is_shown_beside_its_field_as_typed(signed_in, bob, algebra):
    page = signed_in(bob).post("/join-requests", form(class_code="NOPE-0000"), FORM, headers=HTML)
    unknown = "We don’t know this code. Check it with your teacher."
    assert (page.status_code, field_errors(page, "form")) == (400, {"class_code": [unknown]})
    assert b'value="NOPE-0000"' in page.content


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PENDING", "Waiting for approval."),
        ("APPROVED", "You are already in this class."),
        ("REJECTED", "Your request was declined. Ask your teacher to let you back in."),
        ("REMOVED", "You are no longer in this class. Ask your teacher to let you back in."),
    ],
)
@pytest.mark.parametrize("by_code_alone", [True, False])
def test_a_second_request_shows_what_became_of_the_first(
    signed_in, api, bob, algebra, join, status, words, by_code_alone
):
    join(algebra, bob, status)
    address = "/join-requests" if by_code_alone else f"/classes/{algebra.pk}/join-request"
    code = f" {algebra.class_code.lower()} "
    page = signed_in(bob).post(address, form(class_code=code), FORM, headers=HTML)
    assert (page.status_code, headline(page)) == (409, "Algebra")
    assert words in page.content.decode().partition("For developers")[0]
    answer = api(bob).post(address, {"class_code": algebra.class_code})
    assert verdict(answer) == conflict("already_on_record")


def test_a_student_who_joins_an_archived_class_is_not_told_to_unarchive_it(signed_in, alice, bob, algebra):
    algebra.archive(Actor(alice))
    page = signed_in(bob).post("/join-requests", form(class_code=algebra.class_code), FORM, headers=HTML)
    assert (page.status_code, notices(page)) == (409, ["This class is archived, so nobody can join it."])


def test_too_many_wrong_codes_are_refused_with_the_time_to_wait(signed_in, bob, algebra, settings, time_machine):
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, 20, tzinfo=UTC), tick=False)
    settings.CODE_GUESS_LIMIT = 1
    browser = signed_in(bob)
    pages = [browser.post("/join-requests", form(class_code="NOPE-0000"), FORM, headers=HTML) for _ in range(2)]
    assert [page.status_code for page in pages] == [400, 429]
    assert b'value="NOPE-0000"' in pages[1].content
    assert notices(pages[1]) == ["Too many wrong class codes. Try again in 100 seconds."]


def test_a_teacher_cannot_join(signed_in, alice):
    page = signed_in(alice).get("/join-requests", headers=HTML)
    assert (page.status_code, offers(page)) == (405, [])


def test_a_student_leaves(post_form, bob, algebra, join):
    join(algebra, bob)
    page = post_form(bob, f"/classes/{algebra.pk}/leave")
    assert (page.status_code, headline(page), status_of(bob)) == (200, "You left the class", ["REMOVED"])
