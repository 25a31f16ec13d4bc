"""Frequent reads of classes. They use the querysets of the model; their SQL is compiled once."""

from django.db.models import QuerySet

from classes.models import FOLDED, SETTINGS, Class, ClassQuerySet
from tutorarc.db.compiled import compile_once
from tutorarc.db.keyset import Window
from tutorarc.models import User


@compile_once(class_id=Class._meta.pk, user_id=User._meta.pk)
def class_with_role(*, class_id: str, user_id: str) -> ClassQuerySet:
    return Class.objects.with_role_of(User(pk=user_id)).filter(pk=class_id).defer(*FOLDED)


def page_of_classes(user: User, window: Window) -> list[Class]:
    """One page of the classes that `user` may list, by id, without `created_by`."""
    [position] = window.position or [None]
    user_id = None if user.is_admin else user.pk
    return _page(user.global_role, window.at(None), user_id=user_id, position=position)


@compile_once(user_id=User._meta.pk, position=Class._meta.pk)
def _page(role: str, window: Window, *, user_id: str | None, position: str | None) -> QuerySet[Class]:
    here = window.at((position,) if position else None)
    visible = Class.objects.visible_to(User(pk=user_id, global_role=role), here)
    return here.cut(visible.defer("created_by", *SETTINGS, *FOLDED))
