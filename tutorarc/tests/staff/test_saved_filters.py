"""Links above a list of the admin site that filter it, with the number of rows that they find."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_user"


def names(site, query):
    rows = site.get(f"{site.address('changelist')}?{query}").context["cl"].result_list
    return [person.display_name for person in rows]


def test_each_link_of_the_list_of_people_filters_it(site, root, alice, bob, dora, algebra):
    bob.edit(Actor(root), is_active=False)
    page = site.listing().context
    assert [(link.label, link.number) for link in page["saved_filters"]] == [
        ("Never signed in", "4"),
        ("Deactivated", "1"),
        ("Teachers without a class", "1"),
    ]
    found = {link.label: names(site, link.query) for link in page["saved_filters"]}
    assert found == {
        "Never signed in": ["Dora", "Bob", "Alice", "Root"],
        "Deactivated": ["Bob"],
        "Teachers without a class": ["Dora"],
    }


def test_the_link_of_the_shown_filter_is_marked(site):
    page = site.get(f"{site.address('changelist')}?is_active__exact=0").content.decode()
    assert (
        '<a href="?is_active__exact=0" aria-current="true">Deactivated <span class="list-filter-count">0</span></a>'
        in page
    )


def test_lists_without_saved_filters_have_no_links(root):
    assert "list-filters" not in Site(root, "apikeys_apikey").listing().content.decode()


def shown(site):
    [link] = site.listing().context["saved_filters"]
    return link.label, link.number, [row.pk for row in site.rows(**dict([link.query.split("=")]))]


def test_classes_without_a_teacher_who_is_active_are_found(root, alice, dora, algebra):
    """No verb leaves a class without one, so the teacher is changed in the database."""
    site = Site(root, "classes_class")
    assert shown(site) == ("Classes without a teacher", "0", [])
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert shown(site) == ("Classes without a teacher", "1", [algebra.pk])
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(root))
    assert shown(site) == ("Classes without a teacher", "0", [])


def test_archived_classes_need_no_teacher(root, alice, algebra):
    algebra.archive(Actor(root))
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert shown(Site(root, "classes_class")) == ("Classes without a teacher", "0", [])


def test_requests_are_old_after_a_week_without_an_answer(root, alice, algebra, bob, charlie, join, time_machine):
    begin = timezone.now()
    time_machine.move_to(begin)
    old, reopened = join(algebra, bob, "PENDING"), join(algebra, charlie, "REJECTED")
    time_machine.move_to(begin + timedelta(days=6))
    Membership.objects.reopen(algebra, [charlie.pk], Actor(alice))
    time_machine.move_to(begin + timedelta(days=8))
    site = Site(root, "members_membership")
    assert shown(site) == ("Requests older than a week", "1", [old.pk])
    time_machine.move_to(begin + timedelta(days=14))
    assert shown(Site(root, "members_membership")) == ("Requests older than a week", "2", [reopened.pk, old.pk])


@pytest.mark.parametrize(("people", "count"), [(100, "100"), (101, "100+")])
def test_no_more_than_100_rows_are_counted(root, algebra, crowd, people, count):
    crowd(algebra, people, "PENDING")
    assert shown(Site(root, "members_membership"))[1] == count
