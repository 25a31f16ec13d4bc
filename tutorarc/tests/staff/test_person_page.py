"""The page of a person in the admin site: their classes, live sessions and API keys."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from apikeys.models import ApiKey
from classes.models import Class
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.staff import inlines
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_user"


def tabs(page):
    return {tab.opts.verbose_name_plural: tab.formset.count for tab in page.context["inline_admin_formsets"]}


@pytest.mark.parametrize("number", [1, 30])
def test_it_costs_the_same_for_1_record_of_each_kind_and_for_30(
    site, alice, schedule, number, django_assert_num_queries
):
    for count in range(number):
        klass = Class.objects.create_with_teacher(Actor(alice), title=f"Class {count}")
        schedule(klass=klass, title=f"Lesson {count}")
        ApiKey.objects.issue(alice, SYSTEM, name=f"Key {count}")
    ContentType.objects.clear_cache()  # whatever ran before
    with django_assert_num_queries(16):
        page = site.page(alice.pk)
    assert tabs(page) == dict.fromkeys(["memberships", "live sessions", "API keys"], str(number)) | {"notes": "0"}
    shown = page.content.decode()
    assert [f">{kind} {number - 1}<" in shown for kind in ("Class", "Lesson", "Key")] == [True] * 3


def test_a_tab_counts_no_more_rows_than_its_pages_show_and_links_to_all(site, alice, schedule, monkeypatch):
    monkeypatch.setattr(inlines, "MOST_SHOWN", 21)
    for count in range(22):
        schedule(title=f"Lesson {count}")
    page = site.page(alice.pk)
    assert tabs(page)["live sessions"] == "21+"
    address = f"{Site(site.user, 'live_sessions_livesession').address('changelist')}?created_by__id__exact={alice.pk}"
    assert page.content.decode().count(f'href="{address}">All</a> · 21+ live sessions') == 1
    last = site.get(site.address("change", alice.pk), {"live_sessions-page": 9}).content.decode()
    assert [f">Lesson {count}<" in last for count in (2, 1, 0)] == [False, True, False]


def test_tabs_without_rows_say_so(site, bob, algebra):
    page = site.page(bob.pk).content.decode()
    assert [f"No {rows}." in page for rows in ("memberships", "live sessions", "API keys")] == [True] * 3
    page = Site(site.user, "classes_class").page(algebra.pk).content.decode()
    nothing = ["No pending requests.", "No rejected or removed people.", "No live sessions.", "No members."]
    assert [text in page for text in nothing] == [True, True, True, False]


def test_a_tab_needs_the_right_to_its_records(make_user, bob):
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "view_livesession"]))
    assert tabs(Site(clerk, KIND).page(bob.pk)) == {"live sessions": "0", "notes": "0"}
