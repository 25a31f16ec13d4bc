"""Undo of archiving a class."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from classes.models import Class
from classes.permissions import can_manage_class
from tutorarc.api.undo import CHANGED_AGAIN, Change, NotUndone, undoes
from tutorarc.models.event import changed_since


@undoes("class.archived")
@transaction.atomic
def restore(change: Change) -> str:
    """Raises PermissionDenied and NotUndone."""
    user = change.actor.person
    klass = Class.objects.with_role_of(user).get(pk=change.about["klass"])
    if not can_manage_class(user, klass):
        raise PermissionDenied
    now = Class.objects.lock(klass.pk)
    if now.is_archived and changed_since(change.at, [Class._meta.pk.get_prep_value(klass.pk)]):
        raise NotUndone(CHANGED_AGAIN)
    klass.unarchive(change.actor)
    return _("Class restored.")
