"""What happens to live sessions when their class gets another teacher."""

from typing import Any

from django.dispatch import receiver

from classes.models import Class
from members.transfers import class_transferred
from sessions.transfers import hand_over_sessions
from tutorarc.domain.events import Actor
from tutorarc.models import User


@receiver(class_transferred)
def follow_the_class(klass: Class, from_user_id: str, to_user_id: str, by: Actor, **_: Any) -> None:
    people = User.objects.in_bulk([from_user_id, to_user_id])
    hand_over_sessions(klass, people[from_user_id], people[to_user_id], by)
