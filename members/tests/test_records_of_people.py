import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor


@pytest.mark.parametrize("named", [[], ["alice"], ["bob", "alice"], ["charlie", "bob", "admin"]])
def test_records_are_found_by_class_and_by_person(algebra, dora, bob, join, named, request):
    other = Class.objects.create_with_teacher(Actor(dora), title="Geometry")
    for klass in (algebra, other):
        join(klass, bob)
    people = {name: request.getfixturevalue(name).pk for name in named}
    found = Membership.objects.of(algebra, list(people.values())).select_related("user")
    expected = {(algebra.pk, people[name]) for name in {"alice", "bob"} & people.keys()}
    assert set(found.values_list("klass", "user")) == expected
