"""GET /events"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from classes.models import Class
from tutorarc.db.page_tokens import encode
from tutorarc.domain.events import Actor
from tutorarc.feed.examples import APPROVED
from tutorarc.models import Event, User
from tutorarc.ops.former_records import _event_id
from tutorarc.testing.client import UNAUTHENTICATED, forbidden, invalid_parameter, verdict
from tutorarc.tests.browser.browsing import HTML


def page(response):
    assert response.status_code == 200, response.content
    body = response.json()
    assert list(body) == ["next", "results"]
    return body


def types(response):
    return [row["type"] for row in page(response)["results"]]


def follow(client, link):
    return client.get(link.removeprefix("http://testserver"))


@pytest.fixture
def quiet(algebra, no_events):
    """Alice's class, before anything is told of it."""
    no_events()
    return algebra


def test_shows_an_event_with_all_its_fields(half_past_nine, alice, bob, quiet, add_event, api):
    member = {"user_id": bob.pk, "class_id": quiet.pk, "role": "STUDENT", "status": "APPROVED", "joined_at": None}
    event = add_event(
        "membership.approved",
        quiet,
        user_id=bob.pk,
        actor_user_id=alice.pk,
        from_status="PENDING",
        changes={"status": ["PENDING", "APPROVED"]},
        data=member,
        detail="for history pages alone",
    )
    assert page(api(alice).get("/events"))["results"] == [
        {
            "id": event.pk,
            "type": "membership.approved",
            "created_at": half_past_nine,
            "class_id": quiet.pk,
            "session_id": None,
            "user_id": bob.pk,
            "actor": {"user_id": alice.pk, "key_id": None},
            "from_status": "PENDING",
            "changes": {"status": ["PENDING", "APPROVED"]},
            "data": member,
        }
    ]


def test_the_example_of_the_reference_is_what_an_approval_writes(alice, bob, quiet, join, no_events, api):
    join(quiet, bob, status="PENDING")
    no_events()
    quiet.memberships.approve(quiet, [bob.pk], Actor(alice))
    [event] = page(api(alice).get("/events"))["results"]
    assert (event["type"], event["from_status"]) == (APPROVED["type"], APPROVED["from_status"])
    assert event["changes"] == APPROVED["changes"]
    assert sorted(event["data"]) == sorted(APPROVED["data"])


def test_an_empty_feed_has_a_next_that_shows_what_comes(alice, quiet, add_event, api):
    client = api(alice)
    empty = page(client.get("/events"))
    assert empty["results"] == []
    add_event("class.updated", quiet)
    assert types(follow(client, empty["next"])) == ["class.updated"]


def test_a_poller_at_the_end_gets_its_own_link_again_and_then_what_is_new(alice, quiet, add_event, api):
    client = api(alice)
    add_event("class.updated", quiet)
    end = page(client.get("/events"))["next"]
    assert page(follow(client, end)) == {"next": end, "results": []}
    add_event("class.archived", quiet)
    new = follow(client, end)
    assert (types(new), types(follow(client, page(new)["next"]))) == (["class.archived"], [])


def test_following_next_gives_every_event_once_oldest_first(alice, quiet, add_event, api):
    made = [add_event("class.updated", quiet).pk for _ in range(7)]
    client, seen, link = api(alice), [], "/events?page_size=3"
    sizes = []
    while True:
        answer = page(follow(client, link))
        if not answer["results"]:
            break
        sizes.append(len(answer["results"]))
        seen += [row["id"] for row in answer["results"]]
        link = answer["next"]
    assert (seen, sizes) == (made, [3, 3, 1])


# Whose events


@pytest.fixture
def others(quiet, alice, dora, schedule, no_events):
    """A class of Dora's, and sessions: of Alice's in it, of Dora's in Alice's class, and of each without a class."""
    theirs = type(quiet).objects.create_with_teacher(Actor(dora), title="Botany")
    theirs.memberships.enrol(theirs, alice, "TEACHER", Actor(dora))
    sessions = {
        "Alice's in Dora's class": schedule(by=alice, klass=theirs),
        "Dora's in Alice's class": schedule(by=dora, klass=quiet),
        "Alice's": schedule(by=alice),
        "Dora's": schedule(by=dora),
    }
    no_events()
    return theirs, sessions


