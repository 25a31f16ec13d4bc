"""A class is created while its first teacher is deactivated or becomes a STUDENT: it never lacks an active teacher."""

import threading
import time

import pytest
from django.db import transaction

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User

LOSSES = pytest.mark.parametrize("loss", [{"is_active": False}, {"global_role": "STUDENT"}])


@pytest.mark.parametrize(
    ("loss", "refusal"),
    [({"is_active": False}, User.NotActive), ({"global_role": "STUDENT"}, Membership.StudentCannotTeach)],
)
def test_somebody_who_can_teach_no_longer_creates_no_class(alice, loss, refusal):
    """`alice` is as the request was authenticated."""
    User.objects.get(pk=alice.pk).edit(SYSTEM, **loss)
    with pytest.raises(refusal):
        Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    assert Class.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@LOSSES
def test_a_teacher_whose_class_is_being_created_stays_one(alice, run_together, loss):
    written = threading.Event()

    def create():
        with transaction.atomic():
            Class.objects.create_with_teacher(Actor(alice), title="Algebra")
            written.set()
            time.sleep(0.1)  # so that the other one waits
        return "created"

    def lose():
        written.wait(10)
        User.objects.get(pk=alice.pk).edit(SYSTEM, **loss)

    answers = run_together([create, lose])
    assert (answers[0], type(answers[1])) == ("created", Membership.LastTeacher)
    now = User.objects.get(pk=alice.pk)
    assert (now.is_active, now.global_role) == (True, "TEACHER")
