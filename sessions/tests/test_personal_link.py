"""GET /sessions/{id}/link"""

from urllib.parse import parse_qs, urlsplit

import pytest

from members.models import Membership
from sessions import links
from sessions.personal_links.tokens import is_token_of, named_in, personal_link, token_for
from sessions.tests.expected import BOARD, NO_SESSION, answer
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, verdict


@pytest.fixture
def lesson(half_past_nine, algebra, bob, join, schedule):
    """A session of Alice's class, in which Bob is a student."""
    join(algebra, bob)
    return schedule(klass=algebra)


@pytest.fixture
def link(api, lesson):
    return lambda by: api(by).get(f"/sessions/{lesson.pk}/link")


def test_a_member_gets_the_student_link_with_a_token_of_their_own(lesson, alice, bob, link):
    given = link(bob)
    personal = f"{BOARD}/join?id={lesson.pk}&token={token_for(lesson, bob.pk)}"
    shown = {"sessionId": lesson.pk, "userId": bob.pk, "personalLink": personal}
    assert (given.status_code, given.json()) == (200, answer(shown))
    assert link(bob).json() == given.json()
    assert (
        link(alice).json()["data"]["personalLink"] == f"{BOARD}/join?id={lesson.pk}&token={token_for(lesson, alice.pk)}"
    )


def test_the_token_names_its_owner_for_this_session_alone(lesson, algebra, alice, bob, link, schedule):
    [token] = parse_qs(urlsplit(link(bob).json()["data"]["personalLink"]).query)["token"]
    assert (named_in(token), is_token_of(lesson, bob.pk, token)) == (bob.pk, True)
    other = schedule(klass=algebra)
    forged = token.replace(bob.pk.removeprefix("usr_"), alice.pk.removeprefix("usr_"))
    refused = [
        is_token_of(other, bob.pk, token),
        is_token_of(lesson, alice.pk, token),
        is_token_of(lesson, alice.pk, forged),
        is_token_of(lesson, bob.pk, token[:-1]),
        is_token_of(lesson, bob.pk, token.rpartition(".")[2]),
        is_token_of(lesson.renew_links(Actor(alice)), bob.pk, token),
    ]
    assert refused == [False] * len(refused)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "joinlink_",
        "joinlink_01m8.x",
        "joinlink_\0.x",
        "01m80te5tpebmbdmr40g6hykah.x",
        "calfeed_01m80te5tpebmbdmr40g6hykah.x",
    ],
)
def test_other_texts_name_nobody(text):
    assert named_in(text) is None


def test_a_token_is_valid_as_long_as_its_key_is_a_fallback(lesson, bob, settings):
    token, former = token_for(lesson, bob.pk), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret key", [former]
    assert is_token_of(lesson, bob.pk, token)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_token_of(lesson, bob.pk, token)


def test_the_token_of_a_teachers_link_is_no_personal_one(lesson, alice):
    token = links.token_for(lesson.pk, lesson.link_version, alice.pk)
    assert (named_in(token), is_token_of(lesson, alice.pk, token)) == (None, False)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED", None])
def test_only_approved_members_get_one(algebra, charlie, join, lesson, link, status):
    if status:
        join(algebra, charlie, status)
    assert verdict(link(charlie)) == forbidden("not_a_member")


def test_an_administrator_needs_a_membership(admin, algebra, alice, lesson, link):
    assert verdict(link(admin)) == forbidden("not_a_member")
    Membership.objects.enrol(algebra, admin, "TEACHER", Actor(alice))
    assert link(admin).json()["data"]["userId"] == admin.pk


def test_a_session_without_a_class_has_none(api, alice, schedule):
    assert verdict(api(alice).get(f"/sessions/{schedule().pk}/link")) == forbidden("not_a_member")


def test_a_credential_the_scope_and_a_session_are_required(api, bob, lesson):
    path = f"/sessions/{lesson.pk}/link"
    assert verdict(api().get(path)) == UNAUTHENTICATED
    assert verdict(api(bob, scopes=["sessions:write"]).get(path)) == forbidden("missing_scope")
    assert api(bob, scopes=["sessions:read"]).get(path).status_code == 200
    assert verdict(api(bob).get(f"/sessions/{NO_SESSION}/link")) == NOT_FOUND


def test_looking_it_up_changes_nothing(bob, lesson, link):
    count = Event.objects.count()
    link(bob)
    assert Event.objects.count() == count


def test_the_page_shows_it_to_students_alone(signed_in, alice, bob, admin, lesson):
    path, shown = f"/sessions/{lesson.pk}", personal_link(lesson, bob).replace("&", "&amp;")
    pages = [signed_in(person).get(path, headers={"Accept": "text/html"}).text for person in (bob, alice, admin)]
    assert [shown in page for page in pages] == [True, False, False]
    assert ["joinlink_" in page for page in pages] == [True, False, False]
    lesson.cancel(Actor(alice))
    assert "joinlink_" not in signed_in(bob).get(path, headers={"Accept": "text/html"}).text
