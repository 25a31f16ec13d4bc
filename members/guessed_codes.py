"""Tells teachers that many wrong class codes with the prefix of their class were tried."""

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from classes.code_notice import CodeNotice
from classes.codes import typed_prefix
from classes.models import Class
from members.models import Membership
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.public_url import link_for_others
from tutorarc.http.throttling import reaches
from tutorarc.mail.isolation import isolated
from tutorarc.mail.outgoing import Mail, queue
from tutorarc.models import User

WRONG_TRIES, SECONDS = 50, 3600
MAX_CLASSES = 100  # the newest ones


def count_for_prefix(request: Any, typed: str) -> None:
    """Count a wrong code for its prefix, and tell the teachers if these are many."""
    prefix = typed_prefix(typed)
    if prefix and reaches(Limit("code-prefix", prefix, WRONG_TRIES, SECONDS)):
        _tell_teachers(prefix, link_for_others(request))


def guessed_classes(teacher: User) -> list[Class]:
    """The active classes of a teacher with a notice, newest first. One query if there is no notice at all."""
    prefixes = set(CodeNotice.objects.recent().values_list("prefix", flat=True))
    if not prefixes:
        return []
    taught = Membership.objects.teachers().filter(user=teacher).order_by("-klass_id").values("klass")[:MAX_CLASSES]
    classes = Class.objects.filter(pk__in=taught, status=Class.Status.ACTIVE).order_by("-pk")
    return [klass for klass in classes if klass.code_prefix in prefixes]


def _classes_of_teachers(prefix: str) -> dict[User, list[Class]]:
    active = Class.objects.with_prefix(prefix).filter(status=Class.Status.ACTIVE).order_by("-pk").values("pk")
    taught: dict[User, list[Class]] = defaultdict(list)
    teachers = Membership.objects.active_teachers().filter(klass__in=active[:MAX_CLASSES])
    for membership in teachers.select_related("user", "klass").order_by("-klass_id"):
        taught[membership.user].append(membership.klass)
    return taught


@transaction.atomic
def _tell_teachers(prefix: str, site: str) -> None:
    if CodeNotice.objects.notice(prefix):
        taught = _classes_of_teachers(prefix)
        queue(*(_mail(teacher, prefix, classes, site) for teacher, classes in taught.items()))


def _mail(teacher: User, prefix: str, classes: list[Class], site: str) -> Mail:
    links = [(isolated(klass.title), site + reverse("class-detail", args=[klass.pk])) for klass in classes]
    text = {"name": isolated(teacher.display_name), "prefix": prefix, "links": links}
    return Mail(
        to=teacher.email,
        subject=_("Many wrong class codes that begin with {prefix} were tried").format(prefix=prefix),
        text=render_to_string("members/guessed_codes.txt", text),
    )
