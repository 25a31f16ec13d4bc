"""The page to invite people: /classes/{id}/invite"""

import pytest

from members.models import Invitation
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import Client
from tutorarc.tests.browser.browsing import HTML, notices


@pytest.fixture
def invite(algebra, alice):
    def post(people, by=alice, role="STUDENT", message=""):
        client = Client()
        client.force_login(by)
        path = f"http://testserver/classes/{algebra.pk}/invite"
        form = {"people": people, "role": role, "message": message}
        return super(Client, client).post(path, form, follow=True, headers=HTML)

    return post


def invited():
    return list(Invitation.objects.order_by("pk").values_list("email", "name", "role", "message"))


def test_everybody_whom_the_teacher_does_not_know_is_invited(algebra, bob, invite):
    page = invite("Amy Ray <amy@example.org>\nbob@example.org", role="TEACHER", message="Hello!\r\nBye.")
    assert invited() == [
        ("amy@example.org", "Amy Ray", "TEACHER", "Hello!\nBye."),
        ("bob@example.org", "", "TEACHER", "Hello!\nBye."),
    ]
    assert notices(page) == ["2 invitations sent."]
    assert page.redirect_chain == [(f"/api/v1/classes/{algebra.pk}/members", 302)]
    assert status_of(algebra, bob) is None


def test_what_can_be_done_for_people_the_teacher_knows_is_done(algebra, alice, make_user, join, invite, known_to):
    people = {name: make_user(name) for name in ("Wanda", "Ines", "Rene", "Nora")}
    join(algebra, people["Wanda"], "PENDING")
    join(algebra, people["Ines"], "APPROVED")
    join(algebra, people["Rene"], "REMOVED")
    known_to(alice, people["Nora"])
    page = invite("wanda@example.org, ines@example.org, rene@example.org, nora@example.org, new@example.org")
    assert {name: status_of(algebra, one) for name, one in people.items()} == dict.fromkeys(people, "APPROVED")
    [sentence] = notices(page)
    assert sentence.startswith("1 invitation sent. ")
    assert sentence.endswith(" are in the class now. Ines is already in the class.")
    assert [email for email, *_ in invited()] == ["new@example.org"]


def test_a_known_student_can_not_be_invited_to_teach(algebra, bob, join, invite):
    join(algebra, bob, "PENDING")
    page = invite("bob@example.org", role="TEACHER")
    assert notices(page) == ["Bob has a student account, and can’t be a teacher of a class."]
    assert invited() == []


def test_wrong_lines_invite_nobody_and_keep_what_was_typed(invite):
    page = invite("amy@example.org\nnobody", message="Hello")
    assert page.status_code == 400
    assert "Line 2: “nobody” is not an e-mail address." in page.content.decode()
    assert (page.context["form"]["people"].value(), page.context["form"]["message"].value()) == (
        "amy@example.org\nnobody",
        "Hello",
    )
    assert invited() == []


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (" \n ", "Enter at least one e-mail address."),
        ("\n".join(f"a{number}@example.org" for number in range(501)), "These are 501 people."),
        ("\n".join(f"a{number}" for number in range(13)), "And 3 more lines."),
    ],
)
def test_too_few_and_too_many_are_refused(invite, people, words):
    page = invite(people)
    assert (page.status_code, words in page.content.decode()) == (400, True)


def test_the_limit_of_a_day_is_told_and_nothing_is_done(settings, algebra, bob, join, invite):
    settings.INVITATION_LIMIT = 1
    join(algebra, bob, "PENDING")
    page = invite("amy@example.org, zoe@example.org, bob@example.org")
    assert (page.status_code, "Try tomorrow." in page.content.decode()) == (429, True)
    assert (invited(), status_of(algebra, bob)) == ([], "PENDING")


def test_nobody_is_invited_to_an_archived_class(algebra, alice, invite):
    algebra.archive(Actor(alice))
    page = invite("amy@example.org")
    assert (page.status_code, "This class is archived" in page.content.decode()) == (409, True)


def test_where_mail_is_off_the_page_says_what_to_do(settings, algebra, alice, browser_client):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    text = browser_client(alice).get(f"http://testserver/classes/{algebra.pk}/invite").content.decode()
    assert "Share the link of the class instead." in text
    assert "<textarea" not in text


def test_only_teachers_of_the_class_see_it(algebra, bob, dora, join, browser_client):
    join(algebra, bob)
    path = f"http://testserver/classes/{algebra.pk}/invite"
    assert [browser_client(one).get(path).status_code for one in (bob, dora)] == [403, 403]
    assert Client().get(path).status_code == 302


def test_the_people_tab_shows_who_has_not_answered(algebra, alice, invite, browser_client):
    invite("amy@example.org")
    page = browser_client(alice).get(f"/classes/{algebra.pk}/members", headers={"Accept": "text/html"})
    text = page.content.decode()
    assert [one.email for one in page.context["invitations"]] == ["amy@example.org"]
    assert all(words in text for words in ("Send again", "Revoke", f'href="/classes/{algebra.pk}/invite"'))