@pytest.fixture
def told(bob, quiet, others, add_event):
    """One event of each."""
    theirs, sessions = others
    told = {
        "Alice's class": add_event("class.updated", quiet),
        "Dora's class": add_event("class.updated", theirs),
        "Bob": add_event("user.updated", user_id=bob.pk),
        **{name: add_event("session.rescheduled", session=session) for name, session in sessions.items()},
    }
    return {event.pk: name for name, event in told.items()}


def seen_by(client, told, query=""):
    """Without the events of the people whom the test makes meanwhile."""
    rows = page(client.get(f"/events{query}"))["results"]
    return [told[row["id"]] for row in rows if row["id"] in told or row["type"] != "user.created"]


def test_a_teacher_sees_the_classes_and_sessions_that_they_created(alice, told, api):
    assert seen_by(api(alice), told) == [
        "Alice's class",
        "Alice's in Dora's class",
        "Dora's in Alice's class",
        "Alice's",
    ]


def test_an_admin_sees_everything(admin, told, api):
    assert seen_by(api(admin), told) == list(told.values())


def test_a_student_sees_nothing(bob, told, api):
    assert seen_by(api(bob), told) == []


@pytest.mark.parametrize("query", ["", "?type=class.updated&type=session.rescheduled"])
def test_a_creator_who_became_a_student_sees_nothing(alice, told, api, query):
    client = api(alice)
    assert len(seen_by(client, told, query)) == 4
    User.objects.filter(pk=alice.pk).update(global_role="STUDENT")
    assert seen_by(client, told, query) == []


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("dora", 200), ("admin", 200), ("bob", 403)])
def test_a_class_is_followed_by_its_teachers(request, quiet, others, told, api, join, bob, who, status):
    theirs, _ = others
    if who == "bob":
        join(theirs, bob)
        assert verdict(api(bob).get(f"/events?class_id={theirs.pk}")) == forbidden("wrong_role")
        return
    client = api(request.getfixturevalue(who))
    assert seen_by(client, told, f"?class_id={theirs.pk}") == ["Dora's class", "Alice's in Dora's class"]


def test_a_class_is_not_followed_by_people_outside(charlie, quiet, api):
    assert verdict(api(charlie).get(f"/events?class_id={quiet.pk}")) == forbidden("not_a_member")


def test_its_creator_does_not_follow_a_class_that_removed_them(alice, dora, quiet, api, known_to):
    quiet.memberships.enrol(quiet, dora, "TEACHER", Actor(alice))
    quiet.memberships.remove(quiet, alice.pk, Actor(dora))
    assert verdict(api(alice).get(f"/events?class_id={quiet.pk}")) == forbidden("not_a_member")


def test_an_archived_class_can_be_followed(alice, quiet, add_event, api, no_events):
    quiet.archive(Actor(alice))
    no_events()
    add_event("class.archived", quiet)
    assert types(api(alice).get(f"/events?class_id={quiet.pk}")) == ["class.archived"]


def test_a_session_is_followed_by_those_who_may_change_it(alice, dora, admin, others, told, api):
    _, sessions = others
    for name, session in sessions.items():
        path = f"/events?session_id={session.pk}"
        assert [seen_by(api(one), told, f"?session_id={session.pk}") for one in (admin,)] == [[name]]
        if name == "Dora's":
            assert verdict(api(alice).get(path)) == forbidden("not_the_owner")
        if name == "Alice's in Dora's class":
            assert seen_by(api(dora), told, f"?session_id={session.pk}") == [name]


def test_a_session_of_a_class_is_not_followed_by_its_students(bob, others, api, join):
    theirs, sessions = others
    session = sessions["Alice's in Dora's class"]
    assert verdict(api(bob).get(f"/events?session_id={session.pk}")) == forbidden("not_a_member")
    join(theirs, bob)
    assert verdict(api(bob).get(f"/events?session_id={session.pk}")) == forbidden("wrong_role")


