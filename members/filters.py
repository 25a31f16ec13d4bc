import django_filters
from django.db.models import Q, QuerySet

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.api.filters import SearchFilter, StrictFilterSet


class MembershipFilter(StrictFilterSet):
    status = django_filters.ChoiceFilter(choices=MembershipStatus.choices)
    role = django_filters.ChoiceFilter(choices=ClassRole.choices)
    search = SearchFilter(method="matching")

    class Meta:
        model = Membership
        fields: list[str] = []

    def matching(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        """By display name; by e-mail address too for those who may see it, or it could be guessed letter by letter."""
        condition = Q(user__display_name__icontains=text)
        if self.request.parser_context["view"].shows_emails:
            condition |= Q(user__email__icontains=text)
        return members.filter(condition)
