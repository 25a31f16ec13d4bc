"""Nobody is shown the address of a room but those who may change its class or session (docs/contract.md, "Rooms")."""

import logging

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import Actor
from tutorarc.feed.subjects import represent
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.tests.browser.browsing import HTML
from tutorarc.tests.staff.admin_site import Site

MARK = "rooms.example.com"
OF_CLASS, OF_SESSION = f"https://{MARK}/of-the-class", f"https://{MARK}/of-the-session"
KINDS = ["classes_class", "live_sessions_livesession", "members_membership", "tutorarc_user"]


@pytest.fixture
def board_is_here(settings):
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def rows(alice, algebra, schedule):
    """A class and its sessions with rooms, which were changed more than once."""
    algebra = algebra.change_settings(Actor(alice), room_url=f"https://{MARK}/former")
    algebra = algebra.change_settings(Actor(alice), room_url=OF_CLASS)
    session = schedule(klass=algebra, room_url=OF_SESSION)
    return [algebra, session.reschedule(Actor(alice), title="Moved"), schedule(klass=algebra)]


def paths_of(algebra, *sessions):
    yield from ("/classes", f"/classes/{algebra.pk}", f"/classes/{algebra.pk}/settings")
    yield from (f"/classes/{algebra.pk}/members", f"/classes/{algebra.pk}/members?expand=user")
    yield from ("/sessions", f"/sessions?classId={algebra.pk}", "/events", f"/events?class_id={algebra.pk}", "/me")
    for session in sessions:
        yield from (f"/sessions/{session.pk}", f"/events?session_id={session.pk}")
        yield from (f"/sessions/{session.pk}/admission?role={role}" for role in ("student", "teacher"))


def pages_of(*sessions):
    for session in sessions:
        yield f"/join?id={session.pk}"
        yield f"/board?id={session.pk}&role=teacher"


def where_shown(client, paths, **options):
    """The paths whose answers have the address of a room, in body or headers."""
    answers = {path: client.get(path, **options) for path in paths}
    return [path for path, answer in answers.items() if MARK in f"{answer.content.decode()}{dict(answer.items())}"]


@pytest.fixture
def others(rows, alice, bob, charlie, dora, make_user, join):
    """People who may not change the class: a student, one who was removed, strangers, and a teacher who was removed."""
    [algebra, *_] = rows
    removed, former = make_user("Erin"), make_user("Frank", "TEACHER")
    join(algebra, bob, "APPROVED")
    join(algebra, removed, "REMOVED")
    Membership.objects.enrol(algebra, former, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, former.pk, Actor(alice))
    return [bob, removed, charlie, dora, former]


def test_no_answer_of_the_api_shows_it_to_others(api, rows, others):
    paths = list(paths_of(*rows))
    assert [where_shown(api(person), paths) for person in others] == [[]] * len(others)
    assert where_shown(api(), paths) == []


def test_no_page_shows_it_to_others(board_is_here, signed_in, rows, others):
    algebra, own, _ = rows
    others_pages = ["/", f"/lessons/new?like={own.pk}", f"/j/{algebra.class_code}", f"/classes/{algebra.pk}/code"]
    paths = [*others_pages, *(f"/api/v1{path}" for path in paths_of(*rows)), *pages_of(*rows[1:])]
    browsers = [Client(), *map(signed_in, others)]
    assert [where_shown(browser, paths, headers=HTML) for browser in browsers] == [[]] * len(browsers)


def test_its_teacher_sees_it_only_where_it_is_changed(board_is_here, api, signed_in, alice, rows):
    """Not in events, which go on to webhooks, and not on the lobby's page."""
    algebra, own, _ = rows
    of_class, of_session = f"/classes/{algebra.pk}/settings", f"/sessions/{own.pk}"
    expected = [of_class, "/sessions", f"/sessions?classId={algebra.pk}", of_session]
    assert where_shown(api(alice), paths_of(*rows)) == expected
    assert where_shown(signed_in(alice), pages_of(*rows[1:]), headers=HTML) == []


def test_no_event_has_it_for_the_feed_or_webhooks(alice, root, rows):
    number_events()
    events = list(Event.objects.order_by("position"))
    assert [MARK in str(represent(events, person)) for person in (alice, root)] == [False, False]


def test_it_is_stored_with_the_class_and_the_session_alone(api, alice, rows):
    client = api(alice)
    client.patch(f"/classes/{rows[0].pk}/settings", {"room_url": f"https://{MARK}/a"})
    client.post("/sessions", SESSION_BODY | {"roomUrl": f"https://{MARK}/b"}, headers={"Idempotency-Key": "once"})
    holders = {model for model in apps.get_models() if MARK in str(list(model.objects.values()))}
    assert holders == {Class, LiveSession}


def test_it_is_in_no_log(api, alice, rows, caplog):
    client = api(alice)
    with caplog.at_level(logging.DEBUG, "tutorarc"):
        client.patch(f"/classes/{rows[0].pk}/settings", {"room_url": f"https://{MARK}/a"})
        client.patch(f"/classes/{rows[0].pk}/settings", {"room_url": f"http://{MARK}/a"})
        client.patch(f"/sessions/{rows[1].pk}", {"roomUrl": f"https://me@{MARK}/a"})
    assert MARK not in str([vars(record) for record in caplog.records])


@pytest.fixture
def staff(make_user):
    def make(group):
        user = make_user(group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


def admin_pages(algebra, *sessions):
    for kind in KINDS:
        yield from (reverse(f"admin:{kind}_{page}") for page in ("changelist", "export"))
    for kind, row in (("classes_class", algebra), *(("live_sessions_livesession", session) for session in sessions)):
        yield from (reverse(f"admin:{kind}_{page}", args=[row.pk]) for page in ("change", "history"))


def shown_in_admin(user, rows):
    site = Site(user, "classes_class")
    return [path for path in admin_pages(*rows) if MARK in _text(site.get(path))]


def _text(response):
    assert response.status_code == 200
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


def test_staff_who_may_only_read_do_not_see_it(staff, rows):
    assert shown_in_admin(staff("Support"), rows) == []


def test_superusers_see_it_only_where_they_change_it(root, rows, alice):
    algebra, own, _ = rows
    kinds = [("classes_class", algebra), ("live_sessions_livesession", own)]
    assert shown_in_admin(root, rows) == [reverse(f"admin:{kind}_change", args=[row.pk]) for kind, row in kinds]
    algebra.archive(Actor(alice))  # now nobody may change it
    assert shown_in_admin(root, rows) == []


@pytest.mark.parametrize("lookup", ["room_url__startswith", "room_url", "klass__room_url__startswith"])
def test_a_list_of_the_admin_site_can_not_be_filtered_by_it(staff, rows, lookup):
    site = Site(staff("Support"), "live_sessions_livesession")
    assert site.listing(**{lookup: f"https://{MARK}"}).status_code == 400
