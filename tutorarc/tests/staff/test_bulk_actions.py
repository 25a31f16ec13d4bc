"""Actions on rows of a list and on a record: their limit, the question before them, and the selection after them."""

import re
from datetime import UTC, datetime

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.staff import actions
from tutorarc.staff.base import NOT_SAVED
from tutorarc.staff.record_list import RecordList
from tutorarc.tests.staff.admin_site import Site, everything, first_shown, shown_messages, state

KIND = "members_membership"
FUTURE = datetime(2036, 3, 20, 10, tzinfo=UTC)
CLASSES = "classes_class"


def send(site, action, rows, query="", **fields):
    data = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return site.post(f"{site.address('changelist')}{query}", data)


def selected_in(page):
    return re.findall(r'name="_selected_action" value="(\w+)"[^>]* checked[ >]', page.content.decode())


@pytest.fixture
def members(algebra, crowd):
    crowd(algebra, 12)
    return list(Membership.objects.filter(role="STUDENT"))


# The limit


@pytest.mark.parametrize(("shown", "fields"), [(3, {}), (1, {"select_across": "1"}), (1, {"select_across": "2"})])
def test_more_rows_than_the_limit_are_refused_and_stay_selected(site, members, monkeypatch, shown, fields):
    monkeypatch.setattr(actions, "MAX_AT_ONCE", 2)
    before = everything()
    response = send(site, "make_student", members[:shown], "?role__exact=STUDENT", **fields)
    assert shown_messages(response) == ["Nothing was changed: at most 2 can be changed at once."]
    keys = [str(member.pk) for member in members[:shown]]
    assert response.url == f"{site.address('changelist')}?role__exact=STUDENT&selected={','.join(keys)}"
    page = site.get(response.url)
    assert (sorted(selected_in(page)), "selected=" in page.context["cl"].get_query_string()) == (sorted(keys), False)
    assert everything() == before


def test_the_limit_is_shown_in_place_of_the_link_that_selects_all(site, members, crowd, algebra, monkeypatch):
    crowd(algebra, 15, "PENDING")
    monkeypatch.setattr(RecordList, "max_at_once", 27)
    allowed = site.listing(role__exact="STUDENT").content.decode()
    assert ("Select all 27 memberships" in allowed, "can be changed at once" in allowed) == (True, False)
    refused = site.listing().content.decode()
    assert ("Select all 28" in refused, "At most 27 rows can be changed at once." in refused) == (False, True)


def test_every_action_has_the_same_limit(root, algebra, crowd):
    people = [membership.user for membership in algebra.memberships.select_related("user")] + crowd(algebra, 500)
    response = send(Site(root, "tutorarc_user"), "make_password_links", people)
    assert shown_messages(response) == ["Nothing was changed: at most 500 can be changed at once."]


# The selection


def test_without_an_action_the_rows_stay_selected(site, members):
    response = send(site, "", members[:2])
    assert (shown_messages(response), len(selected_in(site.get(response.url)))) == (["No action selected."], 2)


def test_refused_rows_stay_selected_and_changed_ones_do_not(site, algebra, members, alice):
    biology = Class.objects.create_with_teacher(Actor(alice), title="Biology")
    teacher = biology.memberships.get()
    response = send(site, "remove", [*members[:2], teacher], sure="yes")
    assert response.url == f"{site.address('changelist')}?selected={teacher.pk}"


# The question


@pytest.mark.parametrize("count", [1, 12])
def test_removing_people_asks_and_names_ten(site, members, django_assert_num_queries, count):
    before = everything()
    with django_assert_num_queries(4):
        page = send(site, "remove", members[:count])
    context = page.context
    assert (context["title"], len(context["rows"])) == ("Remove from the class?", count)
    assert (len(context["rows_named"]), context["rows_not_named"]) == (min(count, 10), max(0, count - 10))
    assert page.content.decode().count('name="_selected_action"') == count
    assert everything() == before


def test_a_question_about_all_rows_of_a_list_sends_each_of_them(site, members):
    page = send(site, "remove", members[:1], "?role__exact=STUDENT", select_across="1")
    assert page.content.decode().count('name="_selected_action"') == 12


def test_an_action_names_changes_to_the_form_that_would_be_lost(root, schedule, algebra):
    site, session = Site(root, "live_sessions_livesession"), schedule(klass=algebra, start_time=FUTURE)
    record = first_shown(site.page(session.pk))
    typed = {"title": "Late <b>title", "start_time_0": "2036-03-21", "start_time_1": "09:15:00", "duration": "60"}
    page = send(site, "cancel", [session], back="record", **record, **typed)
    assert page.context["unsaved"] == [
        ("Title", "Late <b>title"),
        ("Start time", "2036-03-21 09:15:00"),
        ("Strict", "no"),
    ]
    assert "Late &lt;b&gt;title" in page.content.decode()

    kept = {"_keep": "1", "action": "cancel", "back": "record", "_selected_action": session.pk}
    for name, value in page.context["kept"]:
        kept.setdefault(name, value)
    before = everything()
    form = site.post(page.context["back_address"], kept).context["adminform"].form
    assert (form["title"].value(), form.non_field_errors()) == ("Late <b>title", [NOT_SAVED])
    assert everything() == before


def test_an_action_that_can_be_undone_asks_only_if_changes_would_be_lost(root, algebra):
    site = Site(root, CLASSES)
    record = first_shown(site.page(algebra.pk))
    shown = {"description": algebra.description, "code_mode": "APPROVAL"}
    page = send(site, "archive", [algebra], back="record", **record, **shown, title="Rings")
    assert (page.status_code, page.context["unsaved"], page.context["why"]) == (200, [("Title", "Rings")], "")
    assert send(site, "archive", [algebra], back="record", **record, **shown, title=algebra.title).status_code == 302
    assert state(algebra)["status"] == "ARCHIVED"