# What is hidden


def test_the_class_code_is_hidden_from_a_creator_who_was_removed(alice, dora, admin, quiet, add_event, api, no_events):
    quiet.memberships.enrol(quiet, dora, "TEACHER", Actor(alice))
    data = {"id": quiet.pk, "title": "Algebra", "class_code": "ALGE-7P4X"}
    changes = {"class_code": ["ALGE-2222", "ALGE-7P4X"]}
    no_events()
    add_event("class.code_renewed", quiet, data=data, changes=changes)
    add_event("class.updated", quiet, data=data, changes={"title": ["Algebr", "Algebra"]})
    client = api(alice)

    def codes(client):
        rows = page(client.get("/events"))["results"]
        return [(row["data"]["class_code"], row["changes"]) for row in rows if row["type"].startswith("class.")]

    shown = [("ALGE-7P4X", changes), ("ALGE-7P4X", {"title": ["Algebr", "Algebra"]})]
    assert codes(client) == shown
    quiet.memberships.remove(quiet, alice.pk, Actor(dora))
    assert codes(client) == [("", {"class_code": ["", ""]}), ("", {"title": ["Algebr", "Algebra"]})]
    assert codes(api(admin))[:2] == shown


def test_the_teacher_link_is_hidden_from_those_who_may_not_change_the_session(
    alice, dora, admin, others, add_event, api, no_events
):
    theirs, sessions = others
    in_class, own = sessions["Alice's in Dora's class"], sessions["Alice's"]
    for session in (in_class, own):
        add_event("session.scheduled", session=session, data={"title": "Calculus", "teacherLink": "https://link"})

    def links(client):
        shown = [row["data"] for row in page(client.get("/events"))["results"]]
        return [data["teacherLink"] for data in shown if "teacherLink" in data]

    assert links(api(alice)) == ["https://link", "https://link"]
    theirs.memberships.change_role(theirs, alice.pk, "STUDENT", Actor(dora))
    assert links(api(alice)) == [None, "https://link"]
    theirs.memberships.remove(theirs, alice.pk, Actor(dora))
    assert links(api(alice)) == [None, "https://link"]
    assert links(api(admin)) == ["https://link", "https://link"]


@pytest.mark.parametrize("event_type", ["api_key.created", "user.groups_changed", "session.links_renewed"])
def test_what_is_no_public_type_is_shown_to_nobody(
    admin, alice, quiet, schedule, add_event, no_events, api, event_type
):
    session = schedule(klass=quiet)
    no_events()
    add_event(event_type, session=session)
    queries = ["", f"?class_id={quiet.pk}", f"?session_id={session.pk}"]
    assert [types(api(who).get(f"/events{query}")) for who in (admin, alice) for query in queries] == [[]] * 6


# Filters


def test_types_can_be_given_more_than_once(alice, quiet, add_event, api):
    for one in ("class.updated", "class.archived", "class.unarchived"):
        add_event(one, quiet)
    client = api(alice)
    assert types(client.get("/events?type=class.updated&type=class.unarchived")) == [
        "class.updated",
        "class.unarchived",
    ]
    assert types(client.get(f"/events?type=class.archived&class_id={quiet.pk}")) == ["class.archived"]


def test_next_goes_on_behind_events_of_other_types(alice, admin, quiet, add_event, no_events, api, monkeypatch):
    """A page looks at a limited number of events, and may have none of this type before the end."""
    monkeypatch.setattr("tutorarc.feed.views.LOOKED_AT", 3)
    clients = api(alice), api(admin)
    no_events()
    for one in ["class.updated"] * 5 + ["class.archived"] + ["class.updated"] * 2:
        add_event(one, quiet)
    for client in clients:
        for scope in ("", f"&class_id={quiet.pk}"):
            found, link = [], f"/events?type=class.archived{scope}"
            while True:
                answer = page(follow(client, link))
                found.append([row["type"] for row in answer["results"]])
                if answer["next"] == link:
                    break
                link = answer["next"]
            assert found == [[], ["class.archived"], [], []]


