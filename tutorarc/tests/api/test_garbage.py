"""The objects of a call are freed with its answer, without the garbage collector."""

import gc

import pytest
from rest_framework.request import Request

from classes.models import Class
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.events import Actor


def alive(*kinds):
    return [type(thing) for thing in gc.get_objects() if issubclass(type(thing), kinds)]


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "classes"),
        ("get", "classes/{klass.pk}"),
        ("get", "classes/{klass.pk}/members"),
        ("post", "classes/{klass.pk}/archive"),
        ("options", "classes"),
    ],
)
def test_a_call_leaves_no_garbage(api, alice, no_collector, method, path):
    client, klass = api(alice), Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    before = alive(ApiViewSet, Request, Class)  # what earlier tests and the schema keep
    response = getattr(client, method)(f"/api/v1/{path.format(klass=klass)}")
    assert response.status_code == 200
    del response
    assert len(alive(ApiViewSet, Request, Class)) == len(before)
