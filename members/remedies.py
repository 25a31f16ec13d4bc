"""Links beside the refusal to change a person without whom classes would have no teacher."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from classes.models import Class
from members.hand_over import PERMISSIONS
from members.models import Membership
from tutorarc.models import User
from tutorarc.staff.forms import REASONS_SHOWN
from tutorarc.staff.page_links import link
from tutorarc.staff.remedies import register_bulk_remedies, register_remedy

ENDS_TEACHING = ("deactivate", "make_students")


def hand_over_link(request: HttpRequest, person: User) -> SafeString | None:
    """For those who may hand classes over."""
    if not request.user.has_perms(PERMISSIONS):
        return None
    address = reverse("admin:members_membership_hand_over", args=[person.pk])
    return format_html('<a class="text-link underline" href="{}">Hand over their classes</a>', address)


def classes_with_one_teacher(people: Sequence[User]) -> dict[str, list[Class]]:
    """By the id of the person: the classes whose only active teacher they are now. One query."""
    others = Membership.objects.active_teachers().filter(~Q(user=OuterRef("user")), klass=OuterRef("klass"))
    alone = Membership.objects.active_teachers().filter(~Exists(others), user__in=people)
    found: dict[str, list[Class]] = defaultdict(list)
    for member in alone.select_related("klass").order_by("pk"):
        found[member.user_id].append(member.klass)
    return found


def links_to_classes(request: HttpRequest, people: Sequence[User]) -> Mapping[str, SafeString]:
    """For staff who may see classes."""
    if not request.user.has_perm("classes.view_class"):
        return {}
    by_person = classes_with_one_teacher(people)
    return {person.pk: _links(request, person, by_person[person.pk]) for person in people if person.pk in by_person}


def _links(request: HttpRequest, person: User, classes: Sequence[Class]) -> SafeString:
    shown = format_html_join(", ", "{}", ((link(klass, klass.title),) for klass in classes[:REASONS_SHOWN]))
    unseen = len(classes) - REASONS_SHOWN
    more = f" and {unseen} more" if unseen > 0 else ""
    return format_html("Needs another teacher: {}{}. {}", shown, more, hand_over_link(request, person) or "")


register_remedy(User, Membership.LastTeacher.reason, hand_over_link)
register_bulk_remedies(ENDS_TEACHING, links_to_classes)