def test_one_person_in_a_class(alice, bob, charlie, quiet, add_event, api):
    for one in (bob, charlie, bob):
        add_event("membership.approved", quiet, user_id=one.pk)
    add_event("class.updated", quiet)
    rows = page(api(alice).get(f"/events?class_id={quiet.pk}&user_id={bob.pk}"))["results"]
    assert [row["user_id"] for row in rows] == [bob.pk, bob.pk]


@pytest.fixture(params=[1, 100])
def _few_events_tell_where_others_are(request, monkeypatch):
    monkeypatch.setattr("tutorarc.models.event_queryset.SAMPLE", request.param)


@pytest.mark.usefixtures("_few_events_tell_where_others_are")
def test_created_after_leaves_out_what_is_older(alice, quiet, add_event, api):
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    hours = [-3, -1, 0, 1]
    made = [add_event("class.updated", quiet, at=noon + timedelta(hours=hour)).pk for hour in hours]
    client = api(alice)
    for after, first in ((-4, 0), (-3, 1), (-0.5, 2), (0, 3), (1, 4)):
        moment = (noon + timedelta(hours=after)).isoformat().replace("+00:00", "Z")
        rows = page(client.get("/events", {"created_after": moment}))["results"]
        assert [row["id"] for row in rows] == made[first:]


@pytest.mark.usefixtures("_few_events_tell_where_others_are")
def test_created_after_keeps_an_event_that_was_written_earlier_and_numbered_later(alice, quiet, add_event, api):
    """A position that is lower than that of an older event."""
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    newer, older = (add_event("class.updated", quiet, at=noon + timedelta(minutes=minutes)) for minutes in (30, 10))
    for position, event in enumerate((newer, older), 1):
        Event.objects.filter(pk=event.pk).update(position=position, class_owner_id=alice.pk)
    rows = page(api(alice).get("/events?created_after=2026-03-14T12:00:00Z"))["results"]
    assert [row["id"] for row in rows] == [newer.pk, older.pk]


def test_created_after_keeps_events_that_are_before_records_copied_late(alice, quiet, add_event, api, monkeypatch):
    """A server of the version before wrote the records, and they were copied and numbered after newer events."""
    monkeypatch.setattr("tutorarc.models.event_queryset.SAMPLE", 1)
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    newer, copied = (add_event("class.updated", quiet, at=noon + timedelta(hours=hours)) for hours in (1, -2))
    record = Class()
    record.history_id, record.history_date = 7, noon - timedelta(hours=2)
    ids = {newer.pk: newer.pk, copied.pk: _event_id(record)}
    for position, (pk, new_id) in enumerate(ids.items(), 1):
        Event.objects.filter(pk=pk).update(id=new_id, position=position, class_owner_id=alice.pk)
    rows = page(api(alice).get("/events?created_after=2026-03-14T12:00:00Z"))["results"]
    assert [row["id"] for row in rows] == [newer.pk]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_created_after_takes_every_time(alice, quiet, add_event, api, moment):
    add_event("class.updated", quiet)
    assert types(api(alice).get(f"/events?created_after={moment}")) == ["class.updated"] * moment.startswith("0")


