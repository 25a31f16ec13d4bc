"""Undo of archiving a class."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from classes.models import Class
from classes.undo import restore
from tutorarc.api.undo import Change, NotUndone, Undo
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices


def change_of(klass, user):
    return Change({"klass": klass.pk}, timezone.now(), Actor(user))


def test_one_click_restores_an_archived_class(signed_in, alice, algebra):
    algebra.archive(Actor(alice))
    undo = Undo("class.archived", by=alice, back=f"/api/v1/classes/{algebra.pk}", klass=algebra.pk)
    page = signed_in(alice).post("http://testserver/undo", form(**undo.fields), FORM, headers=HTML, follow=True)
    assert (page.status_code, "Class restored." in notices(page)) == (200, True)
    assert Class.objects.get().status == "ACTIVE"


def test_a_later_archiving_is_not_undone_by_an_old_page(alice, algebra):
    algebra.archive(Actor(alice))
    change = change_of(algebra, alice)
    assert [restore(change), restore(change)] == ["Class restored."] * 2
    algebra.archive(Actor(alice))
    with pytest.raises(NotUndone):
        restore(change)
    assert Class.objects.get().status == "ARCHIVED"


def test_only_those_who_manage_the_class_restore_it(alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    with pytest.raises(PermissionDenied):
        restore(change_of(algebra, bob))
