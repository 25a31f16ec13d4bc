"""Giving a class a code that no other class has."""

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from classes import codes
from tutorarc.db.locks import lock_name, lock_row_and_name
from tutorarc.models import User

if TYPE_CHECKING:
    from classes.models import Class


def _lock_of(prefix: str) -> str:
    """A lock on codes with this prefix, so that those that are taken at the same moment count each other."""
    return f"class code {prefix}"


def lock_teacher_and_prefix(user: User, prefix: str) -> User:
    """The user as they are now. Until the transaction ends nobody deactivates them or changes their role.

    Locks both in one statement, because classes are often created. Raises User.NotActive.
    """
    now = User.objects.filter(pk=user.pk).order_by().values_list("is_active", "global_role")
    teacher = copy(user)
    teacher.is_active, teacher.global_role = lock_row_and_name(now, _lock_of(prefix))
    if not teacher.is_active:
        raise User.NotActive()
    return teacher


def take_fresh_code(klass: "Class", write: Callable[[], Any], *, is_prefix_locked: bool = False) -> None:
    """Try codes until the unique constraint accepts one. Raises Class.NoFreeCode."""
    prefix = codes.prefix_of(klass.title)
    if not is_prefix_locked:
        lock_name(_lock_of(prefix))
    in_use = len(type(klass).objects.with_prefix(prefix).values_list("pk")[: codes.MAX_COUNTED])
    for code in codes.new_codes(prefix, in_use):
        klass.class_code = code
        try:
            with transaction.atomic():
                return write()
        except IntegrityError:
            if not type(klass).objects.filter(class_code=code).exists():
                raise
    raise klass.NoFreeCode()