# Refusals


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("type=class.update", "type", "invalid_choice"),
        ("type=api_key.created", "type", "invalid_choice"),
        ("type=class.updated&type=x", "type", "invalid_choice"),
        ("type=", "type", "blank"),
        ("class_id=cls_1", "class_id", "malformed_id"),
        ("class_id=cls_01m80s34are5wtgrqwq5y5grjf", "class_id", "unknown_id"),
        ("session_id=", "session_id", "blank"),
        ("session_id=session_1", "session_id", "malformed_id"),
        ("session_id=session_01m80s34are5wtgrqwq5y5grjf", "session_id", "unknown_id"),
        ("user_id=usr_01m80s34are5wtgrqwq5y5grjf", "user_id", "invalid"),
        ("created_after=2026-03-14", "created_after", "invalid"),
        ("created_before=2026-03-14T00:00:00Z", "created_before", "unknown_parameter"),
        ("user_id=usr_1&user_id=usr_2", "user_id", "repeated_parameter"),
        ("page_size=0", "page_size", "invalid"),
        ("page_size=101", "page_size", "invalid"),
        ("cursor=x", "cursor", "invalid"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(alice, quiet, api, query, name, code):
    assert verdict(api(alice).get(f"/events?{query}")) == invalid_parameter(name, code)


@pytest.mark.parametrize("blank", ["%20", "%09", "%0A", "%C2%A0"])
@pytest.mark.parametrize("name", ["class_id", "session_id"])
def test_a_blank_around_an_id_does_not_skip_the_check_of_the_role(
    charlie, quiet, schedule, add_event, api, signed_in, name, blank
):
    session = schedule(klass=quiet)
    add_event("session.rescheduled", session=session)
    key = quiet.pk if name == "class_id" else session.pk
    for text in (f"{blank}{key}", f"{key}{blank}", blank):
        path = f"/events?{name}={text}"
        assert verdict(api(charlie).get(path)) == invalid_parameter(name, "malformed_id")
        assert signed_in(charlie).get(path, headers=HTML).status_code == 400


def test_the_role_in_the_class_is_checked_before_other_parameters(charlie, quiet, api):
    assert verdict(api(charlie).get(f"/events?class_id={quiet.pk}&type=x&y=z")) == forbidden("not_a_member")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("membership.approve", "type: there is no such event type. Did you mean membership.approved?"),
        (
            "x",
            "type: give class.created/updated/archived/unarchived/code_renewed/settings_changed, "
            "membership.requested/withdrawn/enrolled/invited_accepted/approved/rejected/removed/left/reopened/"
            "role_changed, session.scheduled/rescheduled/cancelled/started/ended/attendance_changed, "
            "invitation.sent/accepted/declined/revoked or user.created/updated/deactivated/reactivated.",
        ),
    ],
)
def test_a_wrong_type_is_told_the_right_ones(alice, quiet, api, text, message):
    assert api(alice).get(f"/events?type={text}").json()["error"]["message"] == message


def cursor_of(link):
    return parse_qs(urlsplit(link).query)["cursor"][0]


def test_a_cursor_of_another_list_is_refused(alice, quiet, make_user, api):
    client = api(alice)
    type(quiet).objects.create_with_teacher(Actor(alice), title="Botany")
    cursor = cursor_of(client.get("/classes?page_size=1").json()["next"])
    assert verdict(client.get(f"/events?cursor={cursor}")) == invalid_parameter("cursor")


@pytest.mark.parametrize(
    "place",
    [
        [["position"], False, True, [3]],
        [["position"], False, False, [3], True],
        [["position"], False, False, ["x"]],
        [["position"], False, False, [2**63]],
        [["pk"], False, False, [3]],
    ],
)
def test_a_forged_cursor_is_refused(alice, quiet, api, place):
    assert verdict(api(alice).get(f"/events?cursor={encode(place)}")) == invalid_parameter("cursor")


def test_needs_a_credential_and_the_scope(alice, quiet, api):
    assert verdict(api().get("/events")) == UNAUTHENTICATED
    assert verdict(api(alice, scopes=["classes:read"]).get("/events")) == forbidden("missing_scope")
    assert types(api(alice, scopes=["events:read"]).get("/events")) == []


# Cost

STATEMENTS = {  # of the key and of the events without a position, then
    "": 1,
    "?type=class.updated": 3,
    "?class_id={}": 2,
    "?class_id={}&type=class.updated": 3,
}


@pytest.mark.parametrize("query", STATEMENTS)
@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_costs_a_fixed_number_of_statements(
    alice, quiet, add_event, api, django_assert_num_queries, query, rows
):
    for _ in range(rows):
        add_event("class.updated", quiet, data={"class_code": "ALGE-7P4X"})
    client = api(alice)
    client.get("/events")  # gives the positions
    hiding = 1
    with django_assert_num_queries(2 + STATEMENTS[query] + hiding):
        assert len(types(client.get(f"/events{query}".format(quiet.pk)))) == min(rows, 20)
