from django.db.models import QuerySet

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.api.filters import ChoiceFilter, SearchFilter, StrictFilterSet


class MembershipFilter(StrictFilterSet):
    status = ChoiceFilter(choices=MembershipStatus.choices)
    role = ChoiceFilter(choices=ClassRole.choices)
    search = SearchFilter(method="matching")

    class Meta:
        model = Membership
        fields: list[str] = []

    def matching(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        return members.filter(self.request.parser_context["view"].reader.matching(text))
