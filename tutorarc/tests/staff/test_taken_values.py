"""A value that another record has: the error names the record, and links to it for those who may see it."""

from django.contrib.auth.models import Group, Permission

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site, errors, taken


def test_an_external_id_of_the_same_creator_is_linked(root, algebra, alice):
    other = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    other.change_settings(Actor(alice), external_id="sis-1")
    site = Site(root, "classes_class")
    answer = site.change(algebra.pk, title=algebra.title, external_id="sis-1")
    assert errors(answer) == {"external_id": [taken(other, "There is already a class with this external id")]}
    assert site.change(other.pk, title="Geometry 2", external_id="sis-1").status_code == 302


def test_the_name_of_a_group_is_linked(root):
    group = Group.objects.get(name="Support")
    answer = Site(root, "auth_group").add(name="Support")
    assert errors(answer) == {"name": [taken(group, "There is already a group with this name")]}


def test_a_record_that_the_user_may_not_see_is_neither_named_nor_linked(make_user, algebra, bob, join):
    join(algebra, bob)
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="add_membership"))
    answer = Site(clerk, "members_membership").add(klass=algebra.pk, user=bob.pk, role="STUDENT")
    assert errors(answer) == {"user": ["There is already a membership with this class and person."]}
