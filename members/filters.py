from django.db.models import QuerySet

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.api.filters import ChoiceFilter, SearchFilter, StrictFilterSet
from tutorarc.api.pagination import OLDEST_FIRST, Ordering

ORDERINGS = {"": OLDEST_FIRST, "name": Ordering(("folded_name", "pk"))}


class MembershipFilter(StrictFilterSet):
    status = ChoiceFilter(choices=MembershipStatus.choices)
    role = ChoiceFilter(choices=ClassRole.choices)
    search = SearchFilter(method="matching")
    ordering = ChoiceFilter(method="by_name", label="Order", choices=[("name", "name")], null_label=None)

    class Meta:
        model = Membership
        fields: list[str] = []

    def matching(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        return members.filter(self.request.parser_context["view"].reader.matching(text))

    def by_name(self, members: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Only people whose names the caller may read, or their place would tell their names.

        Ordering itself is done by the paginator: see `MembershipViewSet.ordering_of`.
        """
        return members.filter(self.request.parser_context["view"].reader.names)
