"""`GET /me/calendar` and `POST /me/calendar/renew`."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from sessions.calendars.tokens import feed_path
from tutorarc.models import Event
from tutorarc.testing.client import UNAUTHENTICATED, forbidden, invalid_parameter, verdict
from tutorarc.tests.browser.browsing import HTML

NO_CLASS = "cls_01h455vb4pex5vsknk084sn02q"


def addresses(user, class_id=None):
    path = feed_path(user, class_id)
    return {"class_id": class_id, "url": f"http://testserver{path}", "webcal_url": f"webcal://testserver{path}"}


def test_it_gives_the_addresses_of_the_feed(api, bob):
    response = api(bob, scopes=["sessions:read"]).get("/me/calendar")
    assert (response.status_code, response.json()) == (200, addresses(bob))
    assert Client().get(response.json()["url"]).status_code == 200


@pytest.mark.parametrize("person", ["alice", "bob", "admin"])
def test_it_gives_those_of_a_class_to_its_members_and_admins(api, request, algebra, bob, join, person):
    join(algebra, bob)
    user = request.getfixturevalue(person)
    assert api(user).get(f"/me/calendar?class_id={algebra.pk}").json() == addresses(user, algebra.pk)


def test_others_get_none_of_a_class(api, algebra, charlie, join):
    assert verdict(api(charlie).get(f"/me/calendar?class_id={algebra.pk}")) == forbidden("not_a_member")
    join(algebra, charlie, "PENDING")
    assert verdict(api(charlie).get(f"/me/calendar?class_id={algebra.pk}")) == forbidden("not_a_member")


@pytest.mark.parametrize(("class_id", "code"), [("cls_1", "malformed_id"), (NO_CLASS, "unknown_id")])
def test_a_wrong_class_is_refused(api, alice, class_id, code):
    assert verdict(api(alice).get(f"/me/calendar?class_id={class_id}")) == invalid_parameter("class_id", code)


def test_a_renewal_ends_the_address_before_and_gives_the_new_one(api, bob):
    former = addresses(bob)["url"]
    answer = api(bob).post("/me/calendar/renew").json()
    bob.refresh_from_db()
    assert answer == addresses(bob)
    assert answer["url"] != former
    assert Client().get(former).status_code == 404
    [event] = Event.objects.filter(type="user.calendar_renewed")
    assert (event.user_id, event.actor_user_id, event.changes) == (bob.pk, bob.pk, {})


def test_a_replayed_renewal_gives_no_address(api, bob):
    client = api(bob)
    answers = [client.post("/me/calendar/renew", headers={"Idempotency-Key": "1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json() == {"class_id": None, "url": None, "webcal_url": None}
    bob.refresh_from_db()
    assert (answers[0].json()["url"], bob.calendar_version) == (addresses(bob)["url"], 1)


def test_scopes(api, bob):
    reader, writer = api(bob, scopes=["sessions:read"]), api(bob, scopes=["sessions:write"])
    assert verdict(reader.post("/me/calendar/renew")) == forbidden("missing_scope")
    assert verdict(writer.get("/me/calendar")) == forbidden("missing_scope")


def test_it_needs_a_credential(api, db):
    assert verdict(api().get("/me/calendar")) == UNAUTHENTICATED


def test_the_cost(api, bob, algebra, join, django_assert_num_queries):
    join(algebra, bob)
    client = api(bob)
    with django_assert_num_queries(2):  # the key, and a column of its owner that no other call needs
        client.get("/me/calendar")
    with django_assert_num_queries(3):
        client.get(f"/me/calendar?class_id={algebra.pk}")


# The page


def test_the_page_has_a_button_for_each_calendar(signed_in, bob):
    page = signed_in(bob).get("/me/calendar", headers=HTML).content.decode()
    feed = feed_path(bob).rpartition("/")[2]
    buttons = re.findall(rf'href="([^"]*{re.escape(feed)}[^"]*)"', page)
    assert [button.replace(feed, "…") for button in buttons] == [
        "webcal://testserver/calendar/…",
        "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Ftestserver%2Fcalendar%2F…",
        "https://outlook.live.com/calendar/0/addfromweb?url=webcal%3A%2F%2Ftestserver%2Fcalendar%2F…&amp;name=TutorArc",
        "https://outlook.office.com/calendar/0/addfromweb?url=webcal%3A%2F%2Ftestserver%2Fcalendar%2F…&amp;name=TutorArc",
    ]
    assert f'value="http://testserver{feed_path(bob)}"' in page
    assert "only every 8 to 24 hours" in page


def test_the_page_renews_the_addresses(post_form, bob):
    former = feed_path(bob)
    page = post_form(bob, "/me/calendar/renew")
    bob.refresh_from_db()
    text = page.content.decode()
    assert (page.status_code, former in text, feed_path(bob) in text) == (200, False, True)
    assert "The old addresses no longer work." in text


def test_the_page_of_a_class(signed_in, algebra, bob, join):
    join(algebra, bob)
    page = signed_in(bob).get(f"/me/calendar?class_id={algebra.pk}", headers=HTML).content.decode()
    assert feed_path(bob, algebra.pk) in page
    assert "Subscribe to the lessons of all your classes" in page


def test_the_pages_that_lead_there(client, algebra, bob, join, schedule):
    join(algebra, bob)
    session = schedule(klass=algebra, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))
    client.force_login(bob)
    found = {
        path: re.findall(
            r'href="(/api/v1/me/calendar[^"]*|/lessons/[^"]*ics)"', client.get(path, headers=HTML).content.decode()
        )
        for path in ("/", "/calendar", f"/api/v1/classes/{algebra.pk}", f"/api/v1/sessions/{session.pk}")
    }
    assert list(found.values()) == [
        ["/api/v1/me/calendar"],
        ["/api/v1/me/calendar"],
        [f"/api/v1/me/calendar?class_id={algebra.pk}"],
        [f"/lessons/{session.pk}.ics"],
    ]
