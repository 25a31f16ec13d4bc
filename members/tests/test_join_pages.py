"""/j and /j/CODE: the pages to join a class."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models.limit_count import LimitCount
from tutorarc.tests.browser.browsing import HTML, headline, offers

UNKNOWN = "We don’t know this code. Check it with your teacher."


@pytest.fixture
def visit(signed_in):
    return lambda user, path: signed_in(user).get(f"http://testserver{path}", headers=HTML)


def words(page):
    return " ".join(page.content.decode().split())


# The field


def test_the_field_leads_to_the_page_of_the_code(client, db):
    assert b'name="code"' in client.get("/j").content
    answer = client.get("/j?code=+algo%E2%80%937p4x")
    assert (answer.status_code, answer["Location"]) == (302, "/j/ALGO-7P4X")


@pytest.mark.parametrize("typed", ["ALGO/7P4X", "../..", "é%", "<b>", "x" * 200, "\x00"])
def test_what_can_be_no_code_stays_in_the_field(client, db, typed):
    page = client.get("/j", {"code": typed})
    assert (page.status_code, list(page.context["form"].errors["code"])) == (404, [UNKNOWN])


def test_an_empty_field_is_shown_again(client, db):
    page = client.get("/j?code=+")
    assert (page.status_code, page.context["form"].errors) == (200, {})


def test_the_pages_are_only_read(client, db):
    assert [client.post(path).status_code for path in ("/j", "/j/ALGO-7P4X")] == [405, 405]


# A visitor


def test_a_visitor_learns_nothing_about_a_code_and_comes_back_after_signing_in(client, algebra):
    right, wrong = client.get(f"/j/{algebra.class_code}"), client.get("/j/NOPE-2222")
    assert (right.status_code, wrong.status_code) == (200, 200)
    assert words(right).replace(algebra.class_code, "") == words(wrong).replace("NOPE-2222", "")
    assert f'href="/accounts/login/?next=/j/{algebra.class_code}"' in words(right)
    assert LimitCount.objects.count() == 0


# A student


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "—")])
def test_a_student_sees_the_class_and_its_teacher_before_asking(visit, bob, algebra, spell):
    page = visit(bob, f"/j/{quote(spell(algebra.class_code))}")
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert 'Taught by <bdi dir="auto">Alice</bdi>' in words(page)
    assert offers(page) == [f"POST /classes/{algebra.pk}/join-request"]
    assert f'name="class_code" value="{algebra.class_code}"' in words(page)
    assert Membership.objects.filter(user=bob).exists() is False


def test_a_student_who_asked_waits_and_can_withdraw(visit, bob, algebra, join):
    join(algebra, bob, "PENDING")
    page = visit(bob, f"/j/{algebra.class_code}")
    assert "Waiting for approval." in words(page)
    assert offers(page) == [f"DELETE /classes/{algebra.pk}/join-request"]


@pytest.mark.parametrize(("sends", "promise"), [(True, "We’ll mail you"), (False, "Come back to this page")])
def test_a_mail_is_promised_only_where_mail_is_sent(visit, bob, algebra, join, settings, sends, promise):
    if not sends:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    join(algebra, bob, "PENDING")
    assert promise in words(visit(bob, f"/j/{algebra.class_code}"))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("APPROVED", "You are already in this class."),
        ("REJECTED", "Your request was declined. Ask your teacher to let you back in."),
        ("REMOVED", "You are no longer in this class. Ask your teacher to let you back in."),
    ],
)
def test_a_student_with_a_record_is_told_its_state(visit, bob, algebra, join, status, sentence):
    join(algebra, bob, status)
    page = visit(bob, f"/j/{algebra.class_code}")
    assert (page.status_code, offers(page)) == (200, [])
    assert sentence in words(page)


def test_an_archived_class_can_not_be_joined(visit, alice, bob, charlie, algebra, join):
    join(algebra, charlie, "PENDING")
    algebra.archive(Actor(alice))
    pages = [visit(person, f"/j/{algebra.class_code}") for person in (bob, charlie)]
    assert "This class is archived, so nobody can join it." in words(pages[0])
    assert "The class is archived, so nothing in it changes for now." in words(pages[1])
    assert [offers(page) for page in pages] == [[], []]


def test_a_wrong_code_stays_in_the_field(visit, bob, algebra):
    page = visit(bob, "/j/nope-2222")
    assert (page.status_code, list(page.context["form"].errors["code"])) == (404, [UNKNOWN])
    assert 'value="nope-2222"' in words(page)


def test_wrong_codes_count_as_those_of_the_api_do(visit, api, bob, algebra, settings, time_machine):
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, 20, tzinfo=UTC), tick=False)
    settings.CODE_GUESS_LIMIT = 2
    body = {"class_code": "NOPE-2222"}
    assert [api(bob).post("/join-requests", body).status_code, visit(bob, "/j/NOPE-3333").status_code] == [400, 404]
    page = visit(bob, f"/j/{algebra.class_code}")
    assert (page.status_code, page["Retry-After"]) == (429, str(api(bob).post("/join-requests", body)["Retry-After"]))
    assert b"Algebra" not in page.content
    assert "You tried too many wrong codes." in words(page)


def test_many_wrong_codes_of_one_prefix_are_noticed(visit, bob, algebra, monkeypatch):
    monkeypatch.setattr("members.guessed_codes.WRONG_TRIES", 1)
    visit(bob, f"/j/{algebra.code_prefix}-2222")
    assert algebra.guessed_at() is not None


# Teachers and administrators


def test_a_teacher_is_told_who_joins_with_a_code_and_nothing_about_it(visit, dora, algebra):
    pages = [visit(dora, f"/j/{code}") for code in (algebra.class_code, "NOPE-2222")]
    assert [(page.status_code, headline(page), offers(page)) for page in pages] == [(200, "Join a class", [])] * 2
    assert "Only students join with a code." in words(pages[0])
    assert algebra.pk not in words(pages[0])


def test_a_teacher_of_the_class_gets_a_link_to_it(visit, alice, algebra):
    page = visit(alice, f"/j/{algebra.class_code}")
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert f'href="/api/v1/classes/{algebra.pk}"' in words(page)


def test_an_admin_gets_a_link_to_any_class(visit, admin, algebra):
    page = visit(admin, f"/j/{algebra.class_code}")
    assert "Administrators can open every class." in words(page)
    assert f'href="/api/v1/classes/{algebra.pk}"' in words(page)
    assert headline(visit(admin, "/j/NOPE-2222")) == "Join a class"


@pytest.mark.parametrize(("person", "queries"), [("bob", 7), ("alice", 3), ("admin", 3)])
def test_the_page_costs_the_same_for_any_class(
    signed_in, request, alice, algebra, crowd, django_assert_num_queries, person, queries
):
    crowd(algebra, 10, "PENDING")
    browser = signed_in(request.getfixturevalue(person))
    with django_assert_num_queries(queries):
        page = browser.get(f"http://testserver/j/{algebra.class_code}")
    assert page.status_code == 200
