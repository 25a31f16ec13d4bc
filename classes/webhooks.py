"""Classes that can be chosen for a webhook."""

from django.db.models import Q

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from tutorarc.models import User
from tutorarc.webhooks.class_choices import MAX_CHOICES, offers_classes


@offers_classes
def newest_classes(user: User) -> list[tuple[str, str]]:
    """The newest active classes that the user teaches; for ADMIN the newest of all."""
    teaches = Q(
        memberships__user=user,
        memberships__role=ClassRole.TEACHER,
        memberships__status=MembershipStatus.APPROVED,
    )
    classes = Class.objects.filter(Q() if user.is_admin else teaches, status=Class.Status.ACTIVE)
    return [(klass.pk, f"{klass.title} ({klass.class_code})") for klass in classes.order_by("-pk")[:MAX_CHOICES]]
