import pytest
from rest_framework.serializers import ModelSerializer

from tutorarc.domain.events import SYSTEM
from tutorarc.testing.client import NOT_FOUND, forbidden, verdict
from tutorarc.tests.users.expected import shown
from tutorarc.users.serializers import UserSerializer


def test_an_admin_looks_up_anybody(api, admin, bob, django_assert_num_queries):
    client = api(admin)
    with django_assert_num_queries(2):
        assert client.get(f"/users/{bob.pk}").json() == shown(bob)
    bob.edit(SYSTEM, is_active=False)
    assert client.get(f"/users/{bob.pk}").json() == shown(bob, status="DEACTIVATED")


def test_the_object_has_the_fields_of_its_serializer(bob):
    assert ModelSerializer.to_representation(UserSerializer(bob), bob) == shown(bob)


@pytest.mark.parametrize("person", ["bob", "alice"])
def test_students_and_teachers_look_up_nobody_not_even_themselves(api, request, person):
    user = request.getfixturevalue(person)
    assert verdict(api(user).get(f"/users/{user.pk}")) == forbidden("wrong_role")


@pytest.mark.parametrize("junk", ["usr_01h455vb4pex5vsknk084sn02q", "usr_1", "cls_01h455vb4pex5vsknk084sn02q", "me"])
def test_an_id_that_names_nobody_is_not_found(api, admin, junk):
    assert verdict(api(admin).get(f"/users/{junk}")) == NOT_FOUND
