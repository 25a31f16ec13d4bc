"""Handing classes over to another teacher in the admin site."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from classes.models import Class
from members import hand_over
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import BulkChange
from tutorarc.staff import actions
from tutorarc.staff.bulk_changes import BULK_ACTIONS, continue_bulk_change
from tutorarc.staff.page_links import link
from tutorarc.testing.events import types_of
from tutorarc.tests.staff.admin_site import Site, everything, shown_messages

KIND = "classes_class"


@pytest.fixture
def botany(alice):
    return Class.objects.create_with_teacher(Actor(alice), title="Botany")


@pytest.fixture
def page(alice):
    return reverse("admin:members_membership_hand_over", args=[alice.pk])


def teachers(*classes):
    return [sorted(row.user.display_name for row in klass.memberships.teachers()) for klass in classes]


def test_the_action_asks_for_the_teacher_and_names_the_classes(site, algebra, botany, dora):
    before = everything()
    question = site.post(site.address("changelist"), {"action": "hand_over", "_selected_action": [algebra.pk]})
    text = question.content.decode()
    assert (question.context["title"], 'name="option-to"' in text, str(algebra) in text) == (
        "Hand over to another teacher?",
        True,
        True,
    )
    again = site.post(site.address("changelist"), question_of([algebra], to=""))
    assert again.context["form"].errors == {"to": ["This field is required."]}
    assert everything() == before


def question_of(rows, **options):
    answers = {f"option-{name}": value for name, value in options.items()}
    return {"action": "hand_over", "_selected_action": [row.pk for row in rows], "sure": "yes", **answers}


def test_classes_are_handed_over(site, algebra, botany, alice, dora):
    assert site.act("hand_over", [algebra, botany], **{"option-to": dora.pk}) == ["2 classes handed over."]
    assert teachers(algebra, botany) == [["Dora"], ["Dora"]]
    assert types_of(algebra.memberships.get(user=alice)) == ["enrolled", "removed"]
    assert site.act("hand_over", [algebra], **{"option-to": dora.pk}) == [
        "0 of 1 classes handed over.",
        "1 was already handed over.",
    ]


def test_the_password_is_asked_for_again(site, page, algebra, dora, settings):
    settings.CONFIRMED_FOR = timedelta()
    forms = {site.address("changelist"): question_of([algebra], to=dora.pk), page: {"option-to": dora.pk}}
    asked = [site.post(address, form) for address, form in forms.items()]
    assert [answer["Location"].startswith("/accounts/reauthenticate/") for answer in asked] == [True, True]
    assert teachers(algebra) == [["Alice"]]


def test_a_class_with_several_teachers_needs_to_know_whose_place_is_taken(site, algebra, alice, dora, make_user):
    eve = make_user("Eve", "TEACHER")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    [count, refusal] = site.act("hand_over", [algebra], **{"option-to": eve.pk})
    assert (count, refusal) == (
        "0 of 1 classes handed over.",
        f"{algebra}: This class has several teachers. Choose whose place is taken.",
    )
    assert site.act("hand_over", [algebra], **{"option-to": eve.pk, "option-giver": dora.pk}) == ["Class handed over."]
    assert teachers(algebra) == [["Alice", "Eve"]]


def test_a_class_in_which_the_old_teacher_does_not_teach_is_refused(site, algebra, bob, dora):
    [_, refusal] = site.act("hand_over", [algebra], **{"option-to": dora.pk, "option-giver": bob.pk})
    assert refusal == f"{algebra}: {hand_over.NOBODY_TO_REPLACE}"
    assert teachers(algebra) == [["Alice"]]


@pytest.mark.parametrize("who", ["bob", "gone", "junk", ""])
def test_only_an_active_teacher_can_be_chosen(site, algebra, bob, dora, root, who):
    dora.edit(Actor(root), is_active=False)
    chosen = {"bob": bob.pk, "gone": dora.pk}.get(who, who)
    response = site.post(site.address("changelist"), question_of([algebra], to=chosen))
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["to"])
    assert teachers(algebra) == [["Alice"]]


def test_the_page_of_an_active_class_has_the_button(site, algebra, alice):
    assert "hand_over" in [name for name, *_ in site.page(algebra.pk).context["record_actions"]]
    algebra.archive(Actor(alice))
    assert "hand_over" not in [name for name, *_ in site.page(algebra.pk).context["record_actions"]]


def test_more_classes_are_handed_over_in_the_background(site, algebra, botany, alice, dora, monkeypatch):
    monkeypatch.setattr(actions, "MAX_AT_ONCE", 1)
    asked = {**question_of([algebra], to=dora.pk), "select_across": "1"}
    question = site.post(site.address("changelist"), {**asked, "sure": ""})
    assert ("All 2 classes" in question.content.decode(), 'name="option-to"' in question.content.decode()) == (
        True,
        True,
    )
    response = site.post(site.address("changelist"), asked)
    run = BulkChange.objects.get()
    assert (response.url, run.options) == (
        site.address("bulk_change", run.pk),
        {"to": dora.pk, "from": ""},
    )
    continue_bulk_change({"change": run.pk})
    assert teachers(algebra, botany) == [["Dora"], ["Dora"]]
    assert "Done: 2 of 2 classes were handed over." in site.get(response.url).content.decode()
    assert site.get(reverse("admin:tutorarc_user_bulk_change", args=[run.pk])).status_code == 404


def test_more_ticked_classes_than_one_request_changes_are_named_and_done_later(
    site, algebra, botany, dora, monkeypatch
):
    monkeypatch.setitem(BULK_ACTIONS, "hand_over", replace(BULK_ACTIONS["hand_over"], at_once=1))
    rows = [algebra, botany]
    question = site.post(site.address("changelist"), {**question_of(rows, to=dora.pk), "sure": ""}).content.decode()
    assert (str(algebra) in question, str(botany) in question) == (True, True)
    site.post(site.address("changelist"), question_of(rows, to=dora.pk))
    run = BulkChange.objects.get()
    assert sorted(run.keys) == sorted(klass.pk for klass in rows)
    continue_bulk_change({"change": run.pk})
    assert teachers(*rows) == [["Dora"], ["Dora"]]


# From the page of a person


def test_all_active_classes_of_a_person_are_handed_over(site, page, algebra, botany, alice, dora):
    old = Class.objects.create_with_teacher(Actor(alice), title="Old")
    old.archive(Actor(alice))
    shown = site.get(page).context
    assert (shown["count"], list(shown["named"])) == (2, [algebra, botany])
    response = site.post(page, {"option-to": dora.pk})
    assert (response.url, shown_messages(response)) == (
        reverse("admin:tutorarc_user_change", args=[alice.pk]),
        ["2 classes handed over."],
    )
    assert teachers(algebra, botany, old) == [["Dora"], ["Dora"], ["Alice"]]
    assert "teaches no active class" in site.get(page).content.decode()


def test_many_classes_of_a_person_take_a_while(site, page, algebra, botany, alice, dora, monkeypatch):
    monkeypatch.setattr(actions, "MAX_AT_ONCE", 1)
    response = site.post(page, {"option-to": dora.pk})
    run = BulkChange.objects.get()
    assert (response.url, run.options) == (site.address("bulk_change", run.pk), {"to": dora.pk, "from": alice.pk})
    continue_bulk_change({"change": run.pk})
    assert teachers(algebra, botany) == [["Dora"], ["Dora"]]


@pytest.mark.parametrize(("who", "count"), [("alice", 1), ("bob", 0)])
def test_the_page_of_somebody_who_can_teach_has_the_link(root, alice, bob, algebra, join, who, count):
    join(algebra, bob)
    people = {"alice": alice, "bob": bob}
    shown = Site(root, "tutorarc_user").page(people[who].pk).content.decode()
    assert shown.count(">Hand over their classes</a>") == count


def test_the_refusal_to_deactivate_the_only_teacher_links_to_the_page(root, page, algebra, alice):
    people = Site(root, "tutorarc_user")
    link = f'<a class="text-link underline" href="{page}">Hand over their classes</a>'
    assert link in people.act("deactivate", [alice])[1]
    refused = people.change(alice.pk, email=alice.email, display_name="Alice", global_role="TEACHER", time_zone="UTC")
    assert (refused.status_code, link in refused.content.decode()) == (200, True)


def result_of_deactivating(root, *people):
    run = BulkChange.objects.create(by=root, action="deactivate", label="Deactivate", keys=[one.pk for one in people])
    continue_bulk_change({"change": run.pk})
    return reverse("admin:tutorarc_user_bulk_change", args=[run.pk])


def remedies(page):
    return [remedy for *_, remedy in page.context["refused"]]


def test_the_result_of_a_bulk_change_links_the_classes_that_need_another_teacher(
    root, page, algebra, botany, alice, dora
):
    site = Site(root, "tutorarc_user")
    address = result_of_deactivating(root, alice, root)
    shown = site.get(address)
    first, second = link(algebra, "Algebra"), link(botany, "Botany")
    hand_over = f'<a class="text-link underline" href="{page}">Hand over their classes</a>'
    assert remedies(shown) == [f"Needs another teacher: {first}, {second}. {hand_over}", ""]
    assert remedies(shown)[0] in shown.text
    Membership.objects.enrol(botany, dora, "TEACHER", Actor(root))
    assert remedies(site.get(address)) == [f"Needs another teacher: {first}. {hand_over}", ""]


@pytest.mark.parametrize("count", [1, 3])
def test_the_result_costs_the_same_for_1_teacher_and_for_3(root, make_user, count, django_assert_num_queries):
    people = [make_user(f"Teacher{number}", "TEACHER") for number in range(count)]
    for person in people:
        Class.objects.create_with_teacher(Actor(person), title="Botany")
    site, address = Site(root, "tutorarc_user"), result_of_deactivating(root, *people)
    with django_assert_num_queries(5):
        assert len(remedies(site.get(address))) == count


@pytest.mark.parametrize("right", ["view_class", "add_membership", "change_membership"])
def test_each_right_is_needed(make_user, page, algebra, dora, right):
    """Who may see the list of classes or has all rights but this one is offered and does nothing."""
    clerk = make_user("Clerk", is_staff=True)
    needed = {"view_class", "add_membership", "change_membership"}
    clerk.user_permissions.set(Permission.objects.filter(codename__in=needed - {right}))
    site = Site(clerk, KIND)
    assert (site.get(page).status_code, site.post(page, {"option-to": dora.pk}).status_code) == (403, 403)
    site.post(site.address("changelist"), question_of([algebra], to=dora.pk))
    assert teachers(algebra) == [["Alice"]]


def test_staff_take_no_class_themselves(make_user, page, algebra, alice):
    clerk = make_user("Clerk", "TEACHER", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["view_class", "add_membership", "change_membership"])
    )
    response = Site(clerk, KIND).post(page, {"option-to": clerk.pk})
    assert "You can't make yourself a member of a class." in shown_messages(response)[1]
    assert teachers(algebra) == [["Alice"]]


@pytest.mark.parametrize("junk", ["usr_junk", "0", "\0"])
def test_an_unknown_person_is_not_found(site, junk):
    assert site.get(reverse("admin:members_membership_hand_over", args=[junk])).status_code == 404
